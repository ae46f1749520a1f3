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
        number: what is written where a shape stands, if it is a number: "0.5"; else "".
        variable: the variable in scope that it names (`self.x` of `self.x.T`); "" if it names none.
        layer: the layer to which it belongs, or "".
        role: what it is to that layer: "W", "b", "dW", "db", "x", "output", "dout", "dx"; else "".
        labelled: whether there is room for a shape or number at it: not in an index or exponent.
    """

    id: str
    text: str
    source: str = ""
    shape: tuple[int, ...] | None = None
    operand: int | None = None
    span: Span | None = None
    match: tuple[int, ...] = ()
    number: str = ""
    variable: str = ""
    layer: str = ""
    role: str = ""
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula.

    Attributes:
        mathml: a `<math>` element; the part that runs now has the id `RUNNING`.
        symbols: in the order in which they are written.
    """

    mathml: str
    symbols: tuple[Symbol, ...] = ()
