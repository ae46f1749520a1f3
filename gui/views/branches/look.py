"""The look of a branch in charts and lists: a colour and a pattern of dashes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from gui.look.theme import Theme

# In multiples of the pen's width. The number of patterns and the number of colours have no common
# divisor, so that patterns × colours branches look different.
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (6.0, 3.0),
    (2.0, 2.5),
    (9.0, 3.0, 2.0, 3.0),
    (12.0, 4.0),
)
SIGN = QSize(38, 14)
_DOT, _LINE = 10, 13  # width of the dot's place, and start of the line


@dataclass(frozen=True, slots=True)
class Look:
    """The colour and dashes of a branch's curve."""

    colour: str
    dashes: tuple[float, ...]

    def pen(self, width: float = 1.0) -> QPen:
        """A pen that is `width` pixels wide at any zoom."""
        pen = QPen(QColor(self.colour), width)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self.dashes:
            pen.setDashPattern([length / max(width, 1.0) for length in self.dashes])
        return pen


def look_of(branch: int, theme: Theme) -> Look:
    """The look of the branch with this id; it does not depend on the other branches."""
    colours = (
        theme.accent, theme.backward, theme.match, theme.update, theme.nan, theme.forward,
        theme.text2,
    )  # fmt: skip
    return Look(colours[branch % len(colours)], DASHES[branch % len(DASHES)])


def sign_of(look: Look, current: bool, theme: Theme) -> QIcon:
    """A piece of the curve, with a dot before it if the cursor is on that branch."""
    picture = QPixmap(SIGN * 2)
    picture.setDevicePixelRatio(2.0)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = SIGN.height() / 2
    if current:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        painter.drawEllipse(QPointF(_DOT / 2, middle), 4, 4)
    painter.setPen(look.pen(2.0))
    painter.drawLine(QPointF(_LINE, middle), QPointF(SIGN.width() - 2, middle))
    painter.end()
    result = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        result.addPixmap(picture, mode)
    return result
