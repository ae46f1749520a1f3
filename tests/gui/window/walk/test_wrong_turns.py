"""A wrong turn is met kindly, with a way back: another stop, batch, panel, layout or network."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.debug.events import Position
from engine.options import Options, build_session
from gui.walks.finding import is_at
from gui.walks.load import read_walk
from gui.window.main_window import MainWindow
from gui.window.walk.targets import is_in_sight

TEXT = """\
title = "Try"
network = "16-4-3"
layout = "learn"

[[station]]
say = "Press S twice."
point = "equation"
at = "Affine.forward [Affine1]: x @ self.W"
until = "stop Sigmoid.forward: np.maximum(x, -80)"
keys = "S S"

[[station]]
say = "Read."
point = "gradients"
alone = true

[[station]]
say = "Choose another network."
point = "network_chooser"
until = "network 784-10"
keys = "network=784-10 accept"

[[station]]
say = "Choose other weights."
point = "menu_bar"
until = "setting weight_init he"
keys = "weight_init=he accept"

[[station]]
say = "Read."
point = "equation"
at = "Affine.forward [Affine1]: x @ self.W"
"""


@pytest.fixture
def walked(qtbot, settled):
    options = Options(network="16-4-3")
    window = MainWindow(build_session(options), options)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    window.guides.walks.start(read_walk(TEXT, "try.toml"))
    settled(window)
    yield window
    window.bridge.close()


def back_to_it(window, settled) -> None:
    button = window.walk_strip.findChild(QToolButton, "walk_return")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settled(window)


def test_another_batch_has_the_place_too(walked, settled):
    strip, player = walked.walk_strip, walked.guides.walks.player
    walked.bridge.train(7)
    settled(walked)
    assert strip.strayed.text().startswith("You are at") and not strip.next.isEnabled()
    back_to_it(walked, settled)
    assert walked.snapshot.position.batch == 7 and is_at(walked.snapshot, player.station.at)
    assert not strip.strayed.isVisible()


def test_steps_on_the_way_are_no_wrong_turn(walked, settled):
    strip = walked.walk_strip
    walked.actions_by_id["step_operation"].trigger()
    settled(walked)
    assert not strip.strayed.isVisible() and not strip.next.isEnabled()
    walked.actions_by_id["step_operation"].trigger()
    settled(walked)
    assert strip.next.isEnabled()


def test_a_step_backwards_is_one(walked, settled):
    walked.actions_by_id["step_back_operation"].trigger()
    settled(walked)
    assert walked.walk_strip.strayed.isVisible()
    back_to_it(walked, settled)
    assert is_at(walked.snapshot, walked.guides.walks.player.station.at)


def test_a_closed_panel_is_opened_again(walked, settled, qtbot):
    walked.docks["equation"].close()
    qtbot.waitUntil(walked.walk_strip.strayed.isVisible)
    assert "Equation" in walked.walk_strip.strayed.text()
    back_to_it(walked, settled)
    qtbot.waitUntil(lambda: walked.guides.pointing.target is walked.docks["equation"])
    assert not walked.walk_strip.strayed.isVisible()


def test_another_layout_without_the_panel_is_left_again(walked, settled, qtbot):
    walked.actions_by_id["layout_numeric"].trigger()
    qtbot.waitUntil(walked.walk_strip.strayed.isVisible)
    back_to_it(walked, settled)
    assert walked.layout_keeper.preset.id == "learn"
    qtbot.waitUntil(lambda: is_in_sight(walked.docks["equation"]))


def test_another_network_is_told_and_the_station_begins_again(walked, settled, qtbot):
    strip, player = walked.walk_strip, walked.guides.walks.player
    walked.run_settings.open_session(Options(network="784-10"))
    qtbot.waitUntil(strip.strayed.isVisible)
    assert strip.strayed.text() == "This is 784-10; the station is about 16-4-3."
    assert strip.back_there.text() == "Begin again"
    back_to_it(walked, settled)
    qtbot.waitUntil(lambda: walked.snapshot.setup.network == "16-4-3")
    qtbot.waitUntil(lambda: is_at(walked.snapshot, player.station.at))
    settled(walked)
    assert not strip.strayed.isVisible() and strip.back_there.text() == "Back to it"


def test_another_seed_is_told_too(walked, settled, qtbot):
    walked.run_settings.open_session(Options(network="16-4-3", seed=4))
    qtbot.waitUntil(walked.walk_strip.strayed.isVisible)
    assert "other settings" in walked.walk_strip.strayed.text()


def test_a_clicker_turns_back_first(walked, settled, qtbot):
    player = walked.guides.walks.player
    walked.bridge.goto(Position(0, 0))
    settled(walked)
    player.advance()
    settled(walked)
    assert is_at(walked.snapshot, player.station.at) and not player.is_done
    player.advance()
    qtbot.waitUntil(lambda: player.is_done)


def test_a_clicker_chooses_what_starts_a_new_run(walked, settled, qtbot):
    player, strip = walked.guides.walks.player, walked.walk_strip
    for _ in range(2):
        player.advance()
        qtbot.waitUntil(lambda: not player.doing.busy)
        settled(walked)
    # The panel is shown alone; it was not open, and will not be.
    assert player.number == 1 and is_in_sight(walked.docks["gradients"])
    assert not walked.docks["source"].isVisible()
    player.advance()
    settled(walked)
    assert player.number == 2 and walked.docks["source"].isVisible()
    assert walked.docks["gradients"].isHidden()
    for network, weights in (("784-10", "xavier"), ("784-10", "he")):
        player.advance()
        qtbot.waitUntil(strip.next.isEnabled)
        settled(walked)
        assert walked.snapshot.setup.network == network
        assert (walked.options.weight_init or "xavier") == weights
        player.advance()
        settled(walked)
    assert player.number == 4 and not strip.strayed.isVisible()
    # Back across a new run: the station before is about another session.
    player.back()
    player.back()
    settled(walked)
    assert strip.strayed.text() == "This is 784-10; the station is about 16-4-3."


def test_leaving_puts_the_panels_back(walked, settled):
    player = walked.guides.walks.player
    player._done.add(0)
    player.next()
    settled(walked)
    assert not walked.docks["source"].isVisible()
    player.leave()
    assert walked.docks["source"].isVisible() and walked.docks["gradients"].isHidden()
