"""The cells linked to a cell of an equation, in every array, and their names."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Index, Region, sources_of, targets_of
from gui.paint.cell_pointer import ArrayCell
from gui.paint.values import cell_name, scalar_text
from gui.views.equation.picture.parts import RESULT, Block


def index_of(cell: ArrayCell[Block] | None) -> Index | None:
    """The array's index of a drawn cell."""
    return None if cell is None else cell.array.cells.index(cell.row, cell.column)


def cell_text(cell: ArrayCell[Block] | None) -> str:
    """The name and value of a cell: `(x @ self.W)[66, 18] 4.624`; "" if it has no value."""
    index = index_of(cell)
    if cell is None or index is None or not isinstance(cell.array.array, np.ndarray):
        return ""
    return f"{cell_name(cell.array.name, index)} {scalar_text(cell.array.array[index])}"


def linked_regions(operation: Operation, cell: ArrayCell[Block] | None) -> dict[int, Region]:
    """The cells linked to a cell, by operand or `RESULT`: its sources, or those that it reaches.

    The cell itself is included.
    """
    index = index_of(cell)
    if cell is None or index is None:
        return {}
    operand = cell.array.operand
    found: dict[int, Region] = {operand: index}
    if operation.result is None:
        return found
    if operand != RESULT:
        region = targets_of(operation, operand, index)
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
