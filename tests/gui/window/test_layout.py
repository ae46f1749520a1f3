from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QPoint, QRect, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QToolButton

from gui.window.main_window import MainWindow
from tests.gui.rest import at_rest

IN_FRONT = {
    "network", "samples", "source", "equation", "loss", "variables", "cache", "call_stack",
    "timeline",
}  # fmt: skip
BEHIND = {
    "tensor",
    "branches",
    "activations",
    "gradients",
    "hidden_units",
    "confusion",
    "numeric",
    "breakpoints",
    "log",
}
FEW = {"network", "source", "equation", "timeline"}


@pytest.fixture
def open_window(qtbot, settings):
    """Open windows as one person does, one after the other."""

    def open_one(width: int = 1366, height: int = 768) -> MainWindow:
        window = MainWindow(settings=settings)
        qtbot.addWidget(window)
        window.resize(width, height)
        with qtbot.waitExposed(window):
            window.show()
        return window

    return open_one


@pytest.fixture
def settings(tmp_path) -> QSettings:
    settings = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout/preset", "debug")
    return settings


def places(window: MainWindow) -> dict[str, tuple[int, int, int, int]]:
    QApplication.processEvents()  # a panel that was closed leaves its room at the next layout
    return {
        name: dock.geometry().getRect()
        for name, dock in window.docks.items()
        if not dock.visibleRegion().isEmpty()
    }


def test_every_dock_is_named_as_its_view_and_seen(open_window):
    window = open_window()
    assert set(window.docks) == IN_FRONT | BEHIND
    assert set(places(window)) == IN_FRONT
    assert all(dock.objectName() == name for name, dock in window.docks.items())


@pytest.mark.parametrize("size", [(1366, 768), (2048, 1152)])
def test_the_columns_stand_as_in_the_design(open_window, size):
    at = places(open_window(*size))
    for column in (
        ["network", "samples"],
        ["source", "equation", "loss"],
        ["variables", "cache", "call_stack"],
    ):
        lefts = {at[name][0] for name in column}
        tops = [at[name][1] for name in column]
        assert len(lefts) == 1
        assert tops == sorted(tops)
    assert at["network"][0] < at["source"][0] < at["variables"][0]
    assert at["timeline"][1] > max(y + h - 1 for n, (_, y, _, h) in at.items() if n != "timeline")
    assert at["timeline"][2] == size[0] - 12
    assert at["source"][2] > size[0] / 2


def test_a_layout_comes_back_as_it_was_left(open_window):
    first = open_window()
    first.docks["samples"].close()
    first.resizeDocks([first.docks["source"]], [260], Qt.Orientation.Vertical)
    left = places(first)
    first.close()
    second = open_window()
    assert places(second) == left
    assert "samples" not in places(second)


def test_floating_and_tabbed_panels_come_back_in_front_of_the_window(open_window, qtbot):
    first = open_window()
    first.docks["variables"].setFloating(True)
    first.tabifyDockWidget(first.docks["source"], first.docks["loss"])
    first.close()
    second = open_window()
    variables = second.docks["variables"]
    qtbot.waitUntil(variables.isVisible)
    assert variables.isFloating()
    assert second.docks["loss"] in second.tabifiedDockWidgets(second.docks["source"])


def test_reset_brings_back_what_was_moved_and_closed(open_window):
    window = open_window()
    fresh = places(window)
    window.docks["loss"].close()
    window.docks["cache"].setFloating(True)
    window.resizeDocks([window.docks["source"]], [300], Qt.Orientation.Vertical)
    window.actions_by_id["reset_layout"].trigger()
    QTest.qWait(0)
    assert places(window) == fresh


def test_a_first_start_is_to_learn(open_window, settings):
    settings.clear()
    window = open_window()
    assert set(places(window)) == FEW
    assert window.actions_by_id["layout_learn"].isChecked()
    words = {b.text() for b in window.top.findChildren(QToolButton) if b.isVisible() and b.text()}
    assert {"Back", "Step  S", "Over", "Out", "Train"} <= words


@pytest.mark.parametrize("size", [(1366, 768), (2048, 1152)])
def test_each_layout_has_its_panels_and_comes_back_as_it_was_left(open_window, size):
    window = open_window(*size)
    for key, id, shown in ((1, "learn", FEW), (3, "present", FEW), (2, "debug", IN_FRONT)):
        QTest.keyClick(
            window, Qt.Key(Qt.Key.Key_0.value + key), Qt.KeyboardModifier.ControlModifier
        )
        assert set(places(window)) == shown
        checked = {name for name in ("learn", "debug", "present")
                   if window.actions_by_id[f"layout_{name}"].isChecked()}  # fmt: skip
        assert checked == {id}
    window.docks["samples"].close()
    left = places(window)
    window.layouts.choose("present")
    window.layouts.choose("debug")
    assert places(window) == left
    window.layouts.choose("learn")
    window.close()
    assert set(places(open_window())) == FEW


@pytest.mark.parametrize(("size", "factor"), [
    ((1366, 768), 1.42), ((1280, 720), 1.325), ((1024, 640), 1.15), ((1920, 1080), 1.613),
])  # fmt: skip
def test_present_writes_the_code_larger(window, settled, qtbot, size, factor):
    """In a small window by less, since a projector shows its pixels larger."""
    code = window.source.findChild(QPlainTextEdit)
    window.setMinimumSize(1, 1)
    window.layouts.choose("present")
    window.resize(*size)
    settled(window)
    at_rest(window, qtbot)
    assert code.font().pixelSize() == round(factor * 13)


def test_a_click_on_a_tab_brings_its_panel_to_the_front(window, qtbot, settled):
    tabs = window.docks["loss"].row.tabs
    names = [tabs.tabText(place) for place in range(tabs.count())]
    assert names == [
        "Loss", "Branches", "Activations", "Gradients", "Hidden units", "Confusion",
        "Numeric",
    ]  # fmt: skip
    assert tabs.tabText(tabs.currentIndex()) == "Loss"
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(3).center())
    settled(window)
    assert "gradients" in places(window) and "loss" not in places(window)
    there = window.docks["gradients"].row.tabs
    assert there.tabText(there.currentIndex()) == "Gradients"
    window.docks["gradients"].close()
    qtbot.waitUntil(lambda: window.docks["loss"].row.tabs.count() == 6)


def test_a_panel_behind_another_draws_nothing_until_it_is_seen(window, settled):
    drawn = []
    shown = window.gradients.show_snapshot
    window.gradients.show_snapshot = lambda snapshot: (drawn.append(snapshot), shown(snapshot))
    for _ in range(3):
        QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert not drawn
    window.docks["gradients"].raise_()
    QApplication.processEvents()
    assert drawn == [window.snapshot]


@pytest.mark.parametrize(
    "broken", [QByteArray(b"\x00\x01nonsense"), QByteArray(), "a text", 42, None]
)
def test_a_broken_layout_falls_back_to_the_first_one(open_window, settings, broken):
    fresh = places(open_window())
    settings.setValue("layout/state_debug", broken)
    settings.setValue("layout/geometry", broken)
    settings.setValue("appearance/theme", broken)
    assert places(open_window()) == fresh


def test_the_view_menu_closes_and_brings_back_a_panel(open_window):
    window = open_window()
    toggle = window.docks["cache"].toggleViewAction()
    toggle.trigger()
    assert not window.docks["cache"].isVisible()
    toggle.trigger()
    assert window.docks["cache"].isVisible()


def test_a_maximised_panel_shares_the_window_with_the_timeline_alone(open_window):
    window = open_window()
    before = places(window)
    window.docks["loss"].maximise_asked.emit()
    assert set(places(window)) == {"loss", "timeline"}
    window.docks["loss"].maximise_asked.emit()
    assert places(window) == before


def test_a_maximised_panel_keeps_its_tabs_and_has_the_way_back(open_window, qtbot):
    window = open_window()
    before = places(window)
    restore = window.docks["loss"].row.restore
    assert not restore.isVisible()
    window.docks["loss"].maximise_asked.emit()
    qtbot.waitUntil(restore.isVisible)
    tabs = window.docks["loss"].row.tabs
    names = [tabs.tabText(place) for place in range(tabs.count())]
    assert names[:4] == ["Loss", "Branches", "Activations", "Gradients"] and tabs.isVisible()
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(3).center())
    assert set(places(window)) == {"gradients", "timeline"}
    back = window.docks["gradients"].row.restore
    qtbot.waitUntil(back.isVisible)
    row = window.docks["gradients"].row
    assert row.rect().contains(QRect(back.mapTo(row, QPoint(0, 0)), back.size()))
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not back.isVisible())
    # The tab that was chosen meanwhile stays in front; all else is where it was.
    after = places(window)
    assert after.pop("gradients") == before.pop("loss") and after == before


def test_another_layout_is_not_maximised(open_window, qtbot):
    window = open_window()
    window.docks["source"].maximise_asked.emit()
    qtbot.waitUntil(window.docks["source"].row.restore.isVisible)
    window.layouts.choose("learn")
    qtbot.waitUntil(lambda: not window.docks["source"].row.restore.isVisible())


def test_closing_a_maximised_window_remembers_the_panels_behind(open_window):
    first = open_window()
    first.docks["loss"].maximise_asked.emit()
    first.close()
    assert set(places(open_window())) == IN_FRONT


def test_a_hidden_panel_is_drawn_when_it_is_seen_again(window, settled):
    window.docks["call_stack"].close()
    drawn = []
    window.call_stack.subtitle_changed.connect(drawn.append)
    before = window.docks["call_stack"].grab()
    for _ in range(8):
        QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    window.docks["call_stack"].show()
    after = window.docks["call_stack"].grab()
    assert before.toImage() != after.toImage()


def test_the_question_mark_explains_the_panel(window, qtbot):
    buttons = window.docks["tensor"].row.findChildren(QToolButton)
    question = next(b for b in buttons if b.accessibleName() == "What is this?")
    assert window.tensor.help_text()
    QTest.mouseClick(question, Qt.MouseButton.LeftButton)


def test_the_panels_stay_where_they_were_from_start_to_start(open_window, qtbot):
    """Though a window manager gives the window another size once it is shown."""

    def start() -> dict:
        window = open_window()
        window.resize(1366, 749)
        seen = [{}]

        def at_rest() -> bool:
            seen.append(places(window))
            return seen[-1] == seen[-2] and window.height() == 749

        qtbot.waitUntil(at_rest)
        window.close()
        return seen[-1]

    first = start()
    for _ in range(3):
        assert start() == first


def test_a_strip_above_the_panels_leaves_no_trace_in_their_sizes(open_window, qtbot):
    window = open_window()
    window.layouts.choose("present")
    at_rest(window, qtbot)
    before = heights(window)
    window.walk_strip.show()
    for _ in range(3):
        window.layouts.choose("learn")
        at_rest(window, qtbot)
        window.layouts.choose("present")
        at_rest(window, qtbot)
    window.walk_strip.hide()
    at_rest(window, qtbot)
    assert heights(window) == pytest.approx(before, abs=8)
    window.walk_strip.show()
    at_rest(window, qtbot)
    window.close()
    again = open_window()
    at_rest(again, qtbot)
    assert heights(again) == pytest.approx(before, abs=8)


def heights(window: MainWindow) -> dict[str, int]:
    QApplication.processEvents()
    return {name: window.docks[name].height() for name in ("source", "equation")}
