"""The symbols of a formula: how names, items and indices are written, and what is known of them."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from engine.debug.record.syntax import span_of, text_of
from gui.dialogs.wording import to_translate
from gui.paint.values import is_scalar
from gui.words.formula.formula import RESULT, Symbol
from gui.words.formula.pieces import (
    COMMA,
    Piece,
    Rank,
    at_least,
    call_of,
    identifier,
    indexed,
    numeral,
    raised,
    row,
    tight,
    upright,
    words,
)
from gui.words.formula.roles import Place
from gui.words.formula.scope import Scope, Unknown, shape_of
from gui.words.saying import number, say

_N = to_translate
_SELF = re.compile(r"\bself\.")


@dataclass(frozen=True, slots=True)
class Around:
    """Where a line runs.

    Attributes:
        owner: its layer, or the class of the object whose method it is, or "".
        names: of the line's local variables.
        roles: by variable, its layer and what it is to the layer.
    """

    owner: str = ""
    names: frozenset[str] = frozenset()
    roles: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class NameWriter(ABC):
    """Writes names, and collects the symbols."""

    def __init__(self, scope: Scope, around: Around) -> None:
        self.scope = scope
        self.around = around
        self.symbols: list[Symbol] = []
        self._labelled = True

    @abstractmethod
    def write(self, node: ast.expr) -> Piece:
        """An expression as a piece of the formula."""

    @contextmanager
    def in_small(self) -> Iterator[None]:
        """Symbols in an index or exponent have no room for a label."""
        before, self._labelled = self._labelled, False
        try:
            yield
        finally:
            self._labelled = before

    # Symbols -------------------------------------------------------------------------------------

    def is_symbol(self, node: ast.expr) -> bool:
        """Whether a node is written as one symbol: a name, an attribute, an item, a length."""
        if isinstance(node, ast.Attribute):
            return node.attr != "T" and self.is_symbol(node.value)
        if isinstance(node, ast.Subscript):
            return self.is_symbol(node.value) and self.scope.is_item(node)
        if isinstance(node, ast.Call):
            length = isinstance(node.func, ast.Name) and node.func.id == "len"
            return length and len(node.args) == 1 and self.is_symbol(node.args[0])
        return isinstance(node, ast.Name)

    def symbol(self, node: ast.expr) -> Piece:
        """A symbol, or a transposed symbol, that the line reads."""
        return self._noted(node, self.scope.value(node), self.scope.operand(node))

    def target(self, node: ast.expr, value: Any, is_result: bool) -> Piece:
        """A symbol into which the line stores: its value, if it is there."""
        return self._noted(node, value, RESULT if is_result else None)

    def _noted(self, node: ast.expr, value: Any, operand: int | None) -> Piece:
        place = len(self.symbols)
        id = f"s{place}"
        known = value is not Unknown.VALUE and is_scalar(value) and not isinstance(value, str)
        base = node.value if _is_transposed(node) else node
        variable = self.scope.variable(base)
        layer, role = self.around.roles.get(text_of(base), ("", ""))
        if self._is_ambiguous(base):
            role = ""  # `self.x = x` has two names, and the notation one
        while not variable and isinstance(base, (ast.Attribute, ast.Subscript)):
            base = base.value
            variable = self.scope.variable(base)
        self.symbols.append(
            Symbol(
                id,
                self.text(node),
                text_of(node),
                shape_of(value),
                operand,
                span_of(node),
                number=number(value) if known and operand != RESULT else "",
                variable=variable,
                layer=layer,
                role=role,
                labelled=self._labelled,
            )
        )
        return replace(self._drawn(node, id), symbol=place)

    def place(self, where: Place, value: Any, is_result: bool) -> Piece:
        """A place in words, for a result that has no name."""
        id = f"s{len(self.symbols)}"
        self.symbols.append(
            Symbol(
                id,
                where.text,
                shape=shape_of(value),
                operand=RESULT if is_result else None,
                layer=where.layer,
                role=where.role,
            )
        )
        return words(where.text, id)

    def text(self, node: ast.expr) -> str:
        """A symbol's text: the source without `self.`; the layer says which of two is meant."""
        if _is_transposed(node):
            return f"{self.text(node.value)}ᵀ"
        text = text_of(node)
        if not self._is_ambiguous(node):
            return _SELF.sub("", text)
        if not self.around.owner:
            return text
        name = _SELF.sub("", text)
        return say(_N("words", "{owner}'s {name}"), owner=self.around.owner, name=name)

    def _is_ambiguous(self, node: ast.expr) -> bool:
        """Whether the line has a local variable of the same name as an attribute of `self`."""
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            if isinstance(node, ast.Attribute) and _is_own(node):
                return node.attr in self.around.names
            node = node.value
        return False

    def _drawn(self, node: ast.expr, id: str = "") -> Piece:
        """A symbol as it looks."""
        if _is_transposed(node):
            base = at_least(self._drawn(node.value), Rank.ATOM)
            return raised(base, upright("T"), id)
        if isinstance(node, ast.Subscript) and not _is_size(node):
            return indexed(self._drawn(node.value), self.index(node.slice), id)
        if isinstance(node, ast.Call):
            return call_of(upright("len"), self._drawn(node.args[0]), id)
        text = self.text(node)
        return words(text, id) if " " in text or "(" in text else identifier(text, id)

    # Indices -------------------------------------------------------------------------------------

    def index(self, node: ast.expr) -> Piece:
        """What stands between the brackets, as an index."""
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        with self.in_small():
            written: list[str | Piece] = []
            for part in parts:
                if written:
                    written.append(COMMA)
                written.append(self._index_part(part))
        if len(written) == 1 and isinstance(written[0], Piece):
            return written[0]
        return row(written, Rank.ATOM)

    def _index_part(self, node: ast.expr) -> Piece:
        if isinstance(node, ast.Slice):
            ends = [node.lower, node.upper, *([node.step] if node.step else [])]
            parts: list[str | Piece] = []
            for place, end in enumerate(ends):
                if place:
                    parts.append(tight(":"))
                if end is not None:
                    parts.append(self.write(end))
            return row(parts, Rank.ATOM)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return words(node.value or "''")
        return self.write(node)


def is_everything(node: ast.expr) -> bool:
    """Whether an index means all cells: `[:]`, `[...]`."""
    if isinstance(node, ast.Slice):
        return node.lower is None and node.upper is None and node.step is None
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def constant(node: ast.Constant) -> Piece:
    """A constant as it is written in the source, with the minus of the field."""
    if node.value is Ellipsis:
        return upright("…")
    if isinstance(node.value, (bool, str, bytes)) or node.value is None:
        return words(text_of(node))
    return numeral(text_of(node).replace("-", "−"))


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _is_size(node: ast.Subscript) -> bool:
    """Whether a node is an item of a shape, such as `x.shape[0]`."""
    return isinstance(node.value, ast.Attribute) and node.value.attr == "shape"


def _is_transposed(node: ast.expr) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr == "T"
