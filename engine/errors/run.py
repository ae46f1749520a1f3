"""Errors of a run: a step, layer or network that fails, or that cannot be recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors.base import Described, Worded, kind_and_words
from engine.own_code import dictionary_of

__all__ = [
    "BadFacet",
    "BadStep",
    "BatchStopped",
    "BatchTooLong",
    "FacetsNotFound",
    "MeasurementFailed",
    "NoParameters",
    "NotCopied",
    "NotDeterministic",
    "NotReachable",
    "NothingRecorded",
    "StatesTooLarge",
    "StepFailed",
    "StepNotRead",
]


@dataclass(eq=False)
class BadStep(Described):
    """A step that can never be recorded.

    Attributes:
        step: the `repr` of the step.
        reason: the reason, in words that follow "it is".
    """

    step: str
    reason: str

    sentence = "The step {step} cannot be recorded: it is {reason}."
    advice = (
        "Give a function written in Python: step(network, optimizer, x, t) -> loss for a network, "
        "or one that needs nothing, or the number of the batch, for any other program."
    )


@dataclass(eq=False)
class NothingRecorded(Described):
    """A batch that ran without a recorded event.

    Attributes:
        batch: its number.
        step: the name of the step.
    """

    batch: int
    step: str

    sentence = (
        "Nothing of batch {batch} could be recorded: neither {step} nor anything that it calls has "
        "a source that can be read."
    )
    advice = "Keep the code in a file; code that `exec` has made has none. `run` still trains."


@dataclass(eq=False)
class StepNotRead(Worded):
    """A step whose own lines cannot be recorded, only its calls. A notice, shown once.

    Attributes:
        step: its name.
        file: the file name of its code.
    """

    step: str
    file: str

    sentence = "The source of {step} cannot be read ({file}): its own lines are not shown."
    advice = "Keep the code in a file; code that `exec` has made has none."


@dataclass(eq=False)
class NoParameters(Worded):
    """A network without parameters: it cannot learn or be checked. A notice, shown once.

    Attributes:
        network: the class of the network.
        held: containers with arrays in its layers, `Affine1.params`, which are not searched.
    """

    network: str
    held: tuple[str, ...] = ()

    advice = (
        "Keep each as an attribute that is an array of floats, with its gradient beside it: W and "
        "dW."
    )

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence, with the containers whose arrays do not count."""
        nothing = "{network} has no parameters, so training changes nothing"
        return f"{nothing}: the arrays in {{places}} do not count." if self.held else f"{nothing}."

    def fields(self) -> dict[str, Any]:
        """The fields, with the containers as a text."""
        return {**vars(self), "places": ", ".join(self.held)}

    @classmethod
    def of(cls, network: Any) -> NoParameters:
        """Look for the containers in which the layers of a network keep arrays."""
        layers = tuple(getattr(network, "layers", ()))
        names = getattr(network, "layer_names", None) or [type(layer).__name__ for layer in layers]
        held = [
            f"{name}.{attribute}"
            for name, layer in zip(names, layers, strict=False)
            for attribute, value in list((dictionary_of(layer) or {}).items())
            if _holds_floats(value)
        ]
        return cls(type(network).__name__, tuple(held))


def _holds_floats(container: Any) -> bool:
    values = container.values() if isinstance(container, dict) else container
    if not isinstance(container, (dict, list, tuple)):
        return False
    return any(getattr(getattr(value, "dtype", None), "kind", "") == "f" for value in values)


@dataclass(eq=False)
class StatesTooLarge(Worded):
    """A network whose state fits into the memory budget only once, so going back is slow. A notice.

    Attributes:
        state: bytes of one stored state.
        budget: bytes that all stored states may take together.
    """

    state: int
    budget: int

    sentence = (
        "What this network keeps from batch to batch ({state_mb} MB) leaves no room for a second "
        "state of it ({budget_mb} MB): going back runs all from the first batch on again."
    )
    advice = "Give the session a larger memory budget, or make the network smaller."

    def fields(self) -> dict[str, Any]:
        """The sizes in MB, too."""
        sizes = {"state_mb": self.state / 2**20, "budget_mb": self.budget / 2**20}
        return {**vars(self), **{name: f"{size:.1f}" for name, size in sizes.items()}}


@dataclass(eq=False)
class StepFailed(Described):
    """A layer, loss or optimizer raised an exception. The cursor is at the exception.

    Attributes:
        batch: the batch.
        layer: the layer, or "".
        source: the expression that raised it.
        file, line: the place of the expression.
        error: the exception.
    """

    batch: int
    layer: str
    source: str
    file: str
    line: int
    error: BaseException

    sentence = "Batch {batch} failed in {place}: {kind}: {error}."
    advice = "Look at the operands at the cursor, mend the code and start again."

    def fields(self) -> dict[str, Any]:
        """The fields, with the place and the text of the exception."""
        name = Path(self.file).name
        where = f"`{self.source}` ({name}:{self.line})" if self.source else f"{name}:{self.line}"
        parts = (self.layer, where if self.file else "")
        place = ", ".join(part for part in parts if part) or "train_step"
        return {**vars(self), "place": place, **kind_and_words(self.error)}


@dataclass(eq=False)
class BatchStopped(StepFailed):
    """A batch that did not end and was stopped on request.

    The cursor is at its last recorded event. The fields are those of `StepFailed`, for that event.
    """

    sentence = "Batch {batch} was stopped in {place}."
    advice = "It counts as not run: its changes are undone."


@dataclass(eq=False)
class BatchTooLong(StepFailed):
    """A batch with more events than a recording keeps: the recording ends with the last of them.

    Attributes:
        events: the number of recorded events.
    """

    events: int

    sentence = "Batch {batch} has more than {events:,} events; the recording ends in {place}."
    advice = "If a loop there does not end, mend it. If it does, the batch can be run all the same."


@dataclass(eq=False)
class MeasurementFailed(Described):
    """A layer or the loss raised an exception while the test set was measured.

    Attributes:
        batch: the batch before which it was measured; the run is unchanged.
        error: the exception.
    """

    batch: int
    error: BaseException

    sentence = "The test set could not be measured before batch {batch}: {kind}: {error}."
    advice = "Check that forward takes any number of samples, and that the labels fit."

    def fields(self) -> dict[str, Any]:
        """The fields, with the text of the exception."""
        return {**vars(self), **kind_and_words(self.error)}


@dataclass(eq=False)
class NotCopied(Described):
    """A network that cannot be copied, as work on another thread needs.

    Attributes:
        error: the exception of the layer.
    """

    error: BaseException

    sentence = "The network could not be copied: {kind}: {error}."
    advice = "Have its layers keep nothing that cannot be copied, such as open files or locks."

    def fields(self) -> dict[str, Any]:
        """The fields, with the text of the exception."""
        return {**vars(self), **kind_and_words(self.error)}


@dataclass(eq=False)
class NotReachable(Described):
    """An earlier batch that cannot be reached again exactly.

    Attributes:
        batch: the batch that was asked for.
        stored: the latest batch before it whose state is stored.
        reason: why the batches between cannot be run again.
    """

    batch: int
    stored: int
    reason: str

    sentence = "Batch {batch} cannot be reached again: {reason}."
    advice = "Batch {stored} is stored, and can be."


@dataclass(eq=False)
class NotDeterministic(Worded):
    """A program whose first batches gave other numbers when they ran again. A notice.

    Attributes:
        batch: the first batch that differed.
        source: the first line that differed, or "".
        file, line: its place.
    """

    batch: int
    source: str
    file: str
    line: int

    advice = (
        "Going back leads to stored states only. Look there for a clock, a file that is read on, "
        "or a random number that no seed governs."
    )

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence, with the line where it is known."""
        again = "This program does not repeat itself: batch {batch}, run again, gives other numbers"
        return f"{again}, first in `{{source}}` ({{place}})." if self.source else f"{again}."

    def fields(self) -> dict[str, Any]:
        """The fields, with the place."""
        return {**vars(self), "place": f"{Path(self.file).name}:{self.line}"}


@dataclass(eq=False)
class BadFacet(Described):
    """A facet that was declared and cannot be used.

    Attributes:
        facet: `loss`, `learning_rate`, ...
        expression: as it was declared.
        reason: why it cannot be used.
    """

    facet: str
    expression: str
    reason: str

    sentence = "`{expression}` cannot be the {facet}: {reason}."


@dataclass(eq=False)
class FacetsNotFound(Worded):
    """A program whose facets could not be looked for. A notice.

    Attributes:
        error: the exception of the search, which is our own mistake.
    """

    error: BaseException

    sentence = "What is what in this program could not be found out: {kind}: {error}."
    advice = "Stepping works all the same; parameters and the loss can be declared by hand."

    def fields(self) -> dict[str, Any]:
        """The fields, with the text of the exception."""
        return {**vars(self), **kind_and_words(self.error)}
