"""The colour scales in the window: what an epoch of training does to them, and the ways back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.data import load_mnist
from engine.debug.session import Session
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD
from gui.window.main_window import MainWindow


@pytest.fixture
def session() -> Session:
    return Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5), 100, seed=0)


@pytest.fixture
def equation(window: MainWindow, settled: Callable[[MainWindow], None]) -> Iterator[object]:
    window.resize(1366, 768)
    window.docks["equation"].raise_()
    settled(window)
    yield window.docks["equation"].view


def step_to_the_product(window: MainWindow, settled: Callable[[MainWindow], None]) -> None:
    for _ in range(20):
        # Of the cursor: behind a scene the arithmetic is still that of an earlier stop.
        if window.snapshot.operation.source == "x @ self.W":
            return
        QTest.keyClick(window, Qt.Key.Key_S)
        settled(window)
    pytest.fail("no product is come to")


@pytest.mark.slow
def test_an_epoch_later_the_product_is_rescaled_in_place_and_can_be_put_back(
    window: MainWindow,
    equation: object,
    settled: Callable[[MainWindow], None],
    qtbot: QtBot,
) -> None:
    canvas = equation.canvas
    step_to_the_product(window, settled)
    assert canvas.notes() == []
    before = equation.chip.text()
    with qtbot.waitSignal(window.bridge.run_ended, timeout=60_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    settled(window)
    step_to_the_product(window, settled)
    told = {note.text().split(":")[0]: note for note in canvas.notes()}
    assert set(told) == {"self.W", "x @ self.W"}
    assert all(note.isVisible() for note in told.values())
    assert told["x @ self.W"].text().startswith("x @ self.W: colours now reach ±")
    assert told["x @ self.W"].toolTip().endswith(" % lay outside)")
    result = canvas.coloured()[0].shown
    assert result.beyond <= 0.02 and result.widened.share > 0.5
    assert equation.chip.isVisible() and equation.chip.text().endswith("rescaled")
    qtbot.mouseClick(told["x @ self.W"].link(), Qt.MouseButton.LeftButton)
    assert canvas.coloured()[0].shown.beyond > 0.5
    assert before.removeprefix("colours ") in equation.chip.text()
    # The other views of the same moment keep scales of their own.
    for name in ("activations", "hidden_units"):
        window.docks[name].raise_()
        settled(window)
        view = window.docks[name].view
        assert view.chip.isVisible() and view.chip.isEnabled(), name
