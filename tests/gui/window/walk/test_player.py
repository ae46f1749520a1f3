"""A walk is played in the window: what it points at, what it waits for, and the way back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from engine import AtBatch
from engine.debug.events import Position
from gui.dialogs.dialog import ErrorDialog
from gui.views.equation.lesson.row import LessonRow
from gui.walks.load import read_walk
from gui.window.commands.session_files import WORTH_KEEPING
from gui.window.main_window import MainWindow
from gui.window.walk.doing import open_dialog
from tests.gui.sessions import make_session

TEXT = """\
title = "Try"
layout = "learn"

[[station]]
say = "Read this."
look = "the `x` there."
point = "equation"

[[station]]
say = "Press Step."
point = "step_operation"
at = "train_step: loss = network.forward(x, t)"
until = "stop Affine.forward: self.x = x"
keys = "S"

[[station]]
say = "Train."
until = "batches 3"
"""


@pytest.fixture
def walked(window, settled):
    window.guides.walks.start(read_walk(TEXT, "try.toml"))
    settled(window)
    return window


def click(window, name: str) -> None:
    kind = QToolButton if name in ("walk_leave", "walk_return") else QPushButton
    QTest.mouseClick(window.walk_strip.findChild(kind, name), Qt.MouseButton.LeftButton)


def test_a_station_to_be_read_opens_next(walked, settled):
    strip = walked.walk_strip
    assert strip.isVisible() and strip.say.text() == "Read this."
    assert "JetBrains" in strip.look.text() and "x" in strip.look.text()
    assert strip.number.text() == "1 of 3" and strip.next.isEnabled()
    assert not strip.back.isEnabled()
    assert walked.guides.pointing.target is walked.docks["equation"]
    # It covers nothing: the strip ends above the panels.
    foot = strip.mapTo(walked, QPoint(0, strip.height())).y()
    tops = [d.mapTo(walked, QPoint()).y() for d in walked.docks.values() if d.isVisible()]
    assert min(tops) >= foot
    assert walked.guides.pointing.ring().top() >= foot
    click(walked, "walk_next")
    assert strip.say.text() == "Press Step."


def test_the_smallest_screen_keeps_the_formula_beneath_the_strip(walked, settled):
    walked.resize(1366, 768)
    click(walked, "walk_next")
    settled(walked)
    assert walked.walk_strip.say.isVisible() and walked.walk_strip.waits.isVisible()
    assert walked.equation.findChild(LessonRow).isVisible()


def test_a_button_that_is_hidden_while_its_work_runs_is_not_pressed_again(walked):
    pressed = []
    button = QPushButton("Contest", walked, objectName="contest_button")
    button.clicked.connect(lambda: pressed.append(1))
    doing = walked.guides.walks.player.doing
    button.show()
    doing.do("press=contest_button")
    button.hide()
    doing.do("press=contest_button")
    assert pressed == [1]


def test_a_station_waits_for_what_it_asks_for(walked, settled):
    click(walked, "walk_next")
    settled(walked)
    strip = walked.walk_strip
    assert not strip.next.isEnabled() and strip.waits.text()
    assert walked.guides.pointing.target.objectName() == "step_operation_word"
    ring = walked.guides.pointing.ring()
    button = walked.guides.pointing.target
    assert ring.contains(button.mapTo(walked, button.rect().center()))
    walked.setFocus()
    QTest.keyClick(walked, Qt.Key.Key_S)
    settled(walked)
    assert strip.next.isEnabled() and not strip.waits.text()
    click(walked, "walk_next")
    assert strip.say.text() == "Train." and not strip.next.isEnabled()
    walked.bridge.train(3)
    settled(walked)
    assert strip.next.isEnabled() and strip.next.text() == "Finish"
    click(walked, "walk_next")
    assert not strip.isVisible() and walked.guides.walks.player.walk is None
    assert not walked.guides.pointing.isVisible()


def test_the_keys_stay_with_the_strip(walked, settled):
    strip = walked.walk_strip
    assert strip.next.hasFocus()  # after the welcome
    QTest.keyClick(strip.next, Qt.Key.Key_Return)
    settled(walked)
    assert strip.say.text() == "Press Step." and strip.hasFocus()
    QTest.keyClick(strip, Qt.Key.Key_S)
    settled(walked)
    assert strip.next.hasFocus()
    QTest.keyClick(strip.next, Qt.Key.Key_Return)
    settled(walked)
    assert strip.say.text() == "Train."
    assert strip.waits.text() == "Finish opens when the batches have run"
    assert strip.hasFocus()
    click(walked, "walk_leave")
    assert walked.hasFocus()


AHEAD = """\
title = "Ahead"
layout = "learn"

[[station]]
say = "Step."
at = "train_step: loss = network.forward(x, t)"
until = "stop Affine.forward: self.x = x"
keys = "S"

[[station]]
say = "Step again."
at = "Affine.forward: self.x = x"
until = "stop Affine.forward: x @ self.W"
keys = "S"
"""


def test_the_keys_are_with_a_walk_that_begins_with_a_deed(window, settled):
    window.guides.walks.start(read_walk(AHEAD, "ahead.toml"))
    settled(window)
    strip = window.walk_strip
    assert strip.hasFocus() and not strip.next.isEnabled()
    QTest.keyClick(strip, Qt.Key.Key_S)
    settled(window)
    assert strip.next.hasFocus()
    QTest.keyClick(strip.next, Qt.Key.Key_Return)
    assert strip.say.text() == "Step again."


def test_a_station_that_was_reached_too_early_is_not_done(window, settled):
    window.guides.walks.start(read_walk(AHEAD, "ahead.toml"))
    settled(window)
    window.setFocus()
    for _ in range(2):  # one S too many
        QTest.keyClick(window, Qt.Key.Key_S)
        settled(window)
    click(window, "walk_next")
    settled(window)
    assert window.snapshot.operation.source == "self.x = x"
    assert not window.walk_strip.next.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.walk_strip.next.isEnabled()


def test_a_wrong_turn_is_told_and_leads_back(walked, settled):
    click(walked, "walk_next")
    settled(walked)
    strip = walked.walk_strip
    assert not strip.strayed.isVisible()
    walked.setFocus()
    for _ in range(3):  # S still leads to the goal from here
        QTest.keyClick(walked, Qt.Key.Key_F11)
        settled(walked)
    assert not strip.strayed.isVisible()
    walked.bridge.goto(Position(0, 40))
    settled(walked)
    assert strip.strayed.isVisible() and "You are at" in strip.strayed.text()
    click(walked, "walk_return")
    settled(walked)
    assert walked.snapshot.position.event == 0
    assert not strip.strayed.isVisible() and not strip.next.isEnabled()


def test_back_shows_a_station_that_was_done_with_next_open(walked, settled):
    click(walked, "walk_next")
    settled(walked)
    walked.setFocus()
    QTest.keyClick(walked, Qt.Key.Key_S)
    settled(walked)
    click(walked, "walk_next")
    click(walked, "walk_back")
    settled(walked)
    assert walked.walk_strip.say.text() == "Press Step."
    assert walked.walk_strip.next.isEnabled()
    assert walked.snapshot.position.event == 0


def test_a_notice_is_not_veiled(walked):
    def order() -> list[object]:
        return [one for one in walked.children() if one in (walked.guides.pointing, walked.notice)]

    walked.notice.say("Said.")
    click(walked, "walk_next")
    assert order() == [walked.guides.pointing, walked.notice]
    assert walked.guides.pointing.isVisible() and walked.notice.isVisible()


def veiled_at(window, point: QPoint) -> bool:
    """Whether the veil darkens a place of the window."""
    picture = QImage(window.size(), QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    window.guides.pointing.render(picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return bool(picture.pixelColor(point).alpha())


def test_a_panel_that_a_station_keeps_bright_is_not_veiled(window, settled):
    bright = TEXT.replace('point = "equation"', 'point = "equation"\nbright = "network"')
    network = window.docks["network"]
    for text, veils in ((TEXT, True), (bright, False)):
        window.guides.walks.start(read_walk(text, "try.toml"))
        settled(window)
        assert veiled_at(window, network.mapTo(window, network.rect().center())) is veils


def go_to_the_last(walked, settled) -> None:
    click(walked, "walk_next")
    settled(walked)
    walked.setFocus()
    QTest.keyClick(walked, Qt.Key.Key_S)
    settled(walked)
    click(walked, "walk_next")


def test_the_keys_stay_with_the_walk_when_next_closes(walked, settled, qtbot):
    strip = walked.walk_strip
    walked.activateWindow()
    qtbot.waitUntil(walked.isActiveWindow)
    strip.next.setFocus()
    QTest.keyClick(strip.next, Qt.Key.Key_Space)
    settled(walked)
    assert not strip.next.isEnabled() and walked.focusWidget() is strip
    QTest.keyClick(strip, Qt.Key.Key_S)
    settled(walked)
    assert strip.next.isEnabled() and walked.focusWidget() is strip.next
    QTest.keyClick(strip.next, Qt.Key.Key_Space)
    assert strip.say.text() == "Train."
    walked.bridge.train(3)
    settled(walked)
    QTest.keyClick(strip.next, Qt.Key.Key_Space)
    assert not strip.isVisible()
    assert walked.focusWidget() in (None, walked)


def test_at_the_last_station_it_is_finish_that_waits(walked, settled):
    assert walked.walk_strip.next.text() == "Next"
    go_to_the_last(walked, settled)
    assert walked.walk_strip.waits.text() == "Finish opens when the batches have run"


def test_a_breakpoint_that_stops_a_training_is_told(walked, settled):
    go_to_the_last(walked, settled)
    strip = walked.walk_strip
    walked.bridge.edit_breakpoints(lambda points: points.add(AtBatch(2)))
    settled(walked)
    walked.bridge.train(3)
    settled(walked)
    assert not strip.next.isEnabled() and strip.waits.text().startswith("A breakpoint stopped it")
    walked.bridge.train(3)
    settled(walked)
    assert strip.next.isEnabled() and not strip.waits.text()


def test_a_walk_goes_on_if_another_is_not_started_after_all(walked, settled):
    go_to_the_last(walked, settled)
    walked.bridge.train(WORTH_KEEPING)
    settled(walked)
    player, files = walked.guides.walks.player, walked.session_files
    files.asks_of_unsaved = True
    other = read_walk(f'network = "784-10"\n{TEXT}', "other.toml")
    player.start(other)
    dialog = open_dialog(walked)
    assert dialog is not None and player.walk is not None
    dialog.reject()
    files.asks_of_unsaved = False
    settled(walked)
    assert player.number == 2 and walked.walk_strip.isVisible()


def test_a_clicker_does_what_a_station_waits_for_and_goes_on(walked, settled):
    strip = walked.walk_strip
    walked.setFocus()
    QTest.keyClick(walked, Qt.Key.Key_PageDown)  # the first is to be read
    settled(walked)
    assert strip.say.text() == "Press Step."
    QTest.keyClick(walked, Qt.Key.Key_PageDown)
    settled(walked)
    assert strip.next.isEnabled() and walked.snapshot.operation.source == "self.x = x"
    QTest.keyClick(walked, Qt.Key.Key_PageDown)
    assert strip.say.text() == "Train."
    QTest.keyClick(walked, Qt.Key.Key_PageUp)
    assert strip.say.text() == "Press Step."


def test_it_can_be_left_and_all_stays_as_it_is(walked, settled):
    walked.setFocus()
    QTest.keyClick(walked, Qt.Key.Key_S)
    settled(walked)
    before = walked.snapshot.position
    click(walked, "walk_leave")
    settled(walked)
    assert not walked.walk_strip.isVisible()
    assert walked.snapshot.position == before


def test_a_file_that_is_no_walk_is_refused_with_its_line(window, tmp_path, qtbot):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace("batches 3", "batches few"), "utf-8")
    window.guides.walks.open(path)
    shown = next(d for d in window.findChildren(ErrorDialog) if d.isVisible())
    said = " ".join(label.text() for label in shown.findChildren(type(shown.headline)))
    assert "mine.toml" in said and "line 18" in said
    shown.reject()


@pytest.mark.parametrize(
    ("changed", "into", "line", "said"),
    [
        ("batches 3", "panel nowhere", 16, "nowhere"),
        ("batches 3", "network 1-2-3", 16, "1-2-3"),
        ("batches 3", "press nothing", 16, "nothing"),
        ('"step_operation"', '"step_sideways"', 9, "step_sideways"),
        ('"equation"', '"equation sums"', 4, "sums"),
        ('"equation"', '"equation"\nbright = "network sums"', 4, "sums"),
        ('keys = "S"', 'keys = "S dance"', 9, "dance"),
        ('keys = "S"', 'keys = "press=me"', 9, "press=me"),
        ('title = "Try"', 'network = "784-10"\nsettings = {speed = 3}\ntitle = "T"', 1, "setting"),
    ],
)
def test_a_walk_that_names_what_there_is_not_is_refused(
    shared_window, tmp_path, changed, into, line, said
):
    path = tmp_path / "mine.toml"
    assert changed in TEXT
    path.write_text(TEXT.replace(changed, into), "utf-8")
    shared_window.guides.walks.open(path)
    shown = next(d for d in shared_window.findChildren(ErrorDialog) if d.isVisible())
    words = " ".join(label.text() for label in shown.findChildren(type(shown.headline)))
    assert "mine.toml" in words and f"line {line}:" in words and said in words
    shown.reject()
    assert shared_window.guides.walks.player.walk is None


def test_a_walk_in_learn_is_played_in_present_if_that_is_on(window, settled):
    walk = read_walk(TEXT, "try.toml")
    for layout, then in (("present", "present"), ("debug", "learn")):
        window.layouts.choose(layout)
        window.guides.walks.start(walk)
        settled(window)
        assert window.walk_strip.isVisible() and window.layout_keeper.preset.id == then


def test_a_notice_keeps_away_from_what_is_pointed_at(walked, qtbot, settled):
    notice, pointing = walked.notice, walked.guides.pointing
    notice.say("Something has happened", [("Show it", lambda: None)])
    assert notice.isVisible() and not notice.geometry().intersects(pointing.ring())
    target = walked.docks["equation"]
    target.maximise_asked.emit()
    qtbot.waitUntil(lambda: pointing.ring().height() > walked.height() / 2)  # nearly all there is
    settled(walked)
    assert pointing.target is target
    assert notice.isVisible() and not notice.geometry().intersects(pointing.ring())
    assert walked.rect().contains(notice.geometry())


def test_a_window_may_be_destroyed_in_a_walk(qtbot, settled):
    window = MainWindow(make_session())
    window.show()
    settled(window)
    window.guides.walks.start(read_walk(TEXT, "try.toml"))
    settled(window)
    player = window.guides.walks.player
    assert player.pointing.target is window.docks["equation"]
    window.bridge.close()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    assert player.pointing.target is None  # and no slot has asked it anything


def test_a_window_may_be_closed_in_a_walk(walked, qtbot):
    with qtbot.waitSignal(walked.closed):
        walked.close()
    assert not walked.isVisible()
