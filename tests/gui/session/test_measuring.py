"""Measuring the test set aside: which thread, which jobs, what becomes of errors."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from engine.debug.events import Position
from engine.debug.session import Session
from engine.debug.travel import trainer
from engine.errors import MeasurementFailed
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD
from gui.paint.plots.loss_plots import LossPlots
from gui.session.bridge import Bridge
from gui.session.measuring import BACKLOG, MeasuredRun, Measurer
from gui.session.worker_commands import EARLY
from tests.gui.sessions import BATCH_SIZE, BATCHES, make_session, toy_dataset


class Gate:
    """A test set that tells on which threads it was read, and lets them wait, or fail."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.open = threading.Event()
        self.broken = False
        self._samples = toy_dataset().test
        self.images, self.labels = self._samples.images, self._samples.labels

    def __len__(self) -> int:
        return len(self._samples)

    def batch(self, indices: np.ndarray, dtype: str) -> tuple[np.ndarray, np.ndarray]:
        self.threads.add(threading.get_ident())
        self.open.wait(10)
        if self.broken:
            raise FloatingPointError("of the test set alone")
        return self._samples.batch(indices, dtype)


def gated() -> tuple[Session, Gate]:
    gate = Gate()
    data = replace(toy_dataset(), test=gate)
    return Session(two_layer_net(seed=0), data, SGD(lr=0.1), BATCH_SIZE, seed=0), gate


@pytest.fixture
def bridge_of(qtbot):
    bridges = []

    def make(session: Session) -> Bridge:
        bridges.append(Bridge(session))
        qtbot.waitUntil(lambda: not bridges[-1].busy)
        return bridges[-1]

    yield make
    for bridge in bridges:
        bridge.close()


def test_it_is_measured_neither_on_the_window_s_thread_nor_on_the_training_s(bridge_of, qtbot):
    session, gate = gated()
    gate.open.set()
    bridge = bridge_of(session)
    training = []
    bridge.export(lambda parameters: training.append(threading.get_ident()))
    bridge.train(BATCHES)
    qtbot.waitUntil(lambda: not bridge.busy)
    assert len(gate.threads) == 1
    assert not gate.threads & {threading.get_ident(), *training}


def test_training_goes_on_while_a_measurement_takes_its_time(bridge_of, qtbot):
    session, gate = gated()
    bridge = bridge_of(session)
    bridge.train(None)
    qtbot.waitUntil(lambda: session.reach > 3 * BATCHES)
    bridge.pause()
    qtbot.waitUntil(lambda: not bridge.busy)
    assert not session.measurements
    with qtbot.waitSignal(bridge.stopped, check_params_cb=lambda s: len(s.history.test_batches)):
        gate.open.set()  # and what is found now comes to the window by itself


def test_what_is_measured_is_what_measuring_in_place_finds(bridge_of, qtbot):
    bridge, plain = bridge_of(make_session()), make_session()
    plain.run(BATCHES)
    with qtbot.waitSignal(bridge.stopped) as stopped:
        bridge.train(BATCHES)
    history = stopped.args[0].history
    assert history.test_batches[-1] == BATCHES
    for batch, accuracy in zip(history.test_batches, history.test_accuracies, strict=True):
        plain.goto(int(batch))
        assert plain.measure().accuracy == accuracy
    assert history.losses.tobytes() == plain.losses.tobytes()


def test_an_error_is_told_once_a_run_and_the_run_goes_on(bridge_of, qtbot):
    session, gate = gated()
    gate.open.set()
    gate.broken = True
    bridge = bridge_of(session)
    failures = []
    bridge.failed.connect(failures.append)
    for run in (1, 2):
        bridge.train(2 * BATCHES)
        qtbot.waitUntil(lambda: not bridge.busy)
        assert [type(error) for error in failures] == [MeasurementFailed] * run
    assert session.reach == 4 * BATCHES


def test_what_was_measured_of_a_session_that_is_gone_is_not_noted(bridge_of, qtbot):
    session, gate = gated()
    bridge, fresh = bridge_of(session), make_session()
    bridge.train(None)
    qtbot.waitUntil(lambda: session.reach > 0)
    bridge.open(lambda: fresh)
    qtbot.waitUntil(lambda: not bridge.busy)
    gate.open.set()
    bridge.train(1)
    with qtbot.waitSignal(bridge.run_ended):
        pass
    assert {m.batch for m in fresh.measurements} <= {0, 1}
    assert not session.measurements


def test_when_it_falls_behind_the_last_ones_are_measured():
    session, gate = gated()
    measurer, run = Measurer(lambda: None), MeasuredRun(session)
    job = session.evaluation()
    measurer.put(run, job)
    while not gate.threads:
        pass
    for _ in range(10):
        session.run(1)
        measurer.put(run, session.evaluation())
    gate.open.set()
    measurer.wait(threading.Event())
    assert BACKLOG < 10
    assert [found.job.batch for found in measurer.take()] == [0, *range(11 - BACKLOG, 11)]
    measurer.close()


def test_closing_ends_the_thread_with_jobs_waiting():
    session, gate = gated()
    measurer, run = Measurer(lambda: None), MeasuredRun(session)
    for _ in range(3):
        measurer.put(run, session.evaluation())
    gate.open.set()
    measurer.close()
    assert not any(thread.ident in gate.threads for thread in threading.enumerate())


# In the window


def test_the_first_epoch_s_climb_is_measured_early_off_the_training_s_time(
    window, session, qtbot, settled
):
    window.bridge.train(3 * BATCHES)
    qtbot.waitUntil(lambda: session.reach == 3 * BATCHES)
    settled(window)
    measured = window.snapshot.history.test_batches.tolist()
    assert {0, *(batch for batch in EARLY if batch < 3 * BATCHES)} <= set(measured)

    def drawn() -> set[int]:
        plots = window.loss.findChild(LossPlots)
        return set() if plots is None else set(plots.accuracy.listDataItems()[0].getData()[0])

    window.docks["loss"].raise_()
    qtbot.waitUntil(lambda: {0, 10, 25, 50} <= drawn())


def test_a_run_that_ends_where_a_part_was_measured_is_measured_whole(bridge_of, qtbot, monkeypatch):
    monkeypatch.setattr(trainer, "EARLY_IMAGES", 10)
    session = make_session()
    bridge = bridge_of(session)
    for batches in (12, None):
        if batches is None:
            bridge.goto(Position(0, 0))
            batches = 10
        bridge.train(batches)
        qtbot.waitUntil(lambda: not bridge.busy)
        parts = dict(session.history().test_parts)
    assert 10 not in parts and 10 in session.history().test_batches
    assert session.test_predictions().batch == 10


def test_the_confusion_panel_measures_when_its_button_is_clicked(window, qtbot, settled):
    view = window.confusion
    window.docks["confusion"].raise_()
    qtbot.waitUntil(view.isVisible)
    assert not view.canvas.isVisible() and view.measure.isEnabled()
    (button,) = (b for b in view.findChildren(QToolButton) if b.isVisible())
    assert button.text() == "Measure" and "before batch 0" in button.toolTip()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(view.canvas.isVisible)
    settled(window)
    assert window.snapshot.test_predictions.batch == 0
    assert not view.measure.isEnabled() and "already" in view.measure.toolTip()
    assert view.list.model().rowCount() == len(view.chosen()) > 0
    text = view.list.model().index(0, 0).data()
    index = view.chosen()[0]
    examined = window.snapshot.test_predictions
    assert text == f"{examined.labels[index]} → {examined.predictions[index]}"
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: window.snapshot.position.batch == 1)
    settled(window)
    assert view.measure.isEnabled(), "the measurement is of an earlier batch"
    qtbot.mouseClick(view.measure, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.test_predictions.batch == 1)


def test_while_it_trains_or_without_a_test_set_it_says_why_nothing_is_measured(
    window, qtbot, settled
):
    window.docks["confusion"].raise_()
    qtbot.waitUntil(window.confusion.isVisible)
    window.bridge.train(None)
    qtbot.waitUntil(lambda: not window.confusion.measure.isEnabled())
    assert window.confusion.measure.toolTip() == "Pause the training first"
    window.bridge.pause()
    settled(window)
    without = replace(toy_dataset(), test=None)
    fresh = Session(two_layer_net(seed=0), without, SGD(lr=0.1), BATCH_SIZE, seed=0)
    window.bridge.open(lambda: fresh)
    settled(window)
    assert not window.confusion.measure.isEnabled()
    assert window.confusion.measure.toolTip() == "There is no test set"
