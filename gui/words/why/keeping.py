"""Why a layer keeps an array: which line of the backward pass will read it, and for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.debug.snapshots.snapshot import CacheState
from gui.dialogs.wording import to_translate
from gui.paint.values import bytes_text
from gui.words.entry import Key, When
from gui.words.measured import Unknown
from gui.words.saying import code
from gui.words.why.evidence import Evidence, exact
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, prove

_N = to_translate

# What backward needs the array for.
_FOR: Mapping[str, str] = {
    "x": _N(
        "words",
        "A weight moves the loss by its input times the gradient at its output. Without the "
        "inputs it has no gradient.",
    ),
    "y of Sigmoid": _N(
        "words",
        "The slope of the sigmoid is y (1 − y): it is made of the output alone, with no new e⁻ˣ.",
    ),
    "y of Tanh": _N(
        "words", "The slope of tanh is 1 − y²: it is made of the output alone, with no new eˣ."
    ),
    "mask": _N(
        "words", "The gradient goes back only where x was above 0. The mask says where that was."
    ),
    "t": _N(
        "words",
        "The gradient by a score is p − 1 at the right label, and p elsewhere. It cannot be told "
        "without the labels.",
    ),
    "y of SoftmaxWithLoss": _N(
        "words", "The gradient by a score is its probability, less 1 at the right label."
    ),
}


_KEEPING_1 = (
    Line(
        _N(
            "words",
            "When forward ends, its names are gone. What stands at `self.{name}` stays.",
        ),
        "{shape}",
        "`self.{name}`",
    ),
    Line(
        _N("words", "It is read later in this minibatch by {reader}, in {in}."),
        _N("words", "read {times} ×"),
    ),
)

_KEEPING_2 = (
    Line(
        _N(
            "words",
            "All that forward keeps for backward is the cache. After its last reading "
            "an array is of no more use.",
        ),
        _N("words", "held now: {held}"),
        _N("words", "the whole cache"),
    ),
)


def _keeping(name: str, use: str) -> Callable[[Evidence], Reason]:
    def make(of: Evidence) -> Reason:
        entry = of.cached(name)
        if not entry.readers:
            raise Unknown
        array = exact(of.value(f"self.{name}"))
        size = np.dtype(entry.dtype).itemsize
        held = sum(e.nbytes for e in of.snapshot.cache if e.state is CacheState.HELD)
        kept = array.size * size
        facts = {
            "name": name, "shape": array.shape, "reader": code(entry.readers[0]),
            "in": code(entry.read_by[0]), "times": len(entry.reads), "cells": array.size,
            "bytes": size, "kept": bytes_text(kept), "held": bytes_text(held), "keptbytes": kept,
            "heldbytes": held, "shared": code(entry.shared_with),
        }  # fmt: skip
        bytes_of_event = of.snapshot.held_bytes
        at = of.snapshot.position.event
        measured = held if bytes_of_event is None else int(bytes_of_event[at])
        memory = Line(
            _N("words", "Keeping costs memory: so many numbers, of {bytes} bytes each."),
            "{cells} × {bytes} bytes = {kept}",
            "{shape}",
            (Equal("keptbytes", float(_nbytes(of.value(f"self.{name}")))),),
        )
        if entry.shared_with:
            memory = Line(
                _N("words", "It costs no memory: it is the same array that is kept as {shared}."),
                _N("words", "{kept}, counted once"),
                "{shape}",
                (Equal("keptbytes", float(_nbytes(of.value(f"self.{name}")))),),
            )
        return Reason(
            _N("words", "what the backward pass will need"),
            facts,
            (
                *prove(
                    _KEEPING_1,
                    (Same(array, exact(of.operation.result)),),
                    (Equal("times", float(len(entry.readers))),),
                ),
                Line(_FOR[use]),
                memory,
                *prove(
                    _KEEPING_2,
                    (Equal("heldbytes", float(measured)),),
                ),
            ),
        )

    return make


def _nbytes(value: object) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else 0


def _rule(title: str, name: str, kind: str = "") -> Rule:
    return Rule(title, _keeping(name, f"{name} of {kind}" if kind else name))


_WHY_Y, _RAN, _LOSS = _N("words", "Why keep y?"), When.RAN, "SoftmaxWithLoss"

KEEPING: Rules = {
    Key("Affine.forward", _RAN, "self.x = x"): _rule(_N("words", "Why keep x?"), "x"),
    Key("Sigmoid.forward", _RAN, "self.y = 1 / (1 + np.exp(-x))"): _rule(_WHY_Y, "y", "Sigmoid"),
    Key("Tanh.forward", _RAN, "self.y = np.tanh(x)"): _rule(_WHY_Y, "y", "Tanh"),
    Key("ReLU.forward", _RAN, "self.mask = x > 0"): _rule(
        _N("words", "Why keep the mask?"), "mask"
    ),
    Key(f"{_LOSS}.forward", _RAN, "self.t = class_numbers(t, z)"): _rule(
        _N("words", "Why keep t?"), "t"
    ),
    Key(f"{_LOSS}.forward", _RAN, "self.y = e / total"): _rule(_WHY_Y, "y", _LOSS),
}
