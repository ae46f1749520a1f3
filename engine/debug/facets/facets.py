"""The facets of a program: what the panels need to know of it, and how each was found out.

A facet is found by data flow in the first recorded batches, and not by names: renaming every
identifier of a program changes no facet. A person or a program can declare any of them, and a
declared facet holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from engine.debug.events import Kind, Phase, Span
from engine.debug.reach.paths import Path

T = TypeVar("T")


class Found(StrEnum):
    """How a facet was found; the window has a sentence for each."""

    DECLARED = "declared"
    DATA_FLOW = "data flow"
    RETURNED = "returned"  # the number that the step returns
    UPDATED_LATER = "updated later"  # a parameter that only some batches update
    NOT_FOUND = "not found"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Facet(Generic[T]):
    """One thing that is known of a program.

    Attributes:
        value: what it is; None if it was not found.
        how: how it was found, in words (English).
        certain: whether the data flow leaves no other reading.
        found: the same as a kind, for words in another language and for decisions.
    """

    value: T | None
    how: str
    certain: bool
    found: Found = Found.DATA_FLOW


@dataclass(frozen=True, slots=True)
class ParameterFacet:
    """A parameter: the place from which a batch reads it and to which the update writes it.

    Attributes:
        name: short and unique within the program: `W1` for `params['W1']`.
        path: the place of the container that the update writes through.
        also: other places of the same array.
        updated_in: the number of the recorded batch in which its first update was seen.
    """

    name: str
    path: Path
    also: tuple[Path, ...] = ()
    updated_in: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the source at which a value is made: a file and a span.

    Attributes:
        kind: of its event: an expression, or a line that stores without one (`dW += ...`).
        execution: which of its executions in a batch, counted from the last one (-1).
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    execution: int = -1
    kind: Kind = Kind.EXPRESSION


@dataclass(frozen=True, slots=True)
class GradientFacet:
    """The gradient of a parameter: the event whose value it is.

    Attributes:
        parameter: its parameter's name.
        place: where it is made.
        name: the variable that it is stored in, as the source writes it, or "".
        other_terms: whether the update adds other terms to it, such as weight decay or momentum.
    """

    parameter: str
    place: Place
    name: str = ""
    other_terms: bool = False


@dataclass(frozen=True, slots=True)
class LayerFacet:
    """A layer: a pair of places, forward and backward, tied by what one makes and the other reads.

    Attributes:
        name: `Affine1`, or that of the function.
        path: of the object that has both methods; None if the layer is a pair of functions.
        forward, backward: qualified names of the functions.
    """

    name: str
    path: Path | None
    forward: str
    backward: str


@dataclass(frozen=True, slots=True)
class BatchPasses:
    """The pass of each event of one recorded batch.

    Attributes:
        phases: for each event.
        loss_events: the events that make the losses: one, or one for each round.
    """

    phases: tuple[Phase, ...]
    loss_events: tuple[int, ...] = ()


PlaceKey = tuple[str, Span, Kind]
Chain = tuple[object, ...]  # the lines from which a frame was called, nested


@dataclass(frozen=True, slots=True)
class PhaseTable:
    """The pass of each place in the source, learnt from the first batches.

    Attributes:
        phases: by place and chain of calls, the pass of each execution; one for all if they agree.
        losses, gradients, writes: the places of these nodes.
    """

    phases: Mapping[tuple[PlaceKey, Chain], tuple[Phase | None, ...]] = field(default_factory=dict)
    losses: frozenset[PlaceKey] = frozenset()
    gradients: frozenset[PlaceKey] = frozenset()
    writes: frozenset[PlaceKey] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundFacets:
    """All facets of a program, as data flow shows them in its first recorded batches.

    Attributes:
        parameters, gradients: by the name of the parameter, in the order of their first read.
        loss: the expression whose value is the loss, as the source writes it; "" if the loss is
            what the step returns.
        learning_rate: the path of the number.
        layers: in the order of the forward pass.
        predictions, labels, samples: where the arrays are made or selected.
        passes: what is known of the pass of each place.
    """

    parameters: Facet[Mapping[str, ParameterFacet]]
    gradients: Facet[Mapping[str, GradientFacet]]
    loss: Facet[Place]
    learning_rate: Facet[Path]
    layers: Facet[tuple[LayerFacet, ...]]
    predictions: Facet[Place]
    labels: Facet[Place]
    samples: Facet[Place]
    passes: PhaseTable = field(default_factory=PhaseTable, repr=False)
    declared: Mapping[str, str] = field(default_factory=dict)
