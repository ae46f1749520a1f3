"""Errors of a run: a step, layer or network that fails, or that cannot be recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors.base import Described, Worded, kind_and_words
from engine.own_code import dictionary_of

__all__ = [
    "BadStep",
    "BatchStopped",
    "BatchTooLong",
    "MeasurementFailed",
    "NoParameters",
    "NotCopied",
    "NothingRecorded",
    "StatesTooLarge",
    "StepFailed",
    "StepNotRead",
]


@dataclass(eq=False)
class BadStep(Described):
    """A step that can never be recorded.

    Attributes:
        step: what was given, as Python shows it.
        reason: why not, in words that follow "it is".
    """

    step: str
    reason: str

    sentence = "The step {step} cannot be recorded: it is {reason}."
    advice = "Give a function written in Python, step(network, optimizer, x, t) -> loss."


@dataclass(eq=False)
class NothingRecorded(Described):
    """A batch that ran without a recorded event.

    Attributes:
        batch: which.
        step: the step's name.
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
        file: where its code says that it comes from.
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
        held: containers with arrays that its layers keep, `Affine1.params`; none is looked into.
    """

    network: str
    held: tuple[str, ...] = ()

    advice = (
        "Keep each as an attribute that is an array of floats, with its gradient beside it: W and "
        "dW."
    )

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found depends on whether there are arrays that are not looked at."""
        nothing = "{network} has no parameters, so training changes nothing"
        return f"{nothing}: the arrays in {{places}} do not count." if self.held else f"{nothing}."

    def fields(self) -> dict[str, Any]:
        """With the places in words."""
        return {**vars(self), "places": ", ".join(self.held)}

    @classmethod
    def of(cls, network: Any) -> NoParameters:
        """Look for the containers in which the layers of a network keep arrays."""
        layers = tuple(getattr(network, "layers", ()))
        names = getattr(network, "layer_names", None) or [type(one).__name__ for one in layers]
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
    return any(getattr(getattr(one, "dtype", None), "kind", "") == "f" for one in values)


@dataclass(eq=False)
class StatesTooLarge(Worded):
    """A network whose state fits into the memory budget only once, so going back is slow. A notice.

    Attributes:
        state: bytes of what it takes to go on from a batch.
        budget: bytes that all such states together may take.
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
    """A layer, loss or optimizer raised an exception. The cursor is at it, its operands in sight.

    Attributes:
        batch: in which it happened.
        layer: in which layer, or "".
        source: the expression that raised it.
        file, line: where that is.
        error: the exception itself.
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
        """With the place and the exception's own words."""
        name = Path(self.file).name
        where = f"`{self.source}` ({name}:{self.line})" if self.source else f"{name}:{self.line}"
        parts = (self.layer, where if self.file else "")
        place = ", ".join(part for part in parts if part) or "train_step"
        return {**vars(self), "place": place, **kind_and_words(self.error)}


@dataclass(eq=False)
class BatchStopped(StepFailed):
    """A batch that did not come back, and was stopped at somebody's request.

    The cursor is at the last event of it that was recorded. The fields are those of `StepFailed`,
    and tell of that event.
    """

    sentence = "Batch {batch} was stopped in {place}."
    advice = "It counts as not run; at its start everything is as it was before it."


@dataclass(eq=False)
class BatchTooLong(StepFailed):
    """A batch with more events than a recording keeps: the recording ends with the last of them.

    Attributes:
        events: how many there are.
    """

    events: int

    sentence = "Batch {batch} has more than {events:,} events; the recording ends in {place}."
    advice = "If a loop there does not end, mend it. If it does, the batch can be run all the same."


@dataclass(eq=False)
class MeasurementFailed(Described):
    """A layer or the loss raised an exception while the test set was measured.

    Attributes:
        batch: before which it was measured; the run is as it was.
        error: the exception itself.
    """

    batch: int
    error: BaseException

    sentence = "The test set could not be measured before batch {batch}: {kind}: {error}."
    advice = "Check that forward takes any number of samples, and that the labels fit."

    def fields(self) -> dict[str, Any]:
        """With the exception's own words."""
        return {**vars(self), **kind_and_words(self.error)}


@dataclass(eq=False)
class NotCopied(Described):
    """A network that cannot be copied, which work aside needs.

    Attributes:
        error: what the layer said.
    """

    error: BaseException

    sentence = "The network could not be copied: {kind}: {error}."
    advice = "Have its layers keep nothing that cannot be copied, such as open files or locks."

    def fields(self) -> dict[str, Any]:
        """With the exception's own words."""
        return {**vars(self), **kind_and_words(self.error)}
