"""The legend of a picture: what its colours mean."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.dialogs.wording import to_translate
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.heatmap import STEPS, table_for
from gui.paint.text import ui_face
from gui.words.captions import LegendEntry
from gui.words.quantity import MAP_OF, Swatch

_N = to_translate
TYPE = 14  # pixels
MOST = 2  # entries
WIDEST = 380
LEAST = 110
SHARE = 0.42  # of the row, from which it gives nothing to a formula
_BOLD = QFont.Weight.DemiBold
_SWATCH, _GAP, _BETWEEN = 12, 8, 4
_LINE = 22  # from one entry to the next
# The place of a swatch in its colour map.
_PLACES: Mapping[Swatch, int] = {
    Swatch.POSITIVE: STEPS - 1,
    Swatch.NEGATIVE: 0,
    Swatch.ZERO: STEPS // 2,
    Swatch.INK: STEPS - 1,
    Swatch.PAPER: 0,
    Swatch.LEVEL: STEPS - 1,
    Swatch.LOW: 0,
}
# The names that depend on the theme: on a dark ground, and on a light one.
_NAMES: Mapping[Swatch, tuple[str, str]] = {
    Swatch.INK: (_N("LegendBox", "White"), _N("LegendBox", "Black")),
    Swatch.PAPER: (_N("LegendBox", "Black"), _N("LegendBox", "White")),
    Swatch.ZERO: (_N("LegendBox", "Dark"), _N("LegendBox", "White")),
}


def swatch_colour(swatch: Swatch, theme: Theme) -> QColor | None:
    """The colour in which a picture shows it; None for a mark that is no colour."""
    if swatch not in MAP_OF:
        return None
    return QColor.fromRgb(int(table_for(MAP_OF[swatch], theme)[_PLACES[swatch]]))


def name_of(entry: LegendEntry, theme: Theme) -> str:
    """The name of an entry's mark in a theme."""
    if entry.name or entry.swatch not in _NAMES:
        return entry.name
    dark, light = _NAMES[entry.swatch]
    return QCoreApplication.translate("LegendBox", dark if theme.dark else light)


class LegendBox(QWidget):
    """Shows the entries of a legend, each on a line; one that is too long ends in an ellipsis."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("legend")
        self.setAccessibleName(self.tr("Legend"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._entries: tuple[LegendEntry, ...] = ()
        self._share = px(LEAST)
        self._scale = SCALE.factor  # of the type in which they are shown

    @property
    def entries(self) -> tuple[LegendEntry, ...]:
        """What is shown."""
        return self._entries

    def show_entries(self, entries: tuple[LegendEntry, ...]) -> None:
        """Show a legend; it takes no room without entries."""
        if entries[:MOST] == self._entries and SCALE.factor == self._scale:
            return
        self._entries, self._scale = entries[:MOST], SCALE.factor
        self.setVisible(bool(entries))
        self._say()
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._say()
        self.updateGeometry()
        self.update()

    def lines(self) -> list[str]:
        """The entries as text: "Red: above 0"."""
        return [
            self.tr("{0}: {1}").format(name, entry.text) if name else entry.text
            for entry in self._entries
            if (name := name_of(entry, self.theme)) or entry.text
        ]

    def sizeHint(self) -> QSize:
        """The longest entry, within bounds."""
        widest = max((self._width(entry) for entry in self._entries), default=0)
        return QSize(min(widest, px(WIDEST)), px(_LINE) * max(len(self._entries), 1))

    def minimumSizeHint(self) -> QSize:
        """All, as far as its share of the row's room reaches: a formula can get smaller instead."""
        return QSize(min(self.sizeHint().width(), self._share), self.sizeHint().height())

    def set_row_width(self, width: int) -> None:
        """Take its share of a row so wide; the name of a colour can be read in any."""
        share = max(px(LEAST), round(SHARE * width))
        if share != self._share:
            self._share = share
            self.updateGeometry()

    def _say(self) -> None:
        self.setAccessibleDescription("\n".join(self.lines()))
        self._say_cut()

    def _say_cut(self) -> None:
        cut = any(self._width(entry) > self.width() for entry in self._entries)
        self.setToolTip("\n".join(self.lines()) if cut else "")

    def _width(self, entry: LegendEntry) -> int:
        said = name_of(entry, self.theme)
        named = ceil(ui_face(TYPE, _BOLD).width(said)) + px(_GAP) if said else 0
        return px(_SWATCH) + px(_GAP) + named + ceil(ui_face(TYPE).width(entry.text)) + 2

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw each entry: its mark, its name, its meaning."""
        self._say_cut()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, entry in enumerate(self._entries):
            self._paint_entry(
                painter, entry, QRectF(0, number * px(_LINE), self.width(), px(_LINE))
            )

    def _paint_entry(self, painter: QPainter, entry: LegendEntry, room: QRectF) -> None:
        theme, middle = self.theme, Qt.AlignmentFlag.AlignVCenter
        side = px(_SWATCH)
        mark = QRectF(room.left() + 0.5, room.center().y() - side / 2, side - 1, side - 1)
        colour = swatch_colour(entry.swatch, theme)
        if colour is not None:
            painter.setPen(QPen(QColor(theme.strong), 1))
            painter.setBrush(colour)
            painter.drawRoundedRect(mark, 2, 2)
        elif entry.swatch is Swatch.TRIANGLE:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.text))
            top = QRectF(mark).center()
            top.setY(mark.top())
            painter.drawPolygon(QPolygonF([mark.bottomLeft(), mark.bottomRight(), top]))
        left = room.left() + side + px(_GAP)
        name = name_of(entry, theme)
        if name:
            painter.setFont(ui_face(TYPE, _BOLD).font)
            painter.setPen(QColor(theme.text))
            width = painter.fontMetrics().horizontalAdvance(name)
            painter.drawText(QRectF(left, room.top(), width + 1, room.height()), middle, name)
            left += width + px(_GAP)
        painter.setFont(ui_face(TYPE).font)
        painter.setPen(QColor(theme.text2))
        rest = QRectF(left, room.top(), max(room.right() - left, 0), room.height())
        text = painter.fontMetrics().elidedText(
            entry.text, Qt.TextElideMode.ElideRight, int(rest.width())
        )
        painter.drawText(rest, middle, text)
