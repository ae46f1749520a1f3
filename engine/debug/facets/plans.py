"""What a place in the source reads and stores: its operands, found once for each place.

An operand is a variable, or a piece of source that may report an event, or a group of operands.
The graph of a trace is built from these plans, so that no syntax is read twice.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from engine.debug.events import Kind, Span
from engine.debug.instrument.sites import SITES
from engine.debug.record.syntax import span_of, syntax_of


class Does(Enum):
    """What an expression does with its operands."""

    OPERATE = auto()  # its value is computed from all of them
    SUBSCRIPT = auto()  # the first operand is the container, the others the index
    CALL = auto()
    CHOOSE = auto()  # its value is one of them: `a or b`, `a if c else b`, `(a := b)`
    COLLECT = auto()  # its value is a container of them: a tuple, a list, a dictionary
    COMPREHEND = auto()  # its value is a list of the values of its one operand
    NOTHING = auto()  # its value depends on no data: `x.shape`, a lambda


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """A part of an expression.

    Attributes:
        name: of a variable; "" if it is none.
        span: of a piece of source that may have an event.
        base, attribute: of a stored attribute, which has no event.
        parts: of a group, such as a slice or a tuple of targets.
    """

    name: str = ""
    span: Span | None = None
    base: Operand | None = None
    attribute: str = ""
    parts: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """The plan of a place that reports an expression.

    Attributes:
        out: the operand that the call writes to (`out=`), which it does not read.
        function, method: the name of the called function; `base` is the object of a method.
        operator: the name of the arithmetic operator, or "".
        key: the constant by which an item is read, or None.
    """

    does: Does
    operands: tuple[Operand, ...] = ()
    out: Operand | None = None
    function: str = ""
    method: str = ""
    base: Operand | None = None
    operator: str = ""
    key: object = None


class Stores(Enum):
    """How a statement stores."""

    NOT = auto()
    ASSIGN = auto()
    AUGMENT = auto()
    ITERATE = auto()
    RETURN = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Where a statement stores.

    Attributes:
        name: a variable, or "".
        base: the object or container of an attribute or an item.
        attribute: the name of the attribute, or "".
        index: of an item; None if it is the constant `key`.
        whole: whether an array is overwritten as a whole: `a[...]`, `a[:]`.
        parts: of a tuple of targets.
        text: as the source writes it.
    """

    name: str = ""
    base: Operand | None = None
    attribute: str = ""
    index: Operand | None = None
    key: object = None
    whole: bool = False
    parts: tuple[Target, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """The plan of a line: what it stores where, and the syntax of its expressions by place.

    Attributes:
        counts: whether it is a loop over a `range`, whose numbers are no data.
    """

    stores: Stores
    value: Operand | None = None
    targets: tuple[Target, ...] = ()
    operator: str = ""
    nodes: dict[Span, ast.expr] = field(default_factory=dict)
    counts: bool = False


_WITHOUT_DATA = frozenset(["shape", "ndim", "size", "dtype", "nbytes", "itemsize", "strides"])
_MAKES_BY_SHAPE = frozenset(["zeros_like", "ones_like", "empty_like", "len", "isinstance",
                             "type", "id", "hasattr", "callable", "range", "print"])  # fmt: skip


def operand_of(node: ast.AST | None) -> Operand | None:
    """The operand that a node is; None for a constant."""
    if node is None or isinstance(node, ast.Constant):
        return None
    if isinstance(node, ast.Name):
        return Operand(name=node.id)
    if isinstance(node, ast.Starred):
        return operand_of(node.value)
    if isinstance(node, ast.Slice):
        return Operand(parts=_all(node.lower, node.upper, node.step))
    span = span_of(node)
    if isinstance(node, ast.Attribute):
        return Operand(span=span, base=operand_of(node.value), attribute=node.attr)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return Operand(span=span, parts=_all(*node.elts))
    return Operand(span=span)


def _all(*nodes: ast.AST | None) -> tuple[Operand, ...]:
    return tuple(found for found in map(operand_of, nodes) if found is not None)


def expression_plan(number: int, statement: Statement | None) -> Expression:
    """The plan of a place, whose syntax is best taken from its statement."""
    site = SITES[number]
    node: ast.AST | None = None
    if statement is not None:
        node = statement.nodes.get(site.span)
    if node is None:
        node = syntax_of(site)
    return _plan(node)


def _plan(node: ast.AST | None) -> Expression:
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        left = node.left if isinstance(node, ast.BinOp) else node.target
        right = node.right if isinstance(node, ast.BinOp) else node.value
        return Expression(Does.OPERATE, _all(left, right), operator=type(node.op).__name__)
    if isinstance(node, ast.UnaryOp):
        return Expression(Does.OPERATE, _all(node.operand), operator=type(node.op).__name__)
    if isinstance(node, ast.Compare):
        if any(isinstance(test, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for test in node.ops):
            return Expression(Does.NOTHING)
        return Expression(Does.OPERATE, _all(node.left, *node.comparators))
    if isinstance(node, ast.Subscript):
        base = operand_of(node.value)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return Expression(Does.SUBSCRIPT, _all(node.value, node.slice), base=base, key=key)
    if isinstance(node, ast.Call):
        return _call_plan(node)
    if isinstance(node, ast.Attribute):
        if node.attr in _WITHOUT_DATA:
            return Expression(Does.NOTHING)
        return Expression(Does.OPERATE, _all(node.value))
    if isinstance(node, ast.IfExp):
        return Expression(Does.CHOOSE, _all(node.body, node.orelse))
    if isinstance(node, ast.BoolOp):
        return Expression(Does.CHOOSE, _all(*node.values))
    if isinstance(node, ast.NamedExpr):
        return Expression(Does.CHOOSE, _all(node.value))
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return Expression(Does.COLLECT, _all(*node.elts))
    if isinstance(node, ast.Dict):
        return Expression(Does.COLLECT, _all(*node.values))
    if isinstance(node, ast.ListComp):
        return Expression(Does.COMPREHEND, _all(node.elt))
    if isinstance(node, ast.GeneratorExp):
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return Expression(Does.COLLECT, tuple(Operand(name=name) for name in sorted(names)))
    return Expression(Does.NOTHING)


def _call_plan(node: ast.Call) -> Expression:
    operands = list(_all(*node.args))
    out: Operand | None = None
    for keyword in node.keywords:
        found = operand_of(keyword.value)
        if keyword.arg == "out":
            out = found
        elif found is not None:
            operands.append(found)
    if isinstance(node.func, ast.Attribute):
        base = operand_of(node.func.value)
        name = node.func.attr
        if name in _MAKES_BY_SHAPE:
            return Expression(Does.NOTHING)
        if base is not None:
            operands.insert(0, base)
        return Expression(Does.CALL, tuple(operands), out, method=name, base=base)
    if isinstance(node.func, ast.Name):
        name = node.func.id
        if name in _MAKES_BY_SHAPE:
            return Expression(Does.NOTHING)
        return Expression(Does.CALL, tuple(operands), out, function=name)
    return Expression(Does.CALL, (*_all(node.func), *operands), out)


@lru_cache(maxsize=1 << 14)
def statement_plan(number: int) -> Statement:
    """The plan of a line."""
    tree = syntax_of(SITES[number])
    nodes: dict[Span, ast.expr] = {}
    if tree is None or SITES[number].kind is not Kind.LINE:
        return Statement(Stores.NOT)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            nodes.setdefault(span_of(node), node)
    if isinstance(tree, ast.Assign):
        targets = tuple(_target(t) for t in tree.targets)
        return Statement(Stores.ASSIGN, operand_of(tree.value), targets, "", nodes)
    if isinstance(tree, ast.AnnAssign) and tree.value is not None:
        return Statement(Stores.ASSIGN, operand_of(tree.value), (_target(tree.target),), "", nodes)
    if isinstance(tree, ast.AugAssign):
        operator = type(tree.op).__name__
        targets = (_target(tree.target),)
        return Statement(Stores.AUGMENT, operand_of(tree.value), targets, operator, nodes)
    if isinstance(tree, ast.For):
        call = tree.iter if isinstance(tree.iter, ast.Call) else None
        counts = call is not None and isinstance(call.func, ast.Name) and call.func.id == "range"
        target = _target(tree.target)
        return Statement(Stores.ITERATE, operand_of(tree.iter), (target,), "", nodes, counts)
    if isinstance(tree, ast.Return):
        return Statement(Stores.RETURN, operand_of(tree.value), (), "", nodes)
    return Statement(Stores.NOT, nodes=nodes)


def _target(node: ast.AST) -> Target:
    text = ast.unparse(node)
    if isinstance(node, ast.Name):
        return Target(name=node.id, text=text)
    if isinstance(node, ast.Starred):
        return _target(node.value)
    if isinstance(node, ast.Attribute):
        return Target(base=operand_of(node.value), attribute=node.attr, text=text)
    if isinstance(node, ast.Subscript):
        index = node.slice
        whole = (isinstance(index, ast.Constant) and index.value is ...) or (
            isinstance(index, ast.Slice) and not (index.lower or index.upper or index.step)
        )
        key = index.value if isinstance(index, ast.Constant) else None
        return Target(base=operand_of(node.value), index=operand_of(index), key=key, whole=whole,
                      text=text)  # fmt: skip
    if isinstance(node, (ast.Tuple, ast.List)):
        return Target(parts=tuple(_target(part) for part in node.elts), text=text)
    return Target(text=text)
