"""The quantities of pictures, and what the colours of each mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from gui.dialogs.wording import to_translate
from gui.paint.heatmap import MapKind

_N = to_translate


class Swatch(Enum):
    """The mark before an entry of a legend."""

    POSITIVE = auto()
    NEGATIVE = auto()
    ZERO = auto()  # the middle of the signed colours
    INK = auto()
    PAPER = auto()  # no ink
    LEVEL = auto()  # of activations
    LOW = auto()
    TRIANGLE = auto()  # at the right label
    NONE = auto()


# The colours in which a swatch is found; others belong to no map.
MAP_OF: Mapping[Swatch, MapKind] = {
    Swatch.POSITIVE: MapKind.SIGNED,
    Swatch.NEGATIVE: MapKind.SIGNED,
    Swatch.ZERO: MapKind.SIGNED,
    Swatch.INK: MapKind.PIXELS,
    Swatch.PAPER: MapKind.PIXELS,
    Swatch.LEVEL: MapKind.ACTIVATIONS,
    Swatch.LOW: MapKind.ACTIVATIONS,
}


class Quantity(StrEnum):
    """What the cells of a picture are, as far as it is certain."""

    NUMBERS = "numbers"  # nothing is known but their values
    INPUT = "input"  # of a layer: pixels, or the numbers of the layer before
    PRODUCT = "product"  # inputs times weights
    SUM = "sum"  # of a layer, with its biases
    WEIGHT = "weight"
    SIGMOID = "sigmoid"
    RELU = "relu"
    MASK = "mask"
    SHIFTED = "shifted"
    POWERS = "powers"
    PROBABILITY = "probability"
    LOG_PROBABILITY = "log probability"
    LABEL = "label"
    SCORE_GRADIENT = "score gradient"
    OUTPUT_GRADIENT = "output gradient"
    GRADIENT = "gradient"  # by a parameter
    INPUT_GRADIENT = "input gradient"
    PUSH = "push"  # the gradient times the learning rate, taken off something else
    STEP = "step"  # that is taken off the parameter
    VELOCITY = "velocity"  # that is added to the parameter
    STEPPED = "stepped"  # the parameter, a step having been taken off
    MOVED = "moved"  # the parameter, a velocity having been added


@dataclass(frozen=True, slots=True)
class Meaning:
    """A colour's meaning: a template over `low` and `high`, the ends of the values, and `thing`."""

    swatch: Swatch
    text: str


_UP, _DOWN, _ZERO = Swatch.POSITIVE, Swatch.NEGATIVE, Swatch.ZERO
_INK, _PAPER, _LEVEL, _LOW = Swatch.INK, Swatch.PAPER, Swatch.LEVEL, Swatch.LOW

# By the quantity and the colours of its picture; the first is the more striking one.
MEANINGS: Mapping[tuple[Quantity, MapKind], tuple[Meaning, ...]] = {
    (Quantity.NUMBERS, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "above 0")),
        Meaning(_DOWN, _N("words", "below 0")),
    ),
    (Quantity.NUMBERS, MapKind.PIXELS): (
        Meaning(_INK, _N("words", "close to 1")),
        Meaning(_PAPER, _N("words", "0")),
    ),
    (Quantity.NUMBERS, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "larger, here up to {high}")),
        Meaning(_LOW, _N("words", "smaller, here from {low}")),
    ),
    (Quantity.INPUT, MapKind.PIXELS): (
        Meaning(_INK, _N("words", "full ink, 1")),
        Meaning(_PAPER, _N("words", "no ink, 0: it is never negative")),
    ),
    (Quantity.PRODUCT, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "in W, adds to a sum; in the result, above 0")),
        Meaning(_DOWN, _N("words", "in W, takes away; in the result, below 0")),
    ),
    (Quantity.WEIGHT, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "a {thing} above 0")),
        Meaning(_DOWN, _N("words", "a {thing} below 0")),
    ),
    (Quantity.SIGMOID, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "close to 1: its input is far above 0")),
        Meaning(_LOW, _N("words", "close to 0: its input is far below 0")),
    ),
    (Quantity.RELU, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "larger, here up to {high}")),
        Meaning(_LOW, _N("words", "0, or close to it")),
    ),
    (Quantity.MASK, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "True: the number passes")),
        Meaning(_LOW, _N("words", "False: it becomes 0")),
    ),
    (Quantity.SHIFTED, MapKind.SIGNED): (
        Meaning(_ZERO, _N("words", "0: the largest score of its row")),
        Meaning(_DOWN, _N("words", "below it, by up to {depth}")),
    ),
    (Quantity.POWERS, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "1: the largest score of its row")),
        Meaning(_LOW, _N("words", "close to 0: a score far below it")),
    ),
    (Quantity.PROBABILITY, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "probable, up to {high}")),
        Meaning(_LOW, _N("words", "improbable, from {low}")),
    ),
    (Quantity.LOG_PROBABILITY, MapKind.SIGNED): (
        Meaning(_ZERO, _N("words", "close to 0: probable")),
        Meaning(_DOWN, _N("words", "improbable, down to {low}")),
    ),
    (Quantity.LABEL, MapKind.ACTIVATIONS): (
        Meaning(_LEVEL, _N("words", "label {high}")),
        Meaning(_LOW, _N("words", "label {low}")),
    ),
    (Quantity.SCORE_GRADIENT, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "more score, more loss: a wrong label")),
        Meaning(_DOWN, _N("words", "more score, less loss: the right label")),
    ),
    (Quantity.INPUT_GRADIENT, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "more of this input, more loss")),
        Meaning(_DOWN, _N("words", "more of this input, less loss")),
    ),
    (Quantity.OUTPUT_GRADIENT, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "more of this output, more loss")),
        Meaning(_DOWN, _N("words", "more of this output, less loss")),
    ),
    (Quantity.GRADIENT, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "more {thing}, more loss: the update lowers it")),
        Meaning(_DOWN, _N("words", "more {thing}, less loss: the update raises it")),
    ),
    (Quantity.PUSH, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "more {thing}, more loss: pushes it down")),
        Meaning(_DOWN, _N("words", "more {thing}, less loss: pushes it up")),
    ),
    (Quantity.STEP, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "the update lowers the {thing}")),
        Meaning(_DOWN, _N("words", "the update raises the {thing}")),
    ),
    (Quantity.VELOCITY, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "moves the {thing} up")),
        Meaning(_DOWN, _N("words", "moves the {thing} down")),
    ),
    (Quantity.STEPPED, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "above 0; in the step, lowers the {thing}")),
        Meaning(_DOWN, _N("words", "below 0; in the step, raises the {thing}")),
    ),
    (Quantity.MOVED, MapKind.SIGNED): (
        Meaning(_UP, _N("words", "above 0; in the velocity, raises the {thing}")),
        Meaning(_DOWN, _N("words", "below 0; in the velocity, lowers the {thing}")),
    ),
}  # fmt: skip
INK_PRODUCT = (
    Meaning(_UP, _N("words", "in W, ink there adds; in the result, above 0")),
    Meaning(_DOWN, _N("words", "in W, ink takes away; in the result, below 0")),
)
# By the class of the layer that the sums go into.
SUMS: Mapping[str, tuple[Meaning, ...]] = {
    "Sigmoid": (
        Meaning(_UP, _N("words", "above 0: the sigmoid gives more than 0.5")),
        Meaning(_DOWN, _N("words", "below 0: the sigmoid gives less than 0.5")),
    ),
    "ReLU": (
        Meaning(_UP, _N("words", "above 0: ReLU lets it pass")),
        Meaning(_DOWN, _N("words", "below 0: ReLU puts 0")),
    ),
}
TRUTH = (
    Meaning(_LEVEL, _N("words", "True")),
    Meaning(_LOW, _N("words", "False")),
)
ALL_ZERO = (Meaning(_ZERO, _N("words", "0 in every cell")),)
