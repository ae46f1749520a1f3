"""The cells linked to a cell of an equation, in every array, and their names."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Index, Region, sources_of, targets_of
from gui.paint.cell_pointer import ArrayCell
from gui.paint.values import scalar_text
from gui.views.equation.picture.parts import RESULT, Block


def index_of(cell: ArrayCell[Block] | None) -> Index | None:
    """The index in the array of a cell as drawn."""
    return None if cell is None else cell.array.cells.index(cell.row, cell.column)


def linked_regions(operation: Operation, cell: ArrayCell[Block] | None) -> dict[int, Region]:
    """By operand (or `RESULT`) the cells that made this one of the result, or that it reaches.

    The cell itself is among them.
    """
    index = index_of(cell)
    if cell is None or index is None:
        return {}
    own = cell.array.operand
    found: dict[int, Region] = {own: index}
    if operation.result is None:
        return found
    if own != RESULT:
        region = targets_of(operation, own, index)
        if region is not None:
            found[RESULT] = region
        return found
    for number, region in enumerate(sources_of(operation, index)):
        if region is not None and np.ndim(operation.operands[number].value):
            found[number] = region
    return found


def region_text(block: Block, region: Region) -> str:
    """`row 66`, `col 18`, `[66, 18] 4.624`."""
    translate = QCoreApplication.translate
    if any(isinstance(part, np.ndarray) for part in region):
        return translate("Equation", "{0} cells").format(np.size(region[0]))
    open_axes = [axis for axis, part in enumerate(region) if isinstance(part, slice)]
    if not open_axes:
        index = tuple(int(part) for part in region)
        return f"{list(index)} {scalar_text(block.array[index])}"
    if len(region) == 2 and open_axes == [1]:
        return translate("Equation", "row {0}").format(region[0])
    if len(region) == 2 and open_axes == [0]:
        return translate("Equation", "col {0}").format(region[1])
    return translate("Equation", "all")
