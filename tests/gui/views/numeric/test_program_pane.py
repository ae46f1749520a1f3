"""Numerical gradients of any program in the window: on its live objects, between other commands."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.debug.session import Session
from engine.numeric import Method, differentiate
from gui.views.numeric.table import EVALUATIONS, MULTIPLE, TIME
from tests.gui.programs.making import BARE, session_of, window_of, window_on
from tests.programs.loading import load, source_of, undisturbed

SECONDS = 60_000


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(box, data) -> None:
    """As a person does, who opens the list and takes an entry."""
    place = [box.itemData(n) for n in range(box.count())].index(data)
    box.setCurrentIndex(place)
    box.activated.emit(box.currentIndex())


def cell(pane, method: Method, column: int) -> str:
    """What the table says."""
    model = pane.contest.table.contest
    return model.data(model.index(model.methods.index(method), column))


def parameters_of(session) -> dict[str, np.ndarray]:
    return {name: array.copy() for name, array in session.parameters().items()}


@pytest.fixture(autouse=True)
def _undisturbed():
    with undisturbed():
        yield


@pytest.fixture
def pane_of(settled):
    """The pane of a window, large, and what it shows."""

    def show(window):
        window.layouts.choose("numeric")
        settled(window)
        return window.numeric.program

    return show


@pytest.fixture
def norm(qapp, tmp_path, settled, pane_of):
    with load("norm") as program, window_of(program, tmp_path) as window:
        settled(window)
        yield window, pane_of(window)


def run(pane, qtbot) -> None:
    click(pane.controls.start)
    assert pane.work.busy
    qtbot.waitUntil(lambda: not pane.work.busy, timeout=SECONDS)
    pane._draw()
    pane.values.refresh()


def test_before_it_starts_it_says_what_it_would_do_and_what_it_cannot(norm):
    _, pane = norm
    assert pane.isVisible() and "Press Start" in pane.verdict.text()
    text = pane.contest.formula.text()
    assert "135 elements: 270" in text
    assert "complex step" in text and "need a network of layers" in text
    assert list(pane.contest.table.contest.methods) == [
        Method.CENTRAL, Method.FORWARD, Method.BACKPROP,
    ]  # fmt: skip
    controls = pane.controls
    absent = (controls.dtype, controls.images, controls.tutorial)
    assert not any(one.isVisible() for one in absent)
    assert controls.h.isVisible() and controls.start.isEnabled()


def test_value_against_value_and_time_against_time(norm, settled, qtbot):
    window, pane = norm
    window.bridge.train(3)
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    here, before = window.snapshot.position, parameters_of(window.bridge._worker.session)
    run(pane, qtbot)
    assert "Backpropagation agrees" in pane.verdict.text()
    assert cell(pane, Method.CENTRAL, EVALUATIONS) == "270"
    assert cell(pane, Method.FORWARD, EVALUATIONS) == "136"
    assert cell(pane, Method.BACKPROP, EVALUATIONS) == "1 pass"
    assert cell(pane, Method.BACKPROP, MULTIPLE) == "1"
    assert cell(pane, Method.CENTRAL, TIME) and cell(pane, Method.CENTRAL, MULTIPLE)
    choose(pane.values.parameter, "gamma")
    assert pane.values.words().startswith("gamma agrees")
    left, right = (table.values for table in pane.values.tables()[:2])
    assert np.abs(left - right).max() <= 1e-7 * np.abs(right).max()
    settled(window)
    session = window.bridge._worker.session
    assert session.position == here == window.snapshot.position
    for name, array in session.parameters().items():
        assert np.array_equal(array, before[name])
    with load("norm") as program:
        other = Session.from_step(program.step)
        other.run(3)
        expected = differentiate(other).gradients
    for name, gradient in pane._state.numeric[Method.CENTRAL].items():
        np.testing.assert_allclose(gradient, expected[name], rtol=0, atol=1e-8)


def test_stepping_goes_on_meanwhile_and_the_end_is_the_same(norm, settled, qtbot):
    window, pane = norm
    click(pane.controls.start)
    for stop in range(1, 6):
        QTest.keyClick(window, Qt.Key.Key_S)
        settled(window)
        assert window.snapshot.position == (0, stop)
    qtbot.waitUntil(lambda: not pane.work.busy, timeout=SECONDS)
    assert "Backpropagation agrees" in pane.verdict.text()
    assert window.bridge._worker.session.position == (0, 5)


def test_it_can_be_paused_and_cancelled(norm, settled, qtbot):
    window, pane = norm
    click(pane.controls.start)
    click(pane.controls.pause)
    assert pane.work.paused and pane.controls.pause.text() == "Go on"
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.position == (0, 1) and pane.work.busy
    click(pane.controls.pause)
    qtbot.waitUntil(lambda: not pane.work.busy, timeout=SECONDS)
    assert "Backpropagation agrees" in pane.verdict.text()
    click(pane.controls.start)
    click(pane.controls.cancel)
    assert not pane.work.busy and pane.controls.start.isVisible()
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.bridge._worker.session.position == (0, 2)


def test_a_comparison_of_a_batch_that_was_left_ends_with_a_sentence(norm, settled, qtbot):
    window, pane = norm
    click(pane.controls.start)
    click(pane.controls.pause)
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    settled(window)
    assert window.snapshot.position == (1, 0) and pane.work.busy
    click(pane.controls.pause)
    qtbot.waitUntil(lambda: not pane.work.busy, timeout=SECONDS)
    assert "has left batch 0" in pane.verdict.text()
    assert window.bridge._worker.session.position == (1, 0)
    run(pane, qtbot)
    assert "Backpropagation agrees" in pane.verdict.text()


def test_only_some_elements_are_moved(norm, qtbot):
    _, pane = norm
    choose(pane.controls.elements, (("beta",), None))
    run(pane, qtbot)
    assert cell(pane, Method.CENTRAL, EVALUATIONS) == "24 / 270"
    assert "≈" in cell(pane, Method.CENTRAL, TIME)
    known = pane._state.numeric[Method.CENTRAL]
    assert list(known) == ["beta"] and np.isfinite(known["beta"]).all()
    assert "of the checked elements" in pane.verdict.text()


def test_a_mistake_is_said_with_its_parameter(qapp, tmp_path, settled, pane_of, qtbot):
    text = source_of("rebinding").replace("db2 = 1 / m * np", "db2 = -1 / m * np")
    session = session_of(tmp_path, "mistake", text + "\n\nstep = train\n")
    with window_on(session, tmp_path) as window:
        settled(window)
        pane = pane_of(window)
        run(pane, qtbot)
        assert "Backpropagation disagrees" in pane.verdict.text()
        assert "The gradient by b2 is -1 times the derivative" in pane.verdict.text()
        choose(pane.values.parameter, "b2")
        assert any(line.startswith("b2 disagrees") for line in pane.values.words().splitlines())
        choose(pane.values.parameter, "W1")
        assert pane.values.words().startswith("W1 agrees")


def test_without_a_loss_it_says_where_to_name_one(qapp, tmp_path, settled, pane_of, qtbot):
    with load("columns") as program, window_of(program, tmp_path) as window:
        settled(window)
        window.layouts.show_panel("numeric")
        settled(window)
        pane = window.numeric.program
        run(pane, qtbot)
        assert pane.verdict.isVisible()
        assert "computed after the update" in pane.verdict.text()
        assert "What is what…" in pane.verdict.text()
        assert pane.controls.start.isVisible()


def test_in_a_low_panel_the_pages_are_chosen(qapp, tmp_path, settled, qtbot):
    with load("pairs") as program, window_of(program, tmp_path) as window:
        settled(window)
        window.layouts.show_panel("numeric")
        settled(window)
        pane = window.numeric.program
        assert pane.contest.isVisible() and not pane.values.isVisible()
        click(pane._group.button(1))
        assert pane.values.isVisible() and not pane.contest.isVisible()
        run(pane, qtbot)
        assert {table.name.split()[-1] for table in pane.tables()} >= {"numeric", "backprop"}


def test_a_program_without_parameters_says_so_and_a_network_has_its_own_panel(
    qapp, tmp_path, settled, window
):
    assert not window.numeric.program.isVisible()
    with window_on(session_of(tmp_path, "bare", BARE), tmp_path) as other:
        settled(other)
        other.layouts.show_panel("numeric")
        settled(other)
        pane = other.numeric.program
        assert pane.isVisible() and not pane.controls.isVisible()
        assert pane._empty.accessibleName() == "No parameters"
