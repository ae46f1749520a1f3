"""What the colours of a picture mean at a stop, by the quantity that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.wording import to_translate
from gui.paint.heatmap import MapKind, choose_map, finite_cells
from gui.words.datasets import shows_digits
from gui.words.fields import Fields
from gui.words.measured import Unknown
from gui.words.own import is_ours, is_own, keys_at
from gui.words.quantity import (
    ALL_ZERO,
    INK_PRODUCT,
    MEANINGS,
    SUMS,
    TRUTH,
    Meaning,
    Quantity,
    Swatch,
)
from gui.words.saying import code, number, say, whole
from gui.words.tables.quantities import OF_INK, OF_SCORES, QUANTITIES, Shown

__all__ = ["NO_CAPTION", "Caption", "LegendEntry", "Swatch", "caption_of", "legend_of_numbers"]

Array = np.ndarray[Any, Any]
_N = to_translate
_AGAINST = ("SGD", "AdaGrad")  # optimizers whose step has the sign of the gradient of now
_NAMES = {
    Swatch.POSITIVE: _N("words", "Red"),
    Swatch.NEGATIVE: _N("words", "Blue"),
    Swatch.LEVEL: _N("words", "Yellow"),
    Swatch.LOW: _N("words", "Purple"),
}
_ARGUMENTS = {"x": Quantity.INPUT, "t": Quantity.LABEL, "dout": Quantity.OUTPUT_GRADIENT}
_BEFORE_LAYERS = ("train_step", "Network.forward")  # where `x` is the images
_THINGS = {
    "W": (_N("words", "weight"), _N("words", "weights")),
    "b": (_N("words", "bias"), _N("words", "biases")),
    "": (_N("words", "parameter"), _N("words", "parameters")),
}


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A mark with its name and its meaning.

    Attributes:
        name: "Red"; colour is never alone. "": the theme decides it, as of ink.
        text: "more weight, more loss: the update lowers it".
    """

    swatch: Swatch
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence on the quantity of a picture, and the legend of its colours."""

    text: str = ""
    legend: tuple[LegendEntry, ...] = ()


NO_CAPTION = Caption()


def caption_of(snapshot: Snapshot) -> Caption:
    """The caption of the picture at the cursor: of an operation's result, or first argument."""
    operation = snapshot.operation
    values = None if operation is None else pictured(operation)
    if operation is None or values is None:
        return NO_CAPTION
    cells = finite_cells(values)
    if cells.size == 0:
        return NO_CAPTION
    kind = choose_map(values, snapshot.minibatch.images[0].size if _pixels(snapshot) else None)
    subject = _Subject(snapshot, operation, cells, kind)
    shown = subject.shown()
    quantity = subject.argument() if shown is None else shown.quantity
    return Caption(subject.text(shown), _entries(subject.meanings(quantity), subject))


def pictured(operation: Operation) -> Array | None:
    """The array that a caption is about; None if there is none with values."""
    if operation.form is Form.ARGUMENTS:
        arrays = (operand.value for operand in operation.operands)
        return next((value for value in arrays if _is_array(value)), None)
    return operation.result if _is_array(operation.result) else None


def legend_of_numbers(kind: MapKind, values: Array) -> tuple[LegendEntry, ...]:
    """The legend of an array of which nothing but its values is known, in a map's colours."""
    cells = finite_cells(values)
    if cells.size == 0 or kind is MapKind.ERROR:
        return ()
    return _written(MEANINGS[Quantity.NUMBERS, kind], _ends(cells))


class _Subject:
    """The picture of an operation: what is known of its result."""

    def __init__(
        self, snapshot: Snapshot, operation: Operation, cells: Array, kind: MapKind
    ) -> None:
        self.snapshot, self.operation, self.cells, self.kind = snapshot, operation, cells, kind
        layers = snapshot.layers
        places = [i for i, layer in enumerate(layers) if layer.name == operation.layer]
        self.place = places[0] if places else None
        self.next_kind = self._kind_of(1)
        self.first = self.place == 0 or snapshot.event.frame.function in _BEFORE_LAYERS

    def _kind_of(self, further: int) -> str:
        layers = self.snapshot.layers
        if self.place is None or self.place + further >= len(layers):
            return ""
        return layers[self.place + further].kind

    @property
    def gives_scores(self) -> bool:
        """Whether the layer's outputs are the scores."""
        layers = self.snapshot.layers
        return self.place is not None and self.place == len(layers) - 2

    def shown(self) -> Shown | None:
        """What the table of our own code says; None for any other."""
        if not is_own(self.snapshot, self.operation):
            return None
        for key in keys_at(self.snapshot, self.operation):
            if key in QUANTITIES:
                return QUANTITIES[key]
        return None

    def argument(self) -> Quantity:
        """What the first argument of a call of our own is."""
        if self.operation.form is Form.ARGUMENTS and is_ours(self.snapshot):
            names = [one.text for one in self.operation.operands if _is_array(one.value)]
            return _ARGUMENTS.get(names[0], Quantity.NUMBERS)
        return Quantity.NUMBERS

    def text(self, shown: Shown | None) -> str:
        """The sentence under the picture."""
        if shown is None:  # the words of our own code tell the range where it is of use
            return "" if is_ours(self.snapshot) else self._range()
        source = " ".join(self.operation.source.split())
        template = shown.text
        if template and self.gives_scores and source in OF_SCORES:
            template = OF_SCORES[source]
        elif template and self.first and shows_digits(self.snapshot.setup) and source in OF_INK:
            template = OF_INK[source]
        elif template and shown.quantity is Quantity.SUM and self.cells.min() >= 0:
            return ""  # no sum is negative
        if template == OF_INK["x @ self.W + self.b"] and self.cells.min() >= 0:
            return ""
        try:
            return say(template, **self._fields(template)) if template else ""
        except (Unknown, IndexError, TypeError, ValueError):
            return ""

    def _fields(self, template: str) -> dict[str, str]:
        thing, things = self._thing()
        fields = {"thing": say(thing), "things": say(things)}
        probable = self.snapshot.layers[-2].out_shape if len(self.snapshot.layers) > 1 else ()
        if "{classes}" in template:
            if not probable:
                raise Unknown
            fields["classes"] = whole(probable[-1])
        if "{columns}" in template:
            fields["columns"] = Fields(self.snapshot, self.operation)["columns"]
        return fields

    def _range(self) -> str:
        """`z` runs from −3 to 3: blue is below 0, red above. "" where no name or no range is."""
        low, high = self.cells.min(), self.cells.max()
        if self.cells.dtype.kind not in "iuf" or low == high or self.operation.form is Form.CALL:
            return ""
        name = code(self.operation.name or self.operation.source)
        template = (
            _N("words", "{name} runs from {low} to {high}: blue is below 0, red above.")
            if self.kind is MapKind.SIGNED and low < 0 < high
            else _N("words", "{name} runs from {low} to {high}.")
        )
        return say(template, name=name, low=number(low), high=number(high))

    def meanings(self, quantity: Quantity) -> Sequence[Meaning]:
        """What the colours of the result mean."""
        if not self.cells.any() and self.cells.dtype != bool:
            return ALL_ZERO
        found: Sequence[Meaning] | None = None
        if quantity is Quantity.PRODUCT and not self._adds():
            quantity = Quantity.SUM
        if quantity is Quantity.PRODUCT and self.first and shows_digits(self.snapshot.setup):
            found = INK_PRODUCT if self.kind is MapKind.SIGNED else None
        elif quantity is Quantity.SUM and self.kind is MapKind.SIGNED:
            found = SUMS.get(self.next_kind)
        elif quantity is Quantity.GRADIENT and self.snapshot.setup.optimizer not in _AGAINST:
            quantity = Quantity.PUSH
        elif quantity is Quantity.INPUT and not (self.first and shows_digits(self.snapshot.setup)):
            quantity = Quantity.NUMBERS
        elif quantity is Quantity.SIGMOID and self.cells.max() < 0.5:
            quantity = Quantity.NUMBERS  # the colours do not reach to 1
        if found is None and self.cells.dtype == bool and quantity is not Quantity.MASK:
            found = TRUTH
        if found is None:
            found = MEANINGS.get((quantity, self.kind))
        return MEANINGS[Quantity.NUMBERS, self.kind] if found is None else found

    def _adds(self) -> bool:
        """Whether the inputs of a product are never negative: its weights' signs decide then."""
        operand = self.operation.operands[0].value if self.operation.operands else None
        return _is_array(operand) and bool(finite_cells(operand).min(initial=0) >= 0)

    def _thing(self) -> tuple[str, str]:
        """The noun of a cell of the parameter that is meant, for one and for several."""
        name = self.operation.source
        for variable in self.snapshot.variables:
            if variable.name == "name" and isinstance(variable.value, str):
                return _THINGS.get(variable.value.rpartition(".")[2], _THINGS[""])
        return _THINGS["b" if "sum(axis=0)" in name else "W"]

    def fields(self) -> dict[str, str]:
        """The fields of a meaning."""
        return {**_ends(self.cells), "thing": say(self._thing()[0])}


def _entries(meanings: Sequence[Meaning], subject: _Subject) -> tuple[LegendEntry, ...]:
    if subject.cells.dtype.kind == "c":
        return ()
    return _written(meanings, subject.fields())


def _written(meanings: Sequence[Meaning], fields: dict[str, str]) -> tuple[LegendEntry, ...]:
    return tuple(
        LegendEntry(
            one.swatch,
            say(_NAMES[one.swatch]) if one.swatch in _NAMES else "",
            say(one.text, **fields),
        )
        for one in meanings
    )


def _ends(cells: Array) -> dict[str, str]:
    low, high = cells.min(), cells.max()
    if cells.dtype.kind not in "iuf":
        return {"low": "0", "high": "1", "depth": "1"}
    return {"low": number(low), "high": number(high), "depth": number(-float(low))}


def _is_array(value: object) -> TypeGuard[Array]:
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind in "biufc"


def _pixels(snapshot: Snapshot) -> bool:
    return len(snapshot.minibatch.images) > 0
