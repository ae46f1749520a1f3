"""How the parts of an equation are drawn, all but the heat maps' hover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from engine.debug.health.arrays import health_of
from gui.parts.equation.arrange import HEAD, SIDE, Place
from gui.parts.equation.cells import Box, Pictures
from gui.parts.equation.picture import Block, Listing, Number, Part, Sign
from gui.parts.grid import Grid
from gui.parts.heatmap import Clipped, Scale, paint_colour_bar
from gui.parts.rows import Face, code_face, draw_text
from gui.parts.scale_words import scale_text
from gui.parts.values import bad_count_text, number_text
from gui.theme import Theme, mix
from gui.type_scale import SCALE, px

CENTRE, LEFT, RIGHT = (
    Qt.AlignmentFlag.AlignHCenter,
    Qt.AlignmentFlag.AlignLeft,
    Qt.AlignmentFlag.AlignRight,
)
OPERATOR = 28
ROW = 20.0  # of a listing
BESIDE = 8.0  # between a name and how often its array is repeated
LEAST_CAPTION = 9.0  # pixels beneath a picture in which a digit can be read


@dataclass(frozen=True, slots=True)
class Ink:
    """What everything is drawn with: the theme, the colour of the pass, the scale of the type."""

    theme: Theme
    phase: str
    scale: float = 1.0

    def code(self, pixels: int, bold: bool = False) -> Face:
        """The code font, scaled."""
        weight = QFont.Weight.Bold if bold else QFont.Weight.Normal
        return code_face(pixels, weight)


def measure(part: Part, ink: Ink, width: float) -> tuple[float, float]:
    """Width and height of a part; of a block the width of its name."""
    if isinstance(part, Block):
        badge = _repeats_text(part)
        beside = BESIDE + _badge_width(badge, ink) if badge else 0.0
        return ink.code(13).width(part.name) + 4 + beside, 0.0
    if isinstance(part, Sign):
        text = ink.code(OPERATOR).width(part.text) if part.text else 0.0
        word = ink.code(12 if part.text else 14).width(part.caption)
        return max(text, word) + 4, 72 * ink.scale
    if isinstance(part, Number):
        size = _number_size(part)
        text = ink.code(size).width(part.text)
        name = ink.code(12).width(part.name)
        return min(max(text, name) + 8, 0.45 * width), 68 * ink.scale
    if isinstance(part, Listing):
        faces = ink.code(12)
        keys = max((faces.width(key) for key, _ in part.rows), default=40.0)
        values = max((faces.width(value) for _, value in part.rows), default=40.0)
        name = faces.width(part.name)
        rows = len(part.rows) + (1 if part.more else 0)
        wide = max(keys + values + 40 * ink.scale, min(name + 8, 260 * ink.scale))
        return min(wide, 0.6 * width), (26 + ROW * max(rows, 1)) * ink.scale
    return 0.0, 0.0


def _number_size(part: Number) -> int:
    text = part.text
    return 13 if part.small else 26 if len(text) <= 9 else 18 if len(text) <= 18 else 13


def paint_sign(painter: QPainter, place: Place, part: Sign, ink: Ink) -> None:
    """An operator, or a function's name."""
    rect = place.rect
    theme = ink.theme
    if part.text and part.text != "↓":
        line = QRectF(rect.left() - 8, rect.center().y() - px(22), rect.width() + 16, px(44))
        draw_text(painter, line, part.text, ink.code(OPERATOR), theme.text2, CENTRE)
    if part.text == "↓":
        paint_arrows(painter, rect, part.caption, ink)
        return
    if part.caption:
        down = 18 * ink.scale if part.text else -10 * ink.scale
        line = QRectF(rect.left(), rect.center().y() + down, rect.width(), 20 * ink.scale)
        face = ink.code(12 if part.text else 14)
        draw_text(painter, line, part.caption, face, theme.text2, CENTRE)


def paint_arrows(painter: QPainter, rect: QRectF, caption: str, ink: Ink) -> None:
    """Arrows from a matrix down to the row into which it falls."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(ink.phase), 1.6))
    count = max(2, int(rect.width() // px(56)))
    word = ink.code(12).width(caption) + 16
    for number in range(count):
        x = rect.left() + (number + 0.5) * rect.width() / count
        if abs(x - rect.center().x()) < word / 2:
            continue
        top, tip = rect.top() + 6, rect.bottom() - 6
        painter.drawLine(QLineF(x, top, x, tip))
        painter.drawPolyline([QPointF(x - 4, tip - 5), QPointF(x, tip), QPointF(x + 4, tip - 5)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    draw_text(painter, rect, caption, ink.code(12), ink.theme.text, CENTRE)


def paint_number(painter: QPainter, place: Place, part: Number, ink: Ink) -> None:
    """A number or a word, its name above."""
    rect = place.rect
    face = ink.code(_number_size(part))
    line = QRectF(rect.left(), rect.center().y() - 20 * ink.scale, rect.width(), 40 * ink.scale)
    draw_text(painter, line, part.text, face, ink.theme.text, CENTRE)
    above = QRectF(rect.left(), line.top() - 14 * ink.scale, rect.width(), 18 * ink.scale)
    draw_text(painter, above, part.name, ink.code(12), ink.theme.text2, CENTRE)


def paint_numerals(painter: QPainter, place: Place, block: Block, grid: Grid, ink: Ink) -> None:
    """A vector of whole numbers, written in its cells."""
    theme, cells = ink.theme, place.cells
    assert block.numbers is not None
    painter.fillRect(cells, QColor(theme.raised))
    face = code_face(round(max(11.0, min(0.7 * grid.cell[1] / SCALE.factor, 32.0))))
    painter.save()
    painter.setClipRect(cells)
    for number, value in enumerate(np.ravel(block.array)):
        x, y, width, height = grid.rect_of(*divmod(number, block.shape[1]))
        box = QRectF(cells.left() + x, cells.top() + y, width, height)
        draw_text(painter, box, number_text(value), face, theme.text, CENTRE)
    painter.restore()
    paint_frame(painter, place, block, grid, None, Clipped(0, 0, 0), ink)
    painter.save()
    painter.setClipRect(cells.adjusted(-4, -4, 4, 4))
    for region in block.marked:
        for rect in boxes_on_screen(block.cells.boxes(region), grid, cells):
            paint_pick(painter, rect)
    painter.restore()


def paint_captions(painter: QPainter, cells: QRectF, block: Block, grid: Grid, ink: Ink) -> None:
    """What stands beneath each picture, where it can be read."""
    if not block.captions or block.tile is None:
        return
    rows, columns = block.tile
    across = block.shape[1] // columns
    foot = block.foot
    # As large as there is room for beneath a picture.
    face = code_face(round(max(11.0, min(0.7 * grid.cell[1] * foot / SCALE.factor, 40.0))))
    least = max(LEAST_CAPTION, face.metrics.capHeight())
    for number, words in enumerate(block.captions):
        down, right = divmod(number, across)
        x, y, width, height = grid.rect_of(down * rows + rows - foot, right * columns)
        box = QRectF(cells.left() + x, cells.top() + y, width * columns, height * foot)
        if box.height() >= least and box.intersects(cells):
            draw_text(painter, box, words, face, ink.theme.text2, CENTRE)


def paint_listing(painter: QPainter, place: Place, part: Listing, ink: Ink) -> None:
    """A dictionary as rows, the one that is looked up lit."""
    theme, rect, row = ink.theme, place.rect, ROW * ink.scale
    name = QRectF(rect.left(), rect.top(), rect.width(), 22 * ink.scale)
    draw_text(painter, name, part.name, ink.code(12), theme.text)
    top = name.bottom() + 2
    face = ink.code(12)
    for number, (key, value) in enumerate(part.rows):
        line = QRectF(rect.left(), top + number * row, rect.width(), row)
        if number == part.marked:
            painter.setPen(QPen(QColor(ink.phase), 1.5))
            painter.setBrush(mix(ink.phase, theme.panel, 0.18))
            painter.drawRoundedRect(line.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        inner = line.adjusted(6, 0, -6, 0)
        draw_text(painter, inner, key, face, theme.text)
        room = max(inner.width() - face.width(key) - 12, 30.0)
        right = QRectF(inner.right() - room, inner.top(), room, inner.height())
        draw_text(painter, right, value, face, theme.text2, RIGHT)
    if part.more:
        line = QRectF(rect.left() + 6, top + len(part.rows) * row, rect.width(), row)
        draw_text(painter, line, f"… +{part.more}", face, theme.text2)


def paint_frame(
    painter: QPainter,
    place: Place,
    block: Block,
    grid: Grid,
    scale: Scale | None,
    clipped: Clipped,
    ink: Ink,
    bar_above: bool = False,
) -> None:
    """All around the cells of a block: name, sizes, the frame, the colour bar."""
    theme, cells = ink.theme, place.cells
    painter.setPen(QColor(theme.strong))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(cells.adjusted(-0.5, -0.5, 0.5, 0.5))
    name = QRectF(
        place.rect.left(), cells.top() - HEAD * ink.scale, place.rect.width(), 19 * ink.scale
    )
    if place.rect.top() < cells.top() - 4:
        face = ink.code(13)
        align = CENTRE if face.width(block.name) > cells.width() else LEFT
        if badge := repeats_box(place, block, ink):
            name.setRight(badge.left() - BESIDE)
            name.setLeft(name.right() - face.width(block.name))
            align = RIGHT
        if align is LEFT:
            name.setLeft(cells.left())
        draw_text(painter, name, block.name, face, theme.text, align)
        _paint_columns(painter, cells, block, grid, ink)
    else:  # the row below a matrix, whose columns it shares
        line = QRectF(cells.right() + 8, cells.top(), 200, cells.height())
        line.setRight(painter.viewport().width() / painter.device().devicePixelRatioF())
        draw_text(painter, line, f"{block.name} ({block.sizes[1]},)", ink.code(13), theme.text)
    _paint_rows(painter, cells, block, grid, ink)
    if scale is not None:
        _paint_bar(painter, place, block, scale, clipped, ink, bar_above)


def _style(block: Block, axis: int, ink: Ink) -> tuple[str, float, bool]:
    """Colour, width and boldness of a dimension's line."""
    theme = ink.theme
    if block.wrong[axis]:
        return theme.error, 3.0, True
    if block.match[axis]:
        return theme.match, 3.0, True
    if block.gone[axis]:
        return ink.phase, 3.0, True
    return theme.text3, 1.0, False


def _paint_columns(painter: QPainter, cells: QRectF, block: Block, grid: Grid, ink: Ink) -> None:
    text = block.sizes[1]
    if grid.zoom > 1 and block.tile is not None:
        text = f"× {grid.zoom:.1f}"
    elif isinstance(block.cells, Pictures) and ink.code(11).width(text) > cells.width() + 48:
        text = str(block.cells.mosaic.count)
    elif grid.zoom > 1:
        seen = grid.window()
        text = f"{int(seen.left)}–{int(np.ceil(seen.right)) - 1} / {text}"
    if block.short and ink.code(11).width(text) > cells.width() + SIDE * ink.scale:
        text = block.short
    y = cells.top() - 10 * ink.scale
    paint_dimension(
        painter, QPointF(cells.left(), y), cells.width(), text, _style(block, 1, ink), ink
    )


def _paint_rows(painter: QPainter, cells: QRectF, block: Block, grid: Grid, ink: Ink) -> None:
    text = block.sizes[0]
    if not text:
        return
    if grid.zoom > 1 and block.tile is None:
        seen = grid.window()
        part = f"{int(seen.top)}–{int(np.ceil(seen.bottom)) - 1} / {text}"
        text = part if ink.code(11).width(part) < cells.height() else text
    painter.save()
    painter.translate(cells.left() - 11 * ink.scale, cells.bottom())
    painter.rotate(-90)
    paint_dimension(painter, QPointF(0, 0), cells.height(), text, _style(block, 0, ink), ink)
    painter.restore()


def paint_dimension(
    painter: QPainter,
    start: QPointF,
    length: float,
    text: str,
    style: tuple[str, float, bool],
    ink: Ink,
) -> None:
    """A line with end strokes and the size in its middle."""
    colour, width, bold = style
    face = ink.code(13 if bold else 11, bold)
    wide = face.width(text)
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    y, left, right = start.y(), start.x(), start.x() + length
    box = QRectF(left + (length - wide) / 2 - 1, y - px(10), wide + 4, px(20))
    if wide + 14 <= length:
        painter.drawLine(QLineF(left, y, box.left() - 4, y))
        painter.drawLine(QLineF(box.right() + 2, y, right, y))
        for x in (left, right):
            painter.drawLine(QLineF(x, y - 5, x, y + 5))
    ink_colour = colour if bold else ink.theme.text2
    draw_text(painter, box, text, face, ink_colour, CENTRE)


def _paint_bar(
    painter: QPainter,
    place: Place,
    block: Block,
    scale: Scale,
    clipped: Clipped,
    ink: Ink,
    above: bool,
) -> None:
    """The colour bar with its words: beneath the cells, or at the right of the name."""
    cells, theme = place.cells, ink.theme
    text, colour = scale_text(scale), theme.text2
    health = health_of(block.array)
    if health is not None and health.bad:
        text, colour = f"⊗ {bad_count_text(health)}", theme.nan
    face = ink.code(11)
    width = min(max(cells.width(), px(44)), px(140))
    if above:
        width = min(width, cells.width() - ink.code(13).width(block.name) - face.width(text) - 24)
        if width < 24:
            return
        y = cells.top() - 30 * ink.scale
        bar = QRectF(cells.right() - width, y - 3, width, 6)
        wide = face.width(text) + 4
        line = QRectF(bar.left() - wide - 8, y - px(8), wide, px(16))
    else:
        bar = QRectF(cells.center().x() - width / 2, cells.bottom() + 6, width, 6)
        wide = max(place.rect.width(), face.width(text) + 4)
        line = QRectF(cells.center().x() - wide / 2, bar.bottom() + 1, wide, 16 * ink.scale)
    paint_colour_bar(painter, bar, scale, theme, clipped)
    draw_text(painter, line, text, face, colour, CENTRE)


def _repeats_text(block: Block) -> str:
    down, across = block.repeats
    return f"↓ × {down}" if down > 1 else f"→ × {across}" if across > 1 else ""


def _badge_width(text: str, ink: Ink) -> float:
    return ink.code(12).width(text) + 12


def repeats_box(place: Place, block: Block, ink: Ink) -> QRectF | None:
    """Where it stands how often broadcasting repeats a block: beside its name, off the cells."""
    text = _repeats_text(block)
    if not text:
        return None
    cells, name = place.cells, ink.code(13).width(block.name)
    wide = _badge_width(text, ink)
    fits = name + BESIDE + wide <= cells.width()
    left = (cells.left() if fits else place.rect.left()) + name + BESIDE
    return QRectF(left, cells.top() - HEAD * ink.scale, wide, 19 * ink.scale)


def paint_repeats(painter: QPainter, place: Place, block: Block, ink: Ink) -> None:
    """Mark a block that broadcasting repeats: the real part outlined, and how often it stands."""
    badge = repeats_box(place, block, ink)
    if badge is None:
        return
    theme, cells = ink.theme, place.cells
    (down, across), (rows, columns) = block.repeats, block.shape
    real = QRectF(
        cells.left(), cells.top(),
        cells.width() / (columns if across > 1 else 1), cells.height() / (rows if down > 1 else 1),
    )  # fmt: skip
    grow_x, grow_y = max(0.0, (7 - real.width()) / 2), max(0.0, (7 - real.height()) / 2)
    outline(painter, real.adjusted(-grow_x, -grow_y, grow_x, grow_y))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.strong))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(badge, 5, 5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    draw_text(painter, badge, _repeats_text(block), ink.code(12), theme.text, CENTRE)


def outline(painter: QPainter, rect: QRectF) -> None:
    """A white line with a black halo, which shows on every colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in (("#000000", 3.5), ("#ffffff", 1.5)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRect(rect)


def paint_dot(painter: QPainter, rect: QRectF) -> None:
    """A cell among many that are marked: a white dot on black, which hides little."""
    dot = QRectF(0, 0, 3, 3)
    dot.moveCenter(rect.center())
    painter.fillRect(dot.adjusted(-1, -1, 1, 1), QColor("#000000"))
    painter.fillRect(dot, QColor("#ffffff"))


def paint_pick(painter: QPainter, rect: QRectF) -> None:
    """A cell that an index picks."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if min(rect.width(), rect.height()) < 6:
        painter.fillRect(rect, QColor("#ffffff"))
        return
    painter.setPen(QPen(QColor("#ffffff"), 1))
    painter.drawRect(rect)


def boxes_on_screen(
    boxes: Sequence[Box], grid: Grid, cells: QRectF, least: float = 7.0
) -> list[QRectF]:
    """Where cells are on the screen, enlarged to what an eye finds; those in sight alone."""
    found = []
    for box in boxes:
        x, y, width, height = grid.rect_of(box.top, box.left)
        rect = QRectF(
            cells.left() + x, cells.top() + y,
            width * (box.right - box.left), height * (box.bottom - box.top),
        )  # fmt: skip
        if not rect.intersects(cells):
            continue
        rect = rect.intersected(cells)
        grow_x, grow_y = (max(0.0, (least - side) / 2) for side in (rect.width(), rect.height()))
        found.append(rect.adjusted(-grow_x, -grow_y, grow_x, grow_y))
    return found
