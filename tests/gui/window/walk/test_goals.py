"""What stations wait for: a button, a setting, a comparison, an action and what it asks for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from engine import AtBatch
from engine.options import Options, build_session
from gui.walks.load import read_walk
from gui.walks.walk import Deed, Goal
from gui.window.main_window import MainWindow
from gui.window.walk.doing import accept, open_dialog


@pytest.fixture
def tiny(qtbot, settled):
    options = Options(network="16-4-3")
    window = MainWindow(build_session(options), options)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    yield window
    window.bridge.close()


@pytest.fixture
def goals(tiny):
    return tiny.guides.walks.player._goals


def test_a_button_that_is_pressed(tiny, goals, qtbot):
    goals.watch(Goal(Deed.PRESS, "numeric_pages_1"))
    goals.check()
    tiny.layouts.choose("numeric")
    first, second = (
        tiny.findChild(QAbstractButton, f"numeric_pages_{number}") for number in (0, 1)
    )
    with qtbot.assertNotEmitted(goals.reached, wait=50):
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(goals.reached):
        QTest.mouseClick(second, Qt.MouseButton.LeftButton)


def test_a_setting_that_is_chosen(tiny, goals, qtbot):
    goals.watch(Goal(Deed.SETTING, "weight_init he"))
    with qtbot.assertNotEmitted(goals.reached, wait=50):
        goals.check()
    with qtbot.waitSignal(goals.reached):
        tiny.run_settings.open_session(Options(network="16-4-3", weight_init="he"))


def test_a_comparison_that_ends(tiny, goals, qtbot):
    tiny.layouts.choose("numeric")
    goals.watch(Goal(Deed.CONTEST))
    with qtbot.waitSignal(goals.reached, timeout=60_000):
        QTest.mouseClick(tiny.numeric.controls.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: tiny.numeric.aside.busy)
        QTest.mouseClick(tiny.numeric.controls.cancel, Qt.MouseButton.LeftButton)


def test_a_bookmark_that_is_set_and_not_only_asked_for(tiny, goals, qtbot, settled):
    goals.watch(Goal(Deed.BOOKMARK))
    add = tiny.actions_by_id["bookmark"]
    with qtbot.assertNotEmitted(goals.reached, wait=50):
        add.trigger()
        open_dialog(tiny).reject()
        settled(tiny)
    add.trigger()
    with qtbot.waitSignal(goals.reached):
        accept(open_dialog(tiny))
    assert len(tiny.snapshot.bookmarks) == 1


def test_a_breakpoint_that_stops_a_run(tiny, goals, qtbot, settled):
    tiny.bridge.edit_breakpoints(lambda points: points.add(AtBatch(2)))
    goals.watch(Goal(Deed.HIT))
    with qtbot.assertNotEmitted(goals.reached, wait=50):
        tiny.bridge.train(1)
        settled(tiny)
    at: list[int] = []
    goals.reached.connect(lambda: at.append(tiny.snapshot.position.batch))
    tiny.bridge.train(5)
    qtbot.waitUntil(lambda: at == [2])


def test_an_entry_below_the_plus_is_chosen_by_its_name(tiny, qtbot):
    doing = tiny.guides.walks.player.doing
    doing.do("add=loss_rises fill=0.25 accept")
    qtbot.waitUntil(lambda: len(tiny.snapshot.breakpoints) == 1)
    (point,) = tiny.snapshot.breakpoints
    assert str(point.place) == "loss rise > 0.25 in 10 batches"
    with pytest.raises(KeyError, match="add=nothing"):
        doing.check("add=nothing")


def test_an_action_is_done_when_what_it_asked_for_is(tiny, goals, qtbot, settled):
    tiny.bridge.train(3)
    settled(tiny)
    goals.watch(Goal(Deed.ACTION, "restart"))
    at: list[int] = []
    goals.reached.connect(lambda: at.append(tiny.snapshot.position.batch))
    tiny.actions_by_id["restart"].trigger()
    qtbot.waitUntil(lambda: at == [0])


def test_words_fill_in_a_form_and_accept_it(tiny, qtbot, settled):
    doing = tiny.guides.walks.player.doing
    doing.do("what_if_rate fill=0.125 accept")
    qtbot.waitUntil(lambda: tiny.snapshot.setup.learning_rate == 0.125)
    assert len(tiny.snapshot.branches) == 2 and open_dialog(tiny) is None
    doing.do("row=t")
    assert tiny.tensor.pointed()[0] == "t"
    with pytest.raises(KeyError, match="press=nothing"):
        doing.check("S press=nothing")


def test_a_form_that_a_person_has_open_is_left_alone(tiny, settled):
    doing = tiny.guides.walks.player.doing
    tiny.actions_by_id["what_if_rate"].trigger()
    form = open_dialog(tiny)
    before = tiny.snapshot.position
    doing.do("S")
    settled(tiny)
    assert form is not None and form.isVisible() and tiny.snapshot.position == before


def test_a_clicker_does_not_begin_a_comparison_again_that_runs(tiny, qtbot, settled):
    player, asked = tiny.guides.walks.player, []
    text = """\
title = "Try"

[[station]]
say = "Compare."
point = "numeric"
until = "contest"
keys = "layout_numeric press=numeric_start"
"""
    tiny.guides.walks.start(read_walk(text, "try.toml"))
    settled(tiny)
    tiny.numeric.controls.start_asked.connect(lambda: asked.append(1))
    player.advance()
    qtbot.waitUntil(lambda: tiny.numeric.aside.busy and not player.doing.busy)
    player.advance()
    qtbot.waitUntil(lambda: not player.doing.busy)
    assert asked == [1] and tiny.numeric.aside.busy
    tiny.numeric.cancel()
    assert player.is_done
