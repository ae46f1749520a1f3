"""What is true at the cursor, gathered once for whoever wants to draw it.

A snapshot is immutable and complete: a view that has one needs neither the session nor the trace,
so it can be drawn on another thread while the session goes on. Arrays in it are read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint, LastHit, Logged
from engine.debug.events import Event, Kind, Phase, Position, Span
from engine.debug.explain.operation import Operation
from engine.errors import BatchTooLong, Worded


class Group(StrEnum):
    """Where a variable is looked up."""

    CURSOR = "cursor"
    LOCAL = "local"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A name in sight at the cursor.

    Attributes:
        name: `x`, `self.W`, or the source text of the expression just evaluated (group CURSOR).
        value: read-only array, number, text, or any other object.
        changed: written in this batch by what ran since the previous line event (a pill "set").
        stale: left over by the batch before (for example last batch's `self.dW` in this forward).
    """

    name: str
    value: Any
    group: Group
    changed: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class StackEntry:
    """A frame of the call stack, the innermost first.

    Attributes:
        function: with the layer's name in place of its class: `Affine1.forward`.
        event: the last event of this frame at or before the cursor, to go there.
    """

    function: str
    file: str
    line: int
    span: Span | None
    event: int


class CacheState(StrEnum):
    """State of a cached value at the cursor."""

    NOT_YET = "not yet"
    HELD = "held"
    RELEASED = "used for the last time"


@dataclass(frozen=True, slots=True, eq=False)
class CacheEntry:
    """A value that a forward stored on its layer.

    Attributes:
        name: `Affine1.x`.
        nbytes: bytes of the array; 0 when the bytes are counted at `shared_with`.
        shared_with: another entry's name that holds the same memory, or "".
        written: index of the event at which the store has happened.
        read_by: the functions of the backward pass that read it (`Affine1.backward`), in order.
        reads: indices of the events of the backward pass at which it was read.
        state: at the cursor.
        writer: source of the expression, or of the line, that wrote it.
        readers: source of the expressions that read it going back, one for each of `reads`.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    shared_with: str
    written: int
    read_by: tuple[str, ...]
    reads: tuple[int, ...]
    state: CacheState
    writer: str = ""
    readers: tuple[str, ...] = ()


class LayerProgress(StrEnum):
    """Where a layer stands in the pass of the cursor."""

    NOT_YET = "not yet"
    NOW = "now"
    DONE = "done"


@dataclass(frozen=True, slots=True, eq=False)
class LayerState:
    """A layer (or the loss, the last one) as the network column shows it.

    Attributes:
        kind: its class's name.
        equation: the first equation of its class's docstring, or "".
        in_shape, out_shape: of the recorded forward, with the batch axis; () where unknown.
        parameters: read-only, as they are at the cursor: {"W": (784, 50), ...}.
        gradients: those that this batch's backward has set by now; empty before.
        output: what this batch's forward returned, or None before it has.
        progress: in the pass of the cursor (during the update: DONE).
        forward, backward: (first, last) event of its passes in this trace, or None.
        before: the parameters as they were before this batch's update, read-only, by name; those
            that the update has not changed by now are the very arrays of `parameters`.
        dout: the gradient by its output, as this batch's backward was given it (of the loss: None),
            or None before that.
        dx: the gradient by its input, as backward has returned it, or None before it has, or where
            it is left out.
        forward_ran: whether this batch's forward has returned at the cursor.
    """

    name: str
    kind: str
    equation: str
    in_shape: tuple[int, ...]
    out_shape: tuple[int, ...]
    parameters: Mapping[str, np.ndarray[Any, Any]]
    gradients: Mapping[str, np.ndarray[Any, Any]]
    output: Any
    progress: LayerProgress
    forward: tuple[int, int] | None
    backward: tuple[int, int] | None
    before: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    dout: Any = None
    dx: Any = None
    forward_ran: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the trace that belongs together on the timeline.

    Attributes:
        label: the layer's name; in the update, the parameter's (`Affine1.W`).
        first, last: event indices, both included.
    """

    phase: Phase
    label: str
    layer: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class Minibatch:
    """The samples of the cursor's batch.

    Attributes:
        indices: (n,) into the training set.
        images: (n, rows, columns) uint8.
        labels: (n,) integers.
        predictions: (n,) integers, once the loss layer has run at the cursor, else None.
        input_gradient: (n, features) once it was computed, if it was asked for, else None.
        probabilities: (n, classes) softmax of the scores, once the loss layer has run, else None.
        losses: (n,) what each sample adds to the loss, before the mean: −log of the probability of
            its label, likewise.
    """

    indices: np.ndarray[Any, Any]
    images: np.ndarray[Any, Any]
    labels: np.ndarray[Any, Any]
    predictions: np.ndarray[Any, Any] | None
    input_gradient: np.ndarray[Any, Any] | None
    probabilities: np.ndarray[Any, Any] | None = None
    losses: np.ndarray[Any, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TestPredictions:
    """The test set, as it was last measured at or before the cursor's batch.

    Attributes:
        batch: how many batches had run.
        images: (n, rows, columns) uint8, of the whole test set.
        labels: (n,) integers.
        predictions: (n,) integers.
        classes: how many there are.
    """

    batch: int
    images: np.ndarray[Any, Any]
    labels: np.ndarray[Any, Any]
    predictions: np.ndarray[Any, Any]
    classes: int


@dataclass(frozen=True, slots=True, eq=False)
class RunHistory:
    """The run so far, whatever the cursor.

    Attributes:
        losses: (reach,) training loss of every minibatch.
        test_batches: (k,) the batch before which the test set was measured: k batches had run.
        test_accuracies: (k,) shares in 0..1.
        test_losses: (k,)
        reach: how many batches have run.
        batches_per_epoch: minibatches of an epoch, the last and smaller one included.
        stored: the batches whose states are stored, in order: what `Session.stored_parameters`
            can be asked for.
        test_parts: those of `test_batches` at which only a part of the test set was measured, each
            with the number of images.
    """

    losses: np.ndarray[Any, Any]
    test_batches: np.ndarray[Any, Any]
    test_accuracies: np.ndarray[Any, Any]
    test_losses: np.ndarray[Any, Any]
    reach: int
    batches_per_epoch: int
    stored: tuple[int, ...] = ()
    test_parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class BranchState:
    """One of the ways that the run has taken.

    Attributes:
        id: by which it is known; the first one has 0.
        name, note: a person's words.
        parent: the branch that it came from, or None; batch: before which it left that one.
        edits: what was changed there, in words.
        losses: (reach,) training loss of every minibatch from the first on, read-only.
        test_batches, test_accuracies: (k,) as in `RunHistory`.
        current: whether the cursor is on it.
    """

    id: int
    name: str
    note: str
    parent: int | None
    batch: int
    edits: tuple[str, ...]
    losses: np.ndarray[Any, Any]
    test_batches: np.ndarray[Any, Any]
    test_accuracies: np.ndarray[Any, Any]
    current: bool

    @property
    def reach(self) -> int:
        """How many batches have run."""
        return len(self.losses)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the run was set up with.

    Attributes:
        test_images: how many there are to measure the accuracy on; None where that is not known.
    """

    network: str
    dataset: str
    optimizer: str
    dtype: str
    batch_size: int
    learning_rate: float | None
    seed: int
    input_gradient: bool
    test_images: int | None = None


class Identity(NamedTuple):
    """Which session, and which way through its batches: where both are the same, so are states.

    Whoever asks a session something and gets the answer later keeps this with the question; an
    answer that belongs to another is dropped.

    Attributes:
        session: a number that no other session of this process has.
        future: of the branch; another one from each edit on.
    """

    session: int
    future: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The state of a session at its cursor.

    Attributes:
        kinds: for each event of the trace its kind, to be indexed by event (for ticks).
        blocked: for each verb that cannot move from here, why (an English sentence); others are
            absent.
        operation: what the event at the cursor has done, for the equation.
        held_bytes: (event_count,) bytes of cached values held at each event: the memory that going
            back costs, over the time of the batch.
        examined: the test set as last measured, or None.
        breakpoints: all there are; breakpoint_events: where in the batch those on lines, layers and
            passes are, as far as they are enabled.
        bookmarks: all there are, the earliest moment first; elsewhere: the branch's name, or "",
            by bookmark whose moment is none of the present branch.
        branches: in the order in which they were made.
        last_hits: by breakpoint where it was hit last.
        logged: what logpoints have noted, the last of it.
        notices: what a person should know of the run although it is no error.
        too_long: why the recording of this batch ends before the batch does, or None.
        identity: of the session, and of the way that it is on.
    """

    position: Position
    event: Event
    event_count: int
    kinds: tuple[Kind, ...]
    bands: tuple[Band, ...]
    variables: tuple[Variable, ...]
    stack: tuple[StackEntry, ...]
    cache: tuple[CacheEntry, ...]
    layers: tuple[LayerState, ...]
    minibatch: Minibatch
    history: RunHistory
    setup: Setup
    blocked: Mapping[str, str]
    operation: Operation | None = None
    held_bytes: np.ndarray[Any, Any] | None = None
    examined: TestPredictions | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    breakpoint_events: tuple[int, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    branches: tuple[BranchState, ...] = ()
    last_hits: Mapping[int, LastHit] = field(default_factory=dict)
    logged: tuple[Logged, ...] = ()
    notices: tuple[Worded, ...] = ()
    too_long: BatchTooLong | None = None
    identity: Identity = Identity(0, 0)  # noqa: RUF009 (a tuple)
