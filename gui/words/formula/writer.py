"""Writes an expression of the source as a formula.

Each part is written inside out and carries how tightly it binds, so that parentheses stand where
they are needed: in `1 - y`, not in a fraction. What has no form of its own is written as the code.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from engine.debug.events import Span
from engine.debug.record.syntax import span_of, text_of
from gui.words.formula.calls import CallWriter
from gui.words.formula.names import Around, constant
from gui.words.formula.pieces import (
    BESIDE,
    COMMA,
    Piece,
    Rank,
    at_least,
    fenced,
    fraction,
    indexed,
    numeral,
    raised,
    row,
    running,
    sign,
    spoken,
    tight,
    upright,
    words,
)
from gui.words.formula.scope import Scope, Sort

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "≠", ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥",
    ast.In: "∈", ast.NotIn: "∉",
}  # fmt: skip
_BITS: Mapping[type[ast.operator], str] = {
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_HIGHEST = 3  # lines; a fraction of as many is written with ÷
_MINUS = "−"


class Writer(CallWriter):
    """Writes expressions; the innermost piece that has the running part in it is marked."""

    def __init__(self, scope: Scope, around: Around, runs: Span | None) -> None:
        super().__init__(scope, around)
        self._runs = runs
        self.is_marked = False

    def write(self, node: ast.expr) -> Piece:
        """An expression as a piece of the formula."""
        piece = self._form(node)
        if self._runs is None or self.is_marked or not _is_within(self._runs, span_of(node)):
            return piece
        self.is_marked = True
        return running(piece)

    def _form(self, node: ast.expr) -> Piece:
        if self.is_symbol(node) or (isinstance(node, ast.Attribute) and node.attr == "T"):
            return self._named_or_transposed(node)
        match node:
            case ast.Constant():
                return constant(node)
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(op, left, right)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.Call():
                return self.call(node)
            case ast.Subscript(value=base, slice=index):
                return indexed(at_least(self.write(base), Rank.ATOM), self.index(index))
            case ast.Attribute(value=base, attr=name):
                return row([at_least(self.write(base), Rank.ATOM), words(f".{name}")], Rank.ATOM)
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp() | ast.IfExp():
                return self._choice(node)
            case ast.Tuple() | ast.List():
                return self._list(node)
            case ast.GeneratorExp(elt=part, generators=[loop]) if not loop.ifs:
                return self._generator(part, loop)
        return words(text_of(node))

    def _named_or_transposed(self, node: ast.expr) -> Piece:
        if isinstance(node, ast.Attribute) and node.attr == "T" and not self.is_symbol(node.value):
            return raised(at_least(self.write(node.value), Rank.ATOM), upright("T"))
        return self.symbol(node)

    # Arithmetic ----------------------------------------------------------------------------------

    def binary(self, op: ast.operator, left: ast.expr, right: ast.expr) -> Piece:
        """The arithmetic of two expressions."""
        if isinstance(op, ast.Div):
            return self._quotient(left, right)
        if isinstance(op, ast.Pow):
            base = at_least(self.write(left), Rank.ATOM)
            with self.in_small():
                return raised(base, self.write(right))
        return self.joined(op, self.write(left), self.write(right), self.times(left, right))

    def joined(self, op: ast.operator, left: Piece, right: Piece, times: str) -> Piece:
        """Two pieces with the sign of their arithmetic between them."""
        match op:
            case ast.Add() | ast.Sub():
                plus = sign("+" if isinstance(op, ast.Add) else _MINUS)
                first, last = at_least(left, Rank.SUM), at_least(right, Rank.PREFIX)
                return row([first, plus, last], Rank.SUM)
            case ast.MatMult():
                return self._product(left, right)
            case ast.Mult():
                return self._factors(left, sign(times), right)
            case ast.Div():
                if left.lines + right.lines < _HIGHEST:
                    return fraction(left, right)
                return self._factors(left, sign("÷"), right)
            case ast.Mod():
                return self._factors(left, spoken("mod"), right)
            case ast.FloorDiv():
                return fenced(self._factors(left, sign("÷"), right), "⌊", "⌋")
            case ast.Pow():
                return raised(at_least(left, Rank.ATOM), right)
        first, last = at_least(left, Rank.SUM), at_least(right, Rank.SUM)
        return row([first, sign(_BITS[type(op)]), last], Rank.BITS)

    def times(self, left: ast.expr, right: ast.expr) -> str:
        """The sign of a product by cells: ⊙ of two arrays, · with a number."""
        sorts = {self.scope.sort(left), self.scope.sort(right)}
        if Sort.NUMBER in sorts:
            return "·"
        return "⊙" if sorts == {Sort.ARRAY} else "×"

    def _factors(self, left: Piece, between: str, right: Piece) -> Piece:
        first = left if left.rank is Rank.NEGATIVE else at_least(left, Rank.PRODUCT)
        last = right if right.rank is Rank.PREFIX else at_least(right, Rank.POWER)
        ends = (first.rank, last.rank)
        rank = next((r for r in (Rank.NEGATIVE, Rank.PREFIX) if r in ends), Rank.PRODUCT)
        return row([first, between, last], rank)

    def _product(self, left: Piece, right: Piece) -> Piece:
        """A matrix product: its factors beside each other, with a dot beside a call or index."""
        self._match(left.symbol, right.symbol)
        first, last = at_least(left, Rank.PRODUCT), at_least(right, Rank.POWER)
        between = BESIDE if left.symbol >= 0 and right.symbol >= 0 else sign("·")
        return row([first, between, last], Rank.PRODUCT)

    def _match(self, left: int, right: int) -> None:
        """Note the axes of two symbols that must agree in their product."""
        if left < 0 or right < 0:
            return
        shapes = self.symbols[left].shape, self.symbols[right].shape
        if not shapes[0] or not shapes[1]:
            return
        axes = len(shapes[0]) - 1, max(len(shapes[1]) - 2, 0)
        for place, axis in zip((left, right), axes, strict=True):
            self.symbols[place] = replace(self.symbols[place], match=(axis,))

    def _quotient(self, left: ast.expr, right: ast.expr) -> Piece:
        above, below = self.write(left), self.write(right)
        if above.lines + below.lines < _HIGHEST:
            return fraction(above, below)
        if above.rank in (Rank.PREFIX, Rank.NEGATIVE) and below.lines == 1:
            share = fraction(numeral("1"), below)
            return row([share, BESIDE, at_least(above, Rank.PREFIX)], Rank.PREFIX)
        return self._factors(above, sign("÷"), below)

    def _unary(self, node: ast.UnaryOp) -> Piece:
        operand = self.write(node.operand)
        match node.op:
            case ast.USub():
                if isinstance(node.operand, ast.Constant):
                    return row([tight(_MINUS), operand], Rank.NEGATIVE)
                return row([tight(_MINUS), at_least(operand, Rank.PREFIX)], Rank.NEGATIVE)
            case ast.UAdd():
                return row([tight("+"), at_least(operand, Rank.PREFIX)], Rank.NEGATIVE)
            case ast.Not():
                return row([words("not"), BESIDE, at_least(operand, Rank.NOT)], Rank.NOT)
        return row([tight("¬"), at_least(operand, Rank.ATOM)], Rank.NEGATIVE)

    # Tests and lists -----------------------------------------------------------------------------

    def _comparison(self, node: ast.Compare) -> Piece:
        parts: list[str | Piece] = [at_least(self.write(node.left), Rank.BITS)]
        for op, other in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, (ast.Is, ast.IsNot)):
                parts.append(spoken("is" if isinstance(op, ast.Is) else "is not"))
            else:
                parts.append(sign(_COMPARISONS[type(op)]))
            parts.append(at_least(self.write(other), Rank.BITS))
        return row(parts, Rank.COMPARISON)

    def _choice(self, node: ast.BoolOp | ast.IfExp) -> Piece:
        if isinstance(node, ast.IfExp):
            parts: list[str | Piece] = [at_least(self.write(node.body), Rank.OR), spoken("if")]
            parts += [at_least(self.write(node.test), Rank.OR), spoken("else")]
            return row([*parts, self.write(node.orelse)], Rank.CHOICE)
        rank = Rank.AND if isinstance(node.op, ast.And) else Rank.OR
        parts = []
        for value in node.values:
            if parts:
                parts.append(spoken("and" if rank is Rank.AND else "or"))
            parts.append(at_least(self.write(value), Rank(rank + 2)))
        return row(parts, rank)

    def _list(self, node: ast.Tuple | ast.List) -> Piece:
        parts: list[str | Piece] = []
        for element in node.elts:
            if parts:
                parts.append(COMMA)
            parts.append(self.write(element))
        if isinstance(node, ast.Tuple) and len(parts) == 1:
            parts.append(tight(","))
        ends = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
        return fenced(row(parts, Rank.LIST), *ends)

    def _generator(self, part: ast.expr, loop: ast.comprehension) -> Piece:
        written: list[str | Piece] = [self.write(part), spoken("for"), self.write(loop.target)]
        return row([*written, spoken("in"), self.write(loop.iter)], Rank.LIST)


def _is_within(inner: Span, outer: Span) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]
