"""The errors that a person can meet.

Each keeps what it found as fields, so that the window can say it in the user's language and a test
can ask for the numbers and not for the words. `str(error)` is the English sentence: what was found,
what was expected, where, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from engine.own_code import dictionary_of

LONGEST = 300  # characters of a text that a sentence repeats
UNSPEAKABLE = "(its text cannot be shown)"


class RetrogradError(Exception):
    """The root of every error that is meant for a person's eyes."""


class Worded:
    """Something that is said to a person: a template over its fields, followed by what to do.

    Attributes:
        sentence: says what is so, as a `str.format` template over the fields.
        advice: says what to do about it.
    """

    sentence: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def fields(self) -> dict[str, Any]:
        """What the templates are filled with, in any language."""
        return dict(vars(self))

    def __str__(self) -> str:
        return f"{self.sentence} {self.advice}".strip().format_map(self.fields())


@dataclass(eq=False)
class Described(Worded, RetrogradError):
    """An error that says what is wrong, and what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is unpickled from its positional arguments, and ours are given by name.
        return _rebuilt, (type(self), {**vars(self)})


def _rebuilt(kind: type[Described], fields: dict[str, Any]) -> Described:
    return kind(**fields)


@dataclass(eq=False)
class BadValue(Described):
    """A setting or an argument that cannot be used.

    Attributes:
        name: of the setting, as the person knows it: `batch size`.
        value: what was given.
        expected: what would do, in words that follow "expected": `a whole number from 1 to 60,000`.
    """

    name: str
    value: object
    expected: str

    sentence = "The {name} is {value}; expected {expected}."


@dataclass(eq=False)
class BadArguments(Described):
    """A command line that cannot be understood; `problem` says why."""

    problem: str

    sentence = "{problem}."
    advice = "See --help."


@dataclass(eq=False)
class DatasetError(Described):
    """A dataset that cannot be used as it is.

    Attributes:
        path: the file, or the folder.
        offset: where in the (decompressed) file, in bytes; 0 if it is the file as a whole.
        expected: what should be there.
        found: what is there.
    """

    path: Path
    offset: int
    expected: Any
    found: Any


@dataclass(eq=False)
class DatasetUnreadable(DatasetError):
    """A file or folder that is missing, not of the right kind, or not ours to read."""

    sentence = "{path} cannot be read: expected {expected}, found: {found}."
    advice = "Check the path and its permissions."


@dataclass(eq=False)
class DatasetFileMissing(DatasetError):
    """A folder without one of the files of a dataset; `expected` has the names looked for."""

    sentence = "{path} has no {expected}; found: {found}."
    advice = (
        "Put the files there under MNIST's names, gzipped or not: train-images-idx3-ubyte, "
        "train-labels-idx1-ubyte, and if there is a test set t10k-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte."
    )


@dataclass(eq=False)
class DatasetFileEmpty(DatasetError):
    """A file without a byte, or a gzip stream that holds none. Sizes in bytes."""

    sentence = "{path} is empty: expected a header of {expected} bytes, found {found}."
    advice = "Get the file again."


@dataclass(eq=False)
class NotIdx(DatasetError):
    """A magic number that does not begin with two zero bytes. Both are the four bytes in hex."""

    sentence = (
        "{path} is not an IDX file: expected the magic number {expected} at byte {offset}, "
        "found {found}."
    )
    advice = "Give an IDX file of unsigned bytes, such as those of MNIST, gzipped or not."


@dataclass(eq=False)
class WrongElementType(DatasetError):
    """An IDX file of other numbers than unsigned bytes."""

    sentence = "{path} holds {found}: expected {expected} (the type at byte {offset})."
    advice = "Convert the data to unsigned bytes, 0 to 255."


@dataclass(eq=False)
class WrongDimensions(DatasetError):
    """An IDX file with another number of dimensions than its role needs."""

    sentence = (
        "{path} has {found} dimensions: expected {expected} (the count at byte {offset}; "
        "images have 3, labels 1)."
    )
    advice = "Check that the images and the labels were not taken for one another."


@dataclass(eq=False)
class NoSamples(DatasetError):
    """A header with a zero in it: no images, or images without a pixel. The sizes are tuples."""

    sentence = (
        "{path} holds no data: expected sizes of at least {expected}, found {found} "
        "in its header at byte {offset}."
    )
    advice = "Give a file with at least one sample."


@dataclass(eq=False)
class DatasetTooLarge(DatasetError):
    """A header that promises more bytes than any dataset for this app has."""

    sentence = (
        "{path} promises {found:,} bytes in its header at byte {offset}: expected at most "
        "{expected:,}."
    )
    advice = "If the header is right, give a smaller part of the dataset."


@dataclass(eq=False)
class DatasetTruncated(DatasetError):
    """A file that ends before what its header promises. Sizes in bytes from `offset`."""

    sentence = (
        "{path} ends too early: expected {expected:,} bytes from byte {offset} on, found {found:,}."
    )
    advice = "Get the file again: the download or the copy was cut short."


@dataclass(eq=False)
class BytesLeftOver(DatasetError):
    """A file that goes on after what its header promises.

    `expected` is the size that the header promises; `found` the size of the file, or, for a gzipped
    one, which is not unpacked any further, one byte more.
    """

    sentence = (
        "{path} goes on after its end: expected {expected:,} bytes by its header, "
        "found at least {found:,}."
    )
    advice = "Get the file again: its header or its end is not what it should be."


@dataclass(eq=False)
class CorruptGzip(DatasetError):
    """A gzip stream that cannot be unpacked, or whose checksum is wrong; `offset` is unpacked."""

    sentence = "{path} is damaged: expected {expected} at byte {offset:,}, found: {found}."
    advice = "Get the file again."


@dataclass(eq=False)
class CountsDisagree(DatasetError):
    """Images and labels that differ in number.

    Attributes:
        images_path: the file of the images, which has `expected` of them; `path` is the labels'.
    """

    images_path: Path

    sentence = (
        "{path} has {found:,} labels: expected {expected:,}, as many as there are images in "
        "{images_path}."
    )
    advice = "Check that both files belong to the same set."


@dataclass(eq=False)
class ImageSizesDisagree(DatasetError):
    """Test images of another size than the training images. Sizes are (rows, columns)."""

    sentence = (
        "{path} has images of {found[0]}×{found[1]} pixels: expected {expected[0]}×{expected[1]}, "
        "as in the training set (the sizes at byte {offset})."
    )
    advice = "Check that both files belong to the same dataset."


@dataclass(eq=False)
class LabelBeyondOutputs(DatasetError):
    """A label for which there is no output; `expected` is the number of outputs."""

    sentence = (
        "{path} has the label {found} at byte {offset:,}: expected one below {expected}, "
        "the number of outputs."
    )
    advice = "Give a dataset with fewer classes, or a network with more outputs."


@dataclass(eq=False)
class ImagesDoNotFit(DatasetError):
    """Images with another number of pixels than the network has inputs."""

    sentence = "{path} has images of {found} pixels: expected {expected}, the network's inputs."
    advice = "Choose another network, or images of that size."


@dataclass(eq=False)
class DatasetDamaged(DatasetError):
    """A bundled file whose content is not the one that was shipped. Both are CRC-32 in hex."""

    sentence = "{path} is damaged: expected the checksum {expected}, found {found}."
    advice = "Install Retrograd again."


@dataclass(eq=False)
class FileNotWritten(Described):
    """A file that could not be written; an older one of that name is as it was.

    Attributes:
        reason: the system's words, such as "No space left on device".
    """

    path: Path
    reason: str

    sentence = "{path} was not written: {reason}."
    advice = "Choose another place, or make room there. A file that was there before is unchanged."


@dataclass(eq=False)
class WeightsNotWritten(FileNotWritten):
    """Weights that could not be saved."""

    sentence = "The weights were not written to {path}: {reason}."


@dataclass(eq=False)
class SessionNotWritten(FileNotWritten):
    """A session that could not be saved."""

    sentence = "The session was not saved to {path}: {reason}."


@dataclass(eq=False)
class FileNotRead(Described):
    """A file that could not be read.

    Attributes:
        reason: the system's words, or what it is in the place of a file.
    """

    path: Path
    reason: str

    sentence = "{path} was not read: {reason}."


@dataclass(eq=False)
class SessionNotRead(FileNotRead):
    """A session file that cannot be opened; `reason` says why."""

    sentence = "The session {path} was not opened: {reason}."
    advice = "Nothing was changed."


@dataclass(eq=False)
class StepNotGiven(SessionNotRead):
    """A session that was trained by somebody's own step; `reason` names it."""

    advice = (
        "Open it in Python, with Session.load(path, step=...): no file brings code along. "
        "Nothing was changed."
    )


@dataclass(eq=False)
class StepDiffers(SessionNotRead):
    """A step that is not the one by which a session was trained.

    Attributes:
        differences: what is other, in words, one for each function or value.
    """

    differences: tuple[str, ...]

    advice = "Give the step as it was when the session was saved. Nothing was changed."


@dataclass(eq=False)
class OpeningCancelled(Described):
    """A file whose opening was called off."""

    path: Path

    sentence = "{path} was not opened: it was called off."
    advice = "Nothing was changed."


@dataclass(eq=False)
class BadStep(Described):
    """A step of which nothing could ever be recorded.

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
    """A batch that ran, and of which there is no event.

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
    """A step whose own lines are not recorded; what it calls is. No error: it is told of once.

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
    """A network without a parameter: nothing is learnt, nothing can be checked. Told of once.

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


@dataclass(eq=False)
class StatesTooLarge(Worded):
    """A network of which the memory budget has no room for a second state: going back is slow.

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


def _holds_floats(container: Any) -> bool:
    values = container.values() if isinstance(container, dict) else container
    if not isinstance(container, (dict, list, tuple)):
        return False
    return any(getattr(getattr(one, "dtype", None), "kind", "") == "f" for one in values)


@dataclass(eq=False)
class GradientsNotReady(Described):
    """Gradients were asked for before the backward pass of the cursor's batch has ended.

    Attributes:
        batch, event: the cursor.
        ready: the event from which on they are there, or None where this batch never gets there.
    """

    batch: int
    event: int
    ready: int | None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found depends on whether the pass ends at all."""
        if self.ready is None:
            return "The backward pass of batch {batch} does not end, so there are no gradients."
        return "At event {event} of batch {batch} the backward pass has not ended."

    @property
    def advice(self) -> str:  # type: ignore[override]
        """Where to go."""
        return "" if self.ready is None else "Step on to event {ready}, where it has."


@dataclass(eq=False)
class NoSuchBreakpoint(Described):
    """A breakpoint that was asked for by its id, and is not there.

    Attributes:
        id: what was asked for.
        there: the ids that there are.
    """

    id: int
    there: tuple[int, ...]

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found: others, or none at all."""
        if self.there:
            return "There is no breakpoint {id}; there are {ids}."
        return "There is no breakpoint {id}, nor any other."

    advice = "It may have been removed meanwhile."

    def fields(self) -> dict[str, Any]:
        """The ids as a list in words besides."""
        return {**super().fields(), "ids": ", ".join(map(str, self.there))}


@dataclass(eq=False)
class NotReached(Described):
    """A position further than the run reaches.

    Attributes:
        batch, event: where to go was asked.
        reach: how many batches have run.
        events: how many events that batch has, where that is known.
    """

    batch: int
    event: int
    reach: int
    events: int | None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found: a batch that has not run, or an event that a batch does not have."""
        if self.events is not None:
            return "Batch {batch} has no event {event}: it has {events}, counted from 0."
        return "Batch {batch}, event {event} cannot be reached: {reach} batches have run."

    @property
    def advice(self) -> str:  # type: ignore[override]
        """How far it reaches."""
        if self.events is not None:
            return ""
        return "The run reaches to event 0 of batch {reach}; train on to go further."


@dataclass(eq=False)
class NotStored(Described):
    """A batch whose parameters were asked for, of which no state is stored.

    Attributes:
        batch: the one asked for.
        nearest: the nearest one before it whose state is stored.
    """

    batch: int
    nearest: int

    sentence = "No state of batch {batch} is stored; the nearest before it is of batch {nearest}."
    advice = "Go to the batch, or take a stored one."


@dataclass(eq=False)
class NoSuchBranch(Described):
    """A branch that is not, or no longer, there; `there` are the numbers of those that are."""

    branch: int
    there: list[int]

    sentence = "There is no branch {branch}: there are {there}."


@dataclass(eq=False)
class NotInSight(Described):
    """A name of which there is nothing at the cursor.

    Attributes:
        name: the one asked for.
        known: the names that are there.
    """

    name: str
    known: str

    sentence = "There is no {name} in sight here."
    advice = "In sight are {known}."


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
        return {**vars(self), "place": place, **_words_of(self.error)}


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
        return {**vars(self), **_words_of(self.error)}


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
        return {**vars(self), **_words_of(self.error)}


@dataclass(eq=False)
class NoTruthValue(Described, TypeError):
    """A verdict that was asked whether it is true, as in `if check:`; `kind` is its class."""

    kind: str

    sentence = "A {kind} is neither true nor false: an agreement would count as much as a mistake."
    advice = "Compare its verdict: check.verdict is Verdict.AGREES."


@dataclass(eq=False)
class NumericError(Described):
    """A reason for which a gradient cannot be had by numerical differentiation."""


@dataclass(eq=False)
class CodeRaised(NumericError):
    """A layer, loss or network raised an exception while its loss was differentiated.

    It keeps words and not the exception, which another process might not be able to read.

    Attributes:
        kind: the class of the exception.
        error: what it says of itself.
        file, line: the innermost place in it; "" and 0 where there is none.
    """

    kind: str
    error: str
    file: str
    line: int

    sentence = "Differentiating ended with {what}{place}."
    advice = "Mend the code and start again."

    @classmethod
    def of(cls, error: BaseException) -> CodeRaised:
        """Put an exception, with where it comes from, into words."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        file = place.tb_frame.f_code.co_filename if place is not None else ""
        return cls(type(error).__name__, words_of(error), file, place.tb_lineno if place else 0)

    def fields(self) -> dict[str, Any]:
        """With the exception in words, and its place."""
        error = clipped(self.error.rstrip("."))
        what = f"{self.kind}: {error}" if error else self.kind
        place = f" ({Path(self.file).name}:{self.line})" if self.file else ""
        return {**vars(self), "what": what, "place": place}


@dataclass(eq=False)
class NoGradientBack(NumericError):
    """A layer whose backward gives the layer before it nothing to go on with.

    Attributes:
        layer: its name.
        kind: the class of what its backward returns.
    """

    layer: str
    kind: str

    sentence = (
        "{layer}.backward returns {kind}: expected the gradient by its input, an array, for the "
        "layer before it."
    )
    advice = "Return dx from {layer}.backward."


@dataclass(eq=False)
class NotANetwork(NumericError):
    """What has no loss that could be differentiated.

    Attributes:
        kind: its class.
        missing: what it would have to have.
    """

    kind: str
    missing: str

    sentence = "{kind} has no {missing}: expected a network that has."
    advice = "Give a network with forward(x, t), backward(), parameters() and gradients()."


@dataclass(eq=False)
class GradientsDoNotFit(NumericError):
    """Gradients that cannot be multiplied with a direction; `what` says of each what it is."""

    what: str

    sentence = "Along a direction nothing can be said: {what}"


@dataclass(eq=False)
class NothingToMove(NumericError):
    """A network without a gradient that could be compared; `what` says why."""

    what: str

    sentence = "There is nothing to compare: {what}"


@dataclass(eq=False)
class IntegersRefused(NumericError):
    """An array that holds no floating-point numbers, and cannot be moved by a little.

    Attributes:
        name: the parameter, or "x" for the network's input.
        dtype: of its elements.
    """

    name: str
    dtype: str

    sentence = (
        "{name} holds {dtype} numbers: expected floating-point ones, which can be moved by a "
        "little."
    )
    advice = "Convert it, as in {name}.astype('float64')."


@dataclass(eq=False)
class NotRepeatable(NumericError):
    """A layer that gives another output for the same input, as dropout does; `layer` names it."""

    layer: str

    sentence = (
        "{layer} makes different outputs of the same input: expected the same ones, since the "
        "difference of two losses would be chance."
    )
    advice = "Switch the random part of {layer} off while its gradient is checked."


@dataclass(eq=False)
class ComplexRefused(NumericError):
    """A layer or loss through which a complex step cannot go.

    Attributes:
        layer: its name.
        reason: what happened, in words that follow "because".
    """

    layer: str
    reason: str

    sentence = "The complex step cannot go through {layer}, because {reason}."
    advice = "Use central differences."


@dataclass(eq=False)
class LossNotFinite(NumericError):
    """A loss that is infinite or not a number, of which there is no gradient."""

    loss: float

    sentence = "The loss is {loss}: expected a finite number."
    advice = "Look for the first layer whose output is not finite."


@dataclass(eq=False)
class Cancelled(NumericError):
    """Work that was told to stop; `done` of `total` pieces were finished."""

    done: int
    total: int

    sentence = "Cancelled after {done:,} of {total:,}."


@dataclass(eq=False)
class WitnessDisagrees(NumericError):
    """An incremental difference that is not the one of two whole forward passes.

    Attributes:
        name, index: the parameter and the flat index of the element.
        incremental, central: the two values.
        tolerance: how far apart round-off may bring them.
    """

    name: str
    index: int
    incremental: float
    central: float
    tolerance: float

    sentence = (
        "Element {index} of {name} comes out as {incremental:.6g} incrementally: expected "
        "{central:.6g} ± {tolerance:.1g}, as by two whole forward passes."
    )
    advice = "Use central differences, and report this: what a layer declares of itself is wrong."


@dataclass(eq=False)
class BadCondition(Described):
    """An expression of a breakpoint that cannot be used.

    Attributes:
        text: as it was typed; column: where it goes wrong, from 1.
        problem: what is wrong with it.
    """

    text: str
    column: int
    problem: str

    sentence = "The expression {text} cannot be used: {problem} (at column {column})."

    def fields(self) -> dict[str, Any]:
        """With no more of a long expression than can be read."""
        return {**vars(self), "text": clipped(self.text)}


@dataclass(eq=False)
class ConditionFailed(Described):
    """An expression of a breakpoint that failed when it was evaluated.

    Attributes:
        text: the expression.
        error: what happened: TooMuch, NotForExpressions, or what Python or numpy has raised.
    """

    text: str
    error: Exception

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """Our own errors are sentences; of any other the class says what kind it is."""
        if isinstance(self.error, Described):
            return "The expression {text} failed: {error}."
        return "The expression {text} failed: {kind}: {error}."

    def fields(self) -> dict[str, Any]:
        """With the exception's own words, on one line."""
        words = _words_of(self.error)
        error = clipped(" ".join(words["error"].split()))
        return {**vars(self), **words, "error": error, "text": clipped(self.text)}


@dataclass(eq=False)
class TooMuch(Described):
    """An operation of an expression that was refused before it began: it would take too much.

    Attributes:
        operation: as it is written: `**`, `exp()`.
        amount: what it would take; limit: what it may.
        unit: of both: `bits of an integer`.
    """

    operation: str
    amount: int
    limit: int
    unit: str

    sentence = "{operation} would take {amount} {unit}: expected at most {limit:,}."

    def fields(self) -> dict[str, Any]:
        """With an amount that can be read, however large it is."""
        exact = self.amount < 10**15
        return {**vars(self), "amount": f"{self.amount:,}" if exact else "more than 10¹⁵"}


@dataclass(eq=False)
class NotForExpressions(Described):
    """A value with which an expression cannot do what it asks for; `problem` says both."""

    problem: str

    sentence = "{problem}."


@dataclass(eq=False)
class NoSuchPlace(Described):
    """A breakpoint that cannot be placed; `place` says where, `reason` why not."""

    place: str
    reason: str

    sentence = "There can be no breakpoint at {place}: {reason}."


@dataclass(eq=False)
class BreakpointsNotRead(FileNotRead):
    """A file of breakpoints that cannot be used; `reason` says why. Nothing has changed."""

    sentence = "The breakpoints of {path} were not read: {reason}."
    advice = "The breakpoints that there were are as they were."


def clipped(text: object, most: int = LONGEST) -> str:
    """As much of a text, or of what another thing says of itself, as a sentence can repeat."""
    found = str(text)
    return found if len(found) <= most else f"{found[:most]}…"


def words_of(error: BaseException) -> str:
    """What an exception says of itself; a class of a person's may fail to, in any way."""
    try:
        return str(error)
    except BaseException:
        return UNSPEAKABLE


def _words_of(error: BaseException) -> dict[str, str]:
    return {"kind": type(error).__name__, "error": words_of(error).rstrip(".")}
