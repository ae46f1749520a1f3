"""The facets of a session at its cursor, as scripts and the window ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from engine.debug.events import Phase
from engine.debug.facets.facets import Facet, Found, FoundFacets, Place
from engine.debug.facets.gradient_values import event_at
from engine.debug.program.declarations import Expressions
from engine.debug.program.step_program import StepProgram
from engine.debug.reach.paths import text_of
from engine.debug.snapshots.snapshot import FacetState
from engine.debug.travel.cursor import Cursor
from engine.errors import BadFacet

Array = np.ndarray[Any, Any]
T = TypeVar("T")
NAMES = (
    "parameters", "gradients", "passes", "loss", "learning_rate", "layers", "predictions",
    "labels", "samples",
)  # fmt: skip
_OURS = "declared by the network, the optimizer and the dataset"
_SHOWN = 12  # parameters that are named in one line


class Facets:
    """What is known of a session's program, with values as of the cursor.

    Each facet has `.value`, None if it is not known or not made yet; `.how` it was found, in words;
    and whether that is `.certain`.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    @property
    def parameters(self) -> Facet[dict[str, Array]]:
        """The live parameters by name."""
        return self._facet("parameters", self._cursor.parameters())

    @property
    def gradients(self) -> Facet[dict[str, Array]]:
        """Copies of the gradients that the cursor's batch has made by now, by parameter."""
        return self._facet("gradients", self._cursor.gradients(ready_only=True))

    @property
    def passes(self) -> Facet[tuple[Phase, ...]]:
        """The pass of each event of the cursor's batch."""
        trace = self._cursor.trace
        phases = tuple(trace.phase(event) for event in range(len(trace)))
        known = any(phase is not Phase.OTHER for phase in phases)
        how = "by what the loss depends on and what the updates use"
        found = Found.DATA_FLOW if known else Found.NOT_FOUND
        return Facet(phases, how if known else "no update was found", known, found)

    @property
    def loss(self) -> Facet[float]:
        """The loss of the cursor's batch."""
        loss = self._cursor.trace.loss
        return self._facet("loss", None if np.isnan(loss) else loss)

    @property
    def learning_rate(self) -> Facet[float]:
        """The live learning rate."""
        return self._facet("learning_rate", self._cursor.program.learning_rate)

    @property
    def layers(self) -> Facet[tuple[str, ...]]:
        """The names of the layers, in order."""
        found = self._found
        if found is None:
            return self._facet("layers", tuple(self._cursor.layers))
        return self._facet("layers", tuple(one.name for one in found.layers.value or ()))

    @property
    def predictions(self) -> Facet[Any]:
        """The predictions of the cursor's batch."""
        return self._facet("predictions", self._at("predictions"))

    @property
    def labels(self) -> Facet[Any]:
        """The labels of the cursor's batch."""
        return self._facet("labels", self._at("labels"))

    @property
    def samples(self) -> Facet[Any]:
        """The samples of the cursor's batch."""
        return self._facet("samples", self._at("samples"))

    def declare(self, **expressions: str | Mapping[str, str]) -> None:
        """Declare facets, which then hold: `declare(loss="self.last_loss")`.

        `loss`, `predictions`, `labels` and `samples` are expressions over the step's variables at
        its end; `learning_rate` is a place such as `config.lr`; `parameters` are places by name,
        `{"W1": "params['W1']"}`; `gradients` are expressions by the name of the parameter. An empty
        text takes a declaration back. The loss holds for the batches that run from now on.

        Raises:
            BadFacet: an expression does not fit; nothing has changed.
        """
        program = self._cursor.program
        if not isinstance(program, StepProgram):
            name, text = next(iter(expressions.items()), ("facet", ""))
            raise BadFacet(name, str(text), "this session has a network, which declares its own")
        given: Expressions = expressions
        program.declared.declare(given)
        program.use(program.found)

    @property
    def declared(self) -> dict[str, str | dict[str, str]]:
        """The declarations as they were made."""
        program = self._cursor.program
        return dict(program.declared.texts) if isinstance(program, StepProgram) else {}

    def states(self) -> tuple[FacetState, ...]:
        """All facets as rows of text, for the window."""
        rows = []
        declared = self.declared
        for name in NAMES:
            facet = getattr(self, name)
            text = declared.get(name, "")
            if not isinstance(text, str):
                text = ", ".join(f"{key}: {one}" for key, one in text.items())
            value = _said(name, facet.value)
            row = FacetState(name, value, facet.how, facet.certain, str(facet.found), text)
            rows.append(row)
        return tuple(rows)

    @property
    def _found(self) -> FoundFacets | None:
        program = self._cursor.program
        return program.found if isinstance(program, StepProgram) else None

    def _facet(self, name: str, value: T | None) -> Facet[T]:
        """A facet with its value now, and how it was found."""
        if not isinstance(self._cursor.program, StepProgram):
            return Facet(value, _OURS, True, Found.DECLARED)
        if name in self.declared:
            return Facet(value, f"declared: {self.declared[name]}", True, Found.DECLARED)
        found = self._found
        if found is None:
            return Facet(
                value, "the first two batches could not be compared", False, Found.NOT_FOUND
            )
        known: Facet[Any] = getattr(found, name)
        how = known.how
        if name == "learning_rate" and known.value is not None:
            how = f"{text_of(known.value)}: {how}"
        return Facet(value, how, known.certain, known.found)

    def _at(self, name: str) -> Any:
        """The value of a facet that is made at a place of the source, in the cursor's batch."""
        program, cursor = self._cursor.program, self._cursor
        if not isinstance(program, StepProgram):
            found = cursor.trace_index.samples
            return {"samples": found.images, "labels": found.labels}.get(name) if len(
                found.labels) else None  # fmt: skip
        declared = program.declared.at_end.get(name)
        trace, event = cursor.trace, cursor.position.event
        if declared is not None:
            return program.declared.value_in(declared, trace)
        place: Place | None = None if program.found is None else getattr(program.found, name).value
        made = None if place is None else event_at(trace, place)
        if made is None or made > event:
            return None
        return trace.as_of(trace.raw(made), event)


def _said(name: str, value: Any) -> str:
    """A facet's value in one line; "" if it is not known."""
    if value is None or (isinstance(value, (dict, tuple)) and not value):
        return ""
    if isinstance(value, dict):
        parts = [f"{key} {_shape(array)}" for key, array in list(value.items())[:_SHOWN]]
        return ", ".join(parts) + (", …" if len(value) > _SHOWN else "")
    if name == "passes":
        seen = dict.fromkeys(str(phase) for phase in value if phase is not Phase.OTHER)
        return ", ".join(seen)
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, np.ndarray):
        return _shape(value)
    return f"{value:g}" if isinstance(value, (int, float)) else type(value).__name__


def _shape(array: Any) -> str:
    return " × ".join(map(str, np.shape(array))) or "a number"
