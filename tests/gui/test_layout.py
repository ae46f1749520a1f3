from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from gui.main_window import MainWindow

DOCKS = {
    "network", "samples", "source", "tensor", "loss", "variables", "cache", "call_stack",
    "timeline",
}  # fmt: skip


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
    return QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)


def places(window: MainWindow) -> dict[str, tuple[int, int, int, int]]:
    QApplication.processEvents()  # a panel that was closed leaves its room at the next layout
    return {
        name: dock.geometry().getRect() for name, dock in window.docks.items() if dock.isVisible()
    }


def test_every_dock_is_named_as_its_view_and_seen(open_window):
    window = open_window()
    assert set(window.docks) == DOCKS
    assert set(places(window)) == DOCKS
    assert all(dock.objectName() == name for name, dock in window.docks.items())


@pytest.mark.parametrize("size", [(1366, 768), (2048, 1152)])
def test_the_columns_stand_as_in_the_design(open_window, size):
    at = places(open_window(*size))
    for column in (
        ["network", "samples"],
        ["source", "tensor", "loss"],
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
    first.tabifyDockWidget(first.docks["tensor"], first.docks["loss"])
    first.close()
    second = open_window()
    variables = second.docks["variables"]
    qtbot.waitUntil(variables.isVisible)
    assert variables.isFloating()
    assert second.tabifiedDockWidgets(second.docks["tensor"]) == [second.docks["loss"]]


def test_reset_brings_back_what_was_moved_and_closed(open_window):
    window = open_window()
    fresh = places(window)
    window.docks["loss"].close()
    window.docks["cache"].setFloating(True)
    window.resizeDocks([window.docks["source"]], [300], Qt.Orientation.Vertical)
    window.actions_by_id["reset_layout"].trigger()
    QTest.qWait(0)
    assert places(window) == fresh


@pytest.mark.parametrize(
    "broken", [QByteArray(b"\x00\x01nonsense"), QByteArray(), "a text", 42, None]
)
def test_a_broken_layout_falls_back_to_the_first_one(open_window, settings, broken):
    fresh = places(open_window())
    settings.setValue("layout/state", broken)
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


def test_closing_a_maximised_window_remembers_the_panels_behind(open_window):
    first = open_window()
    first.docks["loss"].maximise_asked.emit()
    first.close()
    assert set(places(open_window())) == DOCKS


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
