"""The colour scale of each array of an equation, kept from stop to stop under a key."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Form, Operation
from gui.paint.heatmap import choose_map
from gui.paint.scales import Coloured, Scales, Shown
from gui.views.equation.picture.parts import Block, Picture


class BlockScales:
    """Chooses the scales of a picture's blocks.

    Attributes:
        scales: those that are kept.
    """

    def __init__(self) -> None:
        self.scales = Scales()
        self._operation: Operation | None = None
        self._features: int | None = None
        self._shown: dict[int, Shown] = {}

    def measure(self, picture: Picture, features: int | None) -> None:
        """Choose the scales of a picture; `features` is how many pixels an image has."""
        self._operation, self._features = picture.operation, features
        self._shown = {}
        for block in _result_first(picture.blocks):
            if block.values is not None:
                self._shown[id(block)] = self.scales.show(
                    self.key(block), block.array, self._features
                )

    def of(self, block: Block) -> Shown:
        """How a block that is drawn in colours is drawn."""
        return self._shown[id(block)]

    def coloured(self, blocks: Iterable[Block]) -> list[Coloured]:
        """The arrays that are drawn in colours, the result first."""
        found: dict[str, Coloured] = {}
        for block in _result_first(blocks):
            shown = self._shown.get(id(block))
            if shown is not None:
                key = self.key(block)
                name = block.name or QCoreApplication.translate("Equation", "result")
                found.setdefault(key, Coloured(key, name, shown))
        return list(found.values())

    def key(self, block: Block) -> str:
        """The key of a block's scale: where it is computed, its name and its shape."""
        operation = self._operation
        if operation is None:
            return block.name
        place = operation.layer if block.name.startswith("self.") else operation.function
        own = operation.name if operation.form is Form.IN_PLACE else block.name
        if not operation.layer and isinstance(block.array, np.ndarray):
            # Outside of the layers one name stands for the arrays of all of them, one by one.
            own += f" {choose_map(block.array, self._features)}"
        return f"{operation.layer} {place} {own} {np.shape(block.array)}"


def _result_first(blocks: Iterable[Block]) -> list[Block]:
    """The result first: an array changed in place is drawn with the scale of its new values."""
    return sorted(blocks, key=lambda block: block.operand)
