"""Lines that derivations of several activations share."""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.measured import Unknown
from gui.words.why.derivation import Trial
from gui.words.why.evidence import Array, Cell, Evidence, exact
from gui.words.why.table import Equal, Facts, Line

_N = to_translate
ABOUT = _N("words", "one number first, then all {size}")
NUDGE = 0.001  # what a trial adds to a number
CURVED = 1e-6  # the share of a slope that a change of `NUDGE` misses
LOWEST = -80.0  # what the sigmoid takes a smaller number for
CELL = _N("words", "`{name}`")


def place(name: str, cell: Cell) -> dict[str, Any]:
    """The fact "name": a cell in code, such as `x[3, 7]`."""
    inside = ", ".join(map(str, cell))
    return {"name": f"{name}[{inside}]"}


def trial(of: Evidence, cell: Cell, dx: float) -> Trial | None:
    """A change of a cell of the layer's input, which is the output of the layer before."""
    if not of.layer_number:
        return None
    return Trial(of.before.name, cell, NUDGE, NUDGE * dx)


def chain_line(dx: float, d: float, slope: float) -> Line:
    """`dout` times the slope; the facts are d, slope and dx."""
    return Line(
        _N(
            "words",
            "`dout` says how fast the loss grows with y, and the slope how fast y grows with x. "
            "Together: their product.",
        ),
        "{d} × {slope:()} = {dx}",
        CELL,
        (Equal("dx", d * slope),),
    )


def fold(of: Evidence) -> tuple[Facts, tuple[Line, ...]]:
    """Why there is a curve at all: without it two products are one. Empty without two products."""
    layers, at = of.snapshot.layers, of.layer_number
    if not 0 < at < len(layers) - 1:
        return {}, ()
    try:
        W1, W2 = (exact(layers[i].parameters["W"]) for i in (at - 1, at + 1))
    except (KeyError, Unknown):
        return {}, ()
    if W1.ndim != 2 or W2.ndim != 2 or W1.shape[1] != W2.shape[0]:
        return {}, ()
    x = np.linspace(0, 1, len(W1))
    at_once = x @ (W1 @ W2)
    facts = {
        "first": layers[at - 1].name, "second": layers[at + 1].name, "W1": W1.shape,
        "W2": W2.shape, "W12": (len(W1), W2.shape[1]), "once": float(at_once[0]),
    }  # fmt: skip
    line = Line(
        _N(
            "words",
            "Without a curve, {first} and {second} were one layer: x W1 W2 is x times one matrix.",
        ),
        "{W1} @ {W2} → {W12}",
        "",
        (Equal("once", float((x @ W1 @ W2)[0]), float(np.abs(W1).sum())),),
    )
    return facts, (line,)


def sigmoid(x: Array) -> Array:
    """1 / (1 + e⁻ˣ)."""
    found: Array = 1 / (1 + np.exp(-np.maximum(x, LOWEST)))
    return found


def nearest(values: Array, wanted: float) -> Cell:
    """The cell whose value is nearest to one that shows something."""
    found = np.unravel_index(int(np.abs(values - wanted).argmin()), values.shape)
    return tuple(int(i) for i in found)
