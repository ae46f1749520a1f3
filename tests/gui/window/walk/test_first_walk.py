"""The first walk: two keys from the welcome to a step, and the tiny network at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QToolButton

from engine.debug.events import Position
from engine.options import Options, build_session
from gui.walks.load import shipped_walks
from gui.window.main_window import MainWindow
from gui.window.walk.doing import open_dialog
from gui.window.walk.welcoming import FIRST_WALK

WALK = shipped_walks()[FIRST_WALK]
BOOKS, TINY = "784-50-10", "16-4-3"


@pytest.fixture
def window(qtbot, settled, tmp_path) -> Iterator[MainWindow]:
    """The window of a first start, behind the welcome."""
    options = Options()
    settings = QSettings(str(tmp_path / "fresh.ini"), QSettings.Format.IniFormat)
    window = MainWindow(build_session(options), options, settings=settings)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    window.guides.welcoming.open_if_new()
    yield window
    window.bridge.close()


@pytest.fixture
def lead_to(window, settled, qtbot) -> Callable[[int], MainWindow]:
    """Lead the window to a station, counted from 1, by a clicker."""

    def lead(number: int) -> MainWindow:
        QTest.mouseClick(window.guides.welcoming.welcome.show_me, Qt.MouseButton.LeftButton)
        settled(window)
        player = window.guides.walks.player
        for _ in range(number - 1):
            player.advance()
            qtbot.waitUntil(lambda: player.is_done)
            settled(window)
            player.advance()
            settled(window)
        assert window.walk_strip.number.text() == f"{number} of 9"
        return window

    return lead


@pytest.fixture
def at_the_end(lead_to) -> MainWindow:
    return lead_to(len(WALK.stations))


def choose_network(window: MainWindow, network: str) -> None:
    """Choose a network in the menu of its chip."""
    chip = window.findChild(QToolButton, "network_chooser")
    assert chip.isVisible() and chip.isEnabled()
    entry = next(one for one in chip.menu().actions() if one.objectName() == f"network={network}")
    assert entry.text().startswith(network)
    entry.trigger()


def no_question_is_asked(window: MainWindow) -> bool:
    """Whether an untouched run is replaced at once."""
    return open_dialog(window) is None


def test_show_me_and_one_key_make_the_first_step(window, settled, qtbot):
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    settled(window)
    strip = window.walk_strip
    assert strip.isVisible() and strip.number.text() == "1 of 9"
    assert window.snapshot.position == Position(0, 0) and not strip.next.isEnabled()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.position.event > 0 and strip.next.isEnabled()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)  # the keys are with Next
    settled(window)
    assert strip.number.text() == "2 of 9" and not strip.strayed.isVisible()


def test_the_ringed_button_makes_it_too(window, settled, qtbot):
    QTest.mouseClick(window.guides.welcoming.welcome.show_me, Qt.MouseButton.LeftButton)
    settled(window)
    button = window.guides.pointing.target
    assert isinstance(button, QToolButton) and button.text().startswith("Step")
    ring = window.guides.pointing.ring()
    assert ring.contains(button.mapTo(window, button.rect().center()))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settled(window)
    assert window.snapshot.position.event > 0 and window.walk_strip.next.isEnabled()


def test_the_first_station_is_read_in_a_breath():
    first = WALK.stations[0]
    assert first.keys == "S" and len(f"{first.say} {first.look}".split()) <= 30


def test_an_answer_does_not_cover_what_the_next_station_points_at(lead_to, settled, qtbot):
    asked = next(n for n, one in enumerate(WALK.stations, 1) if one.goal.object == "why")
    window = lead_to(asked)
    QTest.keyClick(window.walk_strip, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: window.equation.why.isVisible() and window.walk_strip.next.isEnabled())
    QTest.mouseClick(window.walk_strip.next, Qt.MouseButton.LeftButton)
    settled(window)
    assert not window.equation.why.isVisible()
    assert window.guides.pointing.target is window.docks["equation"]
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_S)  # no panel has taken the keys
    settled(window)
    assert window.snapshot.operation.source != "self.x.T @ dout"


def test_the_tiny_network_is_offered_at_the_end_and_leads_back(at_the_end, settled, qtbot):
    window, strip = at_the_end, at_the_end.walk_strip
    assert TINY in strip.say.text() and BOOKS in strip.look.text()
    assert window.guides.pointing.target.objectName() == "network_chooser"
    choose_network(window, TINY)
    assert no_question_is_asked(window)
    qtbot.waitUntil(strip.next.isEnabled)
    settled(window)
    assert window.snapshot.setup.network == TINY and not strip.strayed.isVisible()
    assert window.guides.pointing.target.text().startswith(TINY)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(
        window.focusWidget() or window, Qt.Key.Key_S
    )  # it can be looked at before the walk is over
    settled(window)
    assert window.snapshot.position.event > 0 and not strip.strayed.isVisible()
    QTest.mouseClick(strip.next, Qt.MouseButton.LeftButton)
    assert not strip.isVisible() and window.snapshot.setup.network == TINY
    choose_network(window, BOOKS)
    assert no_question_is_asked(window)
    qtbot.waitUntil(lambda: window.snapshot.setup.network == BOOKS)


def test_from_the_tiny_network_back_leads_into_the_walk_again(at_the_end, settled, qtbot):
    window, strip = at_the_end, at_the_end.walk_strip
    choose_network(window, TINY)
    assert no_question_is_asked(window)
    qtbot.waitUntil(strip.next.isEnabled)
    QTest.mouseClick(strip.back, Qt.MouseButton.LeftButton)
    settled(window)
    assert strip.strayed.text() == f"This is {TINY}; the station is about {BOOKS}."
    QTest.mouseClick(window.findChild(QAbstractButton, "walk_return"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.setup.network == BOOKS)
    settled(window)
    assert strip.number.text() == "8 of 9" and not strip.strayed.isVisible()
    assert window.snapshot.event.layer == "Affine1" and strip.next.isEnabled()
