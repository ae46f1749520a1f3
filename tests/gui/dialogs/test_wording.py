"""One way of counting, in every place of the window: the batch, from 0, and the stop within it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMenu

import engine.errors as errors
import gui
from engine import AtBatch
from engine.debug.events import Position, Verb
from engine.debug.travel import cursor
from engine.errors import NotReached, Worded
from gui.dialogs.dialog import ErrorDialog, worded_text
from gui.dialogs.numbers import GoToDialog
from gui.dialogs.wording import IN_THE_WINDOW, in_the_window
from gui.window.actions.table import TABLE
from tests.gui.menus import submenu
from tests.gui.sessions import BATCHES

GUI = Path(gui.__file__).parent
SAID = {"tr", "_tr", "_N", "_n", "translate", "translated", "QT_TRANSLATE_NOOP", "to_translate"}


def said_in(path: Path) -> list[tuple[int, str]]:
    """The texts of a file that are given to be translated, at once or by a name."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        name = getattr(getattr(node, "func", None), "attr", "") or getattr(
            getattr(node, "func", None), "id", ""
        )
        if isinstance(node, ast.Call) and name in SAID:
            for part in node.args:
                found += [(c.lineno, c.value) for c in ast.walk(part)
                          if isinstance(c, ast.Constant) and isinstance(c.value, str)]  # fmt: skip
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found += [(c.lineno, c.value) for c in ast.walk(node.value)
                      if isinstance(c, ast.Constant) and isinstance(c.value, str)
                      and " " in c.value and path.name != "words.py"]  # fmt: skip
    return found


def test_a_place_within_a_batch_has_one_name():
    files = sorted(GUI.rglob("*.py"))
    texts = [(path, *one) for path in files for one in said_in(path)]
    assert len(texts) > 500
    assert [
        one for one in texts if re.search(r"\bevents?\b", re.sub(r"{.*?}", "", one[2]), re.I)
    ] == []


def test_what_the_engine_says_of_events_the_window_says_of_stops():
    kinds = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Worded)
    ]
    files = [*Path(errors.__file__).parent.glob("*.py"), Path(cursor.__file__)]
    source = "\n".join(path.read_text("utf-8") for path in files)
    said = {
        node.value
        for node in ast.walk(ast.parse(source.replace("from __future__ import annotations", "")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[-1:] == "."
    }
    spoken = {one for one in said if re.search(r"\bevents?\b", one) and "\n" not in one}
    spoken -= {one.__doc__ for one in kinds}
    templates = {one for one in spoken if "{" in one or one in IN_THE_WINDOW}
    assert len(kinds) > 20 and templates == set(IN_THE_WINDOW)
    for template in templates:
        words = re.sub(r"{.*?}", "", in_the_window(template))
        assert "event" not in words and "stop" in words
        fields = re.findall(r"{.*?}", template)
        assert sorted(fields) == sorted(re.findall(r"{.*?}", in_the_window(template)))
    far = NotReached(batch=3, event=7, reach=2, events=None)
    assert "event 7" in str(far) and "Batch 3, stop 7" in worded_text(far)


@pytest.mark.parametrize(("batch", "stop"), [(0, 4), (BATCHES - 1, 12), (BATCHES + 7, 0), (47, 9)])
def test_one_moment_has_one_number_wherever_it_is_told(window, settled, qtbot, batch, stop):
    window.resize(2000, 900)
    points = window.bridge.edit_breakpoints
    points(lambda there: there.add(AtBatch(batch)))
    points(lambda there: there.add(AtBatch(batch), log="{batch}"))
    window.bridge.train(3 * BATCHES)
    settled(window)
    window.bridge.goto(Position(batch, stop))
    window.docks["breakpoints"].raise_()
    settled(window)
    window.bridge.edit_bookmarks(lambda marks: marks.add("here", Position(batch, stop), 0))
    settled(window)
    last, reach = window.snapshot.event_count - 1, window.snapshot.history.reach
    chip = window.findChild(QAbstractButton, "position")
    assert chip.text().endswith(f"batch {batch} · stop {stop} / {last}")
    assert chip.accessibleName().count(f"batch {batch}") == 1
    words = window.timeline.accessibleDescription()
    assert words.startswith(f"Epoch {batch // BATCHES}, batch {batch} of {reach}, ")
    assert f"stop {stop} of {last}" in words
    QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    shown = window.findChild(GoToDialog)
    assert (shown.batch.value, shown.event_number.value) == (batch, stop)
    assert f"from 0 to {reach}" in shown.batch.said.text()
    shown.reject()
    assert window.loss._plots._tag.toPlainText().startswith(f"batch {batch}")
    window.bookmarks_menu.fill()
    assert f"here   batch {batch}, stop {stop}" in [
        action.text() for action in window.bookmarks_menu.actions()
    ]
    model = window.breakpoints.table.breakpoints
    places = [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]
    assert places == [f"batch {batch}"] * 2
    if batch:  # where the run came by, it has stopped there
        assert model.data(model.index(0, 4)) == f"batch {batch}, stop 0"


def test_a_training_tells_the_batch_and_the_one_before_which_it_ends(window, settled):
    said = []
    window.bridge.train(BATCHES + 3)
    settled(window)
    window.bridge.progressed.connect(lambda progress, _: said.append((progress.batch, chip.text())))
    chip = window.findChild(QAbstractButton, "position")
    window.bridge.train(BATCHES)
    settled(window)
    assert said
    for batch, text in said:
        assert text == f"Training batch {batch} / {2 * BATCHES + 3}"


def test_going_too_far_is_said_in_the_same_words(window, settled, qtbot):
    window.bridge.goto(Position(0, 99_999))
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
    assert "Batch 0 has no stop 99999" in window.findChild(ErrorDialog).text.text()


# The menus


def entries(menu: QMenu) -> list:
    return [action for action in menu.actions() if not action.isSeparator()]


def menu_of(window, title: str) -> QMenu:
    bar = window.top.menu_bar
    return next(submenu(action) for action in bar.actions() if action.text() == title)


def test_the_run_menu_is_grouped_and_has_room_to_be_read(shared_window):
    window = shared_window
    run = menu_of(window, "Run")
    assert [action.text() for action in entries(run)] == [
        "Step", "Back", "Train", "Play", "Pause", "Stop inside the batch", "Breakpoint at the line",
        "Trace a value", "Go to…", "Bookmarks",
    ]  # fmt: skip
    for action in entries(run):
        inner = submenu(action)
        if inner is not None and inner is not window.bookmarks_menu:
            assert 3 <= len(entries(inner)) <= 11 and inner.toolTipsVisible()


def test_every_action_is_in_one_menu(shared_window):
    window = shared_window
    found: list[str] = []

    def look(menu: QMenu) -> None:
        menu.aboutToShow.emit()
        for action in entries(menu):
            inner = submenu(action)
            if inner is not None:
                look(inner)
            else:
                found.append(action.objectName())

    for action in window.top.menu_bar.actions():
        look(submenu(action))
    for row in TABLE:
        assert found.count(row.id) == 1, row.id


@pytest.mark.parametrize(("title", "verbs"), [
    ("Step", [Verb.OPERATION, Verb.INTO, Verb.OVER, Verb.OUT, Verb.BATCH]),
    ("Back", [Verb.BACK_OPERATION, Verb.BACK_INTO, Verb.BACK_OVER, Verb.BACK_OUT, Verb.BACK_BATCH]),
])  # fmt: skip
def test_a_direction_of_time_has_a_menu_of_its_own(shared_window, title, verbs):
    window = shared_window
    inner = next(submenu(a) for a in entries(menu_of(window, "Run")) if a.text() == title)
    assert [action.objectName() for action in entries(inner)[:5]] == [verb.value for verb in verbs]
