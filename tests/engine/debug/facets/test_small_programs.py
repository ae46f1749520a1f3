"""Small programs, each with one thing that the rules have to get right."""

from __future__ import annotations

import numpy as np
import pytest

from engine.debug.events import Kind, Phase
from engine.debug.facets.facets import Found
from engine.debug.facets.gradient_values import gradients_at
from engine.debug.facets.passes import passes_of
from engine.debug.reach.paths import text_of
from tests.engine.debug.facets.recorded import facets_of_source, running_lines, text_at

DATA = """\
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
Y = (X @ np.array([[1.0], [2.0], [-1.0]])) + 0.5
at = 0

def draw():
    global at
    x, y = X[at : at + 4], Y[at : at + 4]
    at = (at + 4) % 40
    return x, y
"""

NOT_NETWORKS = {
    "a counter": "n = 0\ndef step():\n    global n\n    n += 1\n",
    "a counter that returns its count": (
        "n = 0\ndef step():\n    global n\n    n += 1\n    return n\n"
    ),
    "a list that grows": "seen = []\ndef step():\n    seen.append(len(seen))\n",
    "nothing at all": "def step():\n    pass\n",
    "an object with a counter": (
        "class Counter:\n    def __init__(self):\n        self.n = 0\n"
        "    def more(self):\n        self.n += 1\n        return None\n"
        "counter = Counter()\ndef step():\n    counter.more()\n"
    ),
    "an array that only moves": (
        "import numpy as np\na = np.arange(6.0)\ndef step():\n    global a\n    a = np.roll(a, 1)\n"
    ),
}


def names(facet):
    return list(facet.value or ())


def lines_in(source, trace, phases, text):
    """The passes of the events of the lines that read so."""
    numbers = {n for n, line in enumerate(source.split("\n"), 1) if line.strip() == text}
    running = running_lines(trace)
    assert numbers & set(running)
    return {
        phases[event]
        for event in range(len(trace))
        if running[event] in numbers and trace.kind(event) in (Kind.LINE, Kind.EXPRESSION)
    }


@pytest.mark.parametrize("source", NOT_NETWORKS.values(), ids=NOT_NETWORKS)
def test_where_nothing_is_a_network_all_facets_say_that_they_were_not_found(tmp_path, source):
    traces, facets = facets_of_source(tmp_path, source)
    for facet in (
        facets.parameters, facets.gradients, facets.loss, facets.learning_rate, facets.layers,
        facets.predictions, facets.labels, facets.samples,
    ):  # fmt: skip
        assert facet.value is None
        assert facet.found is Found.NOT_FOUND
        assert not facet.certain
        assert facet.how.startswith("not found: ")
    for trace in traces:
        passes = passes_of(trace, facets)
        assert passes.phases == (Phase.OTHER,) * len(trace)
        assert gradients_at(trace, facets, len(trace) - 1) == {}


SCALARS = """\
w = [0.5, -0.25]
b = [0.0]
data = [([1.0, 2.0], 1.5), ([0.5, -1.0], -2.0), ([2.0, 0.25], 3.0), ([-1.0, 1.0], 0.75)]
rate = 0.05
k = 0

def step():
    global k
    x, t = data[k % 4]
    k += 1
    y = b[0]
    for i in range(2):
        y = y + w[i] * x[i]
    err = y - t
    loss = err * err
    for i in range(2):
        w[i] -= rate * (2 * err * x[i])
    b[0] -= rate * (2 * err)
    return loss
"""


def test_numbers_in_lists_are_parameters_as_well(tmp_path):
    traces, facets = facets_of_source(tmp_path, SCALARS)
    assert sorted(names(facets.parameters)) == ["b[0]", "w[0]", "w[1]"]
    assert text_of(facets.learning_rate.value) == "rate"
    gradients = gradients_at(traces[-1], facets, len(traces[-1]) - 1)
    assert all(isinstance(value, float) for value in gradients.values())
    assert text_at(SCALARS, facets.gradients.value["b[0]"].place) == "2 * err"
    assert text_at(SCALARS, facets.loss.value) == "err * err"


PER_SAMPLE = (
    DATA
    + """\
params = {"w": rng.normal(size=(3, 1)), "b": np.zeros(1)}
eta = 0.01

def step():
    x, y = draw()
    total = 0.0
    for i in range(len(x)):
        out = x[i] @ params["w"] + params["b"]
        err = out - y[i]
        loss = float((err**2).sum())
        total += loss
        dw = np.outer(x[i], 2 * err)
        params["w"] = params["w"] - eta * dw
        params["b"] = params["b"] - eta * 2 * err
    return total
"""
)


def test_an_update_after_each_sample_makes_as_many_rounds(tmp_path):
    traces, facets = facets_of_source(tmp_path, PER_SAMPLE)
    assert sorted(names(facets.parameters)) == ["b", "w"]
    passes = passes_of(traces[-1], facets)
    assert len(passes.loss_events) == 4
    read = {
        text: lines_in(PER_SAMPLE, traces[-1], passes.phases, text)
        for text in (
            'out = x[i] @ params["w"] + params["b"]', "dw = np.outer(x[i], 2 * err)",
            'params["w"] = params["w"] - eta * dw',
        )
    }  # fmt: skip
    assert list(read.values()) == [{Phase.FORWARD}, {Phase.BACKWARD}, {Phase.UPDATE}]


OTHERS = (
    DATA
    + """\
W, c = rng.normal(size=(3, 1)), np.zeros(1)
lr, decay = 0.1, 0.01
log = []

def forward(x):
    return x @ W + c

def step():
    x, y = draw()
    d = forward(x) - y
    loss = (d**2).mean()
    g = x.T @ d / len(x)
    W[...] -= lr * (g + decay * W)
    c[...] -= lr * d.mean(axis=0)
    accuracy = (np.abs(forward(X) - Y) < 0.5).mean()
    log.append(accuracy)
    print("", end="")
    return loss
"""
)


def test_a_second_forward_pass_and_logging_are_other(tmp_path):
    traces, facets = facets_of_source(tmp_path, OTHERS)
    trace = traces[-1]
    phases = passes_of(trace, facets).phases
    accuracy = "accuracy = (np.abs(forward(X) - Y) < 0.5).mean()"
    assert lines_in(OTHERS, trace, phases, accuracy) == {Phase.OTHER}
    assert lines_in(OTHERS, trace, phases, "log.append(accuracy)") == {Phase.OTHER}
    assert lines_in(OTHERS, trace, phases, "return x @ W + c") == {Phase.FORWARD, Phase.OTHER}


def test_weight_decay_is_another_term_and_no_part_of_the_gradient(tmp_path):
    _, facets = facets_of_source(tmp_path, OTHERS)
    gradients = facets.gradients.value
    assert gradients["W"].name == "g"
    assert gradients["W"].other_terms
    assert text_at(OTHERS, gradients["c"].place) == "d.mean(axis=0)"
    assert not gradients["c"].other_terms
    assert text_of(facets.learning_rate.value) == "lr"


STATE = (
    DATA
    + """\
class Net:
    def __init__(self):
        self.w = rng.normal(size=(3, 2)) * 0.1
        self.u = rng.normal(size=(2, 2)) * 0.1
        self.v = rng.normal(size=(2, 1)) * 0.1
        self.h = np.zeros(2)

    def batch(self, lr):
        x, y = draw()
        before = self.h
        h = np.tanh(x @ self.w + before @ self.u)
        d = h @ self.v - y
        loss = (d**2).mean()
        dv = h.T @ d
        dz = d @ self.v.T * (1 - h**2)
        self.v -= lr * dv
        self.u -= lr * np.outer(before, dz.sum(axis=0))
        self.w -= lr * (x.T @ dz)
        self.h = h.mean(axis=0).copy()
        return loss

net = Net()

def step():
    return net.batch(0.01)
"""
)


def test_a_hidden_state_that_is_kept_after_the_update_is_no_parameter(tmp_path):
    _, facets = facets_of_source(tmp_path, STATE)
    assert sorted(names(facets.parameters)) == ["u", "v", "w"]
    assert facets.gradients.value["w"].name == ""
    assert facets.gradients.value["v"].name == "dv"


CONSTANT = (
    DATA
    + """\
w = rng.normal(size=(3, 1))

def step():
    global w
    x, y = draw()
    d = x @ w - y
    w = w - 0.1 * (x.T @ d)
"""
)


def test_without_a_loss_the_first_value_of_both_stands_in_and_is_not_certain(tmp_path):
    _, facets = facets_of_source(tmp_path, CONSTANT)
    assert names(facets.parameters) == ["w"]
    assert facets.loss.found is Found.AMBIGUOUS
    assert not facets.loss.certain
    assert text_at(CONSTANT, facets.loss.value) == "x @ w - y"
    assert text_at(CONSTANT, facets.gradients.value["w"].place) == "x.T @ d"


def test_a_rate_that_is_a_constant_of_the_code_is_not_found(tmp_path):
    _, facets = facets_of_source(tmp_path, CONSTANT)
    assert facets.learning_rate.value is None
    assert facets.learning_rate.found is Found.NOT_FOUND


SHARED = (
    DATA
    + """\
class Layer:
    def __init__(self, n, m):
        self.W = rng.normal(size=(n, m))
        self.b = np.zeros(m)

first, second = Layer(3, 2), Layer(2, 1)
lists = [first.W, first.b, second.W, second.b]

def step():
    x, y = draw()
    h = np.tanh(x @ first.W + first.b)
    d = h @ second.W + second.b - y
    dh = d @ second.W.T * (1 - h**2)
    grads = [x.T @ dh, dh.sum(axis=0), h.T @ d, d.sum(axis=0)]
    for p, g in zip(lists, grads):
        p -= 0.01 * g
    return float(np.mean(d**2))
"""
)


def test_names_of_two_objects_that_are_alike_take_the_longer_path(tmp_path):
    _, facets = facets_of_source(
        tmp_path, SHARED.replace("lists = [", "def params():\n    return [").replace(
            "zip(lists,", "zip(params(),"
        )
    )  # fmt: skip
    assert names(facets.parameters) == ["first.W", "first.b", "second.W", "second.b"]


def test_other_paths_to_a_parameter_are_told(tmp_path):
    _, facets = facets_of_source(tmp_path, SHARED)
    parameters = facets.parameters.value
    assert len(parameters) == 4
    for one in parameters.values():
        places = {text_of(path) for path in (one.path, *one.also)}
        assert len(places) == 2
        assert any(place.startswith("lists[") for place in places)


def test_a_frozen_array_is_no_parameter(tmp_path):
    source = SHARED.replace("first.b,", "np.zeros(2),", 1)
    _, facets = facets_of_source(tmp_path, source)
    places = [text_of(one.path) for one in facets.parameters.value.values()]
    assert len(places) == 3
    assert "first.b" not in places


def test_gradients_have_the_values_of_their_event_after_they_are_overwritten(tmp_path):
    source = OTHERS.replace("    return loss", "    g.fill(0)\n    return loss")
    traces, facets = facets_of_source(tmp_path, source)
    trace = traces[-1]
    values = [gradients_at(trace, facets, event)["W"] for event in range(len(trace))]
    made = [value for value in values if value is not None]
    assert values[0] is None
    assert np.any(made[0])
    assert not np.any(made[-1])


LATE = (
    DATA
    + """\
class Model:
    def __init__(self):
        self.w = rng.normal(size=(3, 1))
        self.history = []

model = Model()
rate = 0.05
squared = lambda values, out: np.multiply(values, values, out=out)

def step():
    x, y = draw()
    out = x @ model.w
    back = lambda d: x.T @ d
    model.w -= rate * back(2 * (out - y) / len(x))
    buffer = np.empty_like(y)
    squared(out - y, buffer)
    model.history.append(buffer.mean())
    return model.history[-1]
"""
)


def test_a_loss_that_is_computed_after_the_update_leaves_its_place_to_the_first_value_of_both(
    tmp_path,
):
    traces, facets = facets_of_source(tmp_path, LATE)
    assert names(facets.parameters) == ["w"]
    assert facets.loss.found is Found.RETURNED
    assert text_at(LATE, facets.gradients.value["w"].place) == "back(2 * (out - y) / len(x))"
    assert text_of(facets.learning_rate.value) == "rate"
    phases = passes_of(traces[-1], facets).phases
    assert lines_in(LATE, traces[-1], phases, "out = x @ model.w") == {Phase.FORWARD}
    last = "model.w -= rate * back(2 * (out - y) / len(x))"
    assert {Phase.BACKWARD, Phase.UPDATE} <= lines_in(LATE, traces[-1], phases, last)


FLOATS = (
    DATA
    + """\
class Config:
    decay = 0.1

w = rng.normal(size=(3, 1))

def step(eta=0.1):
    x, y = draw()
    d = x @ w - y
    loss = (d**2).mean()
    w[:] = w - eta * (x.T @ d)
    return loss
"""
)


def test_a_constant_that_a_class_happens_to_hold_is_not_taken_for_the_rate(tmp_path):
    _, facets = facets_of_source(tmp_path, FLOATS)
    assert names(facets.parameters) == ["w"]
    assert facets.learning_rate.value is None
