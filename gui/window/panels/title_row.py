"""The title bars of panels: a row with title and controls, or a grip for dragging."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpacerItem,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.look.icons import icon
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.widgets.code_html import CODE_LESS, Link, code_html
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_button import make_icon_button
from gui.widgets.term_label import TermLabel
from gui.widgets.view import View
from gui.words.terms import places_in

TITLE_HEIGHT = 30
_HELP = 13  # pixels of the type of a help


class Tabs(QTabBar):
    """The titles of the panels that share a place, as tabs.

    Signals:
        chosen: the index of the chosen title; the current tab stays the row's own panel.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._titles: tuple[str, ...] = ()
        self._current = 0
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setFont(ui_font(12))
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(True)
        self.setAccessibleName(self.tr("Panels in this place"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.currentChanged.connect(self._on_current_changed)

    def show_titles(self, titles: Sequence[str], current: int) -> None:
        """Show these titles; the row belongs to the panel at `current`."""
        self.blockSignals(True)
        self._current = current
        if tuple(titles) != self._titles:
            self._titles = tuple(titles)
            while self.count():
                self.removeTab(0)
            for title in titles:
                self.addTab(title)
        self.setCurrentIndex(current)
        self.blockSignals(False)

    def minimumSizeHint(self) -> QSize:
        """Small, since the tabs scroll if there is no room."""
        return QSize(120, px(TITLE_HEIGHT - 2))

    def _on_current_changed(self, index: int) -> None:
        self.show_titles(self._titles, self._current)
        self.chosen.emit(index)


class Held(QWidget):
    """A place of its own for a row, whose widgets come, go and change their words at each step.

    It has no layout, so that they are laid out within it alone, and neither panel nor window is.
    """

    def __init__(self, row: QWidget, height: int) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)
        self.setFixedHeight(height)
        self._row = row
        row.setParent(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the row all the room."""
        self._row.setGeometry(self.rect())


class TitleRow(QWidget):
    """Title, subtitle, the view's controls, "?" and the menu of a panel.

    Signals:
        restore_asked: all panels are to be shown again.
        help_asked: the panel's help is to be shown.
        menu_asked: the panel's menu is to open.
        tab_chosen: the index of the panel to bring to the front, among those in the same place.
    """

    restore_asked = Signal()
    help_asked = Signal()
    menu_asked = Signal()
    tab_chosen = Signal(int)

    def __init__(self, view: View, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        # Qt queries a title's size thousands of times during a layout of the window. This nested
        # layout answers without Python, whose interpreter lock a training may hold for milliseconds
        # each time. It is as high as the row within, and as narrow as a dock may get, which cuts
        # the row at the right.
        within = QWidget()
        around = QHBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(Held(within, px(TITLE_HEIGHT)))
        row = QHBoxLayout(within)
        row.setContentsMargins(11, 2, 6, 0)
        row.setSpacing(4)
        self._title = title = QLabel(view.title())
        title.setFont(ui_font(12, QFont.Weight.DemiBold))
        self.tabs = Tabs()
        self.tabs.hide()
        self.tabs.chosen.connect(self.tab_chosen)
        self.subtitle = ElidedLabel()
        self.subtitle.setProperty("role", "hint")
        self.subtitle.setFont(code_font(11))
        self._spare = False
        row.addWidget(title)
        row.addWidget(self.tabs)
        row.addSpacing(0)
        row.addWidget(self.subtitle, 1)
        self._space = QWidget()
        self._space.hide()
        row.addWidget(self._space, 1)
        for widget in view.title_widgets():
            row.addWidget(widget)
        self.restore = QToolButton()
        self.restore.setText(self.tr("All panels"))
        self.restore.setToolTip(self.tr("Show all panels again"))
        self.restore.setProperty("role", "link")
        self.restore.setFont(ui_font(12))
        self.restore.setIconSize(QSize(px(16), px(16)))
        self.restore.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.restore.clicked.connect(self.restore_asked)
        self.restore.hide()
        row.addWidget(self.restore)
        self._help = make_icon_button(self.tr("What is this?"), self.help_asked.emit)
        self._menu = make_icon_button(self.tr("Panel menu"), self.menu_asked.emit)
        row.addWidget(self._help)
        row.addWidget(self._menu)
        for button in (self._help, self._menu):
            button.setAccessibleDescription(view.title())

    def show_tabs(self, titles: Sequence[str], current: int) -> None:
        """Show the panels of this place as tabs, this panel at `current`; or one title."""
        several = len(titles) > 1
        self.tabs.show_titles(titles if several else (), current if several else 0)
        if self.tabs.isHidden() == several:
            self._title.setVisible(not several)
            self.subtitle.setVisible(not several and not self._spare)
            self._space.setVisible(several or self._spare)
            self.tabs.setVisible(several)

    def set_spare(self, spare: bool) -> None:
        """Hide the secondary parts: subtitle and "?"."""
        self._spare = spare
        self._help.setVisible(not spare)
        self.subtitle.setVisible(not spare and self.tabs.isHidden())
        self._space.setVisible(spare or not self.tabs.isHidden())

    def menu_corner(self) -> QPoint:
        """The position for the panel's menu, in global coordinates."""
        return self._menu.mapToGlobal(self._menu.rect().bottomLeft())

    def set_theme(self, theme: Theme) -> None:
        """Colour the icons."""
        self.restore.setIcon(icon("screen-normal", theme, theme.accent))
        self._help.setIcon(icon("question", theme, theme.text3))
        self._menu.setIcon(icon("ellipsis", theme, theme.text2))


class Grip(QWidget):
    """A strip at the left of a panel without title row, to drag it by."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setToolTip(self.tr("Drag to move this panel; right-click for its menu"))
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        around = QHBoxLayout(self)  # answers for its size: see `TitleRow`
        around.setContentsMargins(0, 0, 0, 0)
        fixed, growing = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.MinimumExpanding
        around.addItem(QSpacerItem(12, 24, fixed, growing))

    def set_theme(self, theme: Theme) -> None:
        """Colour the dots."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw six dots in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.strong))
        middle = self.height() / 2
        for row in (-6, 0, 6):
            for column in (4, 8):
                painter.drawEllipse(QRectF(column, middle + row - 1, 2, 2))


class HelpBubble(QFrame):
    """The help of a panel, in which terms are links; a click or Escape closes it.

    Signals:
        term_asked: a term, and its place on the screen.
    """

    term_asked = Signal(str, QRect)

    def __init__(self, title: str, text: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("help_bubble")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "bubble")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        head = QLabel(title)
        head.setFont(ui_font(12, QFont.Weight.DemiBold))
        body = TermLabel(theme)
        body.setFont(ui_font(_HELP))
        links = [Link(*place) for place in places_in(text)]
        body.setText(code_html(text, _HELP - CODE_LESS, links, theme.accent))
        body.setMinimumWidth(px(300))
        body.term_asked.connect(self._on_term)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.addWidget(head)
        layout.addWidget(body)

    def _on_term(self, term: str, place: QRect) -> None:
        self.close()
        self.term_asked.emit(term, place)
