"""The list of breakpoints: set, enable, edit, remove, export and import them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QToolButton, QWidget

from engine.debug.breakpoints.place import Place
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.breakpoint_kinds import Offer, fill_menu
from gui.dialogs.form_dialog import Asked, FormDialog
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.views.breakpoints.model import LAST
from gui.views.breakpoints.table import BreakpointTable
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.view import Table, View


class BreakpointsView(View):
    """Lists the breakpoints.

    Signals:
        changed: a function of the session's `Breakpoints` that makes the change.
        export_asked, import_asked: the person wants to write or read a file.
    """

    view_id = "breakpoints"
    changed = Signal(object)
    export_asked = Signal()
    import_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self.table = BreakpointTable(theme)
        self.table.breakpoints.edited.connect(self._on_edited)
        self.table.visit_asked.connect(self.position_chosen)
        self.table.remove_asked.connect(self.remove_chosen)
        self._empty = EmptyState(theme)
        self._empty.say(
            self.tr("No breakpoints"),
            self.tr("Click beside a line of the source, press F9, or use + above."),
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self._add = self._button("add", self.tr("Add a breakpoint"))
        self._add.setObjectName("add_breakpoint")  # walks point at it
        self._add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_menu = QMenu(self._add)
        self.add_menu.aboutToShow.connect(self._fill_menu)
        self._add.setMenu(self.add_menu)
        self._remove = self._button("trash", self.tr("Remove the selected breakpoint (Del)"))
        self._remove.clicked.connect(self.remove_chosen)

    def _button(self, name: str, text: str) -> QToolButton:
        button = make_icon_button(text)
        button.setIcon(icon(name, self.theme))
        return button

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Breakpoints")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The places where a run stops, forwards (F5) and backwards (Shift+C): a dot stops, a "
            "diamond writes a message to the log, a hexagon waits for cells to change, a ring is "
            "disabled. Double-click a row to give a condition such as abs(dout).max() > 1, a hit "
            "count such as % 100, or a message with {expression}s. A click on the last hit goes "
            "there."
        )

    def title_widgets(self) -> list[QWidget]:
        """The buttons that add and remove."""
        return [self._add, self._remove]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self.table.set_theme(theme)
        self._add.setIcon(icon("add", theme))
        self._remove.setIcon(icon("trash", theme))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the snapshot's breakpoints."""
        self._snapshot = snapshot
        self.table.breakpoints.show_rows(snapshot.breakpoints, snapshot.last_hits)
        self._stack.setCurrentWidget(self.table if snapshot.breakpoints else self._empty)
        on = sum(breakpoint.enabled for breakpoint in snapshot.breakpoints)
        counts = self.tr("{0} of {1}").format(on, len(snapshot.breakpoints))
        if snapshot.resting:
            counts = self.tr("{0}; {1} rest").format(counts, len(snapshot.resting))
        self.subtitle_changed.emit(counts)

    def tables(self) -> Sequence[Table]:
        """The rows."""
        model = self.table.breakpoints
        if not model.rows:
            return ()
        columns = [str(model.headerData(n, Qt.Orientation.Horizontal)) for n in range(LAST + 1)]
        cells = [
            [model.data(model.index(row, n)) for n in range(LAST + 1)]
            for row in range(model.rowCount())
        ]
        return [Table(self.title(), np.array(cells, dtype=object), columns)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the selected breakpoint."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        else:
            super().keyPressEvent(event)

    def remove_chosen(self) -> None:
        """Remove the selected breakpoint."""
        breakpoint = self.table.chosen()
        if breakpoint is not None:
            # After a second press before the list is redrawn, it is gone already.
            self.changed.emit(
                lambda points: breakpoint.id in points and points.remove(breakpoint.id)
            )

    def _on_edited(self, id: int, fields: dict[str, Any]) -> None:
        self.changed.emit(lambda points: points.change(id, **fields))

    # Adding

    def entry(self, name: str, snapshot: Snapshot) -> QAction | None:
        """The entry of the menu at a snapshot with an object name; None if there is none."""
        self._fill(snapshot)
        return next((one for one in self.add_menu.actions() if one.objectName() == name), None)

    def _fill_menu(self) -> None:
        if self._snapshot is not None:
            self._fill(self._snapshot)

    def _fill(self, snapshot: Snapshot) -> None:
        menu = self.add_menu
        menu.clear()
        fill_menu(Offer(menu, snapshot, self._set, self._ask))
        menu.addAction(self.tr("Export…"), self.export_asked.emit)
        menu.addAction(self.tr("Import…"), self.import_asked.emit)

    def _set(self, place: Place) -> None:
        self.changed.emit(lambda points: points.add(place))

    def _ask(
        self, title: str, text: str, asked: Sequence[Asked], make: Callable[..., Place | None]
    ) -> None:
        FormDialog(title, text, asked, make, self._set, self.theme, self).open()
