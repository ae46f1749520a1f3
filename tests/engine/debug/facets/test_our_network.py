"""The facets of our own network: what the debugger knows of it is found without being told."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine import SGD, load_mnist, one_layer_net, train_step, two_layer_net
from engine.debug.events import Kind, Phase
from engine.debug.facets.facets import Found
from engine.debug.facets.find import find
from engine.debug.facets.gradient_values import gradients_at
from engine.debug.facets.passes import passes_of
from engine.debug.reach.paths import follow, text_of
from engine.debug.record.recorder import Recorder
from engine.nn.optimizers import AdaGrad, Adam, Momentum
from tests.engine.debug.facets.recorded import text_at

NETWORKS = [one_layer_net, two_layer_net]
OPTIMIZERS = [SGD(lr=0.25), Momentum(lr=0.25), AdaGrad(lr=0.25), Adam(lr=0.25)]


def recorded(network, optimizer, budget=sys.maxsize, batches=2):
    images = load_mnist()
    names = dict(zip(network.layer_names, network.layers, strict=True))
    recorder = Recorder(train_step, (network, optimizer), names)
    traces = []
    for batch in range(batches):
        x, t = images.batch(np.arange(batch * 20, batch * 20 + 20))
        traces.append(recorder.record(network, optimizer, x, t, budget=budget))
    return traces


def name_of(pair):
    return f"{pair[0].__name__}-{type(pair[1]).__name__}"


@pytest.fixture(params=[(n, o) for n in NETWORKS for o in OPTIMIZERS], ids=name_of)
def found(request):
    make, optimizer = request.param
    network, optimizer = make(seed=0), type(optimizer)(lr=optimizer.lr)
    traces = recorded(network, optimizer)
    step = partial(train_step, network, optimizer)
    return network, optimizer, step, traces, find(traces, step)


def test_its_parameters_are_those_it_says_it_has(found):
    network, _, step, _, facets = found
    parameters = facets.parameters.value
    assert {id(follow(step, one.path)) for one in parameters.values()} == {
        id(array) for array in network.parameters().values()
    }
    assert len(parameters) == len(network.parameters())
    assert facets.parameters.certain


def test_its_gradients_are_those_it_says_it_has(found):
    network, _, step, traces, facets = found
    last = traces[-1]
    values = gradients_at(last, facets, len(last) - 1)
    own = network.gradients()
    names = {id(array): name for name, array in network.parameters().items()}
    assert len(values) == len(own)
    for name, one in facets.parameters.value.items():
        assert np.array_equal(values[name], own[names[id(follow(step, one.path))]])
        assert facets.gradients.value[name].name in ("self.dW", "self.db")


def test_its_passes_are_what_the_names_of_its_methods_say(found):
    traces, facets = found[3], found[4]
    for trace in traces:
        passes = passes_of(trace, facets)
        assert list(passes.phases) == [trace.phase(event) for event in range(len(trace))]
        assert len(passes.loss_events) == 1
        assert trace.value(passes.loss_events[0]) == trace.result


def test_the_update_does_not_begin_where_an_input_is_kept(found):
    traces, facets = found[3], found[4]
    trace = traces[-1]
    phases = passes_of(trace, facets).phases
    kept = [event for event in range(len(trace)) if trace.site(event).source == "self.x = x"]
    assert kept
    assert {phases[event] for event in kept} == {Phase.FORWARD}


def test_its_learning_rate_is_the_optimizers(found):
    _, optimizer, step, _, facets = found
    path = facets.learning_rate.value
    assert facets.learning_rate.certain
    assert text_of(path).endswith(".lr")
    assert follow(step, path) is optimizer.lr


def test_only_optimizers_with_a_momentum_add_other_terms(found):
    _, optimizer, _, _, facets = found
    adds = {one.other_terms for one in facets.gradients.value.values()}
    assert adds == {isinstance(optimizer, (Momentum, Adam))}


def test_its_layers_are_found_in_order_with_their_names(found):
    network, _, step, _, facets = found
    layers = facets.layers.value
    assert [one.name for one in layers] == [*network.layer_names, "SoftmaxWithLoss"]
    objects = [follow(step, one.path) for one in layers]
    assert all(a is b for a, b in zip(objects, [*network.layers, network.loss], strict=True))
    assert all(one.forward.endswith(".forward") for one in layers)
    assert all(one.backward.endswith(".backward") for one in layers)


def test_its_loss_is_what_the_step_returns(found):
    facets = found[4]
    assert facets.loss.found is Found.RETURNED
    source = Path(facets.loss.value.file).read_text("utf-8")
    assert text_at(source, facets.loss.value) == "-log_y[rows, self.t].sum() / len(z)"


def test_traces_over_budget_have_the_same_passes():
    network, optimizer = two_layer_net(seed=0), Adam()
    traces = recorded(network, optimizer)
    facets = find(traces, partial(train_step, network, optimizer))
    (faded,) = recorded(network, optimizer, budget=0, batches=1)
    assert not faded.is_whole
    assert passes_of(faded, facets) == passes_of(traces[1], facets)


def test_lines_and_returns_have_a_pass_as_well(found):
    traces, facets = found[3], found[4]
    trace = traces[-1]
    phases = passes_of(trace, facets).phases
    returns = [e for e in range(len(trace)) if trace.kind(e) is Kind.RETURN]
    assert phases[returns[-1]] is Phase.UPDATE
    assert Phase.OTHER not in phases
