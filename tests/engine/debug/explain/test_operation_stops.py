"""Which events are operation stops: what numpy computes, tests or stores, and no plumbing."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.debug.explain.operation_stops import operation_stops, stop_number
from engine.debug.record.recorder import Recorder
from engine.debug.record.trace import Trace
from engine.debug.session import Session
from engine.presets import PRESETS
from tests.engine.debug import (  # noqa: F401 (two of them add cases)
    foreign_styles,
    foreign_writes,
    outside,
)
from tests.engine.debug.foreign import CASES


def shown(trace: Trace) -> list[str]:
    """The source text of each operation stop."""
    return [trace.site(event).source for event in operation_stops(trace)]


def stops_of(function, *args, parts=()) -> list[str]:
    """The stops of a function but for the first, which is where it begins."""
    trace = Recorder(function, list(parts), {}).record(*args)
    return shown(trace)[1:]


def session_of(id: str, **options) -> Session:
    preset = PRESETS[id]
    network = preset.build(seed=0)
    side, classes = (28, 10) if preset.dataset == "mnist" else (4, 3)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, side, side), dtype=np.uint8)
    dataset = Dataset("random", images, rng.integers(0, classes, 40), classes)
    return Session(network, dataset, preset.optimizer(lr=0.1), 20, blas_threads=None, **options)


LOSS = [
    "t.min() < 0 or t.max() >= K",
    "shifted = z - z.max(axis=1, keepdims=True)",  # the labels are kept
    "z.max(axis=1, keepdims=True)",
    "z - z.max(axis=1, keepdims=True)",
    "np.exp(shifted)",
    "e.sum(axis=1, keepdims=True)",
    "e / total",
    "np.log(total)",
    "shifted - np.log(total)",
    "log_y[rows, self.t]",
    "log_y[rows, self.t].sum()",
    "-log_y[rows, self.t].sum() / len(z)",
]
LOSS_BACK = ["self.y.copy()", "return dz / len(dz)", "dz / len(dz)"]
AFFINE = ["if self.b is None:", "x @ self.W", "x @ self.W + self.b"]  # first, x is kept
SIGMOID = ["np.maximum(x, -80)", "-x", "np.exp(-x)", "1 + np.exp(-x)", "1 / (1 + np.exp(-x))"]
SIGMOID_BACK = ["dout * self.y", "1 - self.y", "dout * self.y * (1 - self.y)"]
AFFINE_BACK = ["self.x.T @ dout", "dout.sum(axis=0)"]
UPDATE = ["self.lr * dW", "for name, dW in gradients.items():"]


def test_the_default_network_is_walked_in_about_forty_stops():
    trace = session_of("784-50-10").trace
    assert shown(trace) == [
        "loss = network.forward(x, t)", *AFFINE, *SIGMOID, *AFFINE, *LOSS,
        *LOSS_BACK, *AFFINE_BACK, "dout @ self.W.T", *SIGMOID_BACK, *AFFINE_BACK,
        *UPDATE * 3, "self.lr * dW", "W -= self.lr * dW",
    ]  # fmt: skip


@pytest.mark.parametrize("id", PRESETS)
def test_no_stop_of_a_preset_is_plumbing(id):
    plumbing = ("np.arange", "len(", "getattr", "self.x.T", "zip(", "network.", "self.loss.")
    for source in shown(session_of(id).trace)[1:]:
        assert not (source.startswith(plumbing) and " " not in source)


def test_the_stops_of_a_batch_over_budget_are_the_same_however_it_is_recorded():
    for name, make in CASES.items():
        found = []
        for budget, window in (2**30, range(0)), (0, range(0)), (1500, range(20, 40)):
            case = make()
            with case.warned():
                trace = Recorder(case.function, case.parts, {}).record(
                    *case.args(0), budget=budget, window=window
                )
            found.append(operation_stops(trace))
        assert found[0] == found[1] == found[2], name


def test_steps_and_as_many_back_are_the_same_over_budget():
    session = session_of("784-50-10", memory_budget=100_000)
    passed = []
    for _ in range(60):
        passed.append(session.position)
        session.step_operation()
    for before in reversed(passed):
        session.step_back_operation()
        assert session.position == before


@pytest.mark.parametrize("id", PRESETS)
def test_a_walk_over_two_batches_of_a_preset_leads_back_by_the_same_stops(id):
    session = session_of(id)
    passed = []
    while session.position.batch < 2:
        passed.append(session.position)
        session.step_operation()
    assert passed.count((1, 0)) == 1
    for before in reversed(passed):
        session.step_back_operation()
        assert session.position == before
    assert session.step_back_operation() is False


def test_the_number_of_a_stop_is_that_of_the_last_at_or_before_an_event():
    stops = (0, 6, 9)
    assert [stop_number(stops, event) for event in (0, 5, 6, 8, 9, 50)] == [0, 0, 1, 1, 2, 2]
    assert stop_number((), 3) == 0


# One rule after the other


def looks_up(x, store):
    a = store["x"]
    b = a.T
    c = b.reshape(-1)
    d = a[1:, None]
    e = a[0]
    rows = np.arange(len(a))
    f = getattr(a, "real")  # noqa: B009
    return a, b, c, d, e, f, rows


def computes(x, store):
    y = x[np.arange(len(x)), store["t"]]
    y = y + np.zeros(len(x))
    return helper(y)


def helper(y):
    return -y


def reduces(x, store):
    total = np.sum(x * x)
    mean = -total / len(x) + 1
    n = 3 * len(x)
    return float(mean) * 2, n


def asks(x, store):
    if len(x) > 2 and x is not None:
        n = 1
    while np.abs(x).max() > 100:
        n = 2
    if not (x > 3).all():
        n = 3
    return n


def writes(x, store):
    x -= 1
    x[0] = 2
    store["x"] += x
    store["y"] = x
    np.copyto(x, 3)
    x.fill(4)
    n = 1
    n += 1
    return n


RULES = {
    looks_up: [],
    computes: [
        'x[np.arange(len(x)), store["t"]]', "np.zeros(len(x))", "y + np.zeros(len(x))", "-y",
    ],
    reduces: ["x * x", "np.sum(x * x)", "-total / len(x) + 1", "float(mean) * 2"],
    asks: ["np.abs(x)", "np.abs(x).max() > 100", "x > 3", "not (x > 3).all()"],
    writes: [
        "x[0] = 2", 'store["x"] += x', 'store["y"] = x', "np.copyto(x, 3)", "x.fill(4)",
    ],
}  # fmt: skip


@pytest.mark.parametrize("function", RULES, ids=lambda function: function.__name__)
def test_of_each_kind_of_expression_only_what_computes_is_a_stop(function):
    x = np.arange(6.0).reshape(2, 3)
    store = {"x": np.ones((2, 3)), "t": np.array([0, 1])}
    assert stops_of(function, x, store) == RULES[function]


class Keeper:
    def __init__(self) -> None:
        self.x = self.v = None
        self.cache: dict[str, np.ndarray] = {}

    def forward(self, x):
        self.x = x
        self.y = x + 1
        self.cache["x"] = x
        self.n = 3
        self.z = self.same(x)
        return self.z

    def same(self, x):
        return x


def keeps(keeper, x):
    local = {}
    local["x"] = x
    return keeper.forward(x)


def test_an_array_that_is_kept_is_a_stop_unless_the_same_line_has_just_shown_it():
    keeper = Keeper()
    found = stops_of(keeps, keeper, np.ones(3), parts=[keeper])
    assert found == ["self.y = x + 1", "x + 1", "self.n = 3", "return self.z"]


class Raises:
    def forward(self, x):
        return x @ x


def test_the_exception_that_ends_a_batch_is_a_stop():
    trace = Recorder(lambda x: Raises().forward(x + 1), [], {}).record(np.ones((2, 3)))
    assert trace.error is not None
    assert operation_stops(trace)[-1] == len(trace) - 1


def test_what_is_computed_of_global_arrays_are_stops_as_of_attributes():
    assert stops_of(outside.trained, np.ones(3)) == [
        "x @ outside_W",
        "x * error",
        "outside_rate * (x * error)",
        "outside_W - outside_rate * (x * error)",
        "return error",  # before it, `outside_b -= error` has written in place
    ]
