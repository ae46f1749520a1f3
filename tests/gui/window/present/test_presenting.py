"""In front of a class: the pointer, the black screen, full screen, a clicker, a resting mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QCursor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit

from engine.debug.events import Position
from engine.options import Options, build_session
from gui.look.appearance import Choice
from gui.look.type_scale import px
from gui.views.equation.scenes.digits.sum_of_digits import SumOfDigits
from gui.views.equation.scenes.update import UpdateScene
from gui.walks.load import read_walk
from gui.window.main_window import MainWindow
from gui.window.toolbar.parts import PositionChip
from tests.gui.rest import at_rest

H, ESC, DOT = Qt.Key.Key_H, Qt.Key.Key_Escape, Qt.Key.Key_Period
NEXT, PREVIOUS = Qt.Key.Key_PageDown, Qt.Key.Key_PageUp
WALK = """\
title = "Try"
layout = "present"

[[station]]
say = "Read this."

[[station]]
say = "Read that."
"""


def move(window, *at: int) -> None:
    """Move the mouse to a place of the window."""
    QCursor.setPos(window.mapToGlobal(QPoint(*at)))
    QApplication.processEvents()


@pytest.fixture
def shown(window, settled):
    """The window in Present, with the mouse over it."""
    window.layouts.choose("present")
    settled(window)
    window.activateWindow()
    move(window, 300, 300)
    window.setFocus()
    yield window
    window.presenting.mouse.watch(False)


@pytest.fixture
def resting(shown):
    """The same, after the mouse has rested."""
    mouse = shown.presenting.mouse
    assert mouse.rest.isActive() and mouse.rest.interval() == 3000
    mouse.rest.timeout.emit()
    assert is_hidden()
    return shown


def is_hidden() -> bool:
    cursor = QApplication.overrideCursor()
    return cursor is not None and cursor.shape() is Qt.CursorShape.BlankCursor


# The pointer


@pytest.mark.parametrize("key", [H, ESC])
def test_a_ring_follows_the_mouse_until_a_key(shown, key):
    spot = shown.presenting.spot
    assert not spot.isVisible()
    QTest.keyClick(shown, H)
    assert spot.isVisible() and shown.actions_by_id["pointer"].isChecked()
    assert spot.ring().center() == QPoint(299, 299) and spot.ring().width() == 60
    move(shown, 420, 350)
    assert spot.ring().contains(420, 350)
    assert spot.geometry().contains(spot.ring())
    QTest.keyClick(shown, key)
    assert not spot.isVisible() and not shown.actions_by_id["pointer"].isChecked()


def test_the_ring_is_seen_and_lets_clicks_through(shown):
    QTest.keyClick(shown, H)
    spot = shown.presenting.spot
    image = shown.grab(spot.ring()).toImage()
    accent = shown.appearance.theme.accent
    assert accent in {image.pixelColor(x, 30).name() for x in range(6)}
    assert shown.childAt(spot.ring().center()) is not spot
    QTest.keyClick(shown, H)
    without = shown.grab(spot.ring()).toImage()
    assert accent not in {without.pixelColor(x, 30).name() for x in range(6)}


def test_a_move_repaints_no_more_than_two_places(shown):
    QTest.keyClick(shown, H)
    spot = shown.presenting.spot
    assert spot.width() < 90 and spot.height() < 90


def test_a_held_shift_dims_the_rest(shown, qtbot):
    QTest.keyClick(shown, H)
    spot = shown.presenting.spot
    away = QRect(20, shown.height() - 40, 10, 10)

    def light(place: QRect) -> int:
        image = shown.grab(place).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        return sum(image.pixelColor(x, y).lightness() for x in range(10) for y in range(10))

    shown.appearance.choose(Choice.LIGHT)
    before = light(away)
    QTest.keyPress(shown.windowHandle(), Qt.Key.Key_Shift)
    qtbot.waitUntil(lambda: spot.dims)
    assert spot.size() == shown.size()
    assert light(away) < before
    move(shown, 25, shown.height() - 35)
    assert light(away) == before or light(away) > 0.9 * before
    QTest.keyRelease(shown.windowHandle(), Qt.Key.Key_Shift)
    assert not spot.dims and spot.width() < 90


def test_the_pointer_works_in_every_layout(window, settled):
    for id in ("learn", "debug", "numeric"):
        window.layouts.choose(id)
        settled(window)
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert window.presenting.spot.isVisible()
        QTest.keyClick(window, ESC)
        assert not window.presenting.spot.isVisible()


# The black screen


@pytest.mark.parametrize("key", [DOT, ESC, NEXT, Qt.Key.Key_S])
def test_a_black_screen_ends_at_any_key_which_does_nothing_else(shown, settled, key):
    blank, before = shown.presenting.blank, shown.snapshot.position
    QTest.keyClick(shown, DOT)
    assert blank.isVisible() and blank.geometry() == shown.rect()
    assert shown.actions_by_id["blank_screen"].isChecked()
    image = shown.grab().toImage()
    assert {image.pixelColor(x, 50).name() for x in range(0, shown.width(), 9)} == {"#000000"}
    QTest.keyClick(QApplication.focusWidget(), key)
    settled(shown)
    assert not blank.isVisible() and not shown.actions_by_id["blank_screen"].isChecked()
    assert shown.snapshot.position == before


def test_a_click_ends_a_black_screen_and_the_focus_is_where_it_was(shown):
    shown.timeline.setFocus()
    QTest.keyClick(shown, DOT)
    blank = shown.presenting.blank
    assert blank.hasFocus()
    QTest.mouseClick(blank, Qt.MouseButton.LeftButton)
    assert not blank.isVisible() and shown.timeline.hasFocus()


def test_a_black_screen_stays_as_large_as_the_window(shown):
    QTest.keyClick(shown, DOT)
    shown.resize(shown.width() + 30, shown.height() + 20)
    QApplication.processEvents()
    assert shown.presenting.blank.geometry() == shown.rect()


# Full screen


def test_full_screen_and_back(shown, qtbot):
    QTest.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(shown.isFullScreen)
    assert shown.actions_by_id["full_screen"].isChecked()
    QTest.keyClick(shown, H)
    QTest.keyClick(shown, ESC)  # of the pointer first
    assert shown.isFullScreen()
    QTest.keyClick(shown, ESC)
    qtbot.waitUntil(lambda: not shown.isFullScreen())
    assert not shown.actions_by_id["full_screen"].isChecked()


def test_a_window_does_not_begin_in_full_screen(shown, qtbot):
    shown.actions_by_id["full_screen"].trigger()
    qtbot.waitUntil(shown.isFullScreen)
    shown.layout_keeper.save()
    shown.layout_keeper.restore_window()
    assert not shown.isFullScreen()


# The clicker


@pytest.mark.parametrize("focused", ["window", "timeline", "code"])
def test_a_clicker_steps_by_operation(shown, settled, focused):
    code = shown.source.findChild(QPlainTextEdit)
    widget = {"window": shown, "timeline": shown.timeline, "code": code}[focused]
    widget.setFocus()
    stops = shown.snapshot.operation_stops
    seen = []
    for key in (NEXT, NEXT, NEXT, PREVIOUS, PREVIOUS):
        QTest.keyClick(widget, key)
        settled(shown)
        seen.append(shown.snapshot.position.event)
    assert seen == [stops[1], stops[2], stops[3], stops[2], stops[1]]


def test_a_clicker_steps_in_present_only(shown, settled):
    shown.layouts.choose("learn")
    settled(shown)
    QTest.keyClick(shown, NEXT)
    settled(shown)
    assert shown.snapshot.position.event == 0


def test_a_walk_has_the_clicker(shown, settled):
    shown.guides.walks.start(read_walk(WALK, "try.toml"))
    settled(shown)
    assert shown.layout_keeper.preset.id == "present"
    shown.setFocus()
    QTest.keyClick(shown, NEXT)
    settled(shown)
    assert shown.walk_strip.say.text() == "Read that."
    assert shown.snapshot.position.event == 0
    shown.guides.walks.player.leave()
    QTest.keyClick(shown, NEXT)
    settled(shown)
    assert shown.snapshot.position.event == shown.snapshot.operation_stops[1]


SMALL = 1366, 768


@pytest.fixture
def digits(settled, qtbot):
    """A window with the network of the walks in Present, on a small projector."""
    window = MainWindow(build_session(Options()))
    qtbot.addWidget(window)
    window.resize(*SMALL)
    with qtbot.waitExposed(window):
        window.show()
    window.layouts.choose("present")
    at_rest(window, qtbot)
    settled(window)
    yield window
    window.presenting.mouse.watch(False)
    window.bridge.close()


def heights(window) -> dict[str, int]:
    return {name: window.docks[name].height() for name in ("source", "equation")}


def test_a_walk_leaves_room_for_formula_picture_and_code(digits, settled, qtbot):
    before, lesson = heights(digits), digits.source.lesson
    assert lesson.isVisible()
    digits.guides.walks.start(read_walk(WALK, "try.toml"))
    settled(digits)
    strip = digits.walk_strip
    assert strip.isVisible() and not lesson.isVisible()
    assert strip.say.font().pixelSize() > strip.look.font().pixelSize() >= px(13)
    qtbot.waitUntil(lambda: heights(digits)["equation"] > before["equation"])
    wanted = {"self.x.T @ dout": SumOfDigits, "W -= self.lr * dW": UpdateScene}
    seen = set()
    for stop in digits.snapshot.operation_stops:
        if len(seen) == len(wanted):
            break
        digits.bridge.goto(Position(0, stop))
        settled(digits)
        scene = wanted.get(digits.snapshot.operation.source)
        if scene is None or digits.snapshot.event.layer == "Affine2":
            continue
        assert digits.equation.top.isVisible()  # the formula
        assert isinstance(digits.equation.scenes.scene, scene)
        assert digits.equation.scenes.isVisible()
        line, place = digits.source.current_line()
        assert not place.isEmpty() and line.height() >= 3 * place.height()
        seen.add(scene)
    assert seen == set(wanted.values())
    digits.guides.walks.player.leave()
    settled(digits)
    at_rest(digits, qtbot)
    assert lesson.isVisible() and not digits.walk_strip.isVisible()
    qtbot.waitUntil(lambda: heights(digits) == pytest.approx(before, abs=4))


def test_another_layout_ends_what_a_walk_has_lent(digits, settled, qtbot):
    before = heights(digits)
    digits.guides.walks.start(read_walk(WALK, "try.toml"))
    settled(digits)
    for id in ("learn", "present", "learn", "present"):
        digits.layouts.choose(id)
        at_rest(digits, qtbot)
        settled(digits)
        assert digits.source.lesson.isVisible() is (id == "learn")
    digits.guides.walks.player.leave()
    settled(digits)
    qtbot.waitUntil(lambda: heights(digits) == pytest.approx(before, abs=8))


# The resting mouse


def test_a_resting_mouse_is_hidden_until_it_moves(resting):
    move(resting, 301, 300)  # a shaking table
    assert is_hidden()
    move(resting, 340, 300)
    assert not is_hidden()
    assert resting.presenting.mouse.rest.isActive()


def test_a_mouse_that_moves_is_not_hidden(shown, qtbot):
    rest = shown.presenting.mouse.rest
    rest.setTimerType(Qt.TimerType.PreciseTimer)  # others end at the same moment as one before
    rest.start(10_000)
    qtbot.waitUntil(lambda: rest.remainingTime() < 9_700)
    left = rest.remainingTime()
    move(shown, 330, 330)
    assert rest.remainingTime() > left + 100  # begun again


@pytest.mark.parametrize("end", ["layout", "dialog", "inactive", "closed", "pointer", "press"])
def test_nothing_leaves_the_mouse_hidden(resting, end):
    if end == "layout":
        resting.layouts.choose("learn")
    elif end == "dialog":
        dialog = QDialog(resting)
        dialog.open()
        dialog.reject()
    elif end == "inactive":
        QApplication.sendEvent(resting, QEvent(QEvent.Type.WindowDeactivate))
    elif end == "closed":
        resting.close()
    elif end == "pointer":
        QTest.keyClick(resting, H)
    else:
        QTest.mousePress(resting.timeline, Qt.MouseButton.LeftButton)
        QTest.mouseRelease(resting.timeline, Qt.MouseButton.LeftButton)
    assert not is_hidden()
    assert QApplication.overrideCursor() is None


def test_a_mouse_elsewhere_is_not_hidden(shown):
    mouse = shown.presenting.mouse
    shown.layouts.choose("learn")
    assert not mouse.rest.isActive()
    shown.layouts.choose("present")
    dialog = QDialog(shown)
    dialog.open()
    mouse.rest.timeout.emit()
    assert not is_hidden()
    dialog.reject()


# The position


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (1920, 1080)])
def test_pass_batch_and_stop_are_large(shown, settled, qtbot, size):
    shown.resize(*size)
    at_rest(shown, qtbot)
    shown.bridge.train(3)
    settled(shown)
    QTest.keyClick(shown, NEXT)
    settled(shown)
    chip = shown.top.findChild(PositionChip)
    last = len(shown.snapshot.operation_stops) - 1
    assert chip.shown() == ("Forward", f"batch 3 · stop 1 / {last}")
    if size == (1366, 768):
        assert min(font.pixelSize() for font in (chip.head_font, chip.rest_font)) >= 20
    shown.layouts.choose("learn")
    settled(shown)
    assert "batch" not in chip.shown()[1]
