"""What the names and parts of a line stand for: their values, as far as the snapshot has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Any

import numpy as np

from engine.debug.events import Span
from engine.debug.explain.operation import Operand
from engine.debug.explain.reading import is_array
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.syntax import span_of, text_of
from gui.paint.values import is_scalar
from gui.words.formula.functions import (
    CREATIONS,
    ELEMENTWISE,
    MODULES,
    PRODUCTS,
    REARRANGING,
    REDUCTIONS,
    called,
)


class Unknown(Enum):
    """The value of a part that the snapshot does not have."""

    VALUE = auto()


class Sort(Enum):
    """What a part of a line is."""

    ARRAY = auto()
    NUMBER = auto()
    OTHER = auto()
    UNKNOWN = auto()


class Scope:
    """The values of names, and what operations make of them.

    `operands` belong to the line that is written. Names in `replaced` have other values now than
    the line has read: they tell what sort of value it was, and no more.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        operands: tuple[Operand, ...] = (),
        replaced: frozenset[str] = frozenset(),
    ) -> None:
        self.variables = variables
        self._replaced = replaced
        self._operands: dict[Span, int] = {}
        self._values: list[Any] = [operand.value for operand in operands]
        for number, operand in enumerate(operands):
            if operand.span is not None:
                self._operands.setdefault(operand.span, number)

    def operand(self, node: ast.expr) -> int | None:
        """The number of the operand that a node is."""
        return self._operands.get(span_of(node))

    def variable(self, node: ast.expr) -> str:
        """The variable in scope that a node names, such as `self.W`; "" if it names none."""
        if isinstance(node, ast.Name):
            return node.id if node.id in self.variables else ""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            return name if name in self.variables else ""
        return ""

    def is_module(self, node: ast.expr) -> bool:
        """Whether a node is a module of functions: `np`, `np.linalg`."""
        if isinstance(node, ast.Attribute):
            return self.is_module(node.value)
        return isinstance(node, ast.Name) and node.id in MODULES and node.id not in self.variables

    def value(self, node: ast.expr) -> Any:
        """The value that a node had when the line ran, or `Unknown.VALUE`."""
        number = self.operand(node)
        if number is not None:
            return self._values[number]
        if self._replaced and any(text_of(n) in self._replaced for n in _names_in(node)):
            return Unknown.VALUE
        return self.now(node)

    def shape(self, node: ast.expr) -> tuple[int, ...] | None:
        """The shape of an array; None for anything else, and where the value is not known."""
        return shape_of(self.value(node))

    def now(self, node: ast.expr) -> Any:
        """The value that the variables in scope give a node, also after the line has run.

        It is the same at all stops of a line, so the line keeps its form while it runs.
        """
        if isinstance(node, ast.Constant):
            return node.value
        if name := self.variable(node):
            return self.variables[name]
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self.now(node.operand)
            return -value if type(value) in (int, float) else Unknown.VALUE
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            return self._length(node.args[0]) if node.func.id == "len" else Unknown.VALUE
        return Unknown.VALUE

    def _attribute(self, node: ast.Attribute) -> Any:
        """A size of an array; other attributes may run code."""
        base = self.now(node.value)
        if not is_array(base):
            return Unknown.VALUE
        if node.attr == "T":
            faded = isinstance(base, FadedArray)
            return replace(base, shape=base.shape[::-1]) if faded else base.T
        if node.attr == "shape":
            return tuple(base.shape)
        if node.attr == "size":
            return int(np.prod(base.shape))
        return len(base.shape) if node.attr == "ndim" else Unknown.VALUE

    def _item(self, node: ast.Subscript) -> Any:
        base, key = self.now(node.value), self.now(node.slice)
        try:
            if type(base) in (list, tuple) and type(key) is int:
                return base[key]
            if type(base) is dict and type(key) in (int, str):
                return base[key]
        except (IndexError, KeyError):
            pass
        return Unknown.VALUE

    def _length(self, node: ast.expr) -> Any:
        value = self.now(node)
        if is_array(value):
            return int(value.shape[0])
        return len(value) if type(value) in (list, tuple, dict) else Unknown.VALUE

    # Sorts ---------------------------------------------------------------------------------------

    def is_item(self, node: ast.Subscript) -> bool:
        """Whether an index takes an item out of a list or dictionary, and no cells of an array."""
        return type(self.now(node.value)) in (list, tuple, dict)

    def sort(self, node: ast.expr) -> Sort:
        """What a part of the line is, as far as that can be told without running it."""
        value = self.now(node)
        if value is not Unknown.VALUE:
            if is_array(value):
                return Sort.ARRAY
            return Sort.NUMBER if is_scalar(value) else Sort.OTHER
        match node:
            case ast.BinOp(left=left, right=right):
                return _together(self.sort(left), self.sort(right))
            case ast.UnaryOp(operand=operand):
                return self.sort(operand)
            case ast.Compare(left=left, comparators=others):
                return _together(self.sort(left), *map(self.sort, others))
            case ast.IfExp(body=body, orelse=other):
                return _together(self.sort(body), self.sort(other))
            case ast.Attribute(value=base, attr="T"):
                return self.sort(base)
            case ast.Subscript(value=base, slice=index) if self.sort(base) is Sort.ARRAY:
                return Sort.UNKNOWN if isinstance(index, ast.Constant) else Sort.ARRAY
            case ast.Call():
                return self._sort_of_call(node)
        return Sort.UNKNOWN

    def _sort_of_call(self, node: ast.Call) -> Sort:
        name, subject, arguments = called(node, self.is_module)
        given = [] if subject is None else [self.sort(subject)]
        given += [self.sort(argument) for argument in arguments]
        if name in ("len", "float", "int"):
            return Sort.NUMBER
        if name in CREATIONS:
            return Sort.ARRAY
        if name in ELEMENTWISE:
            return _together(*given)
        if name in REDUCTIONS:
            along = any(keyword.arg == "axis" for keyword in node.keywords) or len(given) > 1
            if Sort.ARRAY not in given[:1]:
                return Sort.UNKNOWN
            return Sort.ARRAY if along else Sort.NUMBER
        if name in REARRANGING or name in PRODUCTS:
            return given[0] if given else Sort.UNKNOWN
        return Sort.UNKNOWN


def _names_in(node: ast.expr) -> Iterator[ast.expr]:
    return (n for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute)))


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an array; None for anything else."""
    return tuple(int(n) for n in value.shape) if is_array(value) else None


def _together(*sorts: Sort) -> Sort:
    """What arithmetic makes of operands."""
    for sort in (Sort.ARRAY, Sort.UNKNOWN, Sort.OTHER):
        if sort in sorts:
            return Sort.UNKNOWN if sort is Sort.OTHER else sort
    return Sort.NUMBER
