"""A derivation as a table: each line has templates, and what the numbers in them must equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gui.dialogs.wording import to_translate
from gui.paint.values import MINUS, number_text
from gui.words.entry import Key
from gui.words.saying import number, say, whole
from gui.words.why.derivation import Claim, Derivation, Step, Trial
from gui.words.why.evidence import Array, Evidence

_N = to_translate
_ROUNDING = 1e-5  # of the magnitudes that were added: float32 has 7 digits
Facts = Mapping[str, Any]


class Equal(NamedTuple):
    """A number of a line, computed in another way.

    Attributes:
        name: of the number among the facts.
        value: what it must equal.
        scale: the sum of the magnitudes that were added, where they may cancel.
        tolerance: of what is equal in the limit only.
    """

    name: str
    value: float
    scale: float = 0.0
    tolerance: float = _ROUNDING


class Same(NamedTuple):
    """Two arrays that must be equal, cell by cell."""

    left: Array
    right: Array


class Line(NamedTuple):
    """A step: templates over the facts, and what makes it true."""

    words: str
    numbers: str = ""
    about: str = ""
    true: tuple[Equal | Same, ...] = ()
    term: int | None = None


def prove(lines: Sequence[Line], *true: tuple[Equal | Same, ...]) -> tuple[Line, ...]:
    """The lines of a table, each with what makes it true."""
    return tuple(line._replace(true=part) for line, part in zip(lines, true, strict=True))


class Reason(NamedTuple):
    """A derivation as its function gives it, without its title."""

    about: str
    facts: Facts
    lines: Iterable[Line]
    trial: Trial | None = None


class Rule(NamedTuple):
    """The derivation of a place in the source: a title, and what makes the rest."""

    title: str
    make: Callable[[Evidence], Reason]


Rules = Mapping[Key, Rule]


def derived(title: str, reason: Reason) -> Derivation:
    """A derivation from its table."""
    texts = {name: _text(value) for name, value in reason.facts.items()}
    steps = tuple(_step(line, reason.facts, texts) for line in reason.lines)
    return Derivation(title, say(reason.about, **texts), steps, reason.trial)


def _step(line: Line, facts: Facts, texts: Mapping[str, object]) -> Step:
    return Step(
        say(line.words, **texts),
        say(line.numbers, **texts) if line.numbers else "",
        say(line.about, **texts) if line.about else "",
        tuple(_claim(part, facts) for part in line.true),
        line.term,
    )


def _claim(part: Equal | Same, facts: Facts) -> Claim:
    if isinstance(part, Same):
        if part.left.shape != part.right.shape:
            raise ValueError(f"{part.left.shape} is not {part.right.shape}")
        size = float(np.linalg.norm(part.right))
        apart = float(np.linalg.norm(part.left - part.right))
        return Claim(size, size + apart, _ROUNDING)
    shown = float(facts[part.name])
    magnitude = max(abs(shown), abs(part.value))
    widened = _ROUNDING * part.scale / magnitude if magnitude else 0.0
    return Claim(shown, part.value, max(part.tolerance, widened))


class _Number:
    """A number in a template.

    `{x:()}` puts it between parentheses if it is below 0; `{x:4}` and `{x:4()}` give it four
    digits, so that a reader's own logarithm or difference is the one that is shown.
    """

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __format__(self, spec: str, /) -> str:
        digits = spec.removesuffix("()")
        text = number_text(float(self._value), int(digits)) if digits else number(self._value)
        return f"({text})" if spec.endswith("()") and text.startswith(MINUS) else text


def _text(value: Any) -> str | _Number:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "({})".format(", ".join(map(str, value)) + ("," if len(value) == 1 else ""))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return _Number(value)


def counted(n: int) -> str:
    """A count of many: "39,200"."""
    return whole(n)


def sum_text(values: Array, total: float, order: Iterable[int]) -> str:
    """A sum by its largest terms: "0.00217 + 0.00180 + … = 0.0103"."""
    shown = [float(values[i]) for i in order][:2]
    text = number(shown[0])
    for value in shown[1:]:
        text += f" {MINUS if value < 0 else '+'} {number(abs(value))}"
    rest = " + …" if len(values) > len(shown) else ""
    return f"{text}{rest} = {number(total)}"
