"""Any step as a program: what it reaches is found from the step, and its facets by data flow."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

import numpy as np

from engine.debug.events import Phase
from engine.debug.facets.facets import FoundFacets, LayerFacet, ParameterFacet
from engine.debug.facets.gradient_values import traced_gradients
from engine.debug.facets.passes import passes_of
from engine.debug.memory.parameter_places import ParameterPlaces
from engine.debug.program.declarations import Declarations
from engine.debug.program.evaluation import loss_value
from engine.debug.program.program import Program
from engine.debug.program.step_layers import StepLayers, note_layers
from engine.debug.reach.contents import put_attribute
from engine.debug.reach.paths import Access, Path, Way, follow, function_of
from engine.debug.reach.placeholders import MISSING
from engine.debug.record.notices import name_of
from engine.debug.record.trace import Trace
from engine.debug.snapshots.layers import LayerSource
from engine.debug.snapshots.trace_index import TraceIndex
from engine.errors import BadStep, BadValue, FacetsNotFound, NotDeterministic, Worded

Array = np.ndarray[Any, Any]


class StepProgram(Program):
    """A step without declared objects.

    Args:
        step: takes nothing, or the number of the batch; what it returns is the loss where that is a
            number.

    Attributes:
        found: the facets, once they were found.
        declared: the facets that a person has declared, which hold.
        difference: how the program does not repeat itself; None if it does.
        not_found: why the facets could not be looked for; None if they could.

    Raises:
        BadStep: the step requires more than one argument.
    """

    live: LivePlaces

    def __init__(self, step: Callable[..., Any]) -> None:
        self._takes_batch = _takes_batch(step)
        self.found: FoundFacets | None = None
        self.declared = Declarations(step)
        self._declared_loss: Any = None
        self.difference: NotDeterministic | None = None
        self.not_found: FacetsNotFound | None = None
        super().__init__(step, LivePlaces(step))

    @property
    def title(self) -> str:
        """`train.step`: the file and the name of the step."""
        code = function_of(self.step).__code__
        return f"{FilePath(code.co_filename).stem}.{name_of(self.step).rpartition('.')[2]}"

    def arguments(self, batch: int) -> tuple[Any, ...]:
        """The number of the batch, if the step takes it."""
        return (batch,) if self._takes_batch else ()

    def run_plainly(self, call: Callable[..., Any], batch: int) -> Any:
        """Run a batch at full speed, and note its declared loss."""
        result, self._declared_loss = self.declared.run(call, self.arguments(batch))
        return result

    def loss_of(self, result: Any) -> float:
        """The loss of the batch that has just run at full speed; NaN if it is not known.

        It is the declared one, or what the step returned if that is a number.
        """
        if "loss" in self.declared.at_end:
            return loss_value(self._declared_loss)
        try:
            return loss_value(result)
        except TypeError:
            return float("nan")

    def loss_in(self, trace: Trace) -> float:
        """The loss of a batch that was just recorded; NaN if it is not known."""
        found = self.declared.loss_in(trace) if trace.error is None else None
        return self.loss_of(trace.result) if found is None else found

    def places(self, trace: Trace, first: Mapping[str, Array]) -> ParameterPlaces:
        """The places at the paths of the parameters."""
        paths = {name: facet.path for name, facet in self.live.parameter_facets.items()}
        return ParameterPlaces.from_paths(trace.history, self.step, paths, len(trace))

    def phases_in(self, trace: Trace) -> Sequence[Phase] | None:
        """The pass of each event, by data flow; `other` where nothing was found out."""
        if self.found is None:
            return [Phase.OTHER] * len(trace)
        return passes_of(trace, self.found).phases

    @property
    def layers(self) -> dict[str, Any]:
        """The live layers that are objects, by name."""
        facets = [(one.name, one.path) for one in self._layer_facets]
        placed = {name: follow(self.step, path) for name, path in facets if path is not None}
        return {name: layer for name, layer in placed.items() if layer is not MISSING}

    def keeps(self, thing: Any) -> bool:
        """Not known: an object that does not is not found in other batches."""
        return thing is not None

    def note_layers(self, trace: Trace) -> None:
        """Give a recorded batch the calls of its layers."""
        note_layers(trace, self._layer_facets, self.step)

    @property
    def _layer_facets(self) -> tuple[LayerFacet, ...]:
        return () if self.found is None else self.found.layers.value or ()

    def layer_source(self, trace_index: TraceIndex) -> LayerSource:
        """The layers that were found."""
        trace = trace_index.trace
        gradients = self.traced_gradients(trace)
        return StepLayers(trace, self._layer_facets, self.parameters(), gradients)

    def traced_gradients(self, trace: Trace) -> Mapping[str, tuple[int, Any]]:
        """The gradients that were found in a recorded batch."""
        return {} if self.found is None else traced_gradients(trace, self.found)

    @property
    def roots(self) -> tuple[Any, ...]:
        """The step: everything else is reached from it."""
        return (self.step,)

    def notices(self) -> tuple[Worded, ...]:
        """That it does not repeat itself, or that its facets could not be looked for."""
        return tuple(one for one in (self.difference, self.not_found) if one is not None)

    def use(self, found: FoundFacets | None) -> None:
        """Take over what was found out about the program, and then what was declared."""
        self.found = found
        parameters = None if found is None else found.parameters.value
        rate = None if found is None else found.learning_rate.value
        declared = self.declared
        self.live.parameter_facets = dict(
            declared.parameters if declared.parameters is not None else parameters or {}
        )
        self.live.learning_rate_path = declared.learning_rate or rate

    @property
    def learning_rate(self) -> float | None:
        """The live learning rate; None if it is unknown."""
        return self.live.learning_rate


class LivePlaces:
    """The live parameters and the learning rate of a step, at the paths that were found.

    Attributes:
        parameter_facets: the parameters by name.
        learning_rate_path: the place of the learning rate, if it is known.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        self._step = step
        self.parameter_facets: Mapping[str, ParameterFacet] = {}
        self.learning_rate_path: Path | None = None

    def parameters(self) -> dict[str, Array]:
        """The live parameters by name, those that are there."""
        found = {name: follow(self._step, one.path) for name, one in self.parameter_facets.items()}
        return {name: array for name, array in found.items() if isinstance(array, np.ndarray)}

    @property
    def learning_rate(self) -> float | None:
        """The number at its place."""
        path = self.learning_rate_path
        value = None if path is None else follow(self._step, path)
        return float(value) if isinstance(value, (int, float, np.number)) else None

    def set_learning_rate(self, rate: float) -> None:
        """Put a number in its place; raises BadValue if the place is unknown."""
        path = self.learning_rate_path
        if path is None or self.learning_rate is None:
            raise BadValue("learning rate", rate, "a program whose learning rate is known")
        put(self._step, path, rate)


def put(step: Callable[..., Any], path: Path, value: Any) -> None:
    """Store a value at a path; raises BadValue if the place cannot be written."""
    *before, last = path
    holder: Any = follow(step, tuple(before)) if before else step
    match last:
        case Access(Way.GLOBAL, key):
            function_of(holder).__globals__[key] = value
        case Access(Way.CELL, key):
            function = function_of(holder)
            names = function.__code__.co_freevars
            (function.__closure__ or ())[names.index(key)].cell_contents = value
        case Access(Way.ATTRIBUTE, key):
            put_attribute(holder, key, value)
        case Access(Way.ITEM, key) if isinstance(holder, (dict, list)):
            holder[key] = value
        case _:
            raise BadValue("place", last.key, "one that can be written to")


def _takes_batch(step: Callable[..., Any]) -> bool:
    """Whether a step takes the number of the batch.

    Raises:
        BadStep: it requires more than one argument.
    """
    try:
        parameters = inspect.signature(step).parameters.values()
    except (TypeError, ValueError):  # written in C: refused later, with its own reason
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [one for one in parameters if one.default is one.empty]
    plain = [one for one in required if one.kind in positional]
    named = [one for one in required if one.kind is inspect.Parameter.KEYWORD_ONLY]
    if len(plain) > 1 or named:
        names = ", ".join(one.name for one in (*plain, *named))
        raise BadStep(name_of(step), f"a function that requires {names}")
    return bool(plain)
