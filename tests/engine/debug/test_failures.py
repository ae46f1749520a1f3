"""What goes wrong in a person's own layer is said in words, and the run before is intact."""

from __future__ import annotations

import signal
import sys
import threading
from io import BytesIO
from unittest.mock import patch

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.debug.events import Kind, Phase
from engine.debug.session import Session
from engine.debug.travel import observers
from engine.debug.travel.edits import SetLearningRate, SilenceUnit
from engine.errors import GradientsNotReady, MeasurementFailed, NotCopied, StepFailed
from engine.nn.network import Network
from engine.nn.training import train_step
from tests.engine.debug.networks import CLASSES, DATASET, Recipe, tiny_dataset
from tests.engine.debug.oracle import PlainRun, whole

FAIL_AT = 7  # in the middle of the second epoch, between two stored states


class Raises:
    """Divides by what it has counted down to 0."""

    def __init__(self) -> None:
        self.left = FAIL_AT

    def forward(self, x):
        1 // self.left
        self.left -= 1
        return x

    def backward(self, dout):
        return dout


class RaisesGoingBack(Raises):
    def forward(self, x):
        self.left -= 1
        return x

    def backward(self, dout):
        if self.left < 0:
            raise KeyError("the way back")
        return dout


class Transposed(Raises):
    def forward(self, x):
        self.left -= 1
        return x[:, 1:] if self.left < 0 else x


class GivesNone(Raises):
    def forward(self, x):
        self.left -= 1
        if self.left >= 0:
            return x


def with_layer(layer, optimizer: str = "momentum") -> Session:
    network, optimizer = Recipe(middle=("tanh",), optimizer=optimizer).build()
    network = Network([network.layers[0], layer, *network.layers[1:]], network.loss)
    return Session(network, DATASET, optimizer, 5, blas_threads=None)


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class Mute(BaseException):
    def __str__(self) -> str:
        raise SystemExit("not even for this")


class RaisesThat(Raises):
    """Raises whatever it is to."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def forward(self, x):
        self.left -= 1
        if self.left < 0:
            raise self.error
        return x


RAISED = {
    "sys.exit": (lambda: SystemExit(3), "SystemExit: 3"),
    "KeyboardInterrupt": (KeyboardInterrupt, "KeyboardInterrupt: "),
    "GeneratorExit": (GeneratorExit, "GeneratorExit: "),
    "StopIteration": (lambda: StopIteration("all"), "StopIteration: all"),
    "MemoryError": (MemoryError, "MemoryError: "),
    "no text": (Unspeakable, "Unspeakable: (its text cannot be shown)"),
    "no text, no Exception": (Mute, "Mute: (its text cannot be shown)"),
}


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("case", RAISED)
def test_whatever_a_layer_raises_is_an_exception_of_its_batch(case, recorded):
    make, words = RAISED[case]
    intact, error = with_layer(RaisesThat(make())), make()
    intact.run(batches=FAIL_AT)
    session = with_layer(RaisesThat(error))
    if recorded:
        while session.step_batch():
            pass
        told = session.error
    else:
        with pytest.raises(StepFailed) as caught:
            session.run(batches=20)
        told = caught.value
    assert isinstance(told, StepFailed)
    assert (told.batch, told.layer, told.source) == (FAIL_AT, "RaisesThat1", "raise self.error")
    assert told.line > 0 and told.file == __file__ and told.error is error
    assert words in str(told)
    assert session.position == (FAIL_AT, len(session.trace) - 1)
    assert session.event.kind is Kind.EXCEPTION and session.event.value is error
    assert session.snapshot().position == session.position
    for batch in (FAIL_AT, 0, FAIL_AT - 1):
        session.goto(batch)
        intact.goto(batch)
        assert bits(session) == bits(intact)


def bits(session: Session) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in session.network.parameters().items()}


class FailsAsAsked(Raises):
    asked = threading.Event()  # is no state that could be put back

    def forward(self, x):
        if self.asked.is_set():
            self.asked.clear()
            raise OSError("a disk was full")
        return x


def test_what_is_raised_on_the_way_to_a_batch_is_told_of_that_batch():
    """A layer that fails now and then, whatever is put back, fails in a replay, too."""
    session = with_layer(FailsAsAsked())
    session.run(batches=40)
    stored = session.history().stored
    wanted = next(b for b in range(2, 40) if not {b - 1, b}.intersection(stored))
    FailsAsAsked.asked.set()
    with pytest.raises(StepFailed) as caught:
        session.goto(wanted)
    assert isinstance(caught.value.error, OSError)
    assert session.position.batch < wanted and session.position.event == 0
    session.goto(wanted)
    intact = with_layer(FailsAsAsked())
    intact.run(batches=wanted)
    assert bits(session) == bits(intact)


@pytest.mark.parametrize("what", ["measure", "copy", "silence"])
def test_what_leaves_by_sys_exit_elsewhere_is_an_error_and_no_end(what):
    class Leaves(Raises):
        def forward(self, x):
            if len(x) == 30 or what == "silence":
                sys.exit("enough")
            return x

        def __deepcopy__(self, memo):
            sys.exit("no copy")

    network, optimizer = Recipe().build()
    network = Network([Leaves(), *network.layers], network.loss)
    session = Session(network, tiny_dataset(tests=30), optimizer, 5, blas_threads=None)
    before = whole(network, optimizer)
    if what == "measure":
        with pytest.raises(MeasurementFailed) as caught:
            session.measure()
        assert "SystemExit: enough" in str(caught.value)
    elif what == "copy":
        with pytest.raises(NotCopied) as caught:
            session.copy_before_batch()
        assert "SystemExit: no copy" in str(caught.value)
    else:
        with pytest.raises(SystemExit):
            session.edit(SetLearningRate(0.5), SilenceUnit("Affine1", 0))
    assert session.position == (0, 0)
    assert whole(network, optimizer) == before


CASES = {
    "raises": (Raises, "Raises1", "1 // self.left", ZeroDivisionError),
    "raises going back": (RaisesGoingBack, "RaisesGoingBack1", "", KeyError),
    "wrong shape": (Transposed, "Affine2", "x @ self.W", ValueError),
    "None": (GivesNone, "Tanh1", "np.tanh(x)", TypeError),
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_that_fails_says_where_and_stands_there(case):
    make, layer, source, kind = CASES[case]
    if case == "None":  # np.tanh(None) fails by itself; how is numpy's affair
        kind = Exception
    intact = with_layer(make())
    intact.run(batches=FAIL_AT)
    session = with_layer(make())
    with pytest.raises(StepFailed) as caught:
        session.run(batches=20)
    error = caught.value
    assert (error.batch, error.layer) == (FAIL_AT, layer)
    assert isinstance(error.error, kind) and error.__cause__ is error.error
    assert source in error.source and error.line > 0 and error.file.endswith(".py")
    event = session.event
    assert session.position == (FAIL_AT, len(session.trace) - 1)
    assert (event.kind, event.source, event.line) == (Kind.EXCEPTION, error.source, error.line)
    assert event.value is error.error
    assert f"Batch {FAIL_AT} failed in {layer}, `{error.source}`" in str(error)
    assert session.reach == FAIL_AT
    assert session.losses.tolist() == intact.losses.tolist()
    for batch in (FAIL_AT - 2, 0, FAIL_AT, 3):
        session.goto(batch)
        intact.goto(batch)
        assert whole(session.network, session.optimizer) == whole(intact.network, intact.optimizer)
    with pytest.raises(StepFailed) as again:
        session.run(batches=20)
    assert (again.value.batch, again.value.source) == (FAIL_AT, error.source)


def test_stepping_into_a_failure_stands_at_it_and_raises_nothing():
    session = with_layer(Raises())
    session.run(batches=FAIL_AT)
    assert session.error is None
    while session.step_over():
        pass
    assert session.event.kind is Kind.EXCEPTION
    assert isinstance(session.error, StepFailed) and session.error.layer == "Raises1"
    assert session.variables()["self.left"] == 0
    assert session.reach == FAIL_AT
    assert "exception" in session.blocked()["step_over"]
    with pytest.raises(GradientsNotReady) as caught:
        session.gradients()
    assert caught.value.ready is None and "does not end" in str(caught.value)


def test_a_label_beyond_the_outputs_fails_in_the_loss():
    labels = np.zeros(len(DATASET), int)
    labels[11] = CLASSES + 2
    dataset = Dataset("labelled", DATASET.images, labels, CLASSES + 3)
    session = Recipe().session(dataset)
    with pytest.raises(StepFailed) as caught:
        session.run(batches=5)
    assert caught.value.layer == "SoftmaxWithLoss"
    assert f"label {CLASSES + 2} is not one of the {CLASSES} classes" in str(caught.value)
    assert 11 in session.samples()


def step_without_loss(network, optimizer, x, t):
    network.forward(x, t)
    network.backward()
    optimizer.update(network.parameters(), network.gradients())


def step_with_many(network, optimizer, x, t):
    network.forward(x, t)
    network.backward()
    optimizer.update(network.parameters(), network.gradients())
    return np.ones(3)


def step_with_array(network, optimizer, x, t):
    return np.array([train_step(network, optimizer, x, t)])


@pytest.mark.parametrize("step", [step_without_loss, step_with_many])
def test_a_step_that_returns_no_number_is_a_failure_and_not_a_crash(step):
    session = Recipe().session(step=step)
    while session.step_over():
        pass
    assert session.position == (0, len(session.trace) - 1)
    assert session.event.kind is Kind.RETURN
    assert isinstance(session.error, StepFailed)
    assert "a number" in str(session.error)
    assert session.reach == 0
    with pytest.raises(StepFailed):
        session.run(batches=1)
    assert session.position.batch == 0 and session.reach == 0
    assert session.gradients().keys() == session.network.parameters().keys()


def test_an_array_of_one_number_will_do_for_a_loss():
    plain = PlainRun(Recipe(), 3)
    session = Recipe().session(step=step_with_array)
    session.run(batches=2)
    session.step_batch()
    assert session.losses.tolist() == plain.losses


class FailsOnce:
    """Fails the third time it is called in this process, and never again."""

    calls = BytesIO()  # a file is no state that could be put back

    def forward(self, x):
        if self.calls.read(1) == b"2":
            raise OSError("a disk was full")
        return x

    def backward(self, dout):
        return dout


def test_a_failure_that_does_not_come_again_is_told_all_the_same():
    FailsOnce.calls = BytesIO(b"0123456789" + bytes(100))
    session = with_layer(FailsOnce())
    with pytest.raises(StepFailed) as caught:
        session.run(batches=9)
    assert isinstance(caught.value.error, OSError)
    assert session.position == (2, 0) and session.reach == 2
    assert session.run(batches=3) == 3


class OfOneSize(Raises):
    """Cannot take more samples than a minibatch has."""

    def forward(self, x):
        self.left = 1
        return x + np.zeros((5, 1), x.dtype)[: len(x)]


@pytest.mark.parametrize("event", [0, 40])
def test_a_measurement_that_fails_is_told_and_changes_nothing(event):
    network, optimizer = Recipe().build()
    network = Network([OfOneSize(), *network.layers], network.loss)
    dataset = tiny_dataset(tests=30)
    session = Session(network, dataset, optimizer, 5, blas_threads=None)
    session.run(batches=4)
    session.goto(3, event)
    before = whole(network, optimizer)
    with pytest.raises(MeasurementFailed) as caught:
        session.measure()
    assert caught.value.batch == 3 and isinstance(caught.value.error, ValueError)
    assert "The test set could not be measured before batch 3: ValueError" in str(caught.value)
    assert session.position == (3, event)
    assert whole(network, optimizer) == before
    with pytest.raises(MeasurementFailed):
        session.run(batches=4, accuracy_every=2)
    assert session.position == (4, 0)
    assert session.measurements == []


def test_where_the_step_fails_as_the_measurement_does_the_step_is_told_of():
    network, optimizer = Recipe().build()
    first = network.layers[0]
    first.W = first.W[:-1]  # fits no image, of the test set or of the minibatch
    network = Network(network.layers, network.loss)
    session = Session(network, tiny_dataset(tests=30), optimizer, 5, blas_threads=None)
    with pytest.raises(StepFailed) as caught:
        session.run(batches=4, accuracy_every=2)
    assert caught.value.layer == "Affine1" and "@" in caught.value.source
    assert session.event.kind is Kind.EXCEPTION
    assert session.position.event == len(session.trace) - 1
    assert session.step_back_into() and session.event.kind is not Kind.EXCEPTION


def test_a_callback_that_raises_leaves_a_run_that_can_go_on():
    plain = PlainRun(Recipe(), 40)
    session = Recipe().session()

    def progress(state):
        raise InterruptedError

    with pytest.raises(InterruptedError), patch.object(observers, "REPORT_SECONDS", 0):
        session.run(batches=40, progress=progress)
    assert session.reach == session.position.batch < 40
    session.run(batches=40 - session.reach)
    assert session.losses.tolist() == plain.losses


class Interrupts(Raises):
    """Is there when Ctrl+C is pressed, half-way through its fifth batch."""

    interrupts = BytesIO()  # a file is no state that could be put back

    def forward(self, x):
        self.left += 1
        return x * x.dtype.type(1 + self.left % 3)

    def backward(self, dout):
        if self.interrupts.read(1) == b"1":
            signal.raise_signal(signal.SIGINT)
        return dout * dout.dtype.type(1 + self.left % 3)


@pytest.mark.parametrize("recorded", [False, True])
def test_an_interrupted_batch_is_run_again_from_its_start(recorded):
    intact = with_layer(Interrupts())
    intact.run(batches=8)
    Interrupts.interrupts = BytesIO(b"00001")
    session = with_layer(Interrupts())
    with pytest.raises(KeyboardInterrupt):
        if recorded:
            for _ in range(8):
                session.step_batch()
        else:
            session.run(batches=8)
    assert session.position == (4, 0)
    session.run(batches=4)
    assert session.losses.tolist() == intact.losses.tolist()
    assert whole(session.network, session.optimizer) == whole(intact.network, intact.optimizer)


def test_the_update_can_fail_too():
    class Stops:
        lr = 0.1

        def update(self, parameters, gradients):
            for name in gradients:
                parameters[name] -= self.rates[name]

    network, _ = Recipe().build()
    session = Session(network, DATASET, Stops(), 5, blas_threads=None)
    session.step_batch()
    assert session.event.kind is Kind.EXCEPTION
    assert session.event.phase is Phase.UPDATE
    assert session.error.source == "self.rates"
    assert session.gradients().keys() == network.parameters().keys()  # the pass before has ended
