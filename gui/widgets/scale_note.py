"""Notes on kept colour scales: widened, or clipping; with buttons to restore or to rescale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.look.icons import icon
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.scale_words import scale_text, use_forms, use_text
from gui.paint.scales import Coloured, Shown

LONGEST_NAME = 18
BRIEFEST = 3
MOSTLY = 0.5  # the share of clipped cells from which the map says little


class ScaleNote(QWidget):
    """A few words, "Rescale", and "Back" once the scale was widened.

    "Rescale" stands out once most of the cells are clipped.

    Signals:
        rescale_asked: the scale is to be chosen again.
        back_asked: the scale from before it was widened is to be restored.
    """

    rescale_asked = Signal()
    back_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bad = self._urgent = self._widened = False
        self._note = QLabel()
        self._note.setFont(ui_font(11))
        self._note.setWordWrap(True)
        self._rescale = _make_link(
            self.tr("Rescale"),
            self.tr("Fit the colour scale to the current values; otherwise it is kept"),
        )
        self._rescale.setIconSize(QSize(px(14), px(14)))
        self._rescale.clicked.connect(self.rescale_asked)
        self._back = _make_link(self.tr("Back"), "")
        self._back.clicked.connect(self._on_back)
        self._back.hide()
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(2)
        buttons.addWidget(self._back)
        buttons.addWidget(self._rescale)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._note)
        column.addLayout(buttons)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self._dress()

    def say(self, shown: Shown, bad: str) -> None:
        """Describe a widening or clipping; values that are no numbers (`bad`) come first."""
        text = f"⊗ {bad}" if bad else use_text(shown)
        # Even setting the same text on a label lays out the whole window again.
        if text != self._note.text():
            self._note.setText(text)
        if self._note.isHidden() != (not text):
            self._note.setVisible(bool(text))
        widened = shown.widened
        if self._back.isHidden() == (widened is not None):
            self._back.setVisible(widened is not None)
        if widened is not None:
            words = self.tr("Back to {0}").format(scale_text(widened.before))
            if words != self._back.toolTip():
                self._back.setToolTip(words)
                self._back.setAccessibleName(words)
        looks = bool(bad), shown.beyond > MOSTLY, widened is not None
        if looks != (self._bad, self._urgent, self._widened):
            self._bad, self._urgent, self._widened = looks
            self._dress()

    def _on_back(self) -> None:
        if self._back.hasFocus():
            self._rescale.setFocus()  # the pressed link disappears
        self.back_asked.emit()

    def _dress(self) -> None:
        theme, urgent = self._theme, self._urgent
        said = theme.text2 if self._widened else theme.warning
        self._note.setStyleSheet(f"color: {theme.nan if self._bad else said}")
        warning = theme.warning
        self._rescale.setIcon(icon("warning", theme, warning) if urgent else QIcon())
        beside, alone = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonTextOnly,
        )
        self._rescale.setToolButtonStyle(beside if urgent else alone)
        self._rescale.setFont(ui_font(12 if urgent else 11, _weight(urgent)))
        self._rescale.setStyleSheet(
            f"QToolButton {{ color: {warning}; border: 1px solid {warning}; border-radius: 6px; }}"
            f"QToolButton:focus {{ border: 2px solid {theme.accent}; }}"
            if urgent
            else ""
        )


class ScaleLine(QFrame):
    """One line of words beside an array, with a link that restores or rescales.

    Signals:
        rescale_asked, back_asked: the key of the scale.
    """

    rescale_asked = Signal(str)
    back_asked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._key, self._widened = "", False
        self._words = QLabel()
        self._words.setFont(ui_font(11))
        self._link = _make_link("", "")
        self._link.clicked.connect(self._on_pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._words)
        row.addWidget(self._link)
        self.hide()

    def say(self, one: Coloured, theme: Theme, brevity: int = 0) -> None:
        """Describe an array's scale; fewer words the higher `brevity` is, at most `BRIEFEST`."""
        shown = one.shown
        self._key, self._widened = one.key, shown.widened is not None
        forms = use_forms(shown)
        words = forms[min(brevity, len(forms) - 1)]
        name = one.name if len(one.name) <= LONGEST_NAME else f"{one.name[: LONGEST_NAME - 1]}…"
        words = f"{name}: {words}"
        self._words.setText(words)
        link = self.tr("Back") if self._widened else self.tr("Rescale")
        tip = self.tr("Fit the colour scale to the current values")
        if shown.widened is not None:
            tip = self.tr("Back to {0}").format(scale_text(shown.widened.before))
        self._link.setText(tip if self._widened and not brevity else link)
        self._link.setToolTip(tip)
        self._link.setAccessibleName(f"{one.name}: {tip}")
        for part in (self._words, self._link):
            part.setFont(ui_font(11))
        self._words.setStyleSheet(f"color: {theme.text2 if self._widened else theme.warning}")
        self.setToolTip(f"{one.name}: {use_text(shown)}")
        self.adjustSize()

    def text(self) -> str:
        """The words."""
        return self._words.text()

    def link(self) -> QToolButton:
        """The button."""
        return self._link

    def _on_pressed(self) -> None:
        parent = self.parentWidget()
        if self._link.hasFocus() and parent is not None:
            parent.setFocus()  # the pressed link disappears
        (self.back_asked if self._widened else self.rescale_asked).emit(self._key)


def spread(wanted: Sequence[tuple[float, float]], room: float) -> list[float]:
    """The left ends of things side by side that do not overlap, each near its own middle.

    `wanted` has middle and width of each, from left to right; together they fit into `room`.
    """
    lefts: list[float] = []
    end = 0.0
    for middle, width in wanted:
        left = max(middle - width / 2, end)
        lefts.append(left)
        end = left + width
    end = room
    for place in range(len(lefts) - 1, -1, -1):
        lefts[place] = min(lefts[place], end - wanted[place][1])
        end = lefts[place]
    return lefts


def _make_link(text: str, tip: str) -> QToolButton:
    link = QToolButton()
    link.setText(text)
    link.setProperty("role", "link")
    link.setFont(ui_font(11))
    link.setToolTip(tip)
    return link


def _weight(urgent: bool) -> QFont.Weight:
    return QFont.Weight.DemiBold if urgent else QFont.Weight.Normal
