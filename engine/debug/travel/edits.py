"""Edits: changes of the run that a user makes before a batch, as data.

An edit is immutable and can be saved. It is applied to the live objects only once, since the state
after it stays stored. A session file has the edits, from which the run can be trained again.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from numbers import Real
from typing import Any, Protocol

import numpy as np

from engine.data.dataset import Dataset
from engine.data.hand_drawn import HandDrawnSample
from engine.dataclass_json import from_dictionary, to_dictionary
from engine.debug.cells import parse_index
from engine.debug.program.live_objects import Live, LiveObjects
from engine.errors import BadValue, clipped
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS
from engine.silence import Silence, insert

Array = np.ndarray[Any, Any]


class Editable(Protocol):
    """What an edit may ask of the run that it changes."""

    @property
    def dataset(self) -> Dataset | None:
        """The source of the minibatches; None if it is unknown."""

    @property
    def live(self) -> int | None:
        """The batch before which the live objects are."""

    def units_of(self, name: str) -> int:
        """The number of outputs of a layer."""


class Edit(Protocol):
    """A change of the live objects."""

    def apply(self, live: Live, run: Editable) -> None:
        """Apply the edit; `run` answers what it asks of the run.

        Raises:
            BadValue: the edit cannot be applied here; it may be applied in part.
        """


class How(StrEnum):
    """How an edit combines the old value of a cell with the new value."""

    SET = "="
    ADD = "+="
    MULTIPLY = "*="


_COMBINED: Mapping[How, Callable[[Array, float], Any]] = {
    How.SET: lambda old, value: value,
    How.ADD: lambda old, value: old + value,
    How.MULTIPLY: lambda old, value: old * value,
}


@dataclass(frozen=True, slots=True)
class SetCells:
    """Set, increase or multiply cells of a parameter.

    Attributes:
        parameter: `Affine1.W`.
        cells: a typed index: `300, 7`, `:, 3`, or "" for all.
        how: whether `value` replaces, is added to, or multiplies the cells.
    """

    parameter: str
    cells: str
    value: float
    how: How = How.SET

    def __str__(self) -> str:
        return f"{self.parameter}[{self.cells or ':'}] {self.how} {self.value:g}"

    def apply(self, live: Live, run: Editable) -> None:
        """Write into the parameter, in place."""
        parameters = live.parameters()
        cells = self.cells_in(parameters)
        array, index = parameters[self.parameter], parse_index(self.cells)
        if not array.flags.writeable:
            raise BadValue("parameter", self.parameter, "one that can be written to")
        with np.errstate(over="ignore", invalid="ignore"):  # the user may ask for an infinity
            array[index] = _COMBINED[self.how](
                cells, float(self.value)
            )  # a numpy float64 would widen

    def cells_in(self, parameters: Mapping[str, Array]) -> Any:
        """The present values of the cells; raises BadValue if there are no such cells."""
        if self.parameter not in parameters:
            raise BadValue("parameter", self.parameter, f"one of {', '.join(parameters)}")
        array = parameters[self.parameter]
        try:
            cells = array[parse_index(self.cells)]
        except IndexError as error:
            expected = f"cells of {self.parameter}, which is {_shape(array)}"
            raise BadValue("index of cells", self.cells, expected) from error
        if not np.size(cells):
            raise BadValue("index of cells", self.cells, "at least one cell")
        return cells


@dataclass(frozen=True, slots=True)
class SetLearningRate:
    """Set the learning rate of the optimizer."""

    rate: float

    def __str__(self) -> str:
        return f"learning rate {self.rate:g}"

    def apply(self, live: Live, run: Editable) -> None:
        """Set `lr`."""
        rate = self.rate
        if not isinstance(rate, Real) or not isfinite(rate) or rate <= 0:
            raise BadValue("learning rate", rate, "a finite number above 0")
        live.set_learning_rate(float(rate))  # a numpy float64 would make float32 updates float64


@dataclass(frozen=True, slots=True)
class SetOptimizer:
    """Replace the optimizer by a new one without state; with `rate` None, at its default rate."""

    kind: str
    rate: float | None = None

    def __str__(self) -> str:
        return self.kind if self.rate is None else f"{self.kind} {self.rate:g}"

    def apply(self, live: Live, run: Editable) -> None:
        """Replace the optimizer."""
        if self.kind not in OPTIMIZERS:
            raise BadValue("optimizer", self.kind, f"one of {', '.join(OPTIMIZERS)}")
        _network_of(live, "optimizer", self.kind).optimizer = OPTIMIZERS[self.kind]()
        if self.rate is not None:
            SetLearningRate(self.rate).apply(live, run)


@dataclass(frozen=True, slots=True)
class SetSeed:
    """Change the order of the samples from here on."""

    seed: int

    def __str__(self) -> str:
        return f"seed {self.seed}"

    def apply(self, live: Live, run: Editable) -> None:
        """Replace the batch order."""
        network = _network_of(live, "seed", self.seed)
        network.order = network.order.with_seed(self.seed)


@dataclass(frozen=True, slots=True)
class SilenceUnit:
    """Set a unit's output to 0 from here on, by a `Silence` layer behind the unit's layer.

    Attributes:
        layer: `Sigmoid1`; unit: its number among the outputs, from 0.
    """

    layer: str
    unit: int

    def __str__(self) -> str:
        return f"{self.layer} unit {self.unit} silenced"

    def apply(self, live: Live, run: Editable) -> None:
        """Insert a `Silence` behind the layer, or add the unit to an existing one."""
        network = _network_of(live, "layer", self.layer).network
        if not isinstance(network, Network):
            expected = f"a layer of an engine.nn Network; this is a {type(network).__name__}"
            raise BadValue("layer", self.layer, expected)
        names = network.layer_names
        if self.layer not in names or self.layer.startswith(Silence.name):
            known = [name for name in names if not name.startswith(Silence.name)]
            raise BadValue("layer", self.layer, f"one of {', '.join(known)}")
        place = names.index(self.layer)
        count = run.units_of(self.layer)
        if not 0 <= self.unit < count:
            raise BadValue("unit", self.unit, f"0 to {count - 1}, the units of {self.layer}")
        behind = network.layers[place + 1 : place + 2]
        if behind and isinstance(behind[0], Silence):
            behind[0].m = _without(behind[0].m, self.unit)  # a new array: traces keep the old one
        else:
            m = np.ones(count, _dtype_of(network))
            insert(network, place + 1, Silence(_without(m, self.unit)))


@dataclass(frozen=True, slots=True)
class DrawSample:
    """Make a drawn image the whole minibatch of the next batch; later batches are as usual.

    Attributes:
        rows, columns: of the image.
        pixels: its bytes, row by row, in Base64.
        label: the class that it shows.
    """

    rows: int
    columns: int
    pixels: str
    label: int

    @staticmethod
    def of(image: Array, label: int) -> DrawSample:
        """The edit for an image, (rows, columns) uint8."""
        rows, columns = image.shape
        return DrawSample(rows, columns, b64encode(image.tobytes()).decode("ascii"), label)

    def __str__(self) -> str:
        return f"drawn {self.label}"

    def apply(self, live: Live, run: Editable) -> None:
        """Replace the order by one that has the image as its next minibatch."""
        network = _network_of(live, "drawn image", self)
        assert run.live is not None and run.dataset is not None
        network.order = network.order.with_drawn(run.live, self.sample_for(run.dataset))

    def sample_for(self, dataset: Dataset) -> HandDrawnSample:
        """The sample; raises BadValue if it does not fit the dataset."""
        rows, columns = dataset.images.shape[1:]
        if (self.rows, self.columns) != (rows, columns):
            found = f"{self.rows} × {self.columns}"
            raise BadValue("drawn image", found, f"{rows} × {columns}, as those of {dataset.name}")
        if not 0 <= self.label < dataset.classes:
            raise BadValue("label", self.label, f"0 to {dataset.classes - 1}")
        try:
            pixels = b64decode(self.pixels, validate=True)
        except ValueError:
            pixels = b""
        if len(pixels) != rows * columns:
            expected = f"{rows * columns} bytes in Base64"
            raise BadValue("pixels", clipped(self.pixels, 20), expected)
        return HandDrawnSample(np.frombuffer(pixels, np.uint8).reshape(rows, columns), self.label)


KINDS: dict[str, type[Edit]] = {
    kind.__name__: kind
    for kind in (SetCells, SetLearningRate, SetOptimizer, SetSeed, SilenceUnit, DrawSample)
}


def edit_to_json(edit: Edit) -> dict[str, Any]:
    """An edit as JSON's dictionary."""
    return to_dictionary(edit, "edit")


def edit_from_json(data: dict[str, Any]) -> Edit:
    """The edit that a dictionary describes; raises one of `NOT_DESCRIBED` if it is invalid."""
    edit = from_dictionary(KINDS, "edit", data)
    if more := sorted(data.keys() - edit_to_json(edit).keys()):
        raise ValueError(f"a {data['edit']} has no {', '.join(more)}")
    return edit


def _network_of(live: Live, what: str, value: object) -> LiveObjects:
    """The network, optimizer and order that an edit changes; raises BadValue without them."""
    if not isinstance(live, LiveObjects):
        raise BadValue(what, value, "a session of a network with an optimizer and a dataset")
    return live


def _without(m: Array, unit: int) -> Array:
    fresh = m.copy()
    fresh[unit] = 0
    return fresh


def _dtype_of(network: Network) -> Any:
    return next(iter(network.parameters().values())).dtype


def _shape(array: Array) -> str:
    return " × ".join(map(str, array.shape)) or "a number"
