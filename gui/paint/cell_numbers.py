"""The numbers in the cells of a heat map, where the cells are large enough for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.grid import LARGEST_CELL, Grid
from gui.paint.heatmap import Scale, indices, table_for
from gui.paint.text import Face, code_face, draw_text
from gui.paint.values import MINUS, number_text, scalar_text, short_exponent

Array = np.ndarray[Any, Any]
NUMBER_HEIGHT = 11.0  # of the smallest cell with a number: digits reach neither above nor below
_NUMBER_WIDTH = 34.0  # of the smallest cell with a number in an array of many cells
_SIDES = 4.0  # pixels beside a number
LEAST_DIGITS = 1  # significant ones
_FEW = 400  # the most cells that are measured


def paint_numbers(
    painter: QPainter,
    area: QRectF,
    values: Array,
    scale: Scale,
    grid: Grid,
    theme: Theme,
    truth: Array | None = None,
) -> None:
    """Write the number of each visible cell on its colour, if it fits.

    `truth` has the numbers, where the colours are those of other `values`.
    """
    width, height = grid.cell
    if height < px(NUMBER_HEIGHT):
        return
    if width < px(_NUMBER_WIDTH):
        least = number_width(values if truth is None else truth, LEAST_DIGITS)
        if least is None or width < least:
            return
    seen = grid.window()
    rows = range(int(seen.top), int(np.ceil(seen.bottom)))
    columns = range(int(seen.left), int(np.ceil(seen.right)))
    part = values[rows.start : rows.stop, columns.start : columns.stop]
    table = table_for(scale.kind, theme)[indices(part, scale)]
    face = code_face(12 if width >= px(LARGEST_CELL[0] * 0.8) else 11)
    for row in rows:
        for column in columns:
            ground = QColor.fromRgb(int(table[row - rows.start, column - columns.start]))
            x, y, w, h = grid.rect_of(row, column)
            cell = QRectF(area.left() + x, area.top() + y, w, h)
            number = values[row, column] if truth is None else truth[row, column]
            text = _cell_number(number.item(), w - 2, face)
            ink = "#000000" if _luminance(ground) > 0.18 else "#ffffff"
            draw_text(painter, cell, text, face, ink, Qt.AlignmentFlag.AlignHCenter)


def number_width(values: Array, digits: int) -> float | None:
    """The width of a cell in pixels that has room for each number with so many significant digits.

    None: there are too many numbers to be read, or none.
    """
    if not 0 < values.size <= _FEW:
        return None
    texts = (_short_text(value, digits) for value in values.ravel().tolist())
    return code_face(11).width(max(texts, key=len)) + _SIDES  # all its characters are as wide


def _short_text(value: float, digits: int) -> str:
    """A number with so many significant digits; with fewer where it has no more: `0.2`, `1`."""
    text, exact = number_text(value, digits), scalar_text(value)
    return exact if len(exact) < len(text) else text


def _cell_number(value: float, room: float, face: Face) -> str:
    """A number for a cell: with three significant digits, or as many as its room has.

    A number that was cut would be another one, so where not even one digit fits there is none.
    """
    forms = [_short_text(value, digits) for digits in (3, 2, 1)]
    if not isinstance(value, int) and 0 < abs(value) < 10:
        short = f"{value:.2f}" if abs(value) >= 0.005 else short_exponent(f"{value:.0e}")
        forms.append(short.replace("-", MINUS))
    return next((text for text in forms if face.width(text) <= room), "")


def _luminance(colour: QColor) -> float:
    """Relative luminance (WCAG 2.2): 0.18 is where black and white contrast alike."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
