"""Exports to files, and imports: weights, panels, breakpoints."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.debug.breakpoints.files import read as read_breakpoints
from engine.debug.breakpoints.files import to_json
from engine.files import write_whole
from engine.interop.weights import SavedWeights, save_npz
from gui.dialogs.dialog import MessageDialog
from gui.dialogs.files import ask_file, ask_where_to_write
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.window.panels.export import Exporter, Saving


class FileCommands(QObject):
    """Asks for a file, writes or reads it, and reports the result.

    Args:
        bridge: the way to the session.
        exporter: writes the contents of a panel.
        appearance: the theme of the dialogs.
        parent: the window.
    """

    def __init__(
        self, bridge: Bridge, exporter: Exporter, appearance: Appearance, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._bridge, self._exporter = bridge, exporter
        self._appearance, self._window = appearance, parent
        bridge.exported.connect(self._on_exported)
        exporter.written.connect(self._on_written)

    def export_weights(self) -> None:
        """Ask for a file, and write the weights at the cursor to it."""
        title, kind = self.tr("Export weights"), self.tr("NumPy arrays (*.npz)")
        ask_where_to_write(self._window, title, "weights.npz", kind, self.export_weights_to)

    def export_weights_to(self, path: Path) -> None:
        """Write the weights at the cursor to a file; without an ending it gets .npz."""
        target = path if path.suffix else path.with_suffix(".npz")
        self._bridge.export(lambda parameters: save_npz(target, parameters))

    def export_breakpoints(self) -> None:
        """Ask for a file, and write the breakpoints to it."""

        def write(path: Path) -> None:
            target = path if path.suffix else path.with_suffix(".json")
            self._bridge.edit_breakpoints(lambda points: write_whole(target, to_json(points)))

        title, kind = self.tr("Export breakpoints"), self.tr("Breakpoints (*.json)")
        ask_where_to_write(self._window, title, "breakpoints.json", kind, write)

    def import_breakpoints(self) -> None:
        """Ask for a file, and add its breakpoints."""

        def read(path: Path) -> None:
            self._bridge.edit_breakpoints(lambda points: read_breakpoints(path, points))

        kind = self.tr("Breakpoints (*.json)")
        ask_file(self._window, self.tr("Import breakpoints"), kind, read)

    def save_panel(self, saving: Saving) -> None:
        """Ask for a file, and save the contents of a panel."""
        ending = saving.ending
        kind = f"{ending[1:].upper()} (*{ending})"

        def save(path: Path) -> None:
            target = path if path.suffix else path.with_suffix(ending)
            self._exporter.write(target, saving.content())

        ask_where_to_write(self._window, self.tr("Save the panel"), saving.name, kind, save)

    def _on_exported(self, saved: SavedWeights) -> None:
        names = ", ".join(f"{array.name} {_shape(array.shape)}" for array in saved.arrays)
        text = self.tr("{0}\n{1} arrays: {2}.\n{3:,} bytes. Open it with numpy.load.").format(
            saved.path, len(saved.arrays), names, saved.nbytes
        )
        self._say(self.tr("The weights were written"), text)

    def _on_written(self, path: Path) -> None:
        self._say(self.tr("The panel was saved"), str(path))

    def _say(self, title: str, text: str) -> None:
        MessageDialog(title, text, self._appearance.theme, self._window).open()


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"
