"""The question Why?, as a person asks it in the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.debug.events import Position, Verb
from engine.debug.session import Session
from gui.views.equation.lesson.why_box import WhyBox
from gui.widgets.view import is_same_stop
from gui.window.main_window import MainWindow
from gui.words.why import find
from gui.words.why.derivation import Derivation, NoDerivation, Step, Trial
from gui.words.why.find import why
from tests.gui.sessions import make_session

Y, ESC, SPACE = Qt.Key.Key_Y, Qt.Key.Key_Escape, Qt.Key.Key_Space


def event_of(source: str, layer: str, session: Session) -> int:
    return next(e.index for e in session.trace if e.source == source and e.layer == layer)


def at(source: str, layer: str = "Affine1", batch: int = 3) -> Position:
    session = make_session()
    session.run(batches=batch + 1)
    session.goto(batch, 0)
    return Position(batch, event_of(source, layer, session))


@pytest.fixture
def go(window, settled):
    """The window, moved to a stop."""

    def move(position: Position) -> MainWindow:
        window.bridge.train(position.batch + 1)
        settled(window)
        window.bridge.goto(position)
        settled(window)
        return window

    return move


@pytest.fixture
def ask(qtbot):
    """Press the key, and wait for the answer, and for the trial if there is one."""

    def press(window: MainWindow) -> WhyBox:
        box = window.equation.why
        QTest.keyClick(window, Y)
        qtbot.waitUntil(lambda: box.is_open)
        trial = isinstance(box.found, Derivation) and box.found.trial is not None
        if trial:
            qtbot.waitUntil(lambda: box._trial.mark != "" or "Not tried" in box.text())
        return box

    return press


def test_the_key_opens_the_derivation_of_the_card_s_cell_and_closes_it(go, ask):
    window = go(at("self.x.T @ dout"))
    window.resize(1500, 900)
    box = ask(window)
    i, j = window.equation._example.cell
    assert isinstance(box.found, Derivation) and f"W[{i}, {j}]" in box.text()
    assert box.found.title == why(window.snapshot, (i, j)).title
    assert box.isVisible() and window.equation.card.isVisible()
    over = box.geometry().intersects(window.equation.card.geometry())
    assert not over or box._scroll.verticalScrollBar().maximum() == 0, "for all steps at once"
    QTest.keyClick(QApplication.focusWidget(), Y)
    assert not box.isVisible()


def test_the_button_opens_and_escape_closes(go, ask, qtbot):
    window = go(at("self.x.T @ dout"))
    window.resize(1500, 1100)
    box, button = window.equation.why, window.equation.top.why
    qtbot.waitUntil(button.isVisible)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: box.is_open)
    assert box.y() >= window.equation.top.geometry().bottom()  # the formula stays in sight
    QTest.keyClick(QApplication.focusWidget(), ESC)
    assert not box.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: box.is_open)
    window.setFocus()
    QTest.keyClick(window, ESC)  # from anywhere in the window
    assert not box.isVisible()


def test_the_trial_measures_what_the_derivation_predicts(go, ask):
    window = go(at("self.x.T @ dout"))
    box = ask(window)
    assert box._trial.mark == "ok" and "measured" in box.text()
    tried = box._trial._tried
    dW = window.snapshot.operation.result[tried.trial.index]
    assert tried.measured == pytest.approx(float(dW) * tried.trial.step, rel=0.05)


def test_the_trial_of_a_wrong_derivation_warns(go, ask, monkeypatch):
    def wrong(snapshot, cell):
        found = why(snapshot, cell)
        return replace(found, trial=replace(found.trial, predicted=1.2 * found.trial.predicted))

    monkeypatch.setattr(find, "why", wrong)
    box = ask(go(at("self.x.T @ dout")))
    assert box._trial.mark == "warning" and "more than a curved loss" in box.text()


def test_asking_leaves_cursor_and_session_as_they_are(go, ask, settled):
    window = go(at("self.x.T @ dout"))
    before = window.snapshot
    session = window.bridge._worker.session
    parameters = {name: array.copy() for name, array in session.network.parameters().items()}
    ask(window)
    assert window.snapshot is before  # no panel was drawn again
    window.bridge.refresh()
    settled(window)
    after = window.snapshot
    assert is_same_stop(before, after) and after.position == before.position
    assert [one.id for one in after.branches] == [one.id for one in before.branches]
    assert np.array_equal(after.operation.result, before.operation.result)
    now = session.network.parameters()
    assert all(np.array_equal(parameters[name], now[name]) for name in now)
    box = window.equation.why
    assert box.is_open  # a new snapshot of the same stop leaves it open
    window.bridge.step(Verb.BATCH)
    settled(window)
    expected = make_session()
    expected.run(batches=5)
    assert np.array_equal(window.snapshot.history.losses[:4], expected.losses[:4])


def test_a_step_closes_the_box(go, ask, settled):
    window = go(at("self.x.T @ dout"))
    box = ask(window)
    window.bridge.step(Verb.INTO)
    settled(window)
    assert not box.is_open and not box.isVisible()


def test_the_answer_for_a_stop_that_the_cursor_has_left_is_dropped(go, settled, qtbot):
    window = go(at("self.x.T @ dout"))
    answers = []
    window.bridge.why_found.connect(answers.append)
    request = window.bridge.ask_why(None)
    window.bridge.step(Verb.BATCH)
    settled(window)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0].request is request
    assert not window.equation.why.is_open


def test_an_answer_on_its_way_opens_no_box_that_has_been_closed_meanwhile(go, settled, qtbot):
    window = go(at("self.x.T @ dout"))
    answers = []
    window.bridge.why_found.connect(answers.append)
    QTest.keyClick(window, Y)
    assert not answers and not window.why.close_box()
    qtbot.waitUntil(lambda: len(answers) == 2)
    settled(window)
    assert not window.equation.why.is_open


def test_a_closed_box_is_not_opened_by_its_trial(go, qtbot, monkeypatch):
    window = go(at("self.x.T @ dout"))
    answers = []
    window.bridge.why_found.connect(answers.append)
    QTest.keyClick(window, Y)
    qtbot.waitUntil(lambda: window.equation.why.is_open)
    window.equation.why.close_box()
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers[1].tried is not None and not window.equation.why.is_open


def test_a_stop_without_a_derivation_answers_with_the_reason(go, ask, monkeypatch):
    reason = "`self.x` is looked up, not computed."
    monkeypatch.setattr(find, "why", lambda snapshot, cell: NoDerivation(reason))
    box = ask(go(at("self.x.T @ dout")))
    assert box.text() == reason.replace("`", "")


@pytest.mark.parametrize("source", ["self.x.T @ dout", "dout.sum(axis=0)", "dout @ self.W.T"])
def test_the_current_step_lights_its_line_of_the_card(go, ask, source):
    window = go(at(source, "Affine2"))
    window.resize(1600, 1100)
    box, card = ask(window), window.equation.card
    box.show_all()
    plain = card.grab().toImage()
    for step in box.found.steps:
        QTest.keyClick(box, SPACE)
        assert card._lit == step.term
        assert (card.grab().toImage() != plain) is (step.term is not None and card.adds)
    QTest.keyClick(box, SPACE)
    assert card._lit is None and card.grab().toImage() == plain
    box.show_all()


def test_the_action_has_its_key_and_place():
    from gui.window.actions.table import TABLE

    row = next(row for row in TABLE if row.id == "why")
    assert row.keys == ("Y",)


def test_a_trial_of_an_array_that_is_not_there_says_so(go, ask, monkeypatch):
    found = Derivation("Why?", "", (Step("One."),), Trial("Nothing.W", (0, 0), 1e-3, 1.0))
    monkeypatch.setattr(find, "why", lambda snapshot, cell: found)
    box = ask(go(at("self.x.T @ dout")))
    assert "Not tried" in box.text() and not box._trial.mark


def test_the_question_waits_for_a_session(qapp):
    window = MainWindow()
    try:
        assert window.bridge.ask_why(None) is None
        assert not window.findChild(QAction, "why").isEnabled()
    finally:
        window.bridge.close()
        window.deleteLater()
