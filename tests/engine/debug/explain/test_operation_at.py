"""What every expression does: the form of its picture, its operands, and its result again."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from weakref import ref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import drawn_digits, load_mnist
from engine.debug.events import Kind
from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.operation_at import operation_at
from engine.debug.explain.reading import shape_of
from engine.debug.explain.terms import sources_of, targets_of, terms_of
from engine.debug.record.recorder import Recorder
from engine.debug.record.trace import Trace
from engine.debug.session import Session
from engine.nn.layers import Affine, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD, AdaGrad, Adam, Momentum
from engine.presets import PRESETS
from tests.engine.debug import foreign_errors
from tests.engine.debug import foreign_styles as _styles  # noqa: F401  (they register cases)
from tests.engine.debug import foreign_writes as _writes  # noqa: F401
from tests.engine.debug.foreign import CASES
from tests.engine.debug.networks import Recipe, recipes
from tests.engine.debug.recompute import recompute

OPTIMIZERS = {kind.__name__: kind for kind in (SGD, Momentum, AdaGrad, Adam)}
F = Form
# Every expression of all presets and optimizers, by its function: the picture that it gets.
FORMS: dict[str, dict[str, Form]] = {
    "train_step": {
        "network.forward(x, t)": F.CALL,
        "network.backward()": F.CALL,
        "network.parameters()": F.CALL,
        "network.gradients()": F.CALL,
        "optimizer.update(network.parameters(), network.gradients())": F.CALL,
    },
    "Network.forward": {"layer.forward(x)": F.CALL, "self.loss.forward(x, t)": F.CALL},
    "Network.backward": {
        "self.loss.backward()": F.CALL,
        "reversed(self.layers)": F.LOOKUP,
        "layer.backward(dout)": F.CALL,
        "self.input_gradient": F.CALL,
        "dout if self.input_gradient else None": F.SCALAR,
    },
    "Network.parameters": {
        "zip(self.layer_names, self.layers, strict=True)": F.LOOKUP,
        "self.parameter_names[name]": F.LOOKUP,
        'f"{name}.{W}"': F.SCALAR,
        "getattr(layer, W)": F.LOOKUP,
    },
    "Network.gradients": {
        "zip(self.layer_names, self.layers, strict=True)": F.LOOKUP,
        "self.parameter_names[name]": F.LOOKUP,
        '"d" + W': F.SCALAR,
        'getattr(layer, "d" + W, None)': F.LOOKUP,
        "dW is not None": F.SCALAR,
        'f"{name}.{W}"': F.SCALAR,
    },
    "Affine.forward": {
        "self.b is None": F.SCALAR,
        "x @ self.W": F.PRODUCT,
        "x @ self.W + self.b": F.ELEMENTWISE,
    },
    "Affine.backward": {
        "self.x.T": F.TRANSPOSE,
        "self.x.T @ dout": F.PRODUCT,
        "self.b is not None": F.SCALAR,
        "dout.sum(axis=0)": F.REDUCTION,
        "self.W.T": F.TRANSPOSE,
        "dout @ self.W.T": F.PRODUCT,
    },
    "Sigmoid.forward": {
        "np.maximum(x, -80)": F.FUNCTION,
        "-x": F.ELEMENTWISE,
        "np.exp(-x)": F.FUNCTION,
        "1 + np.exp(-x)": F.FUNCTION,
        "1 / (1 + np.exp(-x))": F.FUNCTION,
    },
    "Sigmoid.backward": {
        "dout * self.y": F.ELEMENTWISE,
        "1 - self.y": F.ELEMENTWISE,
        "dout * self.y * (1 - self.y)": F.ELEMENTWISE,
    },
    "ReLU.forward": {"x > 0": F.FUNCTION, "np.maximum(x, 0)": F.FUNCTION},
    "ReLU.backward": {"dout * self.mask": F.ELEMENTWISE},
    "Tanh.forward": {"np.tanh(x)": F.FUNCTION},
    "Tanh.backward": {
        "self.y * self.y": F.FUNCTION,
        "1 - self.y * self.y": F.FUNCTION,
        "dout * (1 - self.y * self.y)": F.ELEMENTWISE,
    },
    "SoftmaxWithLoss.forward": {
        "class_numbers(t, z)": F.CALL,
        "z.max(axis=1, keepdims=True)": F.REDUCTION,
        "z - z.max(axis=1, keepdims=True)": F.ELEMENTWISE,
        "np.exp(shifted)": F.FUNCTION,
        "e.sum(axis=1, keepdims=True)": F.REDUCTION,
        "e / total": F.ELEMENTWISE,
        "np.log(total)": F.FUNCTION,
        "shifted - np.log(total)": F.ELEMENTWISE,
        "len(z)": F.LOOKUP,
        "np.arange(len(z))": F.CREATION,
        "log_y[rows, self.t]": F.INDEXING,
        "log_y[rows, self.t].sum()": F.REDUCTION,
        "-log_y[rows, self.t].sum()": F.SCALAR,
        "-log_y[rows, self.t].sum() / len(z)": F.SCALAR,
    },
    "SoftmaxWithLoss.backward": {
        "self.y.copy()": F.COPY,
        "len(dz)": F.LOOKUP,
        "np.arange(len(dz))": F.CREATION,
        "dz / len(dz)": F.ELEMENTWISE,
    },
    "class_numbers": {
        "z.shape": F.LOOKUP,
        "t.ndim": F.LOOKUP,
        "t.ndim == 2": F.SCALAR,
        "t.shape": F.LOOKUP,
        "(N,)": F.COLLECTION,
        "t.shape != (N,)": F.SCALAR,
        "t.dtype": F.LOOKUP,
        't.dtype.kind not in "iu"': F.SCALAR,
        "t.min()": F.REDUCTION,
        "t.min() < 0": F.SCALAR,
        "t.max()": F.REDUCTION,
        "t.max() >= K": F.SCALAR,
        "t.min() < 0 or t.max() >= K": F.SCALAR,
    },
    "SGD.update": {
        "gradients.items()": F.LOOKUP,
        "parameters[name]": F.LOOKUP,
        "self.lr * dW": F.ELEMENTWISE,
    },
    "Momentum.update": {
        "gradients.items()": F.LOOKUP,
        "parameters[name]": F.LOOKUP,
        "name not in self.v": F.SCALAR,
        "np.zeros_like(W)": F.CREATION,
        "self.v[name]": F.LOOKUP,
        "self.lr * dW": F.ELEMENTWISE,
    },
    "AdaGrad.update": {
        "gradients.items()": F.LOOKUP,
        "parameters[name]": F.LOOKUP,
        "name not in self.h": F.SCALAR,
        "np.zeros_like(W)": F.CREATION,
        "self.h[name]": F.LOOKUP,
        "dW * dW": F.FUNCTION,
        "self.lr * dW": F.ELEMENTWISE,
        "np.sqrt(h)": F.FUNCTION,
        "np.sqrt(h) + self.eps": F.FUNCTION,
        "self.lr * dW / (np.sqrt(h) + self.eps)": F.ELEMENTWISE,
    },
    "Adam.update": {
        "gradients.items()": F.LOOKUP,
        "parameters[name]": F.LOOKUP,
        "name not in self.m": F.SCALAR,
        "np.zeros_like(W)": F.CREATION,
        "self.m[name]": F.LOOKUP,
        "self.v[name]": F.LOOKUP,
        "1 - self.beta1": F.SCALAR,
        "dW - m": F.ELEMENTWISE,
        "(1 - self.beta1) * (dW - m)": F.ELEMENTWISE,
        "1 - self.beta2": F.SCALAR,
        "dW * dW": F.FUNCTION,
        "dW * dW - v": F.ELEMENTWISE,
        "(1 - self.beta2) * (dW * dW - v)": F.ELEMENTWISE,
        "self.beta1**self.n": F.SCALAR,
        "1 - self.beta1**self.n": F.SCALAR,
        "m / (1 - self.beta1**self.n)": F.ELEMENTWISE,
        "self.beta2**self.n": F.SCALAR,
        "1 - self.beta2**self.n": F.SCALAR,
        "v / (1 - self.beta2**self.n)": F.ELEMENTWISE,
        "self.lr * m_hat": F.ELEMENTWISE,
        "np.sqrt(v_hat)": F.FUNCTION,
        "np.sqrt(v_hat) + self.eps": F.FUNCTION,
        "self.lr * m_hat / (np.sqrt(v_hat) + self.eps)": F.ELEMENTWISE,
    },
}


def tanh_net(**options: Any) -> Network:
    """784-20-10 with tanh, which no preset has."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.05, shape).astype("float32") for shape in ((784, 20), (20, 10))]
    layers = [Affine(weights[0], np.zeros(20, "float32")), Tanh(), Affine(weights[1])]
    return Network(layers, SoftmaxWithLoss(), **options)


NETWORKS = {**{id: preset.build for id, preset in PRESETS.items()}, "tanh": tanh_net}


@cache
def session_of(network: str, optimizer: str, input_gradient: bool = False) -> Session:
    preset = PRESETS.get(network)
    tiny = preset is not None and preset.dataset == "drawn_digits"
    made = NETWORKS[network]()
    made.input_gradient = input_gradient
    return Session(
        network=made,
        dataset=drawn_digits() if tiny else load_mnist(),
        optimizer=OPTIMIZERS[optimizer](),
        batch_size=6 if tiny else 100,
        seed=0,
    )


def operations(trace: Trace) -> Iterator[tuple[int, Operation]]:
    for event in range(len(trace)):
        yield event, operation_at(trace, event)


@pytest.mark.slow
@pytest.mark.parametrize("input_gradient", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_expression_of_all_presets_has_a_picture_of_its_own(
    network, optimizer, input_gradient
):
    session = session_of(network, optimizer, input_gradient)
    session.goto(batch=0)
    seen = 0
    for batch in range(2):
        if batch:
            session.step_batch()
        for event, operation in operations(session.trace):
            assert operation.form is not Form.FALLBACK
            if session.trace.kind(event) is not Kind.EXPRESSION:
                continue
            seen += 1
            frame, source = session.trace.frame(event), session.trace.site(event).source
            wanted = FORMS[frame.function][source]
            if input_gradient and source == "dout if self.input_gradient else None":
                wanted = F.COPY
            assert operation.form is wanted, (frame.function, source)
    assert seen > 100


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_operands_make_the_result_again_bit_for_bit(network, optimizer):
    session = session_of(network, optimizer)
    session.goto(batch=0)
    made: Counter[Form] = Counter()
    for _, operation in operations(session.trace):
        again = recompute(operation)
        if again is not None:
            made[operation.form] += 1
            np.testing.assert_array_equal(again, operation.result, operation.source)
    assert set(made) >= {F.PRODUCT, F.ELEMENTWISE, F.FUNCTION, F.REDUCTION, F.IN_PLACE, F.INDEXING}


def test_an_update_shows_the_weights_before_and_after():
    session = session_of("784-50-10", "SGD")
    session.goto(batch=0)
    before = session.network.parameters()["Affine1.W"].copy()
    changed = [o for _, o in operations(session.trace) if o.form is Form.IN_PLACE and o.name == "W"]
    session.step_batch()
    after = session.network.parameters()["Affine1.W"]
    assert changed[0].operands[0].event is None  # looked up in this batch, and not made
    np.testing.assert_array_equal(changed[0].operands[0].value, before)
    np.testing.assert_array_equal(changed[0].result, after)
    assert len(changed) == 4  # two weights and two biases


def test_operands_say_where_they_were_made_and_results_what_they_are_called():
    trace = session_of("784-50-10", "SGD").trace
    found = {o.source: o for _, o in operations(trace)}
    product = found["self.x.T @ dout"]
    assert product.name == "self.dW"
    assert found["self.x.T"].name == "self.x.T"
    assert trace.site(product.operands[0].event).source == "self.x.T"
    assert found["dout.sum(axis=0)"].name == "self.db"
    assert found["x @ self.W"].name == "x @ self.W"
    assert found["x @ self.W"].operands[1].event is None  # older than this batch
    assert found["self.lr * dW"].operands[0].value == 0.01


def test_an_operand_leads_to_where_it_was_written_last():
    trace = session_of("784-50-10", "SGD").trace
    found = {o.source: o for _, o in operations(trace)}
    operand = next(one for one in found["dz / len(dz)"].operands if one.text == "dz")
    then = trace.locals_at(operand.event)["dz"]
    np.testing.assert_array_equal(then, operand.value)
    assert trace.site(operand.event - 1).span.line == trace.site(operand.event).span.line - 1


def test_a_straight_line_is_drawn_as_arithmetic_and_a_curve_as_a_curve():
    trace = session_of("784-50-10", "SGD").trace
    found = {o.source: o for _, o in operations(trace)}
    curve = found["1 / (1 + np.exp(-x))"]
    assert [operand.text for operand in curve.operands] == ["x"]
    np.testing.assert_allclose(curve.curve(np.array([-1000.0, 0, 1000])), [0, 0.5, 1])
    assert [operand.text for operand in found["1 - self.y"].operands] == ["1", "self.y"]
    assert found["np.maximum(x, -80)"].symbol == "maximum"


class Broken:
    """A layer whose backward has forgotten to transpose."""

    def __init__(self) -> None:
        self.W = np.ones((784, 10), "float32")

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = self.x @ dout
        return dout @ self.W.T


class Unbroadcast(Broken):
    """One that adds a bias of the wrong length."""

    def forward(self, x):
        b = np.zeros(7, "float32")
        return x @ self.W + b


@pytest.mark.parametrize(
    ("layer", "left", "right", "sizes", "sentence", "advice"),
    [
        (
            Broken, (0, 1), (1, 0), (784, 100),
            "self.x has 784 columns, dout has 100 rows.", "Did you mean self.x.T (784 × 100)?",
        ),
        (
            Unbroadcast, (0, 1), (1, 0), (10, 7),
            "x @ self.W has 10 columns, b has 7 elements.", "each pair of sizes must be equal",
        ),
    ],
)  # fmt: skip
def test_shapes_that_disagree_are_named(layer, left, right, sizes, sentence, advice):
    network = Network([layer()], SoftmaxWithLoss())
    session = Session(network=network, dataset=load_mnist(), optimizer=SGD(lr=0.1))
    trace = session.trace
    assert isinstance(trace.error, ValueError)
    operation = operation_at(trace, len(trace) - 1)
    mismatch = operation.mismatch
    assert operation.result is None
    assert operation.error is trace.error
    assert (mismatch.left, mismatch.right, mismatch.sizes) == (left, right, sizes)
    assert mismatch.sentence == sentence
    assert advice in mismatch.advice


# Another write between the same two events, by a generator; and cells that overlap.
UNCLEAR = ("x[-1] += 1", "np.lib.stride_tricks.")


@pytest.mark.slow
@pytest.mark.parametrize("budget", [24 * 2**20, 3000])
@pytest.mark.parametrize("name", CASES)
def test_operations_of_code_by_other_people_make_their_results_again(name, budget):
    """Whatever its style; over its budget a trace has outlines, which make nothing again."""
    case = CASES[name]()
    with case.warned():
        trace = Recorder(case.function, case.parts, {}).record(*case.args(0), budget=budget)
    for event, operation in operations(trace):
        again = recompute(operation)
        if again is not None and not operation.source.startswith(UNCLEAR):
            np.testing.assert_array_equal(again, operation.result, operation.source)
        follow_links(operation, event)


def follow_links(operation: Operation, seed: int) -> None:
    """Links lead from a cell to cells that lead back to it."""
    rng = np.random.default_rng(seed)
    shape = shape_of(operation.result)
    if operation.result is None or not all(shape):
        return
    index = tuple(int(rng.integers(n)) for n in shape)
    terms_of(operation, index)
    for number, region in enumerate(sources_of(operation, index)):
        inside = shape_of(operation.operands[number].value)
        if region is None or not all(inside):
            continue
        mark = np.zeros(inside, dtype=bool)
        mark[region] = True
        cell = tuple(map(int, np.argwhere(mark)[-1]))
        back = targets_of(operation, number, cell)
        if operation.form in (Form.INDEXING, Form.IN_PLACE) and number > 1:
            continue  # an index is no cell of what it picks
        if operation.form is Form.INDEXING and number == 1:
            continue
        reached = np.zeros(shape, dtype=bool)
        assert back is not None
        reached[back] = True
        assert reached[index]


@settings(max_examples=25, deadline=None)
@given(recipes(), st.integers(0, 2))
def test_no_layer_and_no_optimizer_is_too_strange(recipe, batch):
    session = recipe.session()
    session.run(batches=batch)
    for event, operation in operations(session.trace):
        assert operation.layer == session.trace.frame(event).layer
        again = recompute(operation)
        if again is not None:
            np.testing.assert_array_equal(again, operation.result, operation.source)


@pytest.mark.parametrize("function", foreign_errors.FUNCTIONS, ids=lambda f: f.__name__)
def test_an_operation_that_raised_has_its_error_and_no_result(function):
    model = foreign_errors.Model()
    trace = Recorder(function, [model], {}).record(model, np.arange(3.0))
    *_, (_, last) = operations(trace)
    assert last.error is trace.error
    assert last.result is None


def test_looking_at_operations_changes_nothing():
    session = Recipe(("batch norm", "lister"), optimizer="adam").session()
    trace = session.trace
    values = [np.array(v) for v in session.network.parameters().values()]
    first = [(o.form, o.source, len(o.operands)) for _, o in operations(trace)]
    assert [(o.form, o.source, len(o.operands)) for _, o in operations(trace)] == first
    for before, now in zip(values, session.network.parameters().values(), strict=True):
        np.testing.assert_array_equal(before, now)


def test_calls_of_a_layers_methods_carry_its_name():
    trace = session_of("784-100-50-10", "SGD").trace
    names = [o.symbol for _, o in operations(trace) if o.form in (F.CALL, F.ARGUMENTS, F.RETURN)]
    assert {"Affine2.forward", "ReLU1.backward", "SoftmaxWithLoss.forward"} <= set(names)
    assert {"Network.forward", "class_numbers", "SGD.update"} <= set(names)


def test_an_operation_does_not_keep_its_trace():
    session = Recipe(("sigmoid",), optimizer="adam").session()
    trace = session.trace
    kept = [operation for _, operation in operations(trace)]
    alive = ref(trace)
    del trace, session
    gc.collect()
    assert alive() is None
    assert any(operation.curve is not None for operation in kept)
