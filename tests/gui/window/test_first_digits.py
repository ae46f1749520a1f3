"""The first picture of a first start: digits with their labels; and what a person chose instead."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.debug.session import Session
from gui.views.equation.picture.parts import Block
from gui.window.main_window import MainWindow
from tests.gui.sessions import make_session


@pytest.fixture
def open_window(qtbot, settled):
    opened = []

    def make(session: Session) -> MainWindow:
        window = MainWindow(session)
        opened.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        return window

    yield make
    for window in opened:
        window.bridge.close()


def segment(window, text: str) -> QToolButton:
    buttons = window.docks["equation"].findChildren(QToolButton)
    return next(button for button in buttons if button.text() == text and button.isVisible())


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1366, 768), (2560, 1440)])
@pytest.mark.parametrize("preset", ["learn", "debug"])
def test_it_is_digits_whose_labels_can_be_read(open_window, preset, size):
    settings = QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Retrograd", "Retrograd"
    )
    settings.setValue("layout/preset", preset)
    settings.sync()
    window = open_window(make_session())
    window.resize(*size)
    canvas = window.equation.canvas
    (block,) = canvas.picture.blocks
    assert block.captions == tuple(str(n) for n in window.snapshot.minibatch.labels)
    place = canvas.place_of(block.operand)
    pixel = place.cells.width() / block.shape[1]
    assert pixel * 28 >= 20 and pixel * block.foot >= 10
    assert place.cells.right() <= canvas.width() and place.cells.bottom() <= canvas.height()


def test_a_choice_of_matrix_holds_for_the_next_start(open_window):
    first = open_window(make_session())
    QTest.mouseClick(segment(first, "Matrix"), Qt.MouseButton.LeftButton)
    blocks = [part for part in first.equation.canvas.picture.parts if isinstance(part, Block)]
    assert [block.tile for block in blocks] == [None, None]
    second = open_window(make_session())
    assert segment(second, "Matrix").isChecked()
    assert all(block.tile is None for block in second.equation.canvas.picture.blocks)
    QTest.mouseClick(segment(second, "28 × 28"), Qt.MouseButton.LeftButton)
    assert second.equation.canvas.picture.blocks[0].captions
