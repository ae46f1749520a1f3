"""Where the parts of the sum of digits stand. It uses no Qt but its rectangles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QRectF

# Pixels at a type scale of 1.
MARGIN = 12
TITLE = 30
CAPTION = 20
BAR, NUMBER, ASKS = 14, 17, 17
SUM_GAP, AFTER = 8, 18
SCRUBBER, HIGHEST_SCRUBBER = 38, 62
EDGES = 6  # pixels below a digit and below the scrubber
COLOUR_BAR = 30
SIDE = 84  # of a digit at most, unless there is room for many of larger ones
LEAST_SIDE = 50  # pixels of the screen, of digits that have their sums below them
SCALE_BAR = 8
MOST_ABOVE = 30  # air above the digits and above their sums
LEAST_ASKING = 26  # pixels of the screen, of digits that leave room for what they ask
AIR = 20  # between two columns
LEAST_COLUMNS = 3
MANY = 6  # columns, for which the words in them are shortened
FINAL_SHARE = 0.34  # of the width


@dataclass(frozen=True, slots=True)
class DigitsLayout:
    """The places of everything, in pixels.

    Attributes:
        title: of the sentence.
        names: the column of the rows' names; of width 0 where there is no room.
        columns: left ends of the columns, one for each image that is drawn.
        pitch: from one column to the next.
        aside: the column between them and the final picture, for another image; or None.
        side: (width, height) of a digit's picture.
        lines: the upper ends of the lines between a digit and its bar.
        label, digit, bar, number, asks, sum, after: upper ends of the rows; those are None that
            have no room, and `asks` where nothing is asked.
        arrows: whether an arrow before the number says what is asked, for want of a row.
        caption, final, colour_bar: the large picture with its caption and scale.
        scrubber: of the bars.
        short: whether the words in the columns are the short ones.
        scale: the factor of all type.
    """

    title: QRectF
    names: QRectF
    columns: tuple[float, ...]
    pitch: float
    aside: float | None
    side: tuple[int, int]
    label: float
    digit: float
    lines: tuple[float, ...]
    bar: float
    number: float
    asks: float | None
    arrows: bool
    sum: float | None
    after: float | None
    caption: QRectF
    final: QRectF
    colour_bar: QRectF
    scrubber: QRectF
    short: bool
    scale: float

    def digit_rect(self, left: float) -> QRectF:
        """The picture of the digit in a column."""
        return QRectF(self._inset(left), self.digit, *self.side)

    def sum_rect(self, left: float) -> QRectF | None:
        """The picture of the running sum in a column."""
        return None if self.sum is None else QRectF(self._inset(left), self.sum, *self.side)

    def line(self, left: float, top: float, height: float) -> QRectF:
        """A line of text or a bar in a column."""
        return QRectF(left, top, self.pitch, height * self.scale)

    def across(self, top: float, height: float) -> QRectF:
        """A row over all columns."""
        last = self.columns[-1] if self.aside is None else self.aside
        return QRectF(self.columns[0], top, last + self.pitch - self.columns[0], height)

    @property
    def pushes(self) -> QRectF:
        """The row of the bars and their numbers."""
        return self.across(self.bar, self.number + NUMBER * self.scale - self.bar)

    def column_at(self, x: float, y: float) -> int | None:
        """The number of the column at a place; that of `aside` is the one after the last."""
        if not self.label <= y < (self.after or self.scrubber.top()):
            return None
        ends = (*self.columns, *(() if self.aside is None else (self.aside,)))
        for number, left in enumerate(ends):
            if left <= x < left + self.pitch:
                return number
        return None

    def _inset(self, left: float) -> float:
        return round(left + (self.pitch - self.side[0]) / 2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be laid out.

    Attributes:
        count: of the images.
        image: rows and columns of one.
        words, short_words: the width that the texts of a column take, and shortened ones.
        names: the width of the names of the rows.
        asks: whether there is a row for what each image asks for.
        lines: of text between a digit and its bar.
        sums: whether there is a row of running sums, where it has room.
    """

    count: int
    image: tuple[int, int]
    words: float
    short_words: float
    names: float
    asks: bool
    lines: int = 0
    sums: bool = True


def lay_out(width: float, height: float, wanted: Wanted, scale: float) -> DigitsLayout:
    """Divide the room; the pictures' pixels are whole pixels of the screen where possible."""
    margin = MARGIN * scale
    large = height - (CAPTION + COLOUR_BAR + 8) * scale
    final_width, final_height = fitted(wanted.image, width * FINAL_SHARE, large)
    final_left = width - margin - final_width
    caption = QRectF(final_left, 4 * scale, final_width, CAPTION * scale)
    final = QRectF(final_left, caption.bottom(), final_width, final_height)
    title = QRectF(margin, 2, final_left - 2 * margin, TITLE * scale)
    wide = (final_left - 3 * margin - wanted.names) / (MANY + 1) - AIR * scale
    rows = _rows(title.bottom(), height, max(SIDE * scale, wide), wanted, scale)
    row = _row(margin, final_left - 2 * margin, rows.side[0] + AIR * scale, wanted)
    left = margin + row.names
    below = height - rows.bars - 4
    return DigitsLayout(
        title=title,
        names=QRectF(margin, rows.label, max(row.names - 8 * scale, 0.0), height - rows.label),
        columns=row.columns,
        pitch=row.pitch,
        aside=row.aside,
        side=rows.side,
        label=rows.label,
        digit=rows.digit,
        lines=rows.lines,
        bar=rows.bar,
        number=rows.number,
        asks=rows.asks,
        arrows=rows.low and wanted.asks,
        sum=rows.sum,
        after=None if rows.sum is None or rows.low else rows.sum + rows.side[1],
        caption=caption,
        final=final,
        colour_bar=QRectF(final_left, final.bottom() + 5 * scale, final_width, SCALE_BAR),
        scrubber=QRectF(left, below, final_left - 2 * margin - left, rows.bars),
        short=row.short,
        scale=scale,
    )


class _Rows(NamedTuple):
    """The size of the pictures, the upper ends of the rows, and the scrubber's height."""

    side: tuple[int, int]
    label: float
    digit: float
    lines: tuple[float, ...]
    bar: float
    number: float
    asks: float | None
    sum: float | None
    bars: float
    low: bool


class _Words(NamedTuple):
    """Heights of what stands around the pictures, in pixels at a type scale of 1."""

    caption: int
    bar: int
    asks: int  # 0: an arrow before the number says it
    gap: int
    after: int
    scrubber: int


_ALL = _Words(CAPTION, BAR, ASKS, SUM_GAP, AFTER, SCRUBBER)
_FEWEST = _Words(caption=18, bar=12, asks=0, gap=4, after=3, scrubber=24)


def _rows(top: float, height: float, most: float, wanted: Wanted, scale: float) -> _Rows:
    """Divide the height below `top`; the pictures are at most so wide and high.

    Words below them are left out where by it they are not small, or have room for their sums.
    """
    enough = fitted(wanted.image, SIDE * scale, SIDE * scale)

    def worth(rows: _Rows) -> tuple[bool, tuple[int, int], bool]:
        sums = rows.sum is not None
        return sums and rows.side >= enough, min(rows.side, enough), sums

    ways = (_rows_with(words, top, height, most, wanted, scale) for words in (_ALL, _FEWEST))
    return max(ways, key=worth)


def _rows_with(
    words: _Words, top: float, height: float, most: float, wanted: Wanted, scale: float
) -> _Rows:
    lines, least = wanted.lines * NUMBER * scale, words.scrubber * scale
    room = height - top - (words.caption + words.bar + NUMBER) * scale - least - lines - EDGES
    asking = wanted.asks and words.asks > 0 and room - words.asks * scale >= LEAST_ASKING
    under = words.bar + NUMBER + (words.asks if asking else 0)
    room -= words.asks * scale if asking else 0.0
    between = (words.gap + words.after) * scale
    side = fitted(wanted.image, most, min((room - between) / 2, most))
    sums = wanted.sums and side[1] >= LEAST_SIDE
    if not sums:
        side = fitted(wanted.image, most, min(max(room, 16.0), most))
    spare = max(room - (2 * side[1] + between if sums else side[1]), 0.0)
    bars = min(least + spare, HIGHEST_SCRUBBER * scale)
    above = min((spare - (bars - least)) / (3 if sums else 2), MOST_ABOVE * scale)
    label = top + above
    digit = label + words.caption * scale
    first = digit + side[1] + 2
    bar = first + lines
    number = bar + words.bar * scale
    below = bar + under * scale
    return _Rows(
        side=side,
        label=label,
        digit=digit,
        lines=tuple(first + n * NUMBER * scale for n in range(wanted.lines)),
        bar=bar,
        number=number,
        asks=number + NUMBER * scale if asking else None,
        sum=below + words.gap * scale + above if sums else None,
        bars=bars,
        low=words is _FEWEST,
    )


class _Row(NamedTuple):
    """The width of the names, the columns, and whether their words are short."""

    names: float
    columns: tuple[float, ...]
    pitch: float
    aside: float | None
    short: bool


def _row(left: float, right: float, least: float, wanted: Wanted) -> _Row:
    """Divide the width between the names of the rows and the columns."""
    enough = min(wanted.count, MANY + 1)
    short = int((right - left - wanted.names) / max(least, wanted.words)) < enough
    pitch = max(least, wanted.short_words if short else wanted.words)
    names = wanted.names
    if right - left - names < (LEAST_COLUMNS + 1) * pitch:
        names = 0.0
    first, room = left + names, right - left - names
    fits = max(int(room / pitch), 1)
    if wanted.count <= fits:
        pitch = min(room / wanted.count, 1.2 * pitch)
        ends = tuple(first + n * pitch for n in range(wanted.count))
        return _Row(names, ends, pitch, None, short)
    shown = max(fits - 1, 1)
    pitch = min(room / (shown + 1), 1.2 * pitch)
    ends = tuple(first + n * pitch for n in range(shown))
    return _Row(names, ends, pitch, first + shown * pitch, short)


def fitted(image: tuple[int, int], width: float, height: float) -> tuple[int, int]:
    """Width and height of a picture in a room: whole multiples of an image's, if it is larger."""
    rows, columns = image
    factor = min(width / columns, height / rows)
    if factor >= 1:
        return int(factor) * columns, int(factor) * rows
    return max(int(columns * factor), 8), max(int(rows * factor), 8)
