"""A button with the range of the colours; its menu rescales them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from gui.look.icons import icon
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.heatmap import Clipped, paint_colour_bar
from gui.paint.scale_words import scale_text, use_text
from gui.paint.scales import Coloured

PADDING, STRIP, ARROW = 8, 22, 12


class ScaleChip(QToolButton):
    """Shows the range of the first array, and whether any scale was widened or clips.

    With `several` arrays side by side, none of them the main array, it shows their number.

    Signals:
        rescale_asked: the key of the scale to choose again; "" for all shown.
        back_asked: the key of the scale to restore from before it was widened.
    """

    rescale_asked = Signal(str)
    back_asked = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, several: bool = False
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self._several = several
        self._arrays: tuple[Coloured, ...] = ()
        self._words, self._alarm = "", False
        self.setObjectName("scale_chip")
        self.setProperty("role", "pill")
        self.setFont(ui_font(12))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self.show_arrays(())

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_arrays(self, arrays: Sequence[Coloured]) -> None:
        """Describe the scales of these arrays, the main one first."""
        self._arrays = tuple(arrays)
        words, alarm = self._say()
        if (words, alarm) != (self._words, self._alarm) or not arrays:
            self._words, self._alarm = words, alarm
            self.setAccessibleName(self.tr("Colour scale: {0}").format(words))
        tip = "\n".join(
            f"{one.name}: {scale_text(one.shown.scale)}"
            + (f", {said}" if (said := use_text(one.shown)) else "")
            for one in self._arrays
        )
        help_ = self.tr("A colour scale is kept from stop to stop. Press to change it.")
        tip = f"{tip}\n{help_}" if tip else help_
        if tip != self.toolTip():
            self.setToolTip(tip)
        if self.isEnabled() != bool(arrays):
            self.setEnabled(bool(arrays))
        self.update()

    def text(self) -> str:
        """The text on the chip; a button's own text would lay out the window at each step."""
        return self._words

    def _say(self) -> tuple[str, bool]:
        """The words, and whether they are a warning."""
        if not self._arrays:
            return self.tr("no colours"), False
        if self._several and len(self._arrays) > 1:
            return self._say_several()
        held = [one for one in self._arrays if one.shown.widened is None and one.shown.much]
        if held:
            return self.tr("{0}, clipped").format(scale_text(held[0].shown.scale)), True
        text = scale_text(self._arrays[0].shown.scale)
        if any(one.shown.widened is not None for one in self._arrays):
            return self.tr("{0}, rescaled").format(text), False
        return self.tr("colours {0}").format(text), False

    def _say_several(self) -> tuple[str, bool]:
        count = len(self._arrays)
        held = sum(one.shown.widened is None and one.shown.much for one in self._arrays)
        widened = sum(one.shown.widened is not None for one in self._arrays)
        if held:
            return self.tr("{0} clipped").format(held), True
        if widened:
            return self.tr("{0} rescaled").format(widened), False
        return self.tr("{0} scales").format(count), False

    def sizeHint(self) -> QSize:
        """Wide enough for usual texts, so that its neighbours do not move."""
        usual = (
            self.tr("{0} rescaled").format(12)
            if self._several
            else self.tr("colours {0}").format("± 0.00072")
        )
        width = self.fontMetrics().horizontalAdvance(usual)
        return QSize(width + px(2 * PADDING + STRIP + ARROW + 8), px(24))

    def minimumSizeHint(self) -> QSize:
        """The size hint, so that the text is never cut."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return, Enter and the arrow downwards open it, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.showMenu()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, a strip of the colours, the words and an arrow."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text, option.arrowType = "", Qt.ArrowType.NoArrow
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        theme, left = self.theme, float(px(PADDING))
        if self._arrays:
            high = px(8)
            strip = QRectF(left - 8, (self.height() - high) / 2, px(STRIP) + 16, high)  # bare ends
            shown = self._arrays[0].shown
            paint_colour_bar(painter, strip, shown.scale, theme, Clipped(0, 0, 0))
            left += px(STRIP + 8)
        room = QRectF(left, 0, self.width() - left - px(PADDING + ARROW), self.height())
        font = QFont(self.font())
        font.setBold(self._alarm)
        painter.setFont(font)
        ink = theme.warning if self._alarm else theme.text if self._arrays else theme.text3
        painter.setPen(QColor(ink))
        metrics = painter.fontMetrics()
        words = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, int(room.width()))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, align, words)
        self._paint_arrow(painter)

    def _paint_arrow(self, painter: QPainter) -> None:
        mark = icon("chevron-down", self.theme, self.theme.text3)
        at = self.rect().adjusted(self.width() - px(PADDING + ARROW), 0, -px(PADDING - 2), 0)
        mark.paint(painter, at)

    def _fill(self) -> None:
        """Fill the menu."""
        menu = self.menu()
        menu.clear()
        for one in self._arrays:
            widened = one.shown.widened
            if widened is not None:
                words = self.tr("{0}: back to {1}").format(
                    _plain(one.name), scale_text(widened.before)
                )
                menu.addAction(words, partial(self.back_asked.emit, one.key))
        if not menu.isEmpty():
            menu.addSeparator()
        if len(self._arrays) > 1:
            menu.addAction(
                self.tr("Fit all to the current values"), partial(self.rescale_asked.emit, "")
            )
            menu.addSeparator()
        for one in self._arrays:
            words = self.tr("Fit {0} (now {1})").format(
                _plain(one.name), scale_text(one.shown.scale)
            )
            menu.addAction(words, partial(self.rescale_asked.emit, one.key))


def _plain(name: str) -> str:
    """A name in a menu, where `&` would underline the next letter."""
    return name.replace("&", "&&")
