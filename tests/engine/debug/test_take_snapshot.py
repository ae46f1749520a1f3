"""The snapshot of a moment says what is true there."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.events import Kind, Phase
from engine.debug.session import Session
from engine.debug.snapshots.predictions import softmax, surprise
from engine.debug.snapshots.snapshot import CacheState, Group, LayerProgress, Snapshot
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.options import Options, build_session
from engine.presets import PRESETS
from tests.engine.debug.networks import CLASSES, DATASET, Buffered, Recipe, recipes
from tests.engine.debug.oracle import picture, shown


def arrays_in(thing: Any, seen: set[int]) -> list[np.ndarray]:
    """All arrays that a snapshot holds itself; live objects among the variables are not its own."""
    if id(thing) in seen:
        return []
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return [thing]
    if isinstance(thing, dict):
        return [array for value in thing.values() for array in arrays_in(value, seen)]
    if isinstance(thing, (list, tuple)):
        return [array for value in thing for array in arrays_in(value, seen)]
    if is_dataclass(thing) and not isinstance(thing, type):
        own = [f.name for f in fields(thing) if f.name != "frame"]
        return [a for name in own for a in arrays_in(getattr(thing, name), seen)]
    return []


def anywhere(session: Session, data, batches: int = 3) -> Snapshot:
    """The snapshot of some event of some batch."""
    session.run(batches=batches)
    session.goto(data.draw(st.integers(0, batches - 1)))
    session.goto(session.position.batch, data.draw(st.integers(0, len(session.trace) - 1)))
    return session.snapshot()


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_snapshot_agrees_with_the_session(recipe, data):
    session = recipe.session()
    snapshot = anywhere(session, data)
    trace, cursor = session.trace, session.position.event
    assert snapshot.position == session.position
    assert snapshot.event_count == len(trace)
    assert snapshot.kinds == tuple(event.kind for event in trace)
    assert picture(snapshot.event.value) == picture(trace[cursor].value)
    seen = {v.name: shown(v.value) for v in snapshot.variables if v.group is not Group.CURSOR}
    assert seen == {name: shown(value) for name, value in session.variables().items()}
    live = session.network.parameters()
    for layer in snapshot.layers:
        for name, value in layer.parameters.items():
            assert picture(value) == picture(live[f"{layer.name}.{name}"])
    assert {f"{s.name}.{n}" for s in snapshot.layers for n in s.parameters} == live.keys()
    assert snapshot.history.losses.tolist() == session.losses.tolist()
    assert snapshot.blocked == session.blocked()
    batch = snapshot.minibatch
    assert batch.indices.tolist() == session.samples().tolist()
    assert (batch.images == DATASET.images[batch.indices]).all()
    assert (batch.labels == DATASET.labels[batch.indices]).all()


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_arrays_in_a_snapshot_are_read_only(recipe, data):
    snapshot = anywhere(recipe.session(), data)
    found = arrays_in(snapshot, set())
    assert len(found) > 10
    for array in found:
        assert not array.flags.writeable


@given(recipes(), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_bands_divide_the_events_by_pass_and_layer(recipe, batch):
    session = recipe.session()
    session.run(batches=batch)
    bands, trace = session.snapshot().bands, session.trace
    covered = [event for band in bands for event in range(band.first, band.last + 1)]
    assert covered == list(range(len(trace)))
    for band in bands:
        events = trace[band.first : band.last + 1]
        assert {event.phase for event in events} == {band.phase}
        assert {event.layer for event in events} <= {band.layer, ""}
    layers = session.snapshot().layers
    session.goto(batch, len(trace) - 1)
    names = [layer.name for layer in layers if layer.kind != "Closure"]  # its code has no `self`
    forward = [band.label for band in bands if band.phase is Phase.FORWARD]
    backward = [band.label for band in bands if band.phase is Phase.BACKWARD]
    assert forward == names
    assert backward == names[::-1]
    update = [band.label for band in bands if band.phase is Phase.UPDATE]
    assert update == ["parameters", *session.network.gradients(), "return"]


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_marked_as_changed_is_what_changed_since_the_line_before(recipe, data):
    session = recipe.session()
    snapshot = anywhere(session, data)
    trace, cursor = session.trace, session.position.event
    frame = trace.frame(cursor)
    lines = [i for i in range(cursor + 1) if trace.frame(i) is frame and trace.kind(i) is Kind.LINE]
    since = lines[-2] if len(lines) > 1 else frame.call_event
    before = trace.variables(since) if trace.frame(since) is frame else {}
    for variable in snapshot.variables:
        if variable.group is Group.CURSOR:
            assert variable.name in (snapshot.event.source, "return value")
            continue
        same = variable.name in before and shown(before[variable.name]) == shown(variable.value)
        assert variable.changed or same, variable.name
        assert not (variable.changed and variable.stale)
    if snapshot.event.kind is Kind.LINE and len(lines) > 1:
        changed = {v.name for v in snapshot.variables if v.changed}
        bound = {n for m, n, _ in frame.bindings if since < m <= cursor}
        assert changed >= bound & {v.name for v in snapshot.variables}


def line(session: Session, batch: int, function: str, source: str) -> int:
    """The first line event with this source in a function of the batch."""
    session.goto(batch)
    for event in session.trace:
        if (event.kind, event.frame.function) == (Kind.LINE, function) and source in event.source:
            return event.index
    raise LookupError(source)


def test_what_the_batch_before_has_left_is_marked_as_stale():
    session = Recipe(middle=("buffered",)).session()
    session.run(batches=3)

    def stale_at(function: str, source: str, after: int = 0) -> set[str]:
        session.goto(1, line(session, 1, function, source) + after)
        return {v.name for v in session.snapshot().variables if v.stale}

    assert stale_at("Affine.forward", "self.x = x") == {"self.x", "self.dW", "self.db"}
    assert stale_at("Affine.forward", "if self.b") == {"self.dW", "self.db"}
    assert stale_at("Affine.backward", "self.dW =") == {"self.dW", "self.db"}
    assert stale_at("Affine.backward", "if self.b") == {"self.db"}
    assert stale_at("Buffered.forward", "self.n =") == {"self.n", "self.y", "self.dx"}
    assert stale_at("Buffered.forward", "y += x") == {"self.dx"}
    assert stale_at("Buffered.backward", "np.multiply") == {"self.dx"}
    assert stale_at("Buffered.backward", "return dx") == set()
    session.goto(0, line(session, 0, "Affine.forward", "self.x = x"))
    assert not any(v.stale for v in session.snapshot().variables)


def cache_of(session: Session) -> dict[str, Any]:
    return {entry.name: entry for entry in session.snapshot().cache}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.id)
def test_the_cache_of_the_presets(preset):
    network = preset.build(seed=0)
    W = next(iter(network.parameters().values()))
    side = int(np.sqrt(len(W)))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, side, side), dtype=np.uint8)
    dataset = type(DATASET)("random", images, rng.integers(0, 3, 20), 3)
    session = Session(network, dataset, SGD(0.1), 10, blas_threads=None)
    cache = cache_of(session)
    wanted = {"Affine": {"x"}, "Sigmoid": {"y"}, "ReLU": {"mask"}, "SoftmaxWithLoss": {"t", "y"}}
    names = [layer.name for layer in session.snapshot().layers]
    kinds = {layer.name: layer.kind for layer in session.snapshot().layers}
    assert set(cache) == {f"{name}.{a}" for name in names for a in wanted[kinds[name]]}
    trace = session.trace
    session.goto(0, len(trace) - 1)
    for name, entry in cache.items():
        layer, _, attribute = name.partition(".")
        kept = getattr(session.layers[layer], attribute)
        assert (entry.shape, entry.dtype) == (kept.shape, str(kept.dtype))
        assert entry.layer == layer
        assert entry.read_by == (f"{layer}.backward",)
        assert trace.phase(entry.written) is Phase.FORWARD
        assert trace[entry.written].layer in (layer, "")
        assert all(trace.phase(read) is Phase.BACKWARD for read in entry.reads)
        if entry.shared_with:
            other = session.layers[cache[entry.shared_with].layer]
            assert np.shares_memory(kept, getattr(other, entry.shared_with.split(".")[1]))
            assert entry.nbytes == 0
        else:
            assert entry.nbytes == kept.nbytes
    if "Sigmoid1.y" in cache:
        assert cache["Affine2.x"].shared_with == "Sigmoid1.y"
    assert cache["Affine1.x"].shared_with == ""


def test_a_cache_entry_is_held_from_its_store_to_its_last_read():
    session = Recipe().session()
    session.run(batches=2)
    session.goto(1)
    trace = session.trace
    for event in range(len(trace)):
        session.goto(1, event)
        for entry in session.snapshot().cache:
            expected = CacheState.HELD
            if event < entry.written:
                expected = CacheState.NOT_YET
            elif event >= max(entry.reads):
                expected = CacheState.RELEASED
            assert entry.state is expected, (entry.name, event)
            thing = session.layers[entry.layer]
            before = session.trace.attributes_at(0, thing)[entry.name.split(".")[1]]
            now = session.trace.attributes_at(event, thing)[entry.name.split(".")[1]]
            if entry.state is CacheState.NOT_YET:
                assert picture(now) == picture(before)
            assert picture(now) == picture(getattr(thing, entry.name.split(".")[1]))


def test_the_cache_of_a_layer_with_buffers():
    session = Recipe(middle=("buffered",)).session()
    session.run(batches=1)
    cache = cache_of(session)
    y = cache["Buffered1.y"]
    assert y.shape == (10, 5) and y.nbytes == 10 * 5 * 4
    event = session.trace[y.written]
    assert (event.layer, event.phase) == ("Buffered1", Phase.FORWARD)
    assert "Buffered1.dx" not in cache  # written going back, so no memory of forward's
    assert cache["Affine2.x"].shared_with == "Buffered1.y"
    assert y.reads == ()
    assert cache["Affine2.x"].read_by == ("Affine2.backward",)


@given(recipes(), st.data())
@settings(max_examples=30, deadline=None)
def test_layers_tell_their_shapes_their_passes_and_how_far_they_are(recipe, data):
    session = recipe.session()
    snapshot = anywhere(session, data)
    trace, cursor = session.trace, session.position.event
    names = [layer.name for layer in snapshot.layers]
    assert names == [*session.network.layer_names, "SoftmaxWithLoss"]
    n = len(snapshot.minibatch.indices)
    shapes = [layer.in_shape for layer in snapshot.layers]
    assert shapes[0] == (n, 9) and shapes[-1] == (n, CLASSES)
    for layer, following in zip(snapshot.layers, snapshot.layers[1:], strict=False):
        if layer.kind != "Closure" and following.kind != "Closure":
            assert layer.out_shape == following.in_shape == (n, *layer.out_shape[1:])
    for layer in snapshot.layers:
        thing = session.layers[layer.name]
        own = [i for i in range(len(trace)) if trace.frame(i).owner is thing]
        for phase, found in ((Phase.FORWARD, layer.forward), (Phase.BACKWARD, layer.backward)):
            of_pass = [i for i in own if trace.phase(i) is phase]
            if of_pass:
                assert found == (of_pass[0], of_pass[-1])
                assert trace.kind(found[0]) is Kind.CALL and trace.kind(found[1]) is Kind.RETURN
            if snapshot.event.phase is phase and found:
                expected = LayerProgress.NOW
                if cursor < found[0]:
                    expected = LayerProgress.NOT_YET
                elif cursor > found[1]:
                    expected = LayerProgress.DONE
                assert layer.progress is expected
        if snapshot.event.phase is Phase.UPDATE:
            assert layer.progress is LayerProgress.DONE
        if layer.backward:
            ready = cursor >= layer.backward[1]
            has_parameters = bool(layer.parameters)
            trained = any(n.startswith(f"{layer.name}.") for n in session.network.gradients())
            if ready or cursor < layer.backward[0]:
                assert bool(layer.gradients) is (ready and has_parameters and trained)
            else:  # within backward: what it has set by now, and nothing of the batch before
                at_call = trace.history.attributes_at(thing, layer.backward[0])
                now = trace.history.attributes_at(thing, cursor)
                assert set(layer.gradients) == {
                    name for name in layer.parameters
                    if now.get(f"d{name}") is not at_call.get(f"d{name}")
                }  # fmt: skip
        if layer.forward:
            assert (layer.output is not None) is (cursor >= layer.forward[1])
    assert sum(layer.progress is LayerProgress.NOW for layer in snapshot.layers) <= 1


@pytest.mark.slow
@given(recipes(), st.integers(0, 2))
@settings(max_examples=6, deadline=None)
def test_predictions_and_the_input_gradient_appear_when_they_are_made(recipe, batch):
    session = recipe.session()
    session.run(batches=batch)
    trace = session.trace
    loss = session.snapshot().layers[-1]
    line = next(
        i for i in range(len(trace)) if trace.site(i).source.startswith("self.dx = dout if")
    )
    returned = max(trace.events_of[id(trace.frame(line))])  # it is the last line of its function
    for event in range(len(trace)):
        session.goto(batch, event)
        minibatch = session.snapshot().minibatch
        predicted = minibatch.predictions
        assert (predicted is not None) is (event >= loss.forward[1])
        if predicted is not None:
            scores = trace.value(loss.forward[0])["z"]
            assert predicted.tolist() == scores.argmax(axis=1).tolist()
        if recipe.input_gradient and event >= returned:
            assert picture(minibatch.input_gradient) == picture(session.network.dx)
            assert minibatch.input_gradient.shape == (len(minibatch.indices), 9)
        elif event <= line or not recipe.input_gradient:
            assert minibatch.input_gradient is None


class Bare:
    def forward(self, x):
        return x

    def backward(self, dout):
        return dout


class NoNames:
    """Lets nothing be set on it."""

    __slots__ = ()

    def forward(self, x):
        return x * 1

    def backward(self, dout):
        return dout


class Dotted(Bare):
    """A name of its own making, with a dot in it."""

    @property
    def name(self) -> str:
        return "Affine1.inner  × ü"


class NamelessLoss(SoftmaxWithLoss):
    name = None  # type: ignore[assignment]


class TwoArguments:
    name = "Bare1"  # taken

    def forward(self, scores, labels):
        self.n = len(scores)
        self.p = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.p /= self.p.sum(axis=1, keepdims=True)
        self.labels = labels
        return float(-np.log(self.p[np.arange(self.n), labels]).mean())

    def backward(self):
        self.p[np.arange(self.n), self.labels] -= 1
        return self.p / self.n


@pytest.mark.slow
@pytest.mark.parametrize("loss", [NamelessLoss, TwoArguments])
def test_layers_of_other_people(loss):
    network, optimizer = Recipe().build()
    first, *rest = network.layers
    layers = [Bare(), NoNames(), NoNames(), first, Dotted(), *rest, Buffered(CLASSES, "float32")]
    network = Network(layers, loss())
    session = Session(network, DATASET, optimizer, 5, blas_threads=None)
    for batch in range(2):
        for event in range(len(session.trace)):
            session.goto(batch, event)
            snapshot = session.snapshot()
            assert snapshot.blocked == session.blocked()
        session.step_batch()
    names = [layer.name for layer in snapshot.layers]
    assert len(set(names)) == len(names) == len(layers) + 1
    assert [layer.kind for layer in snapshot.layers][-1] == loss.__name__
    assert {f"{s.name}.{n}" for s in snapshot.layers for n in s.parameters} == set(
        network.parameters()
    )
    assert all(layer.in_shape for layer in snapshot.layers)


def test_the_equation_is_the_first_of_the_docstring():
    session = Recipe().session()
    equations = {layer.name: layer.equation for layer in session.snapshot().layers}
    assert equations["Affine1"] == "x W + b"
    assert equations["Sigmoid1"] == "1 / (1 + e⁻ˣ)"
    network, optimizer = Recipe().build()
    bare = Session(Network([Bare(), *network.layers], network.loss), DATASET, optimizer, 5)
    assert bare.snapshot().layers[0].equation == ""


def test_the_call_stack_leads_to_where_each_call_stands():
    session = Recipe().session()
    for event in range(len(session.trace)):
        session.goto(0, event)
        stack = session.snapshot().stack
        assert stack[-1].function == "train_step"
        assert stack[0].event == event
        frames = session.trace.stack(event)
        assert len(stack) == len(frames)
        for entry, frame in zip(stack, frames, strict=True):
            assert entry.event <= event and session.trace.frame(entry.event) is frame
            assert entry.line == session.trace[entry.event].line
        if session.event.layer and stack[0].function.count(".") == 1:
            assert stack[0].function.partition(".")[0] in (session.event.layer, "Network")


def test_the_setup_follows_the_cursor():
    session = Recipe().session()
    session.run(batches=4)
    session.set_learning_rate(0.05)
    assert session.snapshot().setup.learning_rate == 0.05
    session.goto(1)
    setup = session.snapshot().setup
    assert (setup.learning_rate, setup.network, setup.batch_size) == (0.3, "9-5-4", 5)
    assert (setup.optimizer, setup.dtype, setup.dataset) == ("SGD", "float32", "tiny")


def test_the_equation_is_that_of_the_layer_at_hand():
    with_bias = build_session(Options(network="784-50-10")).snapshot().layers[0]
    without = build_session(Options(network="784-10")).snapshot().layers[0]
    assert (with_bias.equation, without.equation) == ("x W + b", "x W")


def judged(session: Session, batch: int) -> tuple[Any, Any]:
    """The minibatch just before the loss has returned, and just after."""
    session.goto(batch)
    loss = session.snapshot().layers[-1]
    session.goto(batch, loss.forward[1] - 1)
    before = session.snapshot().minibatch
    session.goto(batch, loss.forward[1])
    return before, session.snapshot().minibatch


@given(recipes(), st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_probabilities_and_losses_are_those_of_the_scores(recipe, batch):
    session = recipe.session()
    session.run(batches=batch)
    before, after = judged(session, batch)
    assert before.probabilities is None and before.losses is None
    scores = session.trace.value(session.snapshot().layers[-1].forward[0])["z"].astype(float)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(scores))
    np.testing.assert_allclose(after.probabilities, expected, rtol=1e-12)
    np.testing.assert_allclose(after.losses, -np.log(expected[rows, after.labels]), rtol=1e-9)
    np.testing.assert_allclose(after.losses.mean(), session.trace.result, rtol=1e-5)
    session.goto(batch, 0)
    assert session.snapshot().minibatch.probabilities is None


class OneHot(SoftmaxWithLoss):
    def forward(self, z, t):
        return super().forward(z, np.eye(z.shape[1])[t])


@pytest.mark.parametrize("loss", [TwoArguments, OneHot])
def test_any_loss_that_is_given_scores_and_labels_has_probabilities(loss):
    network, optimizer = Recipe().build()
    session = Session(Network(network.layers, loss()), DATASET, optimizer, 5, blas_threads=None)
    _, after = judged(session, 0)
    np.testing.assert_allclose(after.probabilities.sum(axis=1), 1)
    assert after.losses.shape == (5,)


def test_a_probability_of_zero_has_a_finite_loss():
    scores = np.array([[1e5, 0, -1e5]], np.float32)
    assert softmax(scores).tolist() == [[1, 0, 0]]
    assert surprise(scores, np.array([2])).tolist() == [2e5]


def test_a_loss_without_labels_has_no_losses():
    class Largest:
        def forward(self, z, t):
            self.z = z
            return -z.max(axis=1).mean()

        def backward(self):
            return -(self.z == self.z.max(axis=1, keepdims=True)) / len(self.z)

    class Whole(Network):
        def forward(self, x, t):
            for layer in self.layers:
                x = layer.forward(x)
            return self.loss.forward(x, None)

    network, optimizer = Recipe().build()
    session = Session(Whole(network.layers, Largest()), DATASET, optimizer, 5, blas_threads=None)
    _, after = judged(session, 0)
    assert after.probabilities is not None and after.losses is None


def test_the_snapshots_of_a_batch_share_what_does_not_change_in_it():
    session = Recipe().session()
    session.goto(0, len(session.trace) - 1)
    first = session.snapshot().minibatch
    session.goto(0, len(session.trace) - 2)
    second = session.snapshot().minibatch
    for field in ("images", "labels", "predictions", "probabilities", "losses"):
        assert getattr(first, field) is getattr(second, field)
    session.step_batch()
    assert session.snapshot().minibatch.images is not first.images
