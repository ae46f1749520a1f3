"""A key that is pressed is a verb that is carried out, in order, however slow a step is."""

from __future__ import annotations

from itertools import count, pairwise
from pathlib import Path
from threading import Semaphore

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from engine import AtBatch, AtLine
from engine.debug.events import Position, Verb
from engine.nn import layers
from gui.dialogs.dialog import ErrorDialog
from gui.run_kind import RunKind
from gui.session import worker
from gui.session.playback import PlayDirection
from tests.gui.sessions import BATCHES, make_session
from tests.gui.window.test_main_window import KEYS, NO, SHIFT

KEY_OF = {verb: (key, modifier) for key, modifier, verb in reversed(KEYS)}
F5, F6, F9 = Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F9
CTRL = Qt.KeyboardModifier.ControlModifier


def hold_down(target, window, id: str = "step_into") -> None:
    """Send what a key that is held down sends: the question who wants it, and the action."""
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_S, NO, "s", True)
    QApplication.sendEvent(target, override)
    window.actions_by_id[id].trigger()


def shut(monkeypatch, session, name: str) -> Semaphore:
    """Have what a session does wait until the gate is opened once more."""
    gate, go_on = Semaphore(0), getattr(session, name)

    def wait_and_go_on(*args, **options):
        assert gate.acquire(timeout=60)
        return go_on(*args, **options)

    monkeypatch.setattr(session, name, wait_and_go_on)
    return gate


@pytest.fixture
def slow(window, monkeypatch):
    """A session each of whose steps takes until the gate is opened once more."""
    gate = shut(monkeypatch, window.bridge._worker.session, "step")
    yield gate
    gate.release(1000)


def test_steps_and_as_many_back_end_where_they_began(borrowed_window, settled):
    window = borrowed_window
    for _ in range(3):
        for modifier in (NO, SHIFT):
            for _ in range(5):
                QTest.keyClick(window, Qt.Key.Key_S, modifier)
        settled(window)
        assert window.snapshot.position == (0, 0)
        assert not window.findChild(QToolButton, "step_back_into_button").isEnabled()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(verbs=st.lists(st.sampled_from(list(Verb)), max_size=12))
def test_keys_without_a_pause_are_the_verbs_in_order(borrowed_window, settled, verbs):
    window = borrowed_window
    window.bridge.goto(Position(0, 0))
    settled(window)
    expected = make_session()
    for verb in verbs:
        if verb in window.snapshot.blocked and not window.bridge.moving:
            assert not expected.step(verb)  # what leads nowhere from here is off
        else:
            expected.step(verb)
        QTest.keyClick(window, *KEY_OF[verb])
    settled(window)
    assert window.snapshot.position == expected.position


def test_a_step_right_after_a_pause_comes_after_the_training(window, settled, qtbot):
    told = []
    window.bridge.progressed.connect(lambda progress, history: told.append(progress.batch))
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: bool(told))
    for key in (F6, Qt.Key.Key_S, Qt.Key.Key_S):
        QTest.keyClick(window, key)
    settled(window)
    batch, event = window.snapshot.position
    assert batch >= told[-1] > 0 and event == 2
    assert window.snapshot.history.reach == batch + 1  # that was stepped into after it


def test_a_pause_right_after_the_start_ends_it_and_the_next_start_goes_on(window, settled):
    QTest.keyClick(window, F5)
    QTest.keyClick(window, F6)
    QTest.keyClick(window, F5)
    settled(window)
    there = window.snapshot.position.batch
    assert BATCHES <= there <= 2 * BATCHES  # what the first has done, and a whole epoch
    assert not window.bridge.running
    window.bridge.train(None)
    for key in (F6, F5, F6, F5, F6):
        QTest.keyClick(window, key)
    settled(window)
    assert not window.bridge.running and not window.actions_by_id["pause"].isEnabled()


def test_a_search_is_done_before_the_step_that_follows_it(window, settled, monkeypatch):
    window.bridge.train(3)
    settled(window)
    expected = make_session()
    expected.run(batches=3)
    while "self.W" not in expected.variables():
        expected.step_into()
    here, found = expected.position, expected.last_write("Affine1.W")
    expected.goto(*found)
    expected.step_into()
    window.tensor.choose("self.W")
    window.bridge.goto(here)
    settled(window)
    gate = shut(monkeypatch, window.bridge._worker.session, "last_write")
    QTest.keyClick(window, Qt.Key.Key_W)
    QTest.keyClick(window, Qt.Key.Key_S)
    gate.release()
    settled(window)
    assert window.snapshot.position == expected.position


def test_going_back_to_a_hit_is_done_before_the_step_that_follows_it(window, settled, monkeypatch):
    window.bridge.edit_breakpoints(lambda points: points.add(AtBatch(2)))
    window.bridge.goto(Position(0, 0))
    window.bridge.train(BATCHES)
    settled(window)
    window.bridge.step(Verb.BATCH)
    window.bridge.step(Verb.BATCH)
    settled(window)
    gate = shut(monkeypatch, window.bridge._worker.session, "reverse_continue")
    QTest.keyClick(window, Qt.Key.Key_C, SHIFT)
    QTest.keyClick(window, Qt.Key.Key_S)
    gate.release()
    settled(window)
    assert window.snapshot.position == (2, 1)


def test_what_was_just_changed_is_taken_back_without_a_pause(window, settled):
    QTest.keyClick(window, F9)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    settled(window)
    assert window.snapshot.breakpoints == ()
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
    settled(window)
    assert len(window.snapshot.breakpoints) == 1


def test_a_breakpoint_that_is_set_as_the_training_ends_is_set(window, settled):
    window.bridge.halted.connect(lambda reason, hits: window.run.toggle_breakpoint())
    for expected in (1, 0, 1):
        window.bridge.train(2)
        settled(window)
        assert len(window.snapshot.breakpoints) == expected


# A step that takes its time


def test_each_press_is_carried_out_and_shown_however_slow_a_step_is(
    window, slow, settled, qtbot, monkeypatch
):
    clock = count(10**9)  # more time passes between any two looks than a snapshot waits for
    monkeypatch.setattr(worker, "monotonic", lambda: float(next(clock)))
    for _ in range(6):
        QTest.keyClick(window, Qt.Key.Key_S)
    for done in range(1, 7):
        slow.release()
        qtbot.waitUntil(lambda done=done: window.snapshot.position == (0, done))
    settled(window)
    assert window.snapshot.position == (0, 6)


def test_a_key_held_down_asks_for_one_step_at_a_time_and_stops_when_it_is_let_go(
    window, slow, settled, qtbot
):
    shown = [window.snapshot.position]
    window.bridge.stopped.connect(lambda snapshot: shown.append(snapshot.position))
    QTest.keyClick(window, Qt.Key.Key_S)
    for _ in range(4):
        for _ in range(6):  # of 30 a second while a step takes 200 ms
            hold_down(window, window)
        slow.release()
        settled(window)
        hold_down(window, window)
    hold_down(window, window)
    slow.release(100)  # let go: what was asked for ends, and no other follows
    settled(window)
    assert window.snapshot.position == (0, 5)
    steps = [after.event - before.event for before, after in pairwise(shown)]
    assert set(steps) == {1}  # each is seen, none twice


def test_a_press_while_a_key_is_held_down_is_not_lost(window, slow, settled):
    QTest.keyClick(window, Qt.Key.Key_S)
    for _ in range(5):
        hold_down(window, window)
        QTest.keyClick(window, Qt.Key.Key_N)
    slow.release(100)
    settled(window)
    expected = make_session()
    for verb in (Verb.INTO, *[Verb.OVER] * 5):
        expected.step(verb)
    assert window.snapshot.position == expected.position


def test_a_click_after_a_key_was_held_down_is_a_click(window, slow, settled, qtbot):
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Down, NO, "", True)
    QApplication.sendEvent(window, override)  # in a list, say
    QApplication.processEvents()
    button = window.findChild(QToolButton, "step_into_button")
    for _ in range(3):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    slow.release(100)
    settled(window)
    assert window.snapshot.position == (0, 3)


def test_a_key_held_down_in_a_floating_panel_leaves_no_backlog(window, slow, settled):
    dock = window.docks["variables"]
    dock.setFloating(True)
    QTest.keyClick(window, Qt.Key.Key_S)
    for _ in range(50):
        hold_down(dock, window)
    slow.release(100)
    settled(window)
    assert window.snapshot.position == (0, 1)
    dock.setFloating(False)


def test_of_the_places_that_a_drag_comes_by_the_last_is_gone_to_at_once(window, slow, settled):
    gone_to = []
    session = window.bridge._worker.session
    goto = session.goto
    session.goto = lambda **place: (gone_to.append(tuple(place.values())), goto(**place))
    QTest.keyClick(window, Qt.Key.Key_S)
    for event in range(1, 60):
        window.timeline.event_chosen.emit(event)
    slow.release(100)
    settled(window)
    assert window.snapshot.position == (0, 59)
    assert len(gone_to) <= 2


# Breakpoints while it trains


PRODUCT = next(
    number for number, line in enumerate(Path(layers.__file__).read_text("utf-8").split("\n"), 1)
    if "return x @ self.W + self.b" in line
)  # fmt: skip


@pytest.fixture
def held(window, monkeypatch):
    """A session whose training begins when the gate is opened."""
    gate = shut(monkeypatch, window.bridge._worker.session, "continue_")
    yield gate
    gate.release(1000)


def test_f9_at_the_line_to_which_it_runs_sets_a_breakpoint(window, held, settled, qtbot):
    held.release()
    window.bridge.run_to(AtLine(layers.__file__, PRODUCT))
    settled(window)
    assert window.snapshot.event.line == PRODUCT
    QTest.keyClick(window, Qt.Key.Key_F10, CTRL)
    QTest.keyClick(window, F9)
    held.release()
    settled(window)
    assert window.findChild(ErrorDialog) is None
    assert [one.place.line for one in window.snapshot.breakpoints] == [PRODUCT]
    assert window.snapshot.event.line == PRODUCT


def test_running_to_a_line_after_the_last_that_runs_is_said_and_ends(window, settled, qtbot):
    window.bridge.run_to(AtLine(layers.__file__, 10**6))
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
    settled(window)
    assert not window.bridge.running and window.actions_by_id["step_into"].isEnabled()


def test_a_breakpoint_that_is_removed_or_disabled_while_it_trains_is_so_at_once(
    window, held, settled, qtbot
):
    window.bridge.edit_breakpoints(lambda points: points.add(AtBatch(2)))
    window.bridge.edit_breakpoints(lambda points: points.add(AtLine(layers.__file__, PRODUCT)))
    settled(window)
    window.docks["breakpoints"].raise_()
    qtbot.waitUntil(lambda: window.breakpoints.table.breakpoints.rowCount() == 2)
    view = window.breakpoints
    model = view.table.breakpoints
    QTest.keyClick(window, F5)
    model.setData(model.index(0, 0), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    view.table.setCurrentIndex(model.index(1, 0))
    for _ in range(2):  # impatient
        QTest.keyClick(view.table, Qt.Key.Key_Delete)
    seen = []
    window.bridge.marked.connect(lambda *_: seen.append((window.bridge.running, model.rowCount())))
    held.release()
    settled(window)
    assert window.findChild(ErrorDialog) is None
    assert seen and seen[-1] == (RunKind.TRAINING, 1)
    assert [one.enabled for one in window.snapshot.breakpoints] == [False]
    assert window.snapshot.position == (BATCHES, 0)


# Playing


@pytest.mark.parametrize("keys", [("P", "S"), ("P", "P"), ("P", "Space"), ("P", "F6")])
def test_what_is_pressed_right_after_play_ends_it(window, settled, keys):
    for key in keys:
        QTest.keyClick(window, Qt.Key[f"Key_{key}"])
    settled(window)
    assert window.playback.direction is None
    assert window.snapshot.position == (0, 1 if "S" in keys else 0)


def test_playing_begins_where_the_steps_before_it_end(window, slow, settled, qtbot):
    window.playback.speed = 20
    for key in (Qt.Key.Key_S, Qt.Key.Key_S, Qt.Key.Key_P):
        QTest.keyClick(window, key)
    slow.release(100)
    qtbot.waitUntil(lambda: window.snapshot.position.event >= 4)
    assert window.playback.direction is PlayDirection.FORWARDS
    QTest.keyClick(window, Qt.Key.Key_P)


def test_a_breakpoint_right_after_a_step_is_where_the_step_leads(window, settled):
    expected = make_session()
    for _ in range(3):
        expected.step_into()
    line = (expected.event.file, expected.event.line)
    assert line != (window.snapshot.event.file, window.snapshot.event.line)
    for _ in range(2):  # set, and taken away again
        for key in ("S", "S", "S", "F9"):
            QTest.keyClick(window, Qt.Key[f"Key_{key}"])
        settled(window)
        window.bridge.goto(Position(0, 0))
        settled(window)
    assert window.snapshot.breakpoints == ()
    for key in ("S", "S", "S", "F9"):
        QTest.keyClick(window, Qt.Key[f"Key_{key}"])
    settled(window)
    assert [(one.place.file, one.place.line) for one in window.snapshot.breakpoints] == [line]


@pytest.mark.slow
def test_running_to_the_line_right_after_a_step_means_where_the_step_leads(window, settled):
    expected = make_session()
    for _ in range(3):
        expected.step_into()
    expected.continue_(BATCHES, until=AtLine(expected.event.file, expected.event.line))
    for key in ("S", "S", "S", "G"):
        QTest.keyClick(window, Qt.Key[f"Key_{key}"])
    settled(window)
    assert window.snapshot.position == expected.position


@pytest.mark.slow
def test_an_arrow_held_down_on_the_timeline_goes_on_once_its_step_is_shown(
    window, slow, settled, qtbot
):
    shown, held = [], [True]

    def hold_right() -> None:
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, Qt.Key.Key_Right, NO, "", True)
            QApplication.sendEvent(window.timeline, event)

    def on_stopped(snapshot) -> None:  # before it is painted, too
        shown.append(snapshot.position)
        if held:
            hold_right()

    window.bridge.stopped.connect(on_stopped)
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_Right)
    for _ in range(20):
        hold_right()
    slow.release(5)
    qtbot.waitUntil(lambda: len(shown) >= 5)
    assert shown == [(0, event) for event in range(1, 6)]
    held.clear()
    slow.release(10)
    settled(window)
    assert window.snapshot.position == (0, 6)  # the one that was under way
