"""Parameters at known paths from a step: what was there at an event, and when it was written."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

import numpy as np
import pytest

from engine.debug.memory.parameter_places import ParameterPlaces
from engine.debug.reach.paths import Path, follow, paths_from, text_of
from engine.debug.record.recorder import Recorder
from engine.debug.record.trace import Trace
from tests.engine.debug import parameters as plain_module
from tests.engine.debug.watcher import copy_of, watching

STEPS = ["rebinds_globals", "remakes_the_dictionary", "writes_items", "Model.step", "closure",
         "remakes_the_layers", "flat_buffer", "partial"]  # fmt: skip


def step_of(name: str) -> Any:
    module = importlib.reload(plain_module)
    if name == "Model.step":
        return module.Model().step
    if name == "closure":
        return module.closure()
    if name == "partial":
        return partial(module.with_argument, {"W": np.ones(3)}, lr=0.5)
    return getattr(module, name)


def identity_of(value: Any) -> int:
    """Of an array its id; a cell of one is a new object at each look."""
    return id(value) if isinstance(value, np.ndarray) else 0


def recorded(step: Any, paths: dict[str, Path]) -> tuple[Trace, list[dict[str, Any]]]:
    """A trace, and at each event the objects at the paths with copies of them."""
    kept: list[Any] = []  # so that no id is given twice

    def look() -> dict[str, Any]:
        found = {name: follow(step, path) for name, path in paths.items()}
        kept.append(list(found.values()))
        return {name: (identity_of(value), copy_of(value)) for name, value in found.items()}

    with watching(look):
        trace = Recorder(step, [], {}).record(2)
    assert trace.error is None
    trace.kept = kept  # type: ignore[attr-defined]
    return trace, [seen.looked for seen in trace._raw.seen]


def arrays_at(step: Any) -> dict[str, Path]:
    return {text_of(path): path for path, value in paths_from(step) if type(value) is np.ndarray}


@pytest.mark.parametrize("name", STEPS)
def test_a_place_is_what_was_there_at_every_event(name):
    step = step_of(name)
    paths = arrays_at(step)
    assert paths
    trace, looked = recorded(step, paths)
    places = ParameterPlaces.from_paths(trace.history, step, paths, len(trace))
    for event, seen in enumerate(looked):
        for text, (_, copy) in seen.items():
            value = places.value(text, event)
            expected = copy_of(value) if value is not None else None
            assert expected == (copy if copy.kind == "array" else None), (event, text)


@pytest.mark.parametrize("name", STEPS)
def test_all_changes_of_a_place_are_among_its_writes_and_its_neighbours_are_not(name):
    step = step_of(name)
    paths = arrays_at(step)
    trace, looked = recorded(step, paths)
    places = ParameterPlaces.from_paths(trace.history, step, paths, len(trace))
    for text in paths:
        changed = [e for e in range(1, len(looked)) if looked[e][text] != looked[e - 1][text]]
        writes = places.writes(text)
        assert writes is not None
        assert set(changed) <= set(writes)
        assert set(writes) <= {*changed, len(trace)}, text


def test_a_write_that_changes_nothing_is_a_write():
    step = importlib.reload(plain_module).changes_nothing
    paths = {"W": next(p for p, _ in paths_from(step) if text_of(p) == "W")}
    trace, _ = recorded(step, paths)
    places = ParameterPlaces.from_paths(trace.history, step, paths, len(trace))
    assert len(places.writes("W")) == 2


def test_the_owner_of_a_place_is_named():
    step = importlib.reload(plain_module).remakes_the_dictionary
    paths = arrays_at(step)
    trace, _ = recorded(step, paths)
    places = ParameterPlaces.from_paths(trace.history, step, paths, len(trace))
    place = places.place_of("params['W']")
    assert place.owner is vars(plain_module)
    assert (place.name, place.keys) == ("params", ("W",))
    assert places.place_of("nothing") is None
