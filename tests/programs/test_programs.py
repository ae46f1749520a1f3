"""The foreign programs train, repeat bit for bit, and are what their truths say."""

from __future__ import annotations

import numpy as np
import pytest

from engine.debug.reach.paths import aliases_of, paths_from, text_of
from tests.programs.checks import array_at, central_differences, gradients_of
from tests.programs.loading import NAMES, load, losses_of, source_of, truth_of
from tests.programs.truth import functions, line_number, lines_of

FIRST = 6  # from the third update of those that update every third batch on
CELLS = 7  # of each parameter


def is_end_of(path: str, name: str) -> bool:
    """Whether a path ends in a name, or in the key that it is."""
    return path.endswith((name, f"[{name!r}]"))


programs = pytest.mark.parametrize("name", NAMES)


@programs
def test_it_trains(name):
    losses = losses_of(name, 50)
    assert np.all(np.isfinite(losses))
    assert np.mean(losses[:10]) - np.mean(losses[-10:]) > truth_of(name).falls


@programs
def test_loaded_twice_it_computes_the_same_losses_bit_for_bit(name):
    assert losses_of(name, 25) == losses_of(name, 25)


@programs
def test_two_programs_side_by_side_share_nothing_of_their_own(name):
    with load(name) as one, load(name) as other:
        arrays = {id(value) for _, value in paths_from(one.step) if isinstance(value, np.ndarray)}
        for _, value in paths_from(other.step):
            assert not isinstance(value, np.ndarray) or id(value) not in arrays


@programs
def test_its_gradients_agree_with_central_differences(name):
    with load(name) as program:
        for batch in range(FIRST + program.truth.every - 1):
            program.run(batch)
        found = gradients_of(program, FIRST + program.truth.every - 1)
    rng = np.random.default_rng(0)
    for parameter in program.truth.parameters:
        gradient = found[parameter.name]
        with load(name) as fresh:
            for batch in range(FIRST):
                fresh.run(batch)
            array = array_at(fresh, parameter.path)
            assert gradient.shape == array.shape
            assert array.dtype == np.float64
        cells = [
            tuple(int(n) for n in np.unravel_index(cell, gradient.shape))
            for cell in rng.choice(gradient.size, min(CELLS, gradient.size), replace=False)
        ]
        numeric = central_differences(name, FIRST, parameter, cells)
        analytic = np.array([gradient[cell] for cell in cells])
        largest = np.abs(gradient).max()
        assert largest > 0
        np.testing.assert_allclose(analytic, numeric, rtol=0, atol=1e-7 * max(largest, 1e-2))


@programs
def test_every_text_of_its_truth_stands_in_its_source(name):
    source, truth = source_of(name), truth_of(name)
    for text in truth.texts():
        assert text in source
    for parameter in truth.parameters:
        assert line_number(source, parameter.line)


@programs
def test_every_statement_of_what_a_batch_calls_has_its_pass(name):
    source, truth = source_of(name), truth_of(name)
    letters = lines_of(source, truth.passes)
    assert set(letters.values()) <= set("FBUObu.?")
    assert {"F", "B", "U"} <= set(letters.values())
    known = functions(source)
    for layer in truth.layers:
        assert layer.forward in known
        assert layer.backward in known


@programs
def test_what_runs_in_a_batch_is_what_its_passes_name(name):
    import sys

    truth = truth_of(name)
    with load(name) as program:
        seen = set()

        def look(frame, event, _value):
            code = frame.f_code
            if event == "call" and code.co_filename == str(program.file):
                seen.add(code.co_qualname)

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            for batch in range(8):
                program.run(batch)
        finally:
            sys.setprofile(before)
    own = {name for name in seen if not name.rpartition(".")[2].startswith("<")}
    made = {name for name in own if name.endswith("__init__")}
    assert own - made <= set(truth.passes)
    assert set(truth.passes) <= own


@programs
def test_its_parameters_and_decoys_are_where_the_truth_says(name):
    truth = truth_of(name)
    with load(name) as program:
        for batch in range(3):
            program.run(batch)
        texts = {text_of(path) for path, _ in paths_from(program.step)}
        for parameter in truth.parameters:
            array = array_at(program, parameter.path)
            others = {text_of(path) for path in aliases_of(program.step, array)}
            assert {parameter.path, *parameter.also} == others
            assert is_end_of(parameter.path, parameter.name)
        assert set(truth.decoys) <= texts
        assert not set(truth.decoys) & {parameter.path for parameter in truth.parameters}


@programs
def test_a_parameter_has_the_shortest_name_that_is_its_own(name):
    truth = truth_of(name)
    names = [parameter.name for parameter in truth.parameters]
    assert len(set(names)) == len(names)
    paths = [parameter.path for parameter in truth.parameters]
    for parameter in truth.parameters:
        shorter = parameter.name.partition(".")[2]
        assert not shorter or sum(path.endswith(shorter) for path in paths) > 1


@programs
def test_its_learning_rate_is_where_the_truth_says(name):
    truth = truth_of(name)
    with load(name) as program:
        program.run(0)
        found = {text_of(path): value for path, value in paths_from(program.step)}
        assert found[truth.rate] == truth.rate_value
