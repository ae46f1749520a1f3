"""The base of the panels that show arrays as tiles: a canvas, and the chip that rescales it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.paint.scales import Scales
from gui.paint.tiles.canvas import Arrange, TileCanvas
from gui.widgets.scale_chip import ScaleChip
from gui.widgets.view import View


class TilesView(View):
    """A view with a canvas of tiles, and the chip for their colour scales."""

    def __init__(
        self, theme: Theme, arrange: Arrange, parent: QWidget | None = None, *, several: bool = True
    ) -> None:
        super().__init__(theme, parent)
        self._scales = Scales()
        self.canvas = TileCanvas(theme, arrange)
        self.chip = ScaleChip(theme, several=several)
        for part in (self.canvas, self.chip):
            part.rescale_asked.connect(self.rescale)
            part.back_asked.connect(self.scale_back)

    def rescale(self, key: str = "") -> None:
        """Choose new colour scales for all arrays shown, or for the one with this key."""
        for one in self.canvas.coloured():
            if key in ("", one.key):
                self._scales.forget(one.key)
        self._draw()

    def scale_back(self, key: str) -> None:
        """Restore the scale that this key had before it was widened."""
        self._scales.back(key)
        self._draw()

    def _draw(self) -> None:
        """Draw the tiles again with the current scales."""
        raise NotImplementedError
