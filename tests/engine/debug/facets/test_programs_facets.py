"""The facets of foreign programs are the right ones, whatever their identifiers are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.debug.events import Kind, Phase
from engine.debug.facets.facets import Found
from engine.debug.facets.gradient_values import gradients_at
from engine.debug.facets.passes import passes_of
from engine.debug.reach.paths import follow, text_of
from tests.engine.debug.facets.recorded import (
    facets_of_program,
    line_at,
    running_lines,
    text_at,
    traces_of,
)
from tests.programs.checks import gradients_of
from tests.programs.loading import NAMES, load
from tests.programs.truth import lines_of

SEEDS = [None, 3, 14]
PASSES = {
    "F": Phase.FORWARD,
    "B": Phase.BACKWARD,
    "U": Phase.UPDATE,
    "O": Phase.OTHER,
}
# The samples of `stream` are drawn in a generator, which records nothing: they are met where
# they come out of it.
DRAWN = {"stream": "X, y = next(batches)"}


@pytest.fixture(scope="module", params=[(n, s) for n in NAMES for s in SEEDS], ids=str)
def found(request):
    name, seed = request.param
    with load(name, seed) as program:
        traces, facets = facets_of_program(program)
        yield program, traces, facets


def place_reads(program, place, texts):
    """Whether a place is one of these texts, or lies on the line that one of them is."""
    written = [program.text(text).strip() for text in texts if text]
    here, line = text_at(program.source, place), line_at(program.source, place)
    return any(here == text or line == text or (here in text and text in line) for text in written)


def test_the_parameters_are_found_by_the_names_of_their_places(found):
    program, _, facets = found
    truth = program.truth.parameters
    parameters = facets.parameters.value
    assert facets.parameters.certain
    assert {one.name: text_of(one.path) for one in parameters.values()} == {
        program.parameter_name(one.name): program.path(one.path) for one in truth
    }
    for one in truth:
        facet = parameters[program.parameter_name(one.name)]
        assert [text_of(path) for path in facet.also] == [program.path(path) for path in one.also]
        assert facet.updated_in == one.updated_in
        assert isinstance(follow(program.step, facet.path), np.ndarray)


def test_nothing_else_is_taken_for_a_parameter(found):
    program, _, facets = found
    paths = [text_of(one.path) for one in facets.parameters.value.values()]
    for decoy in program.truth.decoys:
        assert program.path(decoy) not in paths


def test_each_gradient_is_the_array_that_its_update_uses(found):
    program, _, facets = found
    for one in program.truth.parameters:
        gradient = facets.gradients.value[program.parameter_name(one.name)]
        assert place_reads(program, gradient.place, [one.line, one.made]), one.name
        assert gradient.other_terms == one.other_terms


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lazy"])
def test_the_values_of_the_gradients_are_those_that_the_program_has(name):
    with load(name) as program:
        traces, facets = facets_of_program(program)
        values = gradients_at(traces[1], facets, len(traces[1]) - 1)
    with load(name) as fresh:
        fresh.run(0)
        expected = gradients_of(fresh, 1)
    assert values.keys() == expected.keys()
    for parameter, value in values.items():
        assert np.array_equal(value, expected[parameter])


def test_a_gradient_is_none_until_it_is_made(found):
    _, traces, facets = found
    ready = [
        {n for n, value in gradients_at(traces[-1], facets, event).items() if value is not None}
        for event in range(0, len(traces[-1]), max(1, len(traces[-1]) // 25))
    ]
    assert not ready[0]
    assert ready[-1] == set(facets.parameters.value)
    assert all(before <= after for before, after in pairwise(ready))


def test_the_loss_is_found(found):
    program, _, facets = found
    truth = program.truth
    if truth.stand_in:
        assert facets.loss.found is Found.AMBIGUOUS
        assert not facets.loss.certain
        assert place_reads(program, facets.loss.value, [truth.stand_in])
        return
    assert facets.loss.certain
    assert (facets.loss.found is Found.RETURNED) == truth.returned
    line = program.text(truth.loss_line).partition("  #")[0]
    assert line_at(program.source, facets.loss.value).partition("  #")[0] == line


def test_the_learning_rate_is_found_with_its_value(found):
    program, _, facets = found
    rate = facets.learning_rate
    assert rate.certain
    assert text_of(rate.value) == program.path(program.truth.rate)
    assert follow(program.step, rate.value) == program.truth.rate_value


def test_the_layers_are_pairs_of_functions(found):
    program, _, facets = found
    layers = facets.layers.value or ()
    assert [(one.forward, one.backward) for one in layers] == [
        (program.text(one.forward), program.text(one.backward)) for one in program.truth.layers
    ]
    if program.renaming is None:
        for layer, truth in zip(layers, program.truth.layers, strict=True):
            assert not truth.names or layer.name in truth.names


def test_samples_labels_and_predictions_are_found(found):
    program, _, facets = found
    truth = program.truth
    drawn = DRAWN.get(program.name)
    assert place_reads(program, facets.samples.value, [drawn or truth.samples])
    assert place_reads(program, facets.labels.value, [drawn or truth.labels])
    assert place_reads(program, facets.predictions.value, truth.predictions)


def test_each_statement_lies_in_its_pass(found):
    program, traces, facets = found
    trace = traces[-1]
    letters = lines_of(
        program.source, {program.text(k): v for k, v in program.truth.passes.items()}
    )
    passes = passes_of(trace, facets)
    assert len(passes.phases) == len(trace)
    assert len(passes.loss_events) == program.truth.rounds
    for event, line in enumerate(running_lines(trace)):
        letter = letters.get(line, "?")
        if trace.kind(event) not in (Kind.LINE, Kind.EXPRESSION) or letter.upper() not in PASSES:
            continue
        possible = {PASSES[letter.upper()]} | ({Phase.OTHER} if letter.islower() else set())
        assert passes.phases[event] in possible, trace[event]


@pytest.mark.parametrize("name", NAMES)
def test_the_passes_of_later_batches_need_no_contents_of_arrays(name):
    with load(name) as program, load(name) as other:
        _, facets = facets_of_program(program)
        _, others = facets_of_program(other)
        whole = traces_of(program, program.truth.every)
        faded = traces_of(other, other.truth.every, budget=0)
        for one, two in zip(whole, faded, strict=True):
            assert one.is_whole
            assert not two.is_whole
            assert passes_of(one, facets) == passes_of(two, others)


def test_all_batches_of_a_cycle_have_passes(found):
    _, traces, facets = found
    for trace in traces:
        passes = passes_of(trace, facets)
        assert Phase.FORWARD in passes.phases
        assert passes.loss_events
