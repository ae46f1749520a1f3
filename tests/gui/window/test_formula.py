"""The formula in the window: it follows the steps, has two notations, and leads to the panels."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest

from engine.debug.events import Position
from engine.options import Options, build_session
from gui.settings import NOTATION
from gui.window.main_window import MainWindow

S = Qt.Key.Key_S


@pytest.fixture
def open_window(qtbot, settled, tmp_path):
    """Opens windows of one person, in Learn, before a product of the first layer."""
    settings = QSettings(str(tmp_path / "own.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout/preset", "learn")
    windows: list[MainWindow] = []

    def open_it() -> MainWindow:
        session = build_session(Options())
        events = [e.index for e in session.trace if e.source == "x @ self.W"]
        session.goto(0, events[0])
        window = MainWindow(session, settings=settings)
        qtbot.addWidget(window)
        windows.append(window)
        window.resize(1366, 768)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        qtbot.waitUntil(lambda: row_of(window).typeset is not None)
        return window

    yield open_it
    for window in windows:
        window.bridge.close()


def row_of(window: MainWindow):
    return window.equation.top.formula


def test_the_formula_follows_the_steps(open_window, settled, qtbot):
    window = open_window()
    row = row_of(window)
    first = row.accessibleDescription()
    assert "x W" in first and row.isVisible()
    QTest.keyClick(window, S)
    settled(window)
    qtbot.waitUntil(lambda: row.typeset is not None)
    wider = row.running_box().width()
    QTest.keyClick(window, S, Qt.KeyboardModifier.ShiftModifier)
    settled(window)
    qtbot.waitUntil(lambda: row.typeset is not None)
    assert row.accessibleDescription() == first and row.running_box().width() < wider


def test_the_tutorials_notation_is_a_switch_that_is_remembered(open_window, qtbot):
    window = open_window()
    action = window.actions_by_id["notation"]
    assert not action.isChecked() and "X W1" not in row_of(window).accessibleDescription()
    action.trigger()
    assert "X W1 + B1" in row_of(window).accessibleDescription()
    qtbot.waitUntil(lambda: row_of(window).typeset is not None)
    window.close()

    again = open_window()
    action = again.actions_by_id["notation"]
    assert action.isChecked() and "X W1 + B1" in row_of(again).accessibleDescription()
    action.trigger()
    assert "x W + b" in row_of(again).accessibleDescription()


def test_a_damaged_setting_is_the_sources_notation(open_window, tmp_path):
    QSettings(str(tmp_path / "own.ini"), QSettings.Format.IniFormat).setValue(NOTATION, "klingon")
    assert not open_window().actions_by_id["notation"].isChecked()


def test_a_click_on_a_symbol_goes_where_its_array_was_made(open_window, settled, qtbot):
    window = open_window()
    row = row_of(window)
    trace = build_session(Options()).trace
    at = next(e.index for e in trace if e.source == "self.x.T @ dout")
    window.bridge.goto(Position(0, at))
    settled(window)
    qtbot.waitUntil(lambda: row.typeset is not None)
    symbol = next(s for s in row.formula.symbols if s.source == "self.x.T")
    event = window.snapshot.operation.operands[0].event
    assert event is not None
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.box_of(symbol).center().toPoint())
    settled(window)
    assert window.snapshot.position == Position(0, event)
