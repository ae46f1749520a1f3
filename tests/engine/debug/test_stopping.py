"""A batch that does not come back is stopped from another thread, and nothing of it is left."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import numpy as np
import pytest

from engine import AtBatch
from engine.debug.events import Kind
from engine.debug.record import interruption as interruption_module
from engine.debug.record.interruption import Interruption, StopInIt
from engine.debug.session import Session
from engine.debug.travel import run as run_module
from engine.debug.travel.checkpoints import Checkpoints
from engine.errors import BatchStopped, BatchTooLong, MeasurementFailed, StepFailed
from engine.nn.network import Network
from tests.engine.debug.networks import DATASET, Recipe, tiny_dataset
from tests.engine.debug.oracle import whole

LAST = 6  # batches come back before the one that does not


class Passes:
    """Comes back. What it counts is put back with a batch, so that each is as endless as before."""

    def __init__(self) -> None:
        self.left = LAST
        self.seen = np.zeros(3)
        self.inside = threading.Event()  # a batch is in its loop

    def forward(self, x):
        self.left -= 1
        self.seen += self.left
        if self.left < 0:
            self.inside.set()
            self.loop(x)
        return x

    def loop(self, x):
        return x

    def backward(self, dout):
        return dout


class Empty(Passes):
    """Turns in a loop that does nothing."""

    def loop(self, x):
        while True:
            pass


class Numpy(Passes):
    """Turns in a loop of numpy calls that write into what the batch before has left."""

    def loop(self, x):
        while True:
            self.seen += np.abs(x).sum()


class Catching(Passes):
    """Catches every Exception."""

    def loop(self, x):
        while True:
            try:
                self.seen[0] += 1
            except Exception:
                self.seen[1] += 1


class Comprehension(Passes):
    """Has no line that comes again."""

    def loop(self, x):
        return sum(0 * n for n in count())


class Library(Passes):
    """Turns in code that is not recorded."""

    def loop(self, x):
        return all(map(_true, count()))


_true = eval("lambda n: True")  # of no file

ENDLESS = [Empty, Numpy, Catching, Comprehension, Library]


def with_layer(kind: type[Passes]) -> tuple[Session, Passes]:
    """A session in which nothing but the class of a layer is another one."""
    network, optimizer = Recipe(middle=("tanh",), optimizer="momentum").build()
    layer = Passes()
    network = Network([network.layers[0], layer, *network.layers[1:]], network.loss)
    session = Session(network, DATASET, optimizer, 5, blas_threads=None)
    layer.__class__ = kind
    return session, layer


class Stopping:
    """While it lasts the code of a session is stopped, however often it takes."""

    def __init__(self, session: Session, inside: threading.Event) -> None:
        self.session, self.inside, self.over = session, inside, threading.Event()
        self.thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        self.inside.wait(60)
        while not self.over.is_set():
            self.session.interruption.stop()
            self.over.wait(0.6)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.inside.set()
        self.thread.join()


def bits(session: Session) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in session.network.parameters().items()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_batch_at_full_speed_is_stopped_and_taken_back(kind):
    session, layer = with_layer(kind)
    intact, other = with_layer(Passes)
    intact.run(batches=LAST)
    other.inside.set()
    with Stopping(session, layer.inside), pytest.raises(BatchStopped) as caught:
        session.run(batches=LAST + 5)
    error = caught.value
    assert (error.batch, error.layer) == (LAST, "Passes1")
    assert error.file == __file__ and isinstance(error.error, StopInIt)
    assert f"Batch {LAST} was stopped in Passes1" in str(error)
    assert session.position == (LAST, len(session.trace) - 1) > (LAST, 10)
    event = session.event
    assert (event.layer, event.line, event.source) == (error.layer, error.line, error.source)
    assert event.kind is not Kind.EXCEPTION
    assert session.variables()["self.left"] == -1
    learnt, others = bits(session), bits(intact)
    for found in (learnt, others):
        del found["Passes1.seen"]
    assert learnt == others  # the update has not come
    assert isinstance(session.error, BatchStopped)
    assert "stopped" in session.blocked()["step_into"]
    assert session.snapshot().position == session.position
    assert session.reach == LAST and session.losses.tolist() == intact.losses.tolist()
    assert session.step_back_into() and session.position.event == len(session.trace) - 2
    session.goto(LAST)
    layer.__class__ = Passes
    one, other = (whole(run.network, run.optimizer) for run in (session, intact))
    assert one == other
    assert session.interruption.seconds == 0 and session.interruption.place() is None


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_batch_that_is_recorded_is_stopped_at_the_last_event(kind):
    session, layer = with_layer(kind)
    session.run(batches=LAST)
    before = bits(session)
    with Stopping(session, layer.inside), pytest.raises(StepFailed) as caught:
        session.step_into()
        raise session.error  # an endless recording may have ended by itself before it was stopped
    assert isinstance(caught.value, (BatchStopped, BatchTooLong))
    assert caught.value.layer == "Passes1"
    session.goto(LAST, len(session.trace) - 1)
    assert not session.step_into() and not session.step_batch()
    session.goto(LAST)
    assert bits(session) == before
    session.goto(LAST - 1)
    session.goto(LAST - 1, 5)
    assert session.error is None


def test_a_recording_is_bounded_though_nobody_stops_it(monkeypatch):
    monkeypatch.setattr(run_module, "MOST_EVENTS", 5_000)
    session, _ = with_layer(Empty)
    session.run(batches=LAST)
    assert len(session.trace) == 5_000
    assert session.position == (LAST, 0)
    error = session.error
    assert isinstance(error, BatchTooLong) and error.events == 5_000
    assert "more than 5,000 events" in str(error) and "Passes1" in str(error)
    while session.step_over():
        pass
    assert session.position == (LAST, 4_999)
    assert "more events" in session.blocked()["step_batch"]


def test_a_run_goes_on_after_it_was_stopped():
    session, layer = with_layer(Empty)
    with Stopping(session, layer.inside), pytest.raises(BatchStopped):
        session.run(batches=20)
    session.goto(3)
    branch = session.fork("another way")
    session.network.layers[1].__class__ = Passes
    session.run(batches=10)
    assert session.reach == 13 and session.branches.current is branch


def test_continue_with_breakpoints_is_stopped_likewise():
    session, layer = with_layer(Numpy)
    session.breakpoints.add(AtBatch(LAST + 3))
    with Stopping(session, layer.inside), pytest.raises(BatchStopped):
        session.continue_(batches=50)
    assert session.position == (LAST, len(session.trace) - 1)


def test_a_batch_that_is_endless_only_when_replayed_is_where_the_cursor_stands():
    session, layer = with_layer(Passes)
    other, _ = with_layer(Passes)
    session.run(batches=LAST)
    other.run(batches=LAST)
    stored = session.history().stored
    wanted = next(b for b in range(2, LAST) if not {b - 1, b}.intersection(stored))
    session.goto(0)

    class Late(Empty):
        def forward(self, x):
            self.inside.set()
            self.loop(x)

    layer.__class__ = Late
    with Stopping(session, layer.inside), pytest.raises(BatchStopped) as caught:
        session.goto(wanted)
    assert session.position.batch == caught.value.batch < wanted
    layer.__class__ = Passes
    session.goto(wanted)
    other.goto(wanted)
    assert bits(session) == bits(other)


def test_measuring_is_stopped_and_changes_nothing():
    class Stuck(Passes):
        def forward(self, x):
            if len(x) == 30:
                self.inside.set()
                while True:
                    pass
            return x

    network, optimizer = Recipe().build()
    layer = Stuck()
    network = Network([layer, *network.layers], network.loss)
    session = Session(network, tiny_dataset(tests=30), optimizer, 5, blas_threads=None)
    session.run(batches=2)
    before = bits(session)
    with Stopping(session, layer.inside), pytest.raises(MeasurementFailed) as caught:
        session.measure()
    assert "it was stopped" in str(caught.value)
    assert bits(session) == before and session.position == (2, 0)


def test_stopping_what_does_not_run_does_nothing():
    session, _ = with_layer(Passes)
    assert session.interruption.stop() is False
    session.run(batches=3)
    assert session.interruption.stop() is False
    assert session.reach == 3


def test_a_request_aside_waits_for_nobody_and_stops_no_other_call():
    interruption = Interruption()
    assert not interruption.stop_aside()
    inside, leaves = threading.Event(), threading.Event()

    def call():
        inside.set()
        leaves.wait(20)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(interruption.call, call)
        assert inside.wait(20)
        with interruption.held():
            assert interruption.stop_aside()
            leaves.set()
        with suppress(StopInIt):  # or it came back before that
            first.result(20)
        for _ in range(200):
            assert pool.submit(interruption.call, sum, range(1000)).result(20) == 499500


def test_where_it_runs_is_told():
    session, layer = with_layer(Empty)
    places = []

    def look() -> None:
        layer.inside.wait(60)
        places.append(session.interruption.place())
        assert session.interruption.seconds > 0
        session.interruption.stop()

    thread = threading.Thread(target=look)
    thread.start()
    with pytest.raises(BatchStopped):
        session.run(batches=20)
    thread.join()
    assert places[0].file == __file__ and places[0].function in ("Empty.loop", "Passes.forward")


def test_a_request_that_comes_too_late_never_arrives(monkeypatch):
    """Calls that end just as they are stopped: none is stopped after it has ended.

    Nor does Python go on waiting for one, in which case a traced call would never return.
    """
    monkeypatch.setattr(interruption_module, "_BETWEEN", 0)
    interval, trace = sys.getswitchinterval(), sys.gettrace()
    interruption, over = Interruption(), threading.Event()
    asked = 0

    def stop() -> None:
        nonlocal asked
        while not over.is_set():
            asked += interruption.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    stopped = ended = 0
    sys.setswitchinterval(1e-5)
    try:
        while stopped + ended < 20_000 or not asked:
            try:
                interruption.call(sum, range(ended % 97))
                ended += 1
            except StopInIt:
                stopped += 1
            sum(range(50))
    finally:
        sys.setswitchinterval(interval)
        over.set()
        thread.join()
    sys.settrace(lambda *_: None)
    try:
        assert sum(one for one in range(3)) == 3
    finally:
        sys.settrace(trace)


def test_in_a_call_inside_c_it_waits_until_that_comes_back():
    gate, asked = threading.Lock(), threading.Event()

    class Waits(Passes):
        def loop(self, x):
            with gate:  # in C, and for as long as somebody else has it
                return x

    session, layer = with_layer(Waits)
    gate.acquire()

    def stop() -> None:
        layer.inside.wait(60)
        session.interruption.stop()
        asked.set()
        gate.release()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(BatchStopped) as caught:
        session.run(batches=20)
    thread.join()
    assert asked.is_set() and caught.value.file == __file__
    assert session.position == (LAST, 0)  # recorded anew it comes back
    assert session.error is None


class Waits(Passes):
    """Turns slowly: it never has as many events as are recorded."""

    def loop(self, x):
        pause = threading.Event()
        while True:
            pause.wait(0.005)


class Once(Stopping):
    """The same, and it is stopped once."""

    def _serve(self) -> None:
        self.inside.wait(60)
        self.session.interruption.stop()


def test_it_is_stopped_once_where_batches_before_it_have_to_be_run_again(monkeypatch):
    """What is given so long is the batch that was stopped, and none that leads to it."""
    monkeypatch.setattr(run_module, "_LEAST_SECONDS", 0.3)
    monkeypatch.setattr(Checkpoints, "wants", lambda self, batch: batch == 0)
    session, layer = with_layer(Waits)
    with Once(session, layer.inside), pytest.raises(BatchStopped):
        session.run(batches=LAST + 5)
    assert session.position.batch == LAST and session.position.event == len(session.trace) - 1


class StuckWhenTold(Passes):
    """Comes back until it is told otherwise, or is given the test set."""

    tests = -1

    def forward(self, x):
        if self.told.is_set() or len(x) == self.tests:
            self.inside.set()
            while True:
                pass
        return x


def with_stuck_layer(tests: int = -1) -> tuple[Session, StuckWhenTold]:
    network, optimizer = Recipe().build()
    layer = StuckWhenTold()
    layer.told, layer.tests = threading.Event(), tests
    network = Network([layer, *network.layers], network.loss)
    return Session(network, tiny_dataset(tests=30), optimizer, 5, blas_threads=None), layer


def test_a_measurement_on_the_way_is_stopped_like_a_batch():
    session, layer = with_stuck_layer(tests=30)
    session.run(batches=2)
    before = bits(session)
    with Once(session, layer.inside), pytest.raises(BatchStopped):
        session.run(batches=3, accuracy_every=1)
    assert bits(session) == before and session.position == (2, 0)
    assert session.step_into() and session.position == (2, 1)


def test_a_measurement_that_is_stopped_on_its_way_back_leaves_the_cursor_on_an_event(monkeypatch):
    monkeypatch.setattr(Checkpoints, "wants", lambda self, batch: batch == 0)
    session, layer = with_stuck_layer()
    session.run(batches=5)
    session.goto(4, 60)
    layer.told.set()
    with Stopping(session, layer.inside), pytest.raises(BatchStopped):
        session.measure()
    assert session.position.batch < 4
    assert session.event.index == session.position.event == len(session.trace) - 1
    layer.told.clear()
    session.goto(4, 60)
    assert session.event.index == 60
