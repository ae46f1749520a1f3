"""Writes calls: the functions with a sign of their own, and any other by its name."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence

from engine.debug.record.syntax import text_of
from gui.words.formula.functions import (
    ABSOLUTE,
    ARITHMETIC,
    GREATER,
    NAMED,
    PRODUCTS,
    REARRANGING,
    REDUCTIONS,
    called,
)
from gui.words.formula.names import NameWriter
from gui.words.formula.pieces import (
    COMMA,
    THIN,
    Piece,
    Rank,
    at_least,
    call_of,
    fenced,
    identifier,
    numeral,
    over,
    raised,
    root,
    row,
    tight,
    upright,
    words,
)
from gui.words.formula.scope import Sort, shape_of

# The letter that runs over an axis, and others where the line has a variable of that name.
_AXES = ("nir", "kjc", "ip", "jq")  # n counts the images
_LONGEST_EXPONENT = 14  # letters


class CallWriter(NameWriter):
    """Writes calls."""

    @abstractmethod
    def binary(self, op: ast.operator, left: ast.expr, right: ast.expr) -> Piece:
        """The arithmetic of two expressions."""

    def call(self, node: ast.Call) -> Piece:
        """A call in the form that the field gives it, or else as a function of its arguments."""
        if self.is_symbol(node):
            return self.symbol(node)
        name, subject, arguments = called(node, self.scope.is_module)
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            return self._plain(node)
        given = arguments if subject is None else [subject, *arguments]
        if name in REDUCTIONS and self._reduces(node, given):
            return self._reduction(node, name, given)
        if node.keywords or self._is_object(subject):
            return self._plain(node)
        if name in PRODUCTS and len(given) == 2 and all(map(self._is_matrix, given)):
            return self.binary(ast.MatMult(), *given)
        if subject is None:
            found = self._function(name, given)
            if found is not None:
                return found
        return self._plain(node)

    def _is_matrix(self, node: ast.expr) -> bool:
        """Whether a node is an array for which `dot` is the product `@`."""
        shape = shape_of(self.scope.now(node))
        return self.scope.sort(node) is Sort.ARRAY if shape is None else len(shape) in (1, 2)

    def _is_object(self, subject: ast.expr | None) -> bool:
        """Whether a method belongs to an object that is no array."""
        return subject is not None and self.scope.sort(subject) in (Sort.OTHER, Sort.NUMBER)

    # Functions with a sign -----------------------------------------------------------------------

    def _function(self, name: str, given: list[ast.expr]) -> Piece | None:
        if len(given) == 2 and name in ARITHMETIC:
            return self.binary(ARITHMETIC[name](), *given)
        if len(given) == 2 and name in GREATER:
            return self._applied(upright(GREATER[name]), given)
        if len(given) != 1:
            return None
        (argument,) = given
        if name == "exp":
            return self._exponential(argument)
        if name == "sqrt":
            return root(self.write(argument))
        if name == "square":
            return raised(at_least(self.write(argument), Rank.ATOM), numeral("2"))
        if name in ABSOLUTE:
            return fenced(self.write(argument), "|", "|")
        if name == "norm":
            return fenced(self.write(argument), "‖", "‖")
        if name in NAMED:
            return self._named(NAMED[name], argument)
        return None

    def _exponential(self, argument: ast.expr) -> Piece:
        """A power of e; exp(...) for a long exponent, and where a variable is called e."""
        taken = "e" in self.around.names or "e" in self.scope.variables
        if taken or not _is_short(argument):
            return self._applied(upright("exp"), [argument])
        with self.in_small():
            return raised(upright("e"), self.write(argument))

    def _named(self, name: str, argument: ast.expr) -> Piece:
        """`log x`, `log(x + 1)`."""
        piece = self.write(argument)
        if piece.rank >= Rank.POWER:
            return row([upright(name), THIN, piece], Rank.PREFIX)
        return call_of(upright(name), piece)

    # Reductions ----------------------------------------------------------------------------------

    def _reduces(self, node: ast.Call, given: list[ast.expr]) -> bool:
        """Whether a call reduces its first argument, over axes that are written in the source."""
        subject = node.func.value if isinstance(node.func, ast.Attribute) else None
        if subject is not None and self.scope.is_module(subject):
            subject = None
        elif subject is None and not self._is_sum_of_many(node):
            return False
        if self._is_object(subject) or not 1 <= len(given) <= 2:
            return False
        return all(keyword.arg in ("axis", "keepdims") for keyword in node.keywords)

    def _is_sum_of_many(self, node: ast.Call) -> bool:
        """Whether Python's own function gets one argument, such as a generator."""
        return isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords

    def _reduction(self, node: ast.Call, name: str, given: list[ast.expr]) -> Piece:
        sign = REDUCTIONS[name]
        big = f'<mo movablelimits="false">{sign}</mo>' if sign in "∑∏" else upright(sign).xml
        if isinstance(given[0], ast.GeneratorExp) and len(given[0].generators) == 1:
            return self._over_items(big, given[0])
        axis = next((k.value for k in node.keywords if k.arg == "axis"), None)
        axis = given[1] if len(given) > 1 else axis
        body = at_least(self.write(given[0]), Rank.PREFIX)
        return over(big, self._axes(axis, given[0]), body)

    def _over_items(self, big: str, node: ast.GeneratorExp) -> Piece:
        """A reduction over what a generator gives; the loop stands beneath the sign."""
        (loop,) = node.generators
        if loop.ifs or loop.is_async:
            return over(big, None, fenced(self.write(node)))
        body = at_least(self.write(node.elt), Rank.PREFIX)
        with self.in_small():
            beneath = row([self.write(loop.target), tight(" ∈ "), self.write(loop.iter)], Rank.ATOM)
        return over(big, beneath, body)

    def _axes(self, axis: ast.expr | None, array: ast.expr) -> Piece | None:
        """The letters of the axes that a reduction runs over; None for all of them."""
        if axis is None or (isinstance(axis, ast.Constant) and axis.value is None):
            return identifier(self._letter(0)) if self._is_column(array) else None
        shape = shape_of(self.scope.now(array))
        letters = []
        for part in axis.elts if isinstance(axis, ast.Tuple) else [axis]:
            number = self.scope.now(part)
            if type(number) is int and number < 0 and shape is not None:
                number += len(shape)
            if type(number) is not int or not 0 <= number < len(_AXES):
                with self.in_small():
                    return row([words("axis"), THIN, self.write(axis)], Rank.ATOM)
            letters.append(self._letter(number))
        return identifier(", ".join(letters))

    def _letter(self, axis: int) -> str:
        free = [letter for letter in _AXES[axis] if letter not in self.around.names]
        return free[0] if free else _AXES[axis][0]

    def _is_column(self, node: ast.expr) -> bool:
        """Whether a node is one cell of each row: a vector, or `a[rows, t]`."""
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            return all(map(self._is_column, node.slice.elts))
        if isinstance(node, ast.Call):
            return called(node, self.scope.is_module)[0] == "arange"
        shape = shape_of(self.scope.now(node))
        return shape is not None and len(shape) == 1

    # Any other call ------------------------------------------------------------------------------

    def _plain(self, node: ast.Call) -> Piece:
        name, subject, _ = called(node, self.scope.is_module)
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if subject is None:
            head = self._head(node.func, name)
        elif name in REARRANGING | PRODUCTS | set(REDUCTIONS) and not self._is_object(subject):
            head, arguments = upright(name), [subject, *arguments]
        else:
            method = words(f".{name}")
            head = row([at_least(self.write(subject), Rank.ATOM), method], Rank.ATOM)
        return self._applied(head, arguments)

    def _head(self, function: ast.expr, name: str) -> Piece:
        """The name of a function, without its module's: `linalg.norm`."""
        if isinstance(function, ast.Attribute):
            return upright(text_of(function).partition(".")[2] or name)
        if isinstance(function, ast.Name):
            return upright(name)
        return at_least(self.write(function), Rank.ATOM)

    def _applied(self, head: Piece, arguments: Sequence[ast.expr | ast.keyword]) -> Piece:
        written: list[str | Piece] = []
        for argument in arguments:
            if written:
                written.append(COMMA)
            written.append(self._argument(argument))
        return call_of(head, row(written, Rank.LIST))

    def _argument(self, argument: ast.expr | ast.keyword) -> Piece:
        if isinstance(argument, ast.expr):
            return self.write(argument)
        if argument.arg is None:
            return row([tight("**"), self.write(argument.value)], Rank.ATOM)
        return row([upright(argument.arg), tight("="), self.write(argument.value)], Rank.LIST)


def _is_short(node: ast.expr) -> bool:
    """Whether an exponent can be read: no fraction, no call, a few letters."""
    high = any(isinstance(part, (ast.Div, ast.Call)) for part in ast.walk(node))
    return not high and len(text_of(node).replace("self.", "")) <= _LONGEST_EXPONENT
