"""A line over the panels that reports an event and disappears by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from gui.look.theme import ui_font
from gui.window.notices.over_panels import MARGIN, Kept, place_over_panels

SHOWN_MS = 6000
READING_MS = 80  # per character, for a long text
LINKED_MS = 12000  # for a notice with links
Link = tuple[str, Callable[[], object]]


class Notice(QFrame):
    """A line over the panels that takes no keys; a click hides it.

    Args:
        above: the widget below which it is centred.
        parent: the window.
        kept: returns the rectangles of the window that it must not cover.
    """

    def __init__(self, above: QWidget, parent: QWidget, kept: Kept) -> None:
        super().__init__(parent)
        self._above, self._window, self._kept = above, parent, kept
        self.setObjectName("notice")
        self.setProperty("role", "notice")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._label = QLabel()
        self._label.setFont(ui_font(12))
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 5, 12, 5)
        self._row.setSpacing(6)
        self._row.addWidget(self._label, 1)
        self.links: list[QToolButton] = []
        self._timer = QTimer(self, interval=SHOWN_MS, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def text(self) -> str:
        """The text, or the last text if it is hidden."""
        return self._label.text()

    def say(self, text: str, links: Sequence[Link] = ()) -> None:
        """Show a line with links; an empty text hides the notice."""
        self._timer.stop()
        if not text:
            self.hide()
            return
        self._label.setText(text)
        self.setAccessibleName(text)
        self._show_links(links)
        self.show()
        self.place()
        least = LINKED_MS if links else SHOWN_MS
        self._timer.start(max(least, READING_MS * len(text)))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def place(self) -> None:
        """Fit the window, and move to a place that covers none of the kept rectangles."""
        if not self.isHidden():
            self._fit()
            place_over_panels(self, self._above, self._kept())

    def _fit(self) -> None:
        """Set the width of the text's line; wrap it if the window is narrower."""
        label = self._label
        label.setWordWrap(False)
        label.setMinimumWidth(0)
        widest = self._window.width() - 2 * MARGIN
        beside = self.sizeHint().width() - label.sizeHint().width()
        if self.sizeHint().width() > widest:
            label.setWordWrap(True)
            label.setMinimumWidth(widest - beside)
        self._row.activate()
        self.adjustSize()

    def _show_links(self, links: Sequence[Link]) -> None:
        for old in self.links:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.links = []
        for text, act in links:
            link = QToolButton()
            link.setText(text)
            link.setProperty("role", "link")
            link.setFont(ui_font(12))
            link.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            link.clicked.connect(lambda _=False, act=act: self._follow(act))
            self._row.addWidget(link)
            link.show()  # now, so that it counts where the notice is in sight already
            self.links.append(link)

    def _follow(self, act: Callable[[], object]) -> None:
        self.say("")
        act()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hide it."""
        self.say("")
