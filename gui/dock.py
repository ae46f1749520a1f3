"""A dock: a rounded panel with a title row of its own, round one view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QMargins, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSpacerItem,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.debug.snapshots.snapshot import Snapshot
from gui.export import SaveKind, Saving, for_numpy, for_spreadsheet
from gui.icons import icon
from gui.parts.icon_button import make_icon_button
from gui.theme import Theme, code_font, ui_font
from gui.type_scale import px
from gui.view import Table, View

TITLE_HEIGHT = 30
RADIUS = 8
LEAST_READ = 6  # letters of a text, the ellipsis among them


class ElidedLabel(QLabel):
    """A line of text that ends in an ellipsis where it does not fit.

    (superqt has one, but importing it costs the first window 0.3 s.)
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text; QLabel's own would have the whole window laid out anew."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits; the whole is in the tooltip then."""
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        tip = self._text if text != self._text else ""
        if tip != self.toolTip():
            self.setToolTip(tip)
        if text != self._text and len(text) < LEAST_READ:  # of which nothing can be read
            return
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )


class Tabs(QTabBar):
    """The panels that share a place, by their titles; to choose one brings it to the front."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self._dock = dock
        self._docks: list[Dock] = []
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setFont(ui_font(12))
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(True)
        self.setAccessibleName(self.tr("Panels in this place"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.currentChanged.connect(self._on_current_changed)

    def show_docks(self, docks: Sequence[Dock]) -> None:
        """Name these panels."""
        self.blockSignals(True)
        if list(docks) != self._docks:
            self._docks = list(docks)
            while self.count():
                self.removeTab(0)
            for dock in docks:
                self.addTab(dock.view.short_title())
        if self._dock in self._docks:
            self.setCurrentIndex(self._docks.index(self._dock))
        self.blockSignals(False)

    def minimumSizeHint(self) -> QSize:
        """It scrolls where there is no room."""
        return QSize(120, px(TITLE_HEIGHT - 2))

    def _on_current_changed(self, index: int) -> None:
        """Bring another panel to the front; this row goes on naming its own."""
        chosen = self._docks[index]
        had_focus = self.hasFocus()
        self.show_docks(self._docks)
        chosen.raise_()
        if had_focus and isinstance(chosen.row, TitleRow):
            chosen.row.tabs.setFocus()


class TitleRow(QWidget):
    """Title, subtitle, the view's controls, "?" and the menu of a dock."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        view = dock.view
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        # Qt asks for a title's size thousands of times when it lays the window out. What it asks is
        # answered without Python, which a training beside it holds for milliseconds each time: as
        # high as the row within, and as narrow as a dock may get, which cuts it at the right.
        within = QWidget()
        within.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        within.setMinimumWidth(60)
        within.setFixedHeight(px(TITLE_HEIGHT))
        around = QHBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(within)
        row = QHBoxLayout(within)
        row.setContentsMargins(11, 2, 6, 0)
        row.setSpacing(4)
        self._title = title = QLabel(view.title())
        title.setFont(ui_font(12, QFont.Weight.DemiBold))
        self.tabs = Tabs(dock)
        self.tabs.hide()
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
        self.restore.setToolTip(self.tr("Back to all panels, as they were"))
        self.restore.setProperty("role", "link")
        self.restore.setFont(ui_font(12))
        self.restore.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.restore.clicked.connect(dock.maximise_asked)
        self.restore.hide()
        row.addWidget(self.restore)
        self._help = make_icon_button(self.tr("What is this?"), dock.explain)
        self._menu = make_icon_button(self.tr("Panel menu"), dock.show_menu)
        row.addWidget(self._help)
        row.addWidget(self._menu)
        for button in (self._help, self._menu):
            button.setAccessibleDescription(view.title())

    def show_tabs(self, docks: Sequence[Dock]) -> None:
        """Name the panels that share this one's place, of which it is one; alone, its title."""
        several = len(docks) > 1
        self.tabs.show_docks(docks if several else ())
        if self.tabs.isHidden() == several:
            self._title.setVisible(not several)
            self.subtitle.setVisible(not several and not self._spare)
            self._space.setVisible(several or self._spare)
            self.tabs.setVisible(several)

    def set_spare(self, spare: bool) -> None:
        """Leave out what is secondary: path and "?"."""
        self._spare = spare
        self._help.setVisible(not spare)
        self.subtitle.setVisible(not spare and self.tabs.isHidden())
        self._space.setVisible(spare or not self.tabs.isHidden())

    def menu_corner(self) -> QPoint:
        """Where the dock's menu opens, in global coordinates."""
        return self._menu.mapToGlobal(self._menu.rect().bottomLeft())

    def set_theme(self, theme: Theme) -> None:
        """Colour the icons."""
        self.restore.setIcon(icon("screen-normal", theme, theme.accent))
        self._help.setIcon(icon("question", theme, theme.text3))
        self._menu.setIcon(icon("ellipsis", theme, theme.text2))


class Body(QWidget):
    """What stands below the title: the view, within margins.

    It has no layout, so a view that would like another size has that to itself: the panels share
    the window as the person has set them, and a step lays nothing out but what is in the view.
    """

    def __init__(self, view: View, margins: QMargins) -> None:
        super().__init__()
        self._view = view
        self._margins = margins
        view.setParent(self)

    def sizeHint(self) -> QSize:
        """What the view would like."""
        return self._view.sizeHint().grownBy(self._margins)

    def minimumSizeHint(self) -> QSize:
        """What the view needs."""
        least = self._view.minimumSizeHint().expandedTo(self._view.minimumSize())
        return least.grownBy(self._margins)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the view all the room."""
        self._view.setGeometry(self.rect().marginsRemoved(self._margins))


class Grip(QWidget):
    """The title of a dock that has no title row: a strip at its left to drag it by."""

    def __init__(self, dock: Dock) -> None:
        super().__init__(dock)
        self._theme = dock.theme
        self.setToolTip(self.tr("Drag to move this panel; right-click for its menu"))
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        around = QHBoxLayout(self)  # which answers for its size: see `TitleRow`
        around.setContentsMargins(0, 0, 0, 0)
        fixed, growing = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.MinimumExpanding
        around.addItem(QSpacerItem(12, 24, fixed, growing))

    def set_theme(self, theme: Theme) -> None:
        """Colour the dots."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw six dots, in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.strong))
        middle = self.height() / 2
        for row in (-6, 0, 6):
            for column in (4, 8):
                painter.drawEllipse(QRectF(column, middle + row - 1, 2, 2))


class HelpBubble(QFrame):
    """What a panel shows, until a click or Escape."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("help_bubble")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "bubble")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        head = QLabel(title)
        head.setFont(ui_font(12, QFont.Weight.DemiBold))
        body = QLabel(text)
        body.setWordWrap(True)
        body.setMinimumWidth(px(300))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.addWidget(head)
        layout.addWidget(body)


class Dock(QDockWidget):
    """A panel that can be moved, floated, maximised and closed, and draws only what is seen.

    Signals:
        maximise_asked: the person wants this panel alone, or the others back.
        resized: it has another size.
        copy_asked: a `Table`, and the function that makes text of it.
        save_asked: the `Saving` that is wanted.
    """

    maximise_asked = Signal()
    resized = Signal()
    copy_asked = Signal(object, object)
    save_asked = Signal(object)

    def __init__(self, view: View, titled: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(view.title(), parent)
        self.view = view
        self.theme = view.theme
        self._waiting: Snapshot | None = None
        self._maximised = False
        self._seen = False  # Qt calls a panel visible that is behind another one
        self.setObjectName(view.view_id)
        self.setAccessibleName(view.title())
        if titled:
            self.row: TitleRow | Grip = TitleRow(self)
        else:
            self.row = Grip(self)
            self.setFeatures(
                self.features() | QDockWidget.DockWidgetFeature.DockWidgetVerticalTitleBar
            )
        self.setTitleBarWidget(self.row)
        self.setWidget(Body(view, QMargins(1, 0, 1, 6) if titled else QMargins(0, 1, 1, 1)))
        if isinstance(self.row, TitleRow):
            view.subtitle_changed.connect(self.row.subtitle.setText)
        view.help_asked.connect(self.explain)
        self.visibilityChanged.connect(self._on_visibility_changed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.row.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.row.customContextMenuRequested.connect(
            lambda point: self._menu().popup(self.row.mapToGlobal(point))
        )
        self.set_theme(view.theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw it now, or when the panel is seen again; a patient view, after the others."""
        self._waiting = snapshot
        if self._seen:
            if self.view.patient:
                QTimer.singleShot(0, self, self._show_waiting)
            else:
                self._show_waiting()

    def set_theme(self, theme: Theme) -> None:
        """Redraw panel and view in another theme."""
        self.theme = theme
        self.row.set_theme(theme)
        if self.view.theme is not theme:
            self.view.set_theme(theme)
        self.update()

    def explain(self) -> None:
        """Show the view's help beside the "?": below the title row, or above a low panel."""
        bubble = HelpBubble(self.view.title(), self.view.help_text(), self)
        bubble.adjustSize()
        corner = self.row.mapToGlobal(self.row.rect().bottomRight())
        left = max(corner.x() - bubble.width() - 8, self.window().geometry().left() + 8)
        top, end = corner.y(), self.window().geometry().bottom()
        if top + bubble.height() > end:
            top = self.row.mapToGlobal(QPoint(0, 0)).y() - bubble.height() - 4
        bubble.move(left, top)
        bubble.show()

    def show_menu(self) -> None:
        """Open the panel's menu under its button."""
        assert isinstance(self.row, TitleRow)
        self._menu().popup(self.row.menu_corner())

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        floating = self.isFloating()
        menu.addAction(
            self.tr("Put back") if floating else self.tr("Float"),
            lambda: self.setFloating(not floating),
        )
        if not floating:
            words = self.tr("All panels") if self._maximised else self.tr("Maximise")
            menu.addAction(words, self.maximise_asked.emit)
        menu.addAction(self.tr("What is this?"), self.explain)
        menu.addSeparator()
        self._add_exports(menu)
        menu.addSeparator()
        menu.addAction(self.tr("Close"), self.close)
        return menu

    def _add_exports(self, menu: QMenu) -> None:
        """Entries to copy the values and to save them or the picture."""
        tables = list(self.view.tables())
        for text, form in (
            (self.tr("Copy for a spreadsheet"), for_spreadsheet),
            (self.tr("Copy for numpy"), for_numpy),
        ):
            if len(tables) > 1:
                inner = menu.addMenu(text)
                for table in tables:
                    inner.addAction(table.name, partial(self._copy, table, form))
            else:
                entry = menu.addAction(text)
                entry.setEnabled(bool(tables))
                if tables:
                    entry.triggered.connect(partial(self._copy, tables[0], form))
        for text, kind in (
            (self.tr("Save as PNG…"), SaveKind.PNG),
            (self.tr("Save as SVG…"), SaveKind.SVG),
        ):
            menu.addAction(text, partial(self._save, Saving(self.view, kind)))
        text = self.tr("Save as CSV…")
        if len(tables) > 1:
            inner = menu.addMenu(text)
            for table in tables:
                saving = Saving(self.view, SaveKind.CSV, table)
                inner.addAction(table.name, partial(self._save, saving))
        else:
            entry = menu.addAction(text)
            entry.setEnabled(bool(tables))
            if tables:
                saving = Saving(self.view, SaveKind.CSV, tables[0])
                entry.triggered.connect(partial(self._save, saving))

    def _copy(self, table: Table, form: Callable[[Table], str], *_: object) -> None:
        self.copy_asked.emit(table, form)

    def _save(self, saving: Saving, *_: object) -> None:
        self.save_asked.emit(saving)

    def set_spare(self, spare: bool) -> None:
        """Leave out of the title row what is secondary."""
        if isinstance(self.row, TitleRow):
            self.row.set_spare(spare)

    def show_tabs(self, docks: Sequence[Dock]) -> None:
        """Name the panels that share this one's place in its title row."""
        if isinstance(self.row, TitleRow):
            self.row.show_tabs(docks)

    def show_maximised(self, maximised: bool) -> None:
        """Have the way back to all panels in the title row while this place has the window."""
        self._maximised = maximised
        if isinstance(self.row, TitleRow) and self.row.restore.isHidden() is maximised:
            self.row.restore.setVisible(maximised)

    def _on_visibility_changed(self, visible: bool) -> None:
        self._seen = visible
        if visible:
            self._show_waiting()

    def _show_waiting(self) -> None:
        if self._waiting is not None:
            snapshot, self._waiting = self._waiting, None
            self.view.show_snapshot(snapshot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of it."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the panel that title and view stand on."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isFloating():
            painter.fillRect(self.rect(), QColor(self.theme.bg))
        painter.setPen(QPen(QColor(self.theme.border), 1))
        painter.setBrush(QColor(self.theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
