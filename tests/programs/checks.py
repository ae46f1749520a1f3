"""What a program computes: its parameters, its gradients, and the same by central differences."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import numpy as np

from engine.debug.reach.paths import paths_from, text_of
from tests.programs.loading import Program, load
from tests.programs.truth import Parameter, line_number


def mini_batch_cost(program: Program) -> float:
    """Of `columns`, whose step has no loss of the batch: the cost of the batch to come."""
    module = program.module
    batch = module.mini_batches[0] if module.mini_batches else None
    assert batch, "the first batch of an epoch is drawn in the step"
    cost: float = module.net.total_cost(batch)
    return cost


COSTS: dict[str, Callable[[Program], float]] = {"columns": mini_batch_cost}


def array_at(program: Program, path: str) -> np.ndarray[Any, Any]:
    """The array at a path from the step, as the path is written."""
    wanted = program.path(path)
    found = [value for at, value in paths_from(program.step) if text_of(at) == wanted]
    assert len(found) == 1, f"{wanted}: {len(found)} objects there"
    array: np.ndarray[Any, Any] = found[0]
    return array


def gradients_of(program: Program, batch: int) -> dict[str, np.ndarray[Any, Any]]:
    """Run one batch, and return the gradients that it made, by the name of the parameter."""
    parameters = program.truth.parameters
    found: dict[str, list[np.ndarray[Any, Any]]] = {one.name: [] for one in parameters}
    at: dict[int, list[Parameter]] = {}
    for one in parameters:
        at.setdefault(line_number(program.source, program.text(one.line)), []).append(one)
    file = str(program.file)
    ran: dict[FrameType, int] = {}

    def look(frame: FrameType, event: str, _value: Any) -> Any:
        if frame.f_code.co_filename != file or frame.f_code.co_name.startswith("<"):
            return None
        if event in ("line", "return"):
            for one in at.get(ran.pop(frame, 0), ()):
                text = program.text(one.gradient)
                found[one.name].append(np.array(eval(text, frame.f_globals, frame.f_locals)))
        if event == "line":
            ran[frame] = frame.f_lineno
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        program.run(batch)
    finally:
        sys.settrace(before)
    return {one.name: found[one.name][one.execution] for one in parameters}


def loss_with(
    name: str, first: int, parameter: Parameter, index: tuple[int, ...], by: float
) -> float:
    """The loss of the batches of an update from `first` on, one cell of a parameter moved."""
    with load(name) as program:
        for batch in range(first):
            program.run(batch)
        array_at(program, parameter.path)[index] += by
        if name in COSTS:
            return COSTS[name](program)
        return sum(program.loss(first + n) for n in range(program.truth.every))


def central_differences(
    name: str, first: int, parameter: Parameter, indices: Iterable[tuple[int, ...]], h: float = 1e-5
) -> np.ndarray[Any, Any]:
    """The gradient in some cells, each by two programs that were loaded for it."""
    return np.array(
        [
            parameter.scale
            * (
                loss_with(name, first, parameter, index, h)
                - loss_with(name, first, parameter, index, -h)
            )
            / (2 * h)
            for index in indices
        ]
    )
