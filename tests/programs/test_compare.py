"""The comparison with a truth finds nothing in right facets, and says what is wrong in others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.debug.events import Kind, Phase
from engine.debug.facets.facets import ParameterFacet
from engine.debug.reach.paths import aliases_of, follow, paths_from, text_of
from engine.debug.session import Session
from tests.programs.compare import (
    PASSES,
    passes_by_line,
    wrong_parameters,
    wrong_passes,
    wrong_rate,
)
from tests.programs.loading import NAMES, load

programs = pytest.mark.parametrize("name", NAMES)
seeds = pytest.mark.parametrize("seed", [None, 4])


@programs
@seeds
def test_right_passes_are_right_and_wrong_ones_are_named(name, seed):
    with load(name, seed) as program:
        trace = Session.from_step(program.step).trace
        letters = passes_by_line(program)
        right = [PASSES.get(letters.get(one.line, "").upper(), Phase.OTHER) for one in trace]
        assert not wrong_passes(program, trace, right)
        clear = {"F", "B"} & {letters.get(one.line) for one in trace if one.kind is Kind.EXPRESSION}
        assert clear == {"F", "B"}
        for phase in Phase:
            assert wrong_passes(program, trace, [phase] * len(trace))


@programs
@seeds
def test_right_parameters_are_right_and_wrong_ones_are_named(name, seed):
    with load(name, seed) as program:
        for batch in range(3):
            program.run(batch)
        found = {}
        at = {text_of(path): path for path, _ in paths_from(program.step)}
        for one in program.truth.parameters:
            path = at[program.path(one.path)]
            array = follow(program.step, path)
            also = tuple(other for other in aliases_of(program.step, array) if other != path)
            short = program.parameter_name(one.name)
            found[short] = ParameterFacet(short, path, also, one.updated_in)
        assert not wrong_parameters(program, found)
        assert not wrong_rate(program, at[program.path(program.truth.rate)])
        assert wrong_rate(program, None)
        first, *rest = found
        assert wrong_parameters(program, {short: found[short] for short in rest})
        assert wrong_parameters(program, {**found, first: replace(found[first], name="other")})
        assert wrong_parameters(program, {**found, first: replace(found[first], updated_in=7)})
        decoy = at[program.path(next(iter(program.truth.decoys)))]
        assert wrong_parameters(program, {**found, "decoy": ParameterFacet("decoy", decoy)})
