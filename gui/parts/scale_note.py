"""What a kept colour scale hides, and the way to choose another."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from gui.icons import icon
from gui.theme import Theme, ui_font

MOSTLY = 0.5  # the share of clipped cells from which the map says little


class ScaleNote(QWidget):
    """A few words, and "Rescale", which stands out once most of the cells are clipped.

    Signals:
        rescale_asked: the person wants the scale chosen anew.
    """

    rescale_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._bad = self._urgent = False
        self._note = QLabel()
        self._note.setFont(ui_font(11))
        self._note.setWordWrap(True)
        self._rescale = QToolButton()
        self._rescale.setText(self.tr("Rescale"))
        self._rescale.setProperty("role", "link")
        self._rescale.setFont(ui_font(11))
        self._rescale.setIconSize(QSize(14, 14))
        self._rescale.setToolTip(
            self.tr("Choose the colour scale anew from what is shown; it is kept otherwise")
        )
        self._rescale.clicked.connect(self.rescale_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._note, 1)
        row.addWidget(self._rescale, 0, Qt.AlignmentFlag.AlignTop)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self._dress()

    def say(self, use: str, bad: str, clipped: float) -> None:
        """Tell of what the scale hides (`use`), or rather of numbers that are none (`bad`).

        `clipped` is the share of the cells that lie beyond the scale.
        """
        text = f"⊗ {bad}" if bad else use
        # A label that is told the same again still has the whole window laid out anew.
        if text != self._note.text():
            self._note.setText(text)
        looks = bool(bad), clipped > MOSTLY
        if looks != (self._bad, self._urgent):
            self._bad, self._urgent = looks
            self._dress()

    def _dress(self) -> None:
        theme, urgent = self._theme, self._urgent
        self._note.setStyleSheet(f"color: {theme.nan if self._bad else theme.warning}")
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


def _weight(urgent: bool) -> QFont.Weight:
    return QFont.Weight.DemiBold if urgent else QFont.Weight.Normal
