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
        scales: the kept scales.
    """

    def __init__(self) -> None:
        self.scales = Scales()
        self._operation: Operation | None = None
        self._features: int | None = None
        self._shown: dict[int, Shown] = {}

    def measure(self, picture: Picture, features: int | None) -> None:
        """Choose the scales of a picture; `features` is the number of pixels of an image."""
        self._operation, self._features = picture.operation, features
        self._shown = {}
        for block in _result_first(picture.blocks):
            if block.values is not None:
                self._shown[id(block)] = self.scales.show(
                    self.key(block), block.array, self._features
                )

    def of(self, block: Block) -> Shown:
        """The scale of a block drawn in colours, and what it hides."""
        return self._shown[id(block)]

    def coloured(self, blocks: Iterable[Block]) -> list[Coloured]:
        """The arrays drawn in colours, the result first."""
        found: dict[str, Coloured] = {}
        for block in _result_first(blocks):
            shown = self._shown.get(id(block))
            if shown is not None:
                key = self.key(block)
                name = block.name or QCoreApplication.translate("Equation", "result")
                found.setdefault(key, Coloured(key, name, shown))
        return list(found.values())

    def key(self, block: Block) -> str:
        """The key of a block's scale: its layer or function, its name and its shape."""
        operation = self._operation
        if operation is None:
            return block.name
        place = operation.layer if block.name.startswith("self.") else operation.function
        name = operation.name if operation.form is Form.IN_PLACE else block.name
        if not operation.layer and isinstance(block.array, np.ndarray):
            # Outside the layers one name refers to each layer's array in turn.
            name += f" {choose_map(block.array, self._features)}"
        return f"{operation.layer} {place} {name} {np.shape(block.array)}"


def _result_first(blocks: Iterable[Block]) -> list[Block]:
    """Put the result first: an array changed in place is drawn with the scale of its new values."""
    return sorted(blocks, key=lambda block: block.operand)
