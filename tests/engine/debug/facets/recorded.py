"""Records the first batches of a program, and asks for its facets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FunctionType, MethodType, ModuleType
from typing import Any

from engine.debug.events import Kind
from engine.debug.facets.facets import FoundFacets, Place
from engine.debug.facets.find import find
from engine.debug.record.recorder import Recorder
from engine.debug.record.trace import Trace
from tests.programs.loading import Program, execute


def recorder_of(step: Callable[..., Any]) -> Recorder:
    """A recorder of a step, be it a function, a method or a callable object."""
    if isinstance(step, FunctionType):
        return Recorder(step, (), {})
    method = step if isinstance(step, MethodType) else step.__call__
    return Recorder(method, (method.__self__,), {})


def traces_of(program: Program, batches: int, budget: int = sys.maxsize) -> list[Trace]:
    """The traces of batches of a program."""
    recorder = recorder_of(program.step)
    numbers = [(batch,) if program.takes_number else () for batch in range(batches)]
    traces = [recorder.record(*number, budget=budget) for number in numbers]
    assert all(trace.error is None for trace in traces)
    return traces


def facets_of_program(program: Program) -> tuple[list[Trace], FoundFacets]:
    """The facets of a program that was just loaded, as its first batches show them."""
    traces = traces_of(program, max(2, program.truth.every))
    return traces, find(traces, program.step)


def module_of(folder, source: str) -> ModuleType:
    """A module with this source."""
    number = len(list(folder.iterdir()))
    file = folder / f"written_{number}_{folder.name.replace('-', '_')}.py"
    file.write_text(source, encoding="utf-8")
    return execute(file)


def facets_of_source(
    folder, source: str, name: str = "step", batches: int = 2
) -> tuple[list[Trace], FoundFacets]:
    """The facets of a function of a source."""
    step = getattr(module_of(folder, source), name)
    recorder = recorder_of(step)
    traces = [recorder.record(budget=sys.maxsize) for _ in range(batches)]
    assert [trace.error for trace in traces] == [None] * batches
    return traces, find(traces, step)


def text_at(source: str, place: Place) -> str:
    """The text of a place."""
    lines = source.split("\n")[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column]
    lines[0] = lines[0][place.column :]
    return "\n".join(lines)


def line_at(source: str, place: Place) -> str:
    """The line that a place begins on."""
    return source.split("\n")[place.line - 1].strip()


def running_lines(trace: Trace) -> Sequence[int]:
    """For each event, the line of the statement that its frame runs."""
    lines: dict[int, int] = {}
    found = []
    for event in range(len(trace)):
        frame, site = id(trace.frame(event)), trace.site(event)
        if site.kind is Kind.LINE:
            lines[frame] = site.span.line
        found.append(lines.get(frame, 0))
    return found
