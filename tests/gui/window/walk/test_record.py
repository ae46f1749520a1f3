"""A teacher records a walk, keeps it in the session's file, plays it, and writes it as text."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

from engine.debug.bookmarks import stations_of
from engine.debug.events import Position
from engine.options import Options, build_session
from gui.dialogs.dialog import ErrorDialog, MessageDialog
from gui.walks.finding import is_at
from gui.walks.load import read_walk
from gui.window.main_window import MainWindow
from tests.gui.menus import submenu

TINY = Options(network="16-4-3")


def open_window(qtbot, settled) -> MainWindow:
    window = MainWindow(build_session(TINY), TINY)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    return window


@pytest.fixture
def window(qtbot, settled):
    window = open_window(qtbot, settled)
    yield window
    window.session_files.path = None  # nobody is there to be asked
    window.close()


@pytest.fixture
def other(qtbot, settled):
    window = open_window(qtbot, settled)
    yield window
    window.session_files.path = None
    window.close()


def entries(menu) -> dict:
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def teach(window, text: str) -> None:
    action = entries(window.guides.walks.menu)[text]
    assert action.isEnabled()
    action.trigger()


def click(window, name: str) -> None:
    strip = window.record_strip if name.startswith("record") else window.walk_strip
    (button,) = [
        one for kind in (QPushButton, QToolButton) for one in strip.findChildren(kind, name)
    ]
    assert button.isVisible() and button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def say(window, text: str, look: str = "") -> None:
    strip = window.record_strip
    for line, words in ((strip.say, text), (strip.look, look)):
        line.setFocus()
        line.selectAll()
        QTest.keyClick(line, Qt.Key.Key_Delete)
        QTest.keyClicks(line, words)


def keys(window, settled, *pressed: Qt.Key) -> None:
    for key in pressed:
        QTest.keyClick(window, key)
        settled(window)


def listed(window) -> list[str]:
    rows = window.record_strip.list
    return [rows.item(row).text() for row in range(rows.count())]


def stations(window):
    return stations_of(window.snapshot.bookmarks)


def choose(window, row: int) -> None:
    rows = window.record_strip.list
    spot = rows.visualItemRect(rows.item(row)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=spot)


@pytest.fixture
def recorded(window, qtbot, settled):
    """Three stations: in batch 0, in batch 3, and back in batch 0."""
    teach(window, "Record a walk…")
    strip = window.record_strip
    assert strip.isVisible() and strip.heading.text() == "Recording station 1"
    assert not strip.put.isEnabled()
    keys(window, settled, Qt.Key.Key_S, Qt.Key.Key_S)
    say(window, "Say simple things.", "the `x`")
    click(window, "record_put")
    settled(window)
    assert (
        window.hasFocus()
        and strip.say.text() == ""
        and strip.heading.text() == "Recording station 2"
    )
    window.bridge.train(3)
    qtbot.waitUntil(lambda: window.snapshot.position.batch == 3)
    settled(window)
    strip.say.setFocus()
    QTest.keyClicks(strip.say, "After three.")
    QTest.keyClick(strip.say, Qt.Key.Key_Return)
    settled(window)
    window.bridge.goto(Position(0, 0))
    settled(window)
    say(window, "Where it began.")
    click(window, "record_put")
    settled(window)
    return window


def test_stations_are_recorded_where_one_goes(recorded):
    first, second, third = stations(recorded)
    assert (first.text, first.look) == ("Say simple things.", "the `x`")
    assert first.position.batch == 0 and first.position.event > 0
    assert second.position.batch == 3 and third.position == Position(0, 0)
    assert listed(recorded) == ["1  Say simple things.", "2  After three.", "3  Where it began."]
    foot = recorded.record_strip.mapTo(recorded, QPoint(0, recorded.record_strip.height())).y()
    tops = [
        d.mapTo(recorded, QPoint()).y()
        for d in recorded.docks.values()
        if not d.visibleRegion().isEmpty()
    ]
    assert min(tops) >= foot
    click(recorded, "record_done")
    assert not recorded.record_strip.isVisible()
    assert "Play my walk" in recorded.notice.text() and recorded.notice.isVisible()


def test_a_walk_is_saved_with_its_session_and_played_in_another_window(
    recorded, other, qtbot, settled, tmp_path
):
    path = tmp_path / "lesson.retrograd"
    moments = [one.position for one in stations(recorded)]
    with qtbot.waitSignal(recorded.bridge.saved):
        recorded.session_files.save_to(path)
    assert not entries(other.guides.walks.menu)["Play my walk"].isEnabled()
    with qtbot.waitSignal(other.bridge.loaded):
        other.session_files.open(path)
    settled(other)
    teach(other, "Play my walk")
    settled(other)
    strip = other.walk_strip
    assert strip.isVisible() and strip.heading.text() == "Walk: lesson"
    for text, moment in zip(
        ("Say simple things.", "After three.", "Where it began."), moments, strict=True
    ):
        assert strip.say.text() == text and other.snapshot.position == moment
        assert not strip.strayed.isVisible()
        click(other, "walk_next")
        settled(other)
    assert not strip.isVisible()


def test_stations_are_edited_moved_and_deleted_and_it_can_be_undone(recorded, settled):
    strip = recorded.record_strip
    say(recorded, "A draft")
    choose(recorded, 1)
    assert strip.heading.text() == "Station 2 of 3" and strip.say.text() == "After three."
    assert "batch 3" in strip.where.text()
    click(recorded, "record_earlier")
    settled(recorded)
    assert [one.text[:5] for one in stations(recorded)] == ["After", "Say s", "Where"]
    assert strip.heading.text() == "Station 1 of 3" and not strip.earlier.isEnabled()
    say(recorded, "After 3 batches.", "the loss")
    click(recorded, "record_put")
    settled(recorded)
    assert stations(recorded)[0].text == "After 3 batches." and strip.say.text() == "A draft"
    assert stations(recorded)[0].position.batch == 3
    choose(recorded, 0)
    click(recorded, "record_visit")
    settled(recorded)
    assert recorded.snapshot.position.batch == 3
    click(recorded, "record_delete")
    settled(recorded)
    assert listed(recorded) == ["1  Say simple things.", "2  Where it began."]
    assert strip.heading.text() == "Recording station 3" and strip.say.text() == "A draft"
    recorded.bridge.undo()
    settled(recorded)
    assert listed(recorded)[0] == "1  After 3 batches."
    for _ in range(2):
        recorded.bridge.undo()
        settled(recorded)
    assert [one.text for one in stations(recorded)] == [
        "Say simple things.", "After three.", "Where it began."
    ]  # fmt: skip


def test_undo_of_a_change_shows_in_the_fields(recorded, settled):
    choose(recorded, 0)
    say(recorded, "Other words.")
    click(recorded, "record_put")
    settled(recorded)
    choose(recorded, 0)
    assert recorded.record_strip.say.text() == "Other words."
    recorded.bridge.undo()
    settled(recorded)
    assert recorded.record_strip.say.text() == "Say simple things."


def test_letters_go_to_the_text_and_escape_gives_the_keys_back(window, settled):
    teach(window, "Record a walk…")
    assert window.record_strip.say.hasFocus()
    before = window.snapshot.position
    QTest.keyClicks(window.focusWidget(), "Press S a b ?")
    settled(window)
    assert window.snapshot.position == before
    assert window.record_strip.say.text() == "Press S a b ?"
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    keys(window, settled, Qt.Key.Key_S)
    assert window.snapshot.position != before
    assert window.record_strip.say.text() == "Press S a b ?"


def test_a_thing_is_picked_by_a_click_that_does_nothing_else(window, settled):
    teach(window, "Record a walk…")
    strip, picker, before = window.record_strip, window.teaching.recorder.picker, None
    pick = next(n for n in range(strip.box.count()) if "Pick" in strip.box.itemText(n))
    before = window.snapshot.position
    for target in ("step_into", "source"):
        strip.box.setCurrentIndex(pick)
        strip.box.activated.emit(pick)
        assert picker.isVisible() and "Click" in strip.where.text()
        widget = picker._target_of(target)
        spot = widget.mapTo(window, QPoint(8, 8))
        QTest.mouseMove(picker, spot)
        QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=spot)
        settled(window)
        assert not picker.isVisible() and "here" in strip.where.text()
        assert window.snapshot.position == before
        assert strip.said.point == target
    assert strip.box.currentText() == window.source.title()
    say(window, "Look here.")
    click(window, "record_put")
    settled(window)
    assert stations(window)[0].point == "source" and strip.said.point == ""
    choose(window, 0)
    assert strip.said.point == "source"
    teach(window, "Play my walk")
    settled(window)
    assert not strip.isVisible()
    assert window.guides.pointing.target is window.docks["source"]


def test_picking_is_left_with_escape(window):
    teach(window, "Record a walk…")
    strip, picker = window.record_strip, window.teaching.recorder.picker
    strip.show_point("loss")
    strip.pick_asked.emit()
    QTest.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible() and strip.said.point == "loss"
    assert "here" in strip.where.text()


def test_the_tab_key_passes_the_list_without_choosing(recorded):
    strip = recorded.record_strip
    say(recorded, "A draft")
    strip.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert strip.heading.text() == "Recording station 4" and strip.say.text() == "A draft"
    QTest.keyClick(strip.list, Qt.Key.Key_Right)
    assert strip.heading.text() == "Station 1 of 3"
    click(recorded, "record_new")
    assert strip.heading.text() == "Recording station 4" and strip.say.text() == "A draft"


def test_a_station_on_another_branch_is_gone_to_over_there(recorded, settled):
    recorded.bridge.goto(Position(1, 0))
    settled(recorded)
    recorded.bridge.set_learning_rate(0.25)
    settled(recorded)
    say(recorded, "Slower here.")
    click(recorded, "record_put")
    settled(recorded)
    teach(recorded, "Play my walk")
    settled(recorded)
    rates = []
    for _ in range(4):
        rates.append((recorded.snapshot.position.batch, recorded.snapshot.setup.learning_rate))
        click(recorded, "walk_next")
        settled(recorded)
    usual = rates[1][1]
    assert rates[1] == (3, usual) and rates[3] == (1, 0.25) and usual != 0.25


def test_a_moment_that_is_gone_is_told_and_the_walk_goes_on(window, settled, qtbot):
    marks = [("Here.", Position(0, 3)), ("Far.", Position(40, 3)), ("Back.", Position(0, 5))]
    for text, position in marks:
        window.bridge.edit_bookmarks(
            lambda on, text=text, position=position: on.add_station(text, position)
        )
    settled(window)
    teach(window, "Play my walk")
    settled(window)
    click(window, "walk_next")
    settled(window)
    strip = window.walk_strip
    assert strip.say.text() == "Far." and window.snapshot.position == Position(0, 3)
    assert "does not reach batch 40" in strip.strayed.text() and strip.strayed.isVisible()
    assert not strip.back_there.isVisible()
    assert not [d for d in window.findChildren(ErrorDialog) if d.isVisible()]
    click(window, "walk_next")
    settled(window)
    assert window.snapshot.position == Position(0, 5) and not strip.strayed.isVisible()


def test_the_bookmarks_menu_names_stations_and_edits_one(recorded, settled):
    click(recorded, "record_done")
    found = entries(recorded.bookmarks_menu)
    assert any(text.startswith("Station 2: After three.   batch 3") for text in found)
    names = entries(submenu(found["Edit station"]))
    names["After three."].trigger()
    strip = recorded.record_strip
    assert strip.isVisible() and strip.heading.text() == "Station 2 of 3"
    assert strip.say.text() == "After three." and strip.say.hasFocus()
    say(recorded, "Three later.")
    click(recorded, "record_put")
    settled(recorded)
    assert stations(recorded)[1].text == "Three later."


def test_a_walk_written_as_text_is_opened_and_played(recorded, other, settled, tmp_path):
    click(recorded, "record_done")
    recorded.teaching.save_to(tmp_path / "mine")
    path = tmp_path / "mine.toml"
    told = next(d for d in recorded.findChildren(MessageDialog) if d.isVisible())
    assert str(path) in told.text.text() and "branches are kept" in told.text.text()
    told.reject()
    walk = read_walk(path.read_text("utf-8"), path.name)
    assert [one.say for one in walk.stations] == [one.text for one in stations(recorded)]
    assert walk.network == "16-4-3" and walk.layout == recorded.layout_keeper.preset.id
    assert walk.stations[0].at is not None and walk.stations[0].position is None
    other.guides.walks.open(path)
    settled(other)
    strip = other.walk_strip
    assert strip.heading.text() == "Walk: My walk" and strip.number.text() == "1 of 3"
    assert is_at(other.snapshot, walk.stations[0].at)
    for station in walk.stations:
        assert strip.say.text() == station.say and is_at(other.snapshot, station.at)
        click(other, "walk_next")
        settled(other)
    assert not strip.isVisible()


def test_a_walk_of_the_first_batch_is_wholly_in_its_text(window, settled, tmp_path):
    window.bridge.edit_bookmarks(
        lambda on: on.add_station("Here.", Position(0, 0), code="train_step: x")
    )
    settled(window)
    window.teaching.save_to(tmp_path / "a.toml")
    told = next(d for d in window.findChildren(MessageDialog) if d.isVisible())
    assert told.text.text() == str(tmp_path / "a.toml")
    told.reject()


def test_a_walk_that_cannot_be_written_is_told(recorded, tmp_path):
    recorded.teaching.save_to(tmp_path / "nowhere" / "mine.toml")
    shown = next(d for d in recorded.findChildren(ErrorDialog) if d.isVisible())
    assert "nowhere" in shown.text.text() and not (tmp_path / "nowhere").exists()
    shown.reject()


def test_teach_is_a_menu_of_its_own_with_a_key(window, qtbot):
    titles = [action.text() for action in window.top.menu_bar.actions()]
    assert titles.index("View") + 1 == titles.index("Teach") == titles.index("Help") - 1
    found = list(entries(window.guides.walks.menu))
    assert found[-4:] == [
        "Open a walk…", "Record a walk…", "Play my walk", "Save the walk as a text file…"
    ]  # fmt: skip
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(window.guides.walks.menu.isVisible)
    window.guides.walks.menu.close()


def test_nothing_is_added_while_a_run_goes_on(recorded, qtbot, settled):
    put = recorded.record_strip.put
    say(recorded, "Where is this?")
    recorded.bridge.train(None)
    qtbot.waitUntil(lambda: recorded.bridge.running is not None and not put.isEnabled())
    QTest.keyClick(recorded.record_strip.say, Qt.Key.Key_Return)
    assert "Pause" in put.toolTip()
    recorded.bridge.pause()
    settled(recorded)
    assert put.isEnabled() and len(stations(recorded)) == 3
    click(recorded, "record_put")
    settled(recorded)
    assert stations(recorded)[3].position == recorded.snapshot.position


def undone(window, settled) -> str:
    """What the window says after Ctrl+Z."""
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(window)
    return window.notice.text() if window.notice.isVisible() else ""


def test_undo_calls_a_station_by_its_name_and_a_bookmark_by_its_own(recorded, settled):
    window = recorded
    undo = window.actions_by_id["undo"]
    assert undo.text() == "Undo: station"
    choose(window, 1)
    for name in ("record_earlier", "record_delete"):
        click(window, name)
        settled(window)
        assert undo.text() == "Undo: station"
        assert undone(window, settled) == "Undone: station"
        choose(window, 1)
    click(window, "record_done")
    found = entries(window.bookmarks_menu)
    entries(submenu(found["Remove"]))["After three."].trigger()
    settled(window)
    assert len(stations(window)) == 2
    assert undone(window, settled) == "Undone: station"
    window.bridge.edit_bookmarks(lambda on: on.add("a moment", Position(0, 1)))
    settled(window)
    entries(submenu(entries(window.bookmarks_menu)["Remove"]))["a moment"].trigger()
    settled(window)
    assert undone(window, settled) == "Undone: bookmark"


def test_opening_a_session_with_a_walk_says_so_once_and_offers_it(
    recorded, other, qtbot, settled, tmp_path
):
    path = tmp_path / "lesson.retrograd"
    with qtbot.waitSignal(recorded.bridge.saved):
        recorded.session_files.save_to(path)
    other.session_files.open(path)
    settled(other)
    notice = other.notice
    assert notice.isVisible() and "a walk of 3 stations" in notice.text()
    (link,) = notice.links
    assert link.text() == "Play my walk" and link.isVisible()
    assert other.rect().contains(notice.geometry())
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    settled(other)
    assert other.walk_strip.isVisible() and not notice.isVisible()
    assert other.walk_strip.say.text() == "Say simple things."
    click(other, "walk_next")
    settled(other)
    assert not notice.isVisible()


def test_opening_a_session_without_a_walk_says_nothing_of_one(window, qtbot, settled, tmp_path):
    window.bridge.edit_bookmarks(lambda on: on.add("a moment", Position(0, 1)))
    with qtbot.waitSignal(window.bridge.saved):
        window.session_files.save_to(tmp_path / "a.retrograd")
    window.session_files.open(tmp_path / "a.retrograd")
    settled(window)
    assert "walk" not in window.notice.text() or not window.notice.isVisible()


def test_the_strip_has_two_rows_and_every_part_is_in_sight(recorded, settled):
    window, strip = recorded, recorded.record_strip
    window.resize(1366, 768)
    settled(window)
    for chosen in (None, 1):
        if chosen is not None:
            choose(window, chosen)
        QApplication.processEvents()
        parts = [
            part
            for part in strip.findChildren(
                QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
            )
            if part.isVisible()
        ]
        assert all(strip.rect().contains(part.geometry()) for part in parts)
        upper = [part for part in parts if part.geometry().center().y() < strip.height() / 2]
        assert {strip.heading, strip.list, strip.where, strip.done} <= set(upper)
        assert all(
            not one.geometry().intersects(two.geometry()) for one, two in combinations(parts, 2)
        )
        least = max(part.height() for part in parts)
        assert strip.height() < 3 * least
    assert window.width() == 1366
