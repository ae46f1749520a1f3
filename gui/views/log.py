"""The list of logpoints' messages, the newest last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedLayout, QWidget

from engine.debug.breakpoints.breakpoints import Logged
from engine.debug.events import Position
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme, code_font
from gui.widgets.empty import EmptyState
from gui.widgets.view import Table, View


class LogView(View):
    """Lists the messages; a double click goes to a message's batch."""

    view_id = "log"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._logged: tuple[Logged, ...] = ()
        self.list = QListWidget()
        self.list.setFont(code_font(12))
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(self.tr("Log"))
        self.list.itemActivated.connect(self._on_activated)
        self._follows = True  # until the person scrolls back
        bar = self.list.verticalScrollBar()
        bar.valueChanged.connect(self._on_scrolled)
        bar.rangeChanged.connect(self._follow)
        self._empty = EmptyState(theme)
        self._empty.say(
            self.tr("Nothing was logged yet"),
            self.tr("Give a breakpoint a message, such as loss {loss:.3f}, and train."),
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Log")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The messages of breakpoints during training, batch by batch. "
            "Double-click a line to go to its batch."
        )

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Add the new messages."""
        logged = snapshot.logged
        if logged == self._logged:
            return
        known = len(self._logged)
        if logged[:known] != self._logged:
            self.list.clear()
            known = 0
        for entry in logged[known:]:
            item = QListWidgetItem(self.tr("batch {0}:  {1}").format(entry.batch, entry.text))
            item.setData(Qt.ItemDataRole.UserRole, entry.batch)
            self.list.addItem(item)
        self._logged = logged
        self._stack.setCurrentWidget(self.list if logged else self._empty)
        self.list.doItemsLayout()
        self._follow()

    def tables(self) -> Sequence[Table]:
        """Batch and message."""
        if not self._logged:
            return ()
        rows = [[entry.batch, entry.text] for entry in self._logged]
        columns = [self.tr("batch"), self.tr("message")]
        return [Table(self.title(), np.array(rows, dtype=object), columns)]

    def _on_scrolled(self, value: int) -> None:
        """Follow new messages only while the list is scrolled to its end."""
        self._follows = value >= self.list.verticalScrollBar().maximum()

    def _follow(self) -> None:
        if self._follows:
            self.list.verticalScrollBar().setValue(self.list.verticalScrollBar().maximum())

    def _on_activated(self, item: QListWidgetItem) -> None:
        self.position_chosen.emit(Position(item.data(Qt.ItemDataRole.UserRole), 0))
