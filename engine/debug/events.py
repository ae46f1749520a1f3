"""The events of a recorded minibatch, and the positions, frames and verbs that refer to them.

A line has a *line* event just before it runs. Each of its sub-expressions has an *expression*
event just after it was evaluated, innermost first, in the order of Python. A call of recorded code
has a *call* event on entry and a *return* event with its value. An exception is the last event of a
trace. Names, constants and stored attributes (`x`, `0.5`, `self.W`) alone have no events; computed
attributes (`x.T`) have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Position(NamedTuple):
    """A moment of the run: an event of a minibatch. Positions are ordered; both count from 0."""

    batch: int
    event: int


class Phase(StrEnum):
    """The pass in which an event lies."""

    FORWARD = "forward"
    BACKWARD = "backward"
    UPDATE = "update"
    OTHER = "other"  # what neither the loss depends on nor an update uses


class Kind(StrEnum):
    """The kind of an event."""

    LINE = "line"
    EXPRESSION = "expression"
    CALL = "call"
    RETURN = "return"
    EXCEPTION = "exception"


class Verb(StrEnum):
    """The ways to move the cursor; each forward verb has its reverse."""

    OPERATION = "step_operation"
    INTO = "step_into"
    OVER = "step_over"
    OUT = "step_out"
    BATCH = "step_batch"
    BACK_OPERATION = "step_back_operation"
    BACK_INTO = "step_back_into"
    BACK_OVER = "step_back_over"
    BACK_OUT = "step_back_out"
    BACK_BATCH = "step_back_batch"


class Span(NamedTuple):
    """A piece of source: lines count from 1, columns (in characters) from 0, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True, eq=False)
class Frame:
    """One running call of a recorded function.

    Attributes:
        function: qualified name, as in `Affine.forward`.
        file: absolute path of its source.
        first_line: line of the `def`.
        owner: the value of the function's `self`, or None.
        layer: the name of the layer in which the call runs, or "".
        parent: the calling frame; None for the outermost.
        depth: 0 for the outermost frame.
        call_event: index of this frame's call event; 0 for the outermost frame, which has none.
        bindings: for each binding of a local variable, its moment, name and value.
        namespace: the live variables of its module, if its code may name one; else None.
        global_names: the global variables that its code names. Some may be functions or missing.
    """

    function: str
    file: str
    first_line: int
    owner: Any
    layer: str
    phase: Phase
    parent: Frame | None
    depth: int
    call_event: int
    bindings: list[tuple[int, str, Any]] = field(default_factory=list, repr=False)
    namespace: dict[str, Any] | None = field(default=None, repr=False)
    global_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A point of execution at which the debugger can stop.

    Attributes:
        index: place in the trace.
        value: the value of an expression, the arguments (a dict) of a call, the result of a return,
            the exception of an exception event, None for a line. Arrays are read-only and hold the
            values that they had at this event, whatever was written to them later.
        source: the text of `span`.
    """

    index: int
    kind: Kind
    phase: Phase
    layer: str
    file: str
    line: int
    span: Span
    source: str
    value: Any
    frame: Frame
