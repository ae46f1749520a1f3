"""The Qt model of the variables in scope: their groups, the variables, members of containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from engine.debug.events import Kind
from engine.debug.health.arrays import health_of
from engine.debug.snapshots.snapshot import Group, Snapshot, Variable
from gui.paint.values import brief, full_text, is_scalar, range_text, type_text
from gui.widgets.members import members_of
from gui.widgets.row_view import AnyIndex

NodeRole = Qt.ItemDataRole.UserRole
MOST_MEMBERS = 100
DEEPEST = 3


@dataclass(slots=True, eq=False)
class Node:
    """A row: a group, a variable, or a member of a container.

    Attributes:
        key: stays the same from step to step; the cursor's own row always has the same key.
        name: the full name, which can be evaluated; "" for a group and for a row without a value.
        label: the name as shown under its group.
        words: the text in place of a value.
    """

    key: str
    name: str
    label: str
    value: Any = None
    words: str = ""
    at_cursor: bool = False
    changed: bool = False
    stale_batch: int | None = None
    is_group: bool = False
    depth: int = 0
    children: list[Node] = field(default_factory=list)
    place: int = 0  # index in the model's list of nodes
    parent: int = -1
    row: int = 0

    def looks_like(self, other: Node) -> bool:
        """Whether two rows look the same; arrays are read-only, so identity suffices."""
        return self.value is other.value and (
            self.label,
            self.words,
            self.changed,
            self.stale_batch,
        ) == (other.label, other.words, other.changed, other.stale_batch)


class VariableModel(QAbstractItemModel):
    """Keeps its rows, and so selection and scrolling, while the same names are in scope."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._top: list[Node] = []
        self._nodes: list[Node] = []

    def show_snapshot(self, snapshot: Snapshot) -> bool:
        """Take the variables of a snapshot; returns whether the rows were replaced."""
        top = self._groups(snapshot)
        nodes = list(_in_order(top))
        same = [(n.key, n.depth) for n in nodes] == [(n.key, n.depth) for n in self._nodes]
        if not same:
            self.beginResetModel()
        before, self._top, self._nodes = self._nodes, top, nodes
        for place, node in enumerate(nodes):
            node.place = place
            for row, child in enumerate(node.children):
                child.row = row
                child.parent = place
        for row, node in enumerate(top):
            node.row = row
        if not same:
            self.endResetModel()
            return True
        for old, new in zip(before, nodes, strict=True):
            if not new.looks_like(old):
                index = self.createIndex(new.row, 0, new.place)
                self.dataChanged.emit(index, index)
        return False

    def groups(self) -> list[QModelIndex]:
        """The top rows."""
        return [self.index(row, 0) for row in range(len(self._top))]

    def index_of(self, key: str) -> QModelIndex:
        """The row with a key, or an invalid index."""
        for node in self._nodes:
            if node.key == key:
                return self.createIndex(node.row, 0, node.place)
        return QModelIndex()

    def node(self, index: AnyIndex) -> Node:
        """The row of a valid index."""
        return self._nodes[index.internalId()]

    def _groups(self, snapshot: Snapshot) -> list[Node]:
        frame = snapshot.event.frame
        owner = frame.layer or type(frame.owner).__name__
        titles = {
            Group.CURSOR: self.tr("At the cursor"),
            Group.LOCAL: self.tr("Locals"),
            Group.ATTRIBUTE: self.tr("self: {0}").format(owner),
            Group.GLOBAL: self.tr("Globals of {0}").format(Path(frame.file).name),
        }
        found = []
        shown = _in_stable_order(snapshot)
        for group, title in titles.items():
            variables = [v for v in shown if v.group is group]
            children = [_variable(v, snapshot.position.batch - 1) for v in variables]
            if group is Group.CURSOR and snapshot.event.kind is Kind.RETURN:
                for child in children:
                    child.label = self.tr("returned")
            if group is Group.CURSOR and not children:
                children = [self._about_to_run(snapshot)]
            if children:
                key = f"group {group}"
                found.append(Node(key, "", title, is_group=True, children=children))
        return found

    def _about_to_run(self, snapshot: Snapshot) -> Node:
        """The cursor's row for an event without a value, so that the rows below stay in place."""
        event = snapshot.event
        words = {
            Kind.LINE: self.tr("about to run"),
            Kind.CALL: self.tr("called"),
            Kind.RETURN: self.tr("returned"),
            Kind.EXCEPTION: brief(event.value),
            Kind.EXPRESSION: brief(event.value),
        }
        label = " ".join(event.source.split())
        return Node("cursor", "", label, words=words[event.kind], at_cursor=True, depth=1)

    def index(self, row: int, column: int, parent: AnyIndex = QModelIndex()) -> QModelIndex:  # noqa: B008
        """See QAbstractItemModel."""
        siblings = self._nodes[parent.internalId()].children if parent.isValid() else self._top
        if column != 0 or not 0 <= row < len(siblings):
            return QModelIndex()
        return self.createIndex(row, 0, siblings[row].place)

    def parent(self, index: AnyIndex) -> QModelIndex:  # type: ignore[override]
        """See QAbstractItemModel."""
        if not index.isValid():
            return QModelIndex()
        parent = self._nodes[index.internalId()].parent
        if parent < 0:
            return QModelIndex()
        return self.createIndex(self._nodes[parent].row, 0, parent)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        """See QAbstractItemModel."""
        return len(self.node(parent).children) if parent.isValid() else len(self._top)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        """See QAbstractItemModel."""
        return 1

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Keys skip a group's title."""
        if not index.isValid() or self.node(index).is_group:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The node for the delegate, texts for other roles."""
        if not index.isValid():
            return None
        node = self.node(index)
        if role == NodeRole:
            return node
        if role == Qt.ItemDataRole.DisplayRole:
            return node.label
        if role == Qt.ItemDataRole.ToolTipRole:
            return "" if node.is_group else self._full(node)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(node)
        return None

    def _full(self, node: Node) -> str:
        if not node.name:
            return f"{node.label}\n{node.words}"
        text = full_text(node.name, node.value)
        if node.changed:
            text += "\n" + self.tr("set since the previous line")
        if node.stale_batch is not None:
            text += "\n" + self.tr("left by batch {0}").format(node.stale_batch)
        return text

    def _spoken(self, node: Node) -> str:
        if node.is_group:
            return node.label
        if not node.name:
            return f"{node.label}, {node.words}"
        parts = [node.label, brief(node.value), type_text(node.value)]
        health = health_of(node.value)
        if health is not None and health.count > 1:
            parts.append(range_text(health))
        if node.changed:
            parts.append(self.tr("set"))
        if node.stale_batch is not None:
            parts.append(self.tr("batch {0}").format(node.stale_batch))
        return ", ".join(dict.fromkeys(parts))


def _in_stable_order(snapshot: Snapshot) -> list[Variable]:
    """Sort the variables: locals in the order of first binding; among attributes, arrays first.

    So rows stay in place when a loop binds its names again, and a layer's settings do not push its
    arrays out of sight. `self` is left out, because its attributes are a group.
    """
    frame = snapshot.event.frame
    first: dict[str, int] = {}
    for _, name, _ in frame.bindings:
        first.setdefault(name, len(first))

    def place(variable: Variable) -> int:
        if variable.group is Group.LOCAL:
            return first.get(variable.name, -1)
        return _rank(variable) if variable.group is Group.ATTRIBUTE else -1

    shown = [
        v
        for v in snapshot.variables
        if v.group is not Group.LOCAL or frame.owner is None or v.value is not frame.owner
    ]
    return sorted(shown, key=place)


def _rank(variable: Variable) -> int:
    """The sort key: arrays, containers of arrays, numbers, other values, private names."""
    value = variable.value
    if variable.name.removeprefix("self.").startswith("_"):
        return 4
    if isinstance(value, np.ndarray):
        return 0
    if any(isinstance(member, np.ndarray) for _, member in members_of(value)):
        return 1
    return 2 if is_scalar(value) and not isinstance(value, bool) else 3


def _variable(variable: Variable, batch_before: int) -> Node:
    at_cursor = variable.group is Group.CURSOR
    label = variable.name
    if variable.group is Group.ATTRIBUTE:
        label = label.removeprefix("self.")
    node = Node(
        key="cursor" if at_cursor else f"{variable.group} {variable.name}",
        name=variable.name,
        label=" ".join(label.split()),
        value=variable.value,
        at_cursor=at_cursor,
        changed=variable.changed,
        stale_batch=batch_before if variable.stale and batch_before >= 0 else None,
        depth=1,
    )
    node.children = list(_members(node))
    return node


def _members(node: Node) -> Iterator[Node]:
    """The members of a container of arrays or containers, each with its own name."""
    if node.depth >= DEEPEST:
        return
    for i, (name, value) in enumerate(members_of(node.value)):
        if i == MOST_MEMBERS:
            rest = len(node.value) - MOST_MEMBERS
            yield Node(f"{node.key} rest", "", "…", words=f"+ {rest}", depth=node.depth + 1)
            return
        child = Node(
            key=f"{node.key}{name}",
            name=f"{node.name}{name}",
            label=name,
            value=value,
            stale_batch=node.stale_batch,
            depth=node.depth + 1,
        )
        child.children = list(_members(child))
        yield child


def _in_order(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _in_order(node.children)
