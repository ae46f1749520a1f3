"""A dock: a rounded panel with a title row, around one view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import (
    QCoreApplication,
    QMargins,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMenu, QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.widgets.view import Table, View
from gui.window.panels.export import COPY_FORMS, SAVE_FORMATS, CopyForm, SaveFormat, Saving
from gui.window.panels.title_row import Grip, HelpBubble, TitleRow

RADIUS = 8


class Body(QWidget):
    """The part below the title: the view within margins.

    It has no layout, so that a view's size hint never moves the panels. The person sets their
    sizes, and a step lays out the view alone.
    """

    def __init__(self, view: View, margins: QMargins) -> None:
        super().__init__()
        self._view = view
        self._margins = margins
        view.setParent(self)

    def sizeHint(self) -> QSize:
        """The view's size hint, with the margins."""
        return self._view.sizeHint().grownBy(self._margins)

    def minimumSizeHint(self) -> QSize:
        """The view's least size, with the margins."""
        least = self._view.minimumSizeHint().expandedTo(self._view.minimumSize())
        return least.grownBy(self._margins)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the view all the room."""
        self._view.setGeometry(self.rect().marginsRemoved(self._margins))


class Dock(QDockWidget):
    """A panel that can be moved, floated, maximised and closed, and that draws only while visible.

    Signals:
        maximise_asked: only this panel is to be shown, or all panels again.
        resized: the panel's size has changed.
        copy_asked: a `Table`, and the function that converts it to text.
        save_asked: the requested `Saving`.
        term_asked: a term in the panel's help, and its place on the screen.
    """

    maximise_asked = Signal()
    resized = Signal()
    copy_asked = Signal(object, object)
    save_asked = Signal(object)
    term_asked = Signal(str, QRect)

    def __init__(self, view: View, titled: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(view.title(), parent)
        self.view = view
        self.theme = view.theme
        self._waiting: Snapshot | None = None
        self._maximised = False
        self._sharing: list[Dock] = []  # the panels in its place, including itself
        self._seen = False  # to Qt a panel behind another tab is visible
        self.setObjectName(view.view_id)
        self.setAccessibleName(view.title())
        if titled:
            self.row: TitleRow | Grip = self._make_title_row()
        else:
            self.row = Grip(view.theme, self)
            self.setFeatures(
                self.features() | QDockWidget.DockWidgetFeature.DockWidgetVerticalTitleBar
            )
        self.setTitleBarWidget(self.row)
        self.setWidget(Body(view, QMargins(1, 0, 1, 6) if titled else QMargins(0, 1, 1, 1)))
        view.help_asked.connect(self.explain)
        self.visibilityChanged.connect(self._on_visibility_changed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.row.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.row.customContextMenuRequested.connect(
            lambda point: self._menu().popup(self.row.mapToGlobal(point))
        )
        self.set_theme(view.theme)

    def _make_title_row(self) -> TitleRow:
        row = TitleRow(self.view, self)
        row.restore_asked.connect(self.maximise_asked)
        row.help_asked.connect(self.explain)
        row.menu_asked.connect(self.show_menu)
        row.tab_chosen.connect(self._on_tab_chosen)
        self.view.subtitle_changed.connect(row.subtitle.setText)
        return row

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw a snapshot now, or once visible; a patient view draws after the others."""
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
        bubble = HelpBubble(self.view.title(), self.view.help_text(), self.view.theme, self)
        bubble.term_asked.connect(self.term_asked)
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
        """Add the entries that copy the values and save them or the picture."""
        for form in COPY_FORMS:
            text = QCoreApplication.translate("export", form.text)
            self._add_by_table(menu, text, partial(self._copy, form))
        for format in SAVE_FORMATS:
            text = QCoreApplication.translate("export", format.text)
            if format.of_table is not None:
                self._add_by_table(menu, text, partial(self._save, format))
            else:
                menu.addAction(text, partial(self._save, format, None))

    def _add_by_table(self, menu: QMenu, text: str, act: Callable[[Table], object]) -> None:
        """Add an entry for the view's table; a submenu for several, a disabled entry for none."""
        tables = list(self.view.tables())
        if len(tables) > 1:
            inner = menu.addMenu(text)
            for table in tables:
                inner.addAction(table.name, partial(act, table))
            return
        entry = menu.addAction(text)
        entry.setEnabled(bool(tables))
        if tables:
            entry.triggered.connect(partial(act, tables[0]))

    def _copy(self, form: CopyForm, table: Table, *_: object) -> None:
        self.copy_asked.emit(table, form.make)

    def _save(self, format: SaveFormat, table: Table | None = None, *_: object) -> None:
        self.save_asked.emit(Saving(self.view, format, table))

    def set_spare(self, spare: bool) -> None:
        """Hide secondary parts, those of the title row among them."""
        self.view.set_spare(spare)
        if isinstance(self.row, TitleRow):
            self.row.set_spare(spare)

    def show_tabs(self, docks: Sequence[Dock]) -> None:
        """Show the panels of this place in the title row."""
        self._sharing = list(docks)
        if isinstance(self.row, TitleRow):
            titles = [dock.view.short_title() for dock in docks]
            self.row.show_tabs(titles, self._sharing.index(self))

    def _on_tab_chosen(self, index: int) -> None:
        """Bring another panel of the place to the front, and move the keyboard focus to it."""
        chosen = self._sharing[index]
        had_focus = isinstance(self.row, TitleRow) and self.row.tabs.hasFocus()
        chosen.raise_()
        if had_focus and isinstance(chosen.row, TitleRow):
            chosen.row.tabs.setFocus()

    def show_maximised(self, maximised: bool) -> None:
        """Show the button “All panels” while this place is maximised."""
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
        """Announce the new size."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the background of title and view."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isFloating():
            painter.fillRect(self.rect(), QColor(self.theme.bg))
        painter.setPen(QPen(QColor(self.theme.border), 1))
        painter.setBrush(QColor(self.theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
