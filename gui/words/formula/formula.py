"""A formula: MathML, and what each of its symbols stands for."""

from __future__ import annotations

from dataclasses import dataclass

from engine.debug.events import Span

RUNNING = "running"  # the id of the MathML element that the stop has computed
RESULT = -1  # the operand's number of what the operation has computed


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol of a formula.

    Attributes:
        id: of its MathML element.
        text: as it is written: the source's name without `self.`, or its place, if it has no name
            ("Affine1's output").
        source: its text in the source (`self.W`); "" if it has none.
        shape: of its array; None for a number, or where it is not known.
        operand: its number among the operands of the stop's operation, `RESULT`, or None if it is
            another part of the line.
        span: its place in the source, or None.
        match: the axes that must agree with those of another symbol.
    """

    id: str
    text: str
    source: str = ""
    shape: tuple[int, ...] | None = None
    operand: int | None = None
    span: Span | None = None
    match: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula.

    Attributes:
        mathml: a `<math>` element; the part that runs now has the id `RUNNING`.
        symbols: in the order in which they are written.
    """

    mathml: str
    symbols: tuple[Symbol, ...] = ()
