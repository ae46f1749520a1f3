"""The welcome: what it offers, and that it never comes back unasked."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from gui.settings import RECENT


@pytest.fixture
def welcomed(window, qtbot):
    window.guides.welcoming.open_if_new()
    welcome = window.guides.welcoming.welcome
    assert welcome.isVisible() and welcome.size() == window.size()
    return window


def test_enter_begins_the_walk(welcomed, settled):
    welcome = welcomed.guides.welcoming.welcome
    QTest.keyClick(welcome.focusWidget() or welcome, Qt.Key.Key_Return)
    settled(welcomed)
    assert not welcome.isVisible()
    assert welcomed.walk_strip.isVisible() and welcomed.walk_strip.number.text().startswith("1 of")


def test_s_steps_at_once(welcomed, settled):
    QTest.keyClick(welcomed, Qt.Key.Key_S)
    settled(welcomed)
    assert not welcomed.guides.welcoming.welcome.isVisible()
    assert welcomed.snapshot.position.event > 0 and not welcomed.walk_strip.isVisible()


def test_a_click_steps_at_once(welcomed, settled):
    QTest.mouseClick(welcomed.guides.welcoming.welcome.know, Qt.MouseButton.LeftButton)
    settled(welcomed)
    assert welcomed.snapshot.position.event > 0


def test_it_never_comes_back_unasked(welcomed):
    welcome = welcomed.guides.welcoming.welcome
    QTest.keyClick(welcome, Qt.Key.Key_Escape)
    assert not welcome.isVisible()
    welcomed.guides.welcoming.open_if_new()
    assert not welcome.isVisible()
    welcomed.actions_by_id["welcome"].trigger()
    assert welcome.isVisible()
    welcomed.resize(1200, 700)
    assert welcome.size() == welcomed.size()


def test_a_session_that_was_saved_is_offered(window, tmp_path, settled, qtbot):
    window.bridge.train(3)
    settled(window)
    path = tmp_path / "mine.retrograd"
    with qtbot.waitSignal(window.bridge.saved):
        window.session_files.save_to(path)
    window.guides.welcoming.open()
    row = window.guides.welcoming.welcome.findChild(QPushButton, "recent_session")
    assert row.text() == "mine.retrograd"
    assert "batch 3" in row.accessibleDescription() and "loss" in row.accessibleDescription()
    # The noise of this session is in no file, so that opening it is refused.
    with qtbot.waitSignal(window.bridge.failed) as refused:
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert refused.args[0].path == path and "Noise" in str(refused.args[0])
    assert not window.guides.welcoming.welcome.isVisible()


@pytest.mark.parametrize("stored", ["{", "[1]", '{"a": 1}', '[{"path": 3}]', "[[]]"])
def test_a_damaged_list_is_an_empty_one(window, stored):
    window.settings.setValue(RECENT, stored)
    assert list(window.guides.recent.found()) == []


def test_a_file_that_is_gone_is_not_offered(window, tmp_path):
    window.settings.setValue(RECENT, json.dumps([{"path": str(tmp_path / "gone.retrograd")}]))
    assert list(window.guides.recent.found()) == []
