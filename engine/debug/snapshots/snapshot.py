"""The snapshot: the complete, immutable state of a session at its cursor, for drawing.

A view that has a snapshot needs neither the session nor the trace, so that another thread can draw
it while the session continues. All arrays in a snapshot are read-only.
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
from engine.debug.explain.operation_stops import stop_number
from engine.errors import BatchTooLong, Worded


class Group(StrEnum):
    """The scope of a variable."""

    CURSOR = "cursor"
    LOCAL = "local"
    ATTRIBUTE = "attribute"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A variable in scope at the cursor.

    Attributes:
        name: `x`, `self.W`, or the source text of the expression just evaluated (group CURSOR).
        value: read-only array, number, text, or any other object.
        changed: written in this batch since the previous line event (a pill "set").
        stale: left over from the previous batch, such as its `self.dW` in this batch's forward.
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
        written: index of the first event after the store.
        read_by: the functions of the backward pass that read it (`Affine1.backward`), in order.
        reads: indices of the events of the backward pass at which it was read.
        state: at the cursor.
        writer: source of the expression, or of the line, that wrote it.
        readers: for each of `reads`, the source of the expression that read it.
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
    """Whether a layer has run in the pass of the cursor."""

    NOT_YET = "not yet"
    NOW = "now"
    DONE = "done"


@dataclass(frozen=True, slots=True, eq=False)
class LayerState:
    """A layer, or the loss (the last layer), at the cursor.

    Attributes:
        kind: the name of its class.
        equation: the first equation of its class's docstring, or "".
        in_shape, out_shape: of the recorded forward, with the batch axis; () if unknown.
        parameters: at the cursor, read-only, by name: {"W": (784, 50), ...}.
        gradients: the gradients that this batch's backward has set so far, by name.
        output: of this batch's forward; None before it has returned.
        progress: in the pass of the cursor (during the update: DONE).
        forward, backward: (first, last) event of its passes in this trace, or None.
        before: the parameters before this batch's update, read-only, by name. A parameter that the
            update has not changed so far is the same array as in `parameters`.
        dout: the gradient by its output, the argument of this batch's backward; None before the
            call, and for the loss.
        dx: the gradient by its input, as backward returned it; None before, or if it was not
            computed.
        forward_ran: whether this batch's forward has returned at the cursor.
        names: of its parameters in the program, where they are not the layer's name and their own.
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
    names: Mapping[str, str] = field(default_factory=dict)

    def full(self, name: str) -> str:
        """The name of one of its parameters in the program: `Affine1.W`."""
        return self.names.get(name, f"{self.name}.{name}")


@dataclass(frozen=True, slots=True)
class Band:
    """Consecutive events of the trace that the timeline shows as one band.

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
        indices: (n,) into the training set; below 0: drawn, and not of the training set.
        images: (n, rows, columns) uint8.
        labels: (n,) integers.
        predictions: (n,) integers; None before the loss has run.
        input_gradient: (n, features); None before it is computed, or if it is switched off.
        probabilities: (n, classes) softmax of the scores; None before the loss has run.
        losses: (n,) the loss of each sample before the mean, −log of the probability of its label;
            None before the loss has run.
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
    """The latest predictions for the test set at or before the cursor's batch.

    Attributes:
        batch: the number of batches that had run.
        images: (n, rows, columns) uint8, of the whole test set.
        labels: (n,) integers.
        predictions: (n,) integers.
        classes: the number of classes.
    """

    batch: int
    images: np.ndarray[Any, Any]
    labels: np.ndarray[Any, Any]
    predictions: np.ndarray[Any, Any]
    classes: int


@dataclass(frozen=True, slots=True, eq=False)
class RunHistory:
    """The run so far, independent of the cursor.

    Attributes:
        losses: (reach,) training loss of every minibatch.
        test_batches: (k,) the batches before which the test set was measured.
        test_accuracies: (k,) shares in 0..1.
        test_losses: (k,)
        reach: the number of batches that have run.
        batches_per_epoch: minibatches of an epoch, including the last, smaller minibatch.
        stored: the batches whose states are stored, in order; `Session.stored_parameters` accepts
            these.
        test_parts: the `test_batches` with only a part of the test set measured, each with its
            number of images.
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
    """A branch of the run.

    Attributes:
        id: its number; the first branch has 0.
        name, note: given by the user.
        parent: the id of the branch that it was started from, or None.
        batch: the batch before which it left its parent.
        edits: the edits that started it, in words.
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
        """The number of batches that have run."""
        return len(self.losses)


@dataclass(frozen=True, slots=True)
class FacetState:
    """What is known of one facet of the program, in texts.

    Attributes:
        facet: `parameters`, `gradients`, `passes`, `loss`, `learning_rate`, `layers`,
            `predictions`, `labels` or `samples`.
        text: its value in one line; "" if it is not known, or not made yet at the cursor.
        how: how it was found (English).
        certain: whether the data flow leaves no other reading.
        found: a `Found`, as text.
        declared: the expression that was declared for it, or "".
    """

    facet: str
    text: str
    how: str
    certain: bool
    found: str
    declared: str


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings of a run at the cursor.

    Attributes:
        test_images: the number of images of the test set; None if unknown.
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


class Turn(NamedTuple):
    """A round of the innermost `for` loop around the cursor.

    Attributes:
        number: of the round, from 1.
        rounds: of this loop, all in all.
        source: of the loop's header.
    """

    number: int
    rounds: int
    source: str


class Ran(NamedTuple):
    """The statement of the cursor's function that ran before the cursor's line.

    Attributes:
        met: whether the test of an `if` or `while` was met; None for others, or if it is unknown.
        span: its place in the source.
    """

    source: str
    met: bool | None
    span: Span | None = None


class Statement(NamedTuple):
    """The statement of the cursor's line; of a compound statement only its header."""

    source: str
    span: Span


class Ahead(NamedTuple):
    """The next event that computes an array or a number of numpy's, or changes one in place."""

    source: str
    function: str
    layer: str


class Identity(NamedTuple):
    """Identifies a session and the current version of its branch.

    Two states of equal identity and batch are equal. An asynchronous question keeps the identity;
    an answer for another identity is dropped.

    Attributes:
        session: a number unique to the session in this process.
        future: of the branch; each edit gives another number.
    """

    session: int
    future: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The state of a session at its cursor.

    Attributes:
        kinds: the kind of each event of the trace, by event.
        blocked: by verb that cannot move from here, the reason (an English sentence).
        operation: the operation of the event at the cursor, for the equation view.
        held_bytes: (event_count,) bytes of the forward cache that are held at each event.
        test_predictions: the latest predictions for the test set, or None.
        breakpoints, resting: all breakpoints; those that rest stop nothing at present.
        breakpoint_events: the events at which enabled breakpoints on lines, layers and passes are.
        bookmarks: all bookmarks, the earliest moment first.
        elsewhere: by id of a bookmark whose moment the current branch does not contain, the name
            of its branch, or "".
        branches: in the order of their creation.
        last_hits: by id of a breakpoint, its last hit.
        logged: the latest messages of logpoints.
        notices: notices to show about the run that are no errors.
        too_long: why the recording ends before the batch does, or None.
        operation_stops: the events at which `step_operation` stops.
        identity: of the session and its current branch.
        ran: the statement before the cursor's line, or None.
        turn: the round of the innermost loop around the cursor, or None.
        ahead: what is computed next in this batch, or None.
        statement: at the cursor; None before the first line of a function.
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
    test_predictions: TestPredictions | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    resting: tuple[Breakpoint, ...] = ()
    breakpoint_events: tuple[int, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    elsewhere: Mapping[int, str] = field(default_factory=dict)
    branches: tuple[BranchState, ...] = ()
    last_hits: Mapping[int, LastHit] = field(default_factory=dict)
    logged: tuple[Logged, ...] = ()
    notices: tuple[Worded, ...] = ()
    too_long: BatchTooLong | None = None
    operation_stops: tuple[int, ...] = ()
    identity: Identity = Identity(0, 0)  # noqa: RUF009 (a tuple)
    ran: Ran | None = None
    turn: Turn | None = None
    ahead: Ahead | None = None
    statement: Statement | None = None
    facets: tuple[FacetState, ...] = ()

    def stop_number(self, event: int, every_stop: bool) -> int:
        """The number of an event among all events, or of the operation stop at or before it."""
        return event if every_stop else stop_number(self.operation_stops, event)

    def last_stop(self, every_stop: bool) -> int:
        """The number of the last event, or of the last operation stop."""
        return max((self.event_count if every_stop else len(self.operation_stops)) - 1, 0)
