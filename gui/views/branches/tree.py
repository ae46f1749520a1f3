"""The tree of branches; names and notes can be edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QObject,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QFont, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.debug.names import checked_name
from engine.debug.snapshots.snapshot import BranchState
from engine.debug.travel.branches import LONGEST_NOTE
from engine.errors import BadValue
from gui.dialogs.dialog import error_text
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.values import number_text
from gui.views.branches.look import SIGN, look_of, sign_of
from gui.widgets.row_view import AnyIndex

NAME, FROM, BATCHES, LOSS, ACCURACY, NOTE = range(6)
WIDTHS = (120, 94, 58, 52, 62, 120)
MOST_NAME = 240
_REACH = 10  # pixels by which the parent's line extends to the branch's sign
ROW = 22
ID = Qt.ItemDataRole.UserRole


class BranchTree(QTreeWidget):
    """The tree of branches; Enter or a double click switches to a branch.

    Signals:
        switch_asked, remove_asked, compare_asked: the command for the selected branches.
        renamed, annotated: a branch's id, and the new text.
    """

    switch_asked = Signal()
    remove_asked = Signal()
    compare_asked = Signal()
    renamed = Signal(int, str)
    annotated = Signal(int, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.branches: tuple[BranchState, ...] = ()
        self._drawn: dict[int, tuple[object, ...]] = {}
        self.setColumnCount(6)
        self.setAccessibleName(self.tr("Branches"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setExpandsOnDoubleClick(False)
        self.setIndentation(12)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformRowHeights(True)
        self.setIconSize(SIGN)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QTreeWidget.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        self.setAllColumnsShowFocus(True)
        self.setItemDelegate(_Editor(self))
        self._style_header()
        self.itemChanged.connect(self._on_item_changed)
        self.itemDoubleClicked.connect(self._on_double_clicked)
        self._add_actions()

    def minimumSizeHint(self) -> QSize:
        """The header and two rows, so that the panel can be small."""
        return QSize(120, 70)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._drawn = {}
        self.show_branches(self.branches)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the first column the rest of the width."""
        super().resizeEvent(event)
        room = self.viewport().width() - sum(self.columnWidth(n) for n in range(FROM, NOTE))
        if room >= px(WIDTHS[NAME]) + px(WIDTHS[NOTE]):
            room -= px(WIDTHS[NOTE])  # otherwise the notes need scrolling
        self.header().resizeSection(NAME, min(max(room, px(WIDTHS[NAME])), px(MOST_NAME)))

    def drawBranches(self, painter: QPainter, rect: QRect, index: AnyIndex) -> None:
        """Draw the lines from a branch's parent."""
        painter.setPen(QColor(self.theme.strong))
        step, at = self.indentation(), index
        x = rect.right() - step // 2
        is_own_line = True
        while at.parent().isValid():
            last = at.row() == at.parent().model().rowCount(at.parent()) - 1
            middle = rect.center().y()
            if is_own_line or not last:
                painter.drawLine(
                    x, rect.top(), x, middle if is_own_line and last else rect.bottom()
                )
            if is_own_line:
                painter.drawLine(x, middle, rect.right() + _REACH, middle)
            is_own_line, at, x = False, at.parent(), x - step

    def show_branches(self, branches: Sequence[BranchState]) -> None:
        """Show these branches; the selection stays."""
        self.branches = tuple(branches)
        shape = sorted((branch.id, branch.parent) for branch in branches)
        keys: dict[int, tuple[object, ...]] = {
            branch.id: (
                branch.parent, branch.name, branch.note, branch.batch, branch.reach,
                branch.current, branch.edits, _accuracy(branch), _loss(branch),
            )
            for branch in branches
        }  # fmt: skip
        if keys == self._drawn:
            return
        drawn, self._drawn = self._drawn, keys
        self.blockSignals(True)
        items = self._items()
        if [(id, _parent_id(item)) for id, item in items.items()] != shape:
            items, drawn = self._rebuild(branches), {}
        for branch in branches:
            if drawn.get(branch.id) != keys[branch.id]:
                self._fill(items[branch.id], branch)
        self.blockSignals(False)
        self.viewport().update()

    def chosen(self) -> list[BranchState]:
        """The selected branches, oldest first."""
        ids = {item.data(NAME, ID) for item in self.selectedItems()}
        return [branch for branch in self.branches if branch.id in ids]

    def rename(self) -> None:
        """Edit the name of the current branch in place."""
        item = self.currentItem()
        if item is not None:
            self.editItem(item, NAME)

    def annotate(self) -> None:
        """Edit the note of the current branch in place."""
        item = self.currentItem()
        if item is not None and not self.isColumnHidden(NOTE):
            self.scrollTo(self.currentIndex().siblingAtColumn(NOTE))
            self.editItem(item, NOTE)

    def problem_of(self, id: int, column: int, text: str) -> str:
        """The reason why a text cannot be a branch's name or note, or ""."""
        if column == NOTE:
            most = self.tr("A note has {0} characters at most.")
            return most.format(LONGEST_NOTE) if len(text) > LONGEST_NOTE else ""
        try:
            name = checked_name(text)
        except BadValue as error:
            return error_text(error)
        if any(branch.name == name and branch.id != id for branch in self.branches):
            return self.tr("Another branch has this name.")
        return ""

    # Rows

    def _style_header(self) -> None:
        names = (
            self.tr("Branch"), self.tr("Left"), self.tr("Batches"), self.tr("Loss"),
            self.tr("Accuracy"), self.tr("Note"),
        )  # fmt: skip
        self.setHeaderLabels(names)
        tips = {
            FROM: self.tr("The batch before which it left its parent branch"),
            BATCHES: self.tr("Batches that have run, shared batches included"),
            LOSS: self.tr("Loss of the last batch that has run"),
            ACCURACY: self.tr("Accuracy on the test set at the last measurement"),
        }
        for column, tip in tips.items():
            self.headerItem().setToolTip(column, tip)
        head = self.header()
        head.setFont(ui_font(11))
        head.setMinimumSectionSize(40)
        head.setSectionsMovable(False)
        head.setStretchLastSection(True)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, width in enumerate(WIDTHS):
            head.resizeSection(column, px(width))
            if column in (BATCHES, LOSS, ACCURACY):
                self.headerItem().setTextAlignment(column, right)

    def _items(self) -> dict[int, QTreeWidgetItem]:
        """All rows by branch id, oldest branch first."""
        found: dict[int, QTreeWidgetItem] = {}
        waiting = [self.topLevelItem(n) for n in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop()
            assert item is not None
            found[item.data(NAME, ID)] = item
            waiting += [item.child(n) for n in range(item.childCount())]
        return dict(sorted(found.items()))

    def _rebuild(self, branches: Sequence[BranchState]) -> dict[int, QTreeWidgetItem]:
        selected = {item.data(NAME, ID) for item in self.selectedItems()}
        item = self.currentItem()
        now = item.data(NAME, ID) if item is not None else None
        self.clear()
        items = {branch.id: QTreeWidgetItem() for branch in branches}
        for branch in branches:
            parent = items.get(branch.parent) if branch.parent is not None else None
            if parent is not None:
                parent.addChild(items[branch.id])
            else:
                self.addTopLevelItem(items[branch.id])
            items[branch.id].setData(NAME, ID, branch.id)
        self.expandAll()
        if now in items:
            self.setCurrentItem(items[now])
        for id, item in items.items():
            item.setSelected(id in selected)
        return items

    def _fill(self, item: QTreeWidgetItem, branch: BranchState) -> None:
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        left = self.tr("batch {0}").format(branch.batch) if branch.parent is not None else ""
        accuracy = _accuracy(branch)
        texts = (
            branch.name, left, str(branch.reach),
            _loss(branch),
            f"{100 * accuracy:.1f} %" if accuracy is not None else "",
            branch.note,
        )  # fmt: skip
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, text in enumerate(texts):
            item.setText(column, text)
            number = column in (BATCHES, LOSS, ACCURACY)
            bold = branch.current and column == NAME
            words = ui_font(12, QFont.Weight.Bold if bold else QFont.Weight.Normal)
            item.setFont(column, code_font(12) if number else words)
            if number:
                item.setTextAlignment(column, right)
        item.setIcon(NAME, sign_of(look_of(branch.id, self.theme), branch.current, self.theme))
        edited = "\n".join(branch.edits)
        tips = (branch.name, edited if edited != branch.name else "", branch.note)
        item.setToolTip(NAME, "\n".join(tip for tip in tips if tip))
        item.setToolTip(NOTE, branch.note)
        spoken = (
            self.tr("{0}, the present branch").format(branch.name)
            if branch.current
            else branch.name
        )
        item.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, spoken)

    # Commands

    def _add_actions(self) -> None:
        for text, keys, command in (
            (self.tr("Switch to it"), "", self.switch_asked.emit),
            (self.tr("Compare"), "", self.compare_asked.emit),
            (self.tr("Rename"), "F2", self.rename),
            (self.tr("Edit the note"), "Shift+F2", self.annotate),
            (self.tr("Remove"), "Del", self.remove_asked.emit),
        ):
            action = QAction(text, self)
            if keys:
                action.setShortcut(QKeySequence(keys))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, command=command: command())
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter switches to the current branch, unless it ended an edit."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.state() != QTreeWidget.State.EditingState:
                self.switch_asked.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def _on_double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == NOTE:
            self.editItem(item, NOTE)
        else:
            self.switch_asked.emit()

    def _on_item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        """Emit the text that was typed."""
        id, text = item.data(NAME, ID), item.text(column).strip()
        branch = next((branch for branch in self.branches if branch.id == id), None)
        if branch is None:
            return
        self._drawn.pop(id, None)  # the row has the typed text, the branch does not have it yet
        if column == NAME and text != branch.name:
            self.renamed.emit(id, text)
        elif column == NOTE and text != branch.note:
            self.annotated.emit(id, text)


class _Editor(QStyledItemDelegate):
    """An editor that is red, with the reason, while its text is invalid."""

    def __init__(self, tree: BranchTree) -> None:
        super().__init__(tree)
        self._tree = tree

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> QWidget:
        """A text box that checks the text at every letter."""
        line = QLineEdit(parent)
        line.setFont(ui_font(12))
        line.setAccessibleName(self.tr("Name") if index.column() == NAME else self.tr("Note"))
        id, column = index.sibling(index.row(), NAME).data(ID), index.column()
        line.setProperty("where", (id, column))
        line.textEdited.connect(lambda: self._check(line))
        self._style_line(line, "")
        return line

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        """Store the typed text if it is valid."""
        if not self._problem(cast(QLineEdit, editor)):
            super().setModelData(editor, model, index)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Return does not end the edit while the text is invalid."""
        if event.type() == QEvent.Type.KeyPress and isinstance(editor, QLineEdit):
            ends = cast(QKeyEvent, event).key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if ends and self._problem(editor):
                self._check(editor)
                return True
        return super().eventFilter(editor, event)

    def _problem(self, line: QLineEdit) -> str:
        id, column = line.property("where")
        return self._tree.problem_of(id, column, line.text())

    def _check(self, line: QLineEdit) -> None:
        problem = self._problem(line)
        self._style_line(line, problem)
        if problem:
            QToolTip.showText(line.mapToGlobal(line.rect().bottomLeft()), problem, line)
        else:
            QToolTip.hideText()

    def _style_line(self, line: QLineEdit, problem: str) -> None:
        colour = self._tree.theme.error if problem else self._tree.theme.accent
        line.setStyleSheet(
            f"QLineEdit {{ border: 2px solid {colour}; padding: 0 4px; min-height: 0; }}"
        )
        line.setToolTip(problem)
        line.setAccessibleDescription(problem)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """The size of a row."""
        return QSize(super().sizeHint(option, index).width(), px(ROW))


def _parent_id(item: QTreeWidgetItem) -> int | None:
    parent = item.parent()
    return parent.data(NAME, ID) if parent is not None else None


def _loss(branch: BranchState) -> str:
    return number_text(float(branch.losses[-1]), 3) if branch.reach else ""


def _accuracy(branch: BranchState) -> float | None:
    return float(branch.test_accuracies[-1]) if len(branch.test_accuracies) else None
