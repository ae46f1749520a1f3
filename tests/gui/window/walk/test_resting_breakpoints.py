"""A person's own breakpoints rest while a walk is played, and are as they were at its end."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine import AtBatch, NotFinite
from engine.debug.session import Session
from engine.options import Options, build_session
from gui.walks.load import read_walk
from gui.window.main_window import MainWindow

TEXT = """\
title = "Try"
network = "16-4-3"
layout = "debug"

[[station]]
say = "Set a breakpoint."
point = "source"
until = "breakpoint"
keys = "B"

[[station]]
say = "Train."
point = "loss"
until = "batches 5"
keys = "Ctrl+F5"

[[station]]
say = "Choose another network."
point = "network_chooser"
until = "network 784-10"
keys = "network=784-10 accept"

[[station]]
say = "Train."
point = "loss"
until = "batches 5"
"""
WALK = read_walk(TEXT, "try.toml")


@pytest.fixture
def own(qtbot, settled):
    """A window whose person has two breakpoints: one at a batch, and one at the cursor's line."""
    options = Options(network="16-4-3")
    window = MainWindow(build_session(options), options)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    window.bridge.edit_breakpoints(lambda points: points.add(AtBatch(2), condition="batch > 1"))
    window.bridge.edit_breakpoints_at_cursor(lambda points, line: points.add(line, log="here"))
    settled(window)
    yield window
    window.bridge.close()


def play(window, settled) -> None:
    window.guides.walks.start(WALK)
    settled(window)


def leave(window, settled) -> None:
    window.guides.walks.player.leave()
    settled(window)


def contents(breakpoints) -> list[tuple[object, ...]]:
    return [(one.place, one.enabled, one.condition, one.hits, one.log) for one in breakpoints]


def press(window, key, settled) -> None:
    window.setFocus()
    QTest.keyClick(window, key)
    settled(window)


def test_they_stop_no_training_of_the_walk_and_come_back(own, settled):
    before = own.snapshot.breakpoints
    play(own, settled)
    assert own.snapshot.breakpoints == () and own.snapshot.resting == before
    assert own.notice.text() == "Your breakpoints rest until the walk ends."
    own.bridge.train(5)
    settled(own)
    assert own.snapshot.position == (5, 0) and not own.snapshot.logged
    leave(own, settled)
    assert own.snapshot.breakpoints == before and own.snapshot.resting == ()
    own.bridge.goto(own.snapshot.position._replace(batch=0))
    own.bridge.train(5)
    settled(own)
    assert own.snapshot.position.batch == 2


def test_the_list_says_that_they_rest(own, settled, qtbot):
    said = []
    own.breakpoints.subtitle_changed.connect(said.append)
    play(own, settled)
    own.layouts.show_panel("breakpoints")
    qtbot.waitUntil(lambda: bool(said))
    assert said[-1] == "0 of 0; 2 rest"
    leave(own, settled)
    assert said[-1] == "2 of 2"


def test_nothing_is_said_of_the_one_that_nobody_has_set(own, settled):
    own.bridge.edit_breakpoints(lambda points: points.restore(()))
    own.bridge.edit_breakpoints(lambda points: points.add(NotFinite()))
    settled(own)
    own.notice.say("")
    play(own, settled)
    assert len(own.snapshot.resting) == 1 and own.notice.isHidden()


def test_a_breakpoint_of_the_walk_at_the_same_line_is_one_more(own, settled):
    """B would else remove the person's own, and the station would wait for ever."""
    own.bridge.edit_breakpoints(lambda points: points.restore(()))
    press(own, Qt.Key.Key_B, settled)
    (before,) = own.snapshot.breakpoints
    play(own, settled)
    press(own, Qt.Key.Key_B, settled)
    assert own.walk_strip.next.isEnabled()
    assert contents(own.snapshot.breakpoints) == contents((before,))
    leave(own, settled)
    assert own.snapshot.breakpoints == (before,)  # the same twice would be one too many


def test_one_that_is_set_meanwhile_stays(own, settled):
    before = own.snapshot.breakpoints
    play(own, settled)
    own.bridge.edit_breakpoints(lambda points: points.add(AtBatch(4)))
    own.bridge.train(5)
    settled(own)
    assert own.snapshot.position.batch == 4
    leave(own, settled)
    assert contents(own.snapshot.breakpoints) == [
        *contents(before), (AtBatch(4), True, "", "", "")
    ]  # fmt: skip


def test_they_rest_in_each_new_run_of_the_walk_and_come_back_in_the_last(own, settled, qtbot):
    before = contents(own.snapshot.breakpoints)
    own.bridge.train(2)  # the run is not as a new one any more
    settled(own)
    play(own, settled)
    own.run_settings.open_session(Options(network="784-10"))
    qtbot.waitUntil(lambda: own.snapshot.setup.network == "784-10")
    settled(own)
    own.bridge.edit_breakpoints(lambda points: points.add(AtBatch(3)))
    own.bridge.train(5)
    settled(own)
    assert own.snapshot.position.batch == 3
    leave(own, settled)
    assert contents(own.snapshot.breakpoints) == [*before, (AtBatch(3), True, "", "", "")]


def test_an_undo_brings_back_a_session_in_which_they_are_as_they_were(own, settled, qtbot):
    before = own.snapshot.breakpoints
    own.bridge.train(2)
    settled(own)
    play(own, settled)
    own.bridge.undo()  # the new run, in the midst of the walk
    settled(own)
    assert own.snapshot.position.batch == 2 and own.snapshot.resting == before
    own.bridge.redo()
    settled(own)
    leave(own, settled)
    own.bridge.undo()
    settled(own)
    assert own.snapshot.position.batch == 2
    assert own.snapshot.breakpoints == before and own.snapshot.resting == ()


def test_an_undo_and_a_redo_of_the_walks_own_leave_the_others_at_rest(own, settled):
    before = own.snapshot.breakpoints
    play(own, settled)
    press(own, Qt.Key.Key_B, settled)
    for undoes in (True, False):
        (own.bridge.undo if undoes else own.bridge.redo)()
        settled(own)
        assert len(own.snapshot.breakpoints) == (0 if undoes else 1)
        assert own.snapshot.resting == before
    leave(own, settled)
    assert own.snapshot.breakpoints[:2] == before


def test_a_copy_from_the_midst_of_a_walk_has_all_of_them(own, settled, tmp_path, qtbot):
    before = contents(own.snapshot.breakpoints)
    play(own, settled)
    press(own, Qt.Key.Key_B, settled)
    path = tmp_path / "copy.retrograd"
    with qtbot.waitSignal(own.bridge.saved):
        own.bridge.autosave(path, {})
    opened = Session.load(path)
    assert contents(opened.breakpoints)[:2] == before and len(opened.breakpoints) == 3
    assert opened.breakpoints.resting == []


def test_a_walk_does_not_mark_a_saved_session_as_changed(own, settled, tmp_path, qtbot):
    with qtbot.waitSignal(own.bridge.saved):
        own.session_files.save_to(tmp_path / "mine.retrograd")
    play(own, settled)
    assert not own.session_files.is_modified
    leave(own, settled)
    assert not own.session_files.is_modified


def test_they_come_back_while_a_training_runs(own, settled, qtbot):
    before = own.snapshot.breakpoints
    play(own, settled)
    own.bridge.goto(own.snapshot.position._replace(batch=0))
    own.bridge.train(None)
    qtbot.waitUntil(lambda: own.bridge.running is not None)
    own.guides.walks.player.leave()
    qtbot.waitUntil(lambda: own.snapshot.breakpoints == before)
    own.bridge.pause()
    settled(own)


def test_a_walk_through_the_session_itself_needs_its_breakpoints(own, settled):
    before = own.snapshot.breakpoints
    own.guides.walks.start(read_walk(TEXT.replace('network = "16-4-3"\n', ""), "mine.toml"))
    settled(own)
    assert own.snapshot.breakpoints == before and own.snapshot.resting == ()
