"""The views against a real session, at every event of a minibatch."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import DARK
from gui.views.cache.view import CacheView, HeldLine
from gui.views.call_stack import CallStackView
from gui.views.source.code_area import CodeArea
from gui.views.source.view import SourceView
from gui.views.variables.view import VariablesView
from gui.widgets.row_view import RowView
from tests.gui.sessions import make_session


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    """A snapshot of each event of the second minibatch."""
    session = make_session()
    session.run(batches=1)
    found = [session.snapshot()]
    while found[-1].position.event < found[-1].event_count - 1:
        session.step_into()
        found.append(session.snapshot())
    return found


def shown(qtbot, view, size):
    qtbot.addWidget(view)
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    return view


def boxed_text(area: CodeArea) -> str:
    """What a person reads inside the box."""
    rects = area.box_rects()
    first, last = rects[0], rects[-1]
    start = QPoint(int(first.left()) + 5, int(first.center().y()))
    end = QPoint(int(last.right()) - 2, int(last.center().y()))
    cursor = area.cursorForPosition(start)
    cursor.setPosition(area.cursorForPosition(end).position(), QTextCursor.MoveMode.KeepAnchor)
    return cursor.selectedText().replace("\u2029", "\n")


@pytest.mark.slow
def test_the_box_is_round_the_text_of_each_event(qtbot, snapshots):
    view = shown(qtbot, SourceView(DARK), (1000, 150))
    area = view.findChild(CodeArea)
    boxed = 0
    for snapshot in snapshots:
        view.show_snapshot(snapshot)
        event = snapshot.event
        top = area.verticalScrollBar().value()
        assert top <= event.line - 1 < top + area.visible_lines()
        if event.kind is Kind.EXPRESSION:
            assert boxed_text(area) == event.source
            boxed += 1
        elif area.box_rects():  # of a statement that has run: what it stored is shown
            assert event.kind in (Kind.LINE, Kind.RETURN)
            ran = snapshot.statement if event.kind is Kind.RETURN else snapshot.ran
            assert " ".join(boxed_text(area).split()) == " ".join(ran.source.split())
    assert boxed > 20


def test_every_variable_has_its_row(qtbot, snapshots):
    view = shown(qtbot, VariablesView(DARK), (312, 240))
    model = view.findChild(RowView).model()
    for snapshot in snapshots:
        view.show_snapshot(snapshot)
        names = {
            model.node(model.index(row, 0, group)).name
            for group in model.groups()
            for row in range(model.rowCount(group))
        } - {""}
        owner = snapshot.event.frame.owner
        assert names == {
            v.name for v in snapshot.variables if owner is None or v.value is not owner
        }


def test_the_stack_is_the_sessions(qtbot, snapshots):
    view = shown(qtbot, CallStackView(DARK), (312, 112))
    model = view.findChild(RowView).model()
    for snapshot in snapshots:
        view.show_snapshot(snapshot)
        texts = [model.index(row, 0).data() for row in range(1, model.rowCount())]
        assert texts == [entry.function for entry in snapshot.stack]


def test_the_cache_fills_and_empties(qtbot, snapshots):
    view = shown(qtbot, CacheView(DARK), (312, 202))
    line = view.findChild(HeldLine)
    amounts = []
    for snapshot in snapshots:
        view.show_snapshot(snapshot)
        amounts.append(line.amount)
    assert amounts[0].startswith("0 of") and amounts[-1].startswith("0 of")
    most = amounts[0].removeprefix("0 of ")
    assert f"{most.split()[0]} of {most}" in amounts


def test_going_to_where_a_value_is_kept_and_read(qtbot, snapshots):
    """A person follows the cache: the event written shows the value, the one read uses it."""
    view = shown(qtbot, CacheView(DARK), (312, 202))
    view.show_snapshot(snapshots[-1])
    chosen = []
    view.event_chosen.connect(chosen.append)
    rows = view.findChild(RowView)
    for entry_row in range(rows.model().rowCount()):
        for column in range(2):
            rect = rows.visualRect(rows.model().index(entry_row, column))
            qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    entries = snapshots[-1].cache
    assert chosen == [event for e in entries for event in (e.written, e.reads[0])]
    for entry in entries:
        attribute = entry.name.split(".")[1]
        read = snapshots[entry.reads[0]]
        assert read.event.layer == entry.layer
        assert f"self.{attribute}" in {v.name for v in read.variables}
