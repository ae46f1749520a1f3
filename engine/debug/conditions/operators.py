"""The operators and brackets of an expression, each with a check of its cost beforehand.

Python's and numpy's own operators do the work. The cost of a result is first estimated from the
operands. Operands are refused if an operator could mean something other than arithmetic for them.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from engine.debug.conditions.costs import CostUnit, Meter
from engine.debug.conditions.values import (
    SCALARS,
    SEQUENCES,
    Opaque,
    as_seen,
    copied,
    numbers,
    refuse,
    truth,
    words_for,
)

Array = np.ndarray[Any, Any]
Two = Callable[[Any, Any], Any]

BINARY: Mapping[type[ast.operator], tuple[str, Two]] = {
    ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv), ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod), ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul), ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift), ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_), ast.BitXor: ("^", operator.xor),
}  # fmt: skip
UNARY: Mapping[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.UAdd: ("+", operator.pos), ast.USub: ("-", operator.neg),
    ast.Invert: ("~", operator.invert), ast.Not: ("not", operator.not_),
}  # fmt: skip
COMPARISONS: Mapping[type[ast.cmpop], tuple[str, Two]] = {
    ast.Eq: ("==", operator.eq), ast.NotEq: ("!=", operator.ne), ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le), ast.Gt: (">", operator.gt), ast.GtE: (">=", operator.ge),
    ast.Is: ("is", operator.is_), ast.IsNot: ("is not", operator.is_not),
    ast.In: ("in", lambda one, many: one in many),
    ast.NotIn: ("not in", lambda one, many: one not in many),
}  # fmt: skip
_EQUALITY = (ast.Eq, ast.NotEq)
_CONVERSION = re.compile(r"%(\()?[-#0 +]*(\*|\d*)(?:\.(\*|\d*))?[hlL]?(.?)", re.DOTALL)
_QUICK = "fdFD"  # the dtypes whose products BLAS computes
_SLOWER = 30  # products of other dtypes take so many times as long
_SMALL = 2**15  # bytes; smaller arrays are not charged


# Operators


def compute_binary(op: type[ast.operator], left: Any, right: Any, meter: Meter) -> Any:
    """Compute `left op right`; raises NotForExpressions or TooMuch before it computes."""
    sign, function = BINARY[op]
    if type(left) in SCALARS and type(right) in SCALARS:
        if isinstance(left, int) and isinstance(right, int):
            _charge_bits(op, sign, left, right, meter)
        return function(left, right)
    if op is ast.Mod and isinstance(left, str):
        return _formatted(left, right, meter)
    if isinstance(left, SEQUENCES) and type(left) is type(right) and op is ast.Add:
        meter.take(sign, len(left) + len(right), CostUnit.ITEMS)
        return function(left, right)
    if op is ast.Mult:
        for items, times in ((left, right), (right, left)):
            if isinstance(items, SEQUENCES) and isinstance(times, (int, np.integer)):
                count = max(int(times), 0)
                meter.take(sign, len(items) * count, CostUnit.ITEMS)
                return items * count
    if not (_has_array(left) or _has_array(right)):
        _refuse_between(sign, left, right)
    one, other = numbers(left, sign, meter), numbers(right, sign, meter)
    if one is None or other is None:
        _refuse_between(sign, left, right)
    if op is ast.MatMult:
        _charge_product(one, other, meter)
    else:
        charge_array(sign, size_together(one, other), _itemsize(one, other), meter)
    return function(one, other)


def compute_unary(op: type[ast.unaryop], value: Any, meter: Meter) -> Any:
    """Compute `op value`, as `compute_binary` does."""
    sign, function = UNARY[op]
    if op is ast.Not:
        return not truth(value)
    if type(value) in SCALARS:
        if isinstance(value, int):
            meter.take(sign, value.bit_length(), CostUnit.BITS)
            value = int(value)  # Python warns of ~True
        return function(value)
    array = numbers(value, sign, meter) if isinstance(value, np.ndarray) else None
    if array is None:
        refuse(f"{sign} does not work on {words_for(value)}")
    charge_array(sign, array.size, array.itemsize, meter)
    return function(array)


def compute_comparison(op: type[ast.cmpop], left: Any, right: Any, meter: Meter) -> Any:
    """Compute a comparison, as `compute_binary` does."""
    sign, function = COMPARISONS[op]
    identity = op is ast.Is or op is ast.IsNot
    if type(left) in SCALARS and type(right) in SCALARS and not identity:
        return function(left, right)
    if identity:
        if not any(side is None or side is True or side is False for side in (left, right)):
            refuse(f"`{sign}` needs None, True or False here, since arrays are seen as views")
        return function(left, right)
    for value in (left, right):
        if isinstance(value, Opaque):
            refuse(f"{sign} does not work on {words_for(value)}")
    if op in (ast.In, ast.NotIn):
        return _is_in(left, right, meter) is (op is ast.In)
    if isinstance(left, np.dtype) or isinstance(right, np.dtype):
        return _compare_kinds(op, left, right)
    if _has_array(left) or _has_array(right):
        return _compare_arrays(op, left, right, meter)
    return function(copied(left, sign, meter), copied(right, sign, meter))


def _has_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic))


def _refuse_between(sign: str, left: Any, right: Any) -> NoReturn:
    refuse(f"{sign} does not work between {words_for(left)} and {words_for(right)}")


def _charge_bits(op: type[ast.operator], sign: str, left: int, right: int, meter: Meter) -> None:
    one, other = left.bit_length(), right.bit_length()
    if op is ast.Pow:
        if right > 0 and one > 1:
            sign = f"{sign} with this exponent"
            exact = right.bit_length() < 40  # else a lower bound
            bits = int(right * math.log2(abs(left))) + 1 if exact else right * (one - 1)
        else:
            bits = 1
    elif op is ast.Mult:
        bits = one + other - 1
    elif op is ast.LShift:
        bits = one + max(right, 0) if left else 0
    else:
        bits = max(one, other)
    meter.take(sign, bits, CostUnit.BITS)


def size_together(one: Any, other: Any) -> int:
    """The number of elements of two operands broadcast against each other."""
    try:
        return int(math.prod(np.broadcast_shapes(np.shape(one), np.shape(other))))
    except ValueError:
        return 0  # the operation itself raises


def _itemsize(one: Any, other: Any) -> int:
    """Bytes of an element of the result; for integers, those of a quotient."""
    try:
        kind = np.result_type(one, other)
    except TypeError:
        return 16  # the operation itself raises
    return int(kind.itemsize) if kind.kind in "fc" else max(8, int(kind.itemsize))


def charge_array(operation: str, size: int, itemsize: int, meter: Meter) -> None:
    """Charge an array that is about to be made."""
    if size * itemsize > _SMALL:
        meter.take(operation, size * itemsize, CostUnit.BYTES)


def _charge_product(left: Any, right: Any, meter: Meter) -> None:
    """Charge a matrix product. BLAS computes some dtypes; numpy's own loops are far slower."""
    if not np.ndim(left) or not np.ndim(right):
        return  # not a product: the operation itself raises
    rows = left.shape[:-1] if left.ndim > 1 else ()
    columns = (*right.shape[:-2], right.shape[-1]) if right.ndim > 1 else ()
    try:
        batches = math.prod(np.broadcast_shapes(rows[:-1], columns[:-1]))
    except ValueError:
        return
    size = batches * math.prod(rows[-1:]) * math.prod(columns[-1:])
    charge_array("@", size, _itemsize(left, right), meter)
    each = 1 if np.result_type(left, right).char in _QUICK else _SLOWER
    meter.take("@", size * left.shape[-1] * each, CostUnit.MULTIPLICATIONS)


def _formatted(text: str, values: Any, meter: Meter) -> str:
    """`text % values`, where the values are numbers and text."""
    given = values if isinstance(values, tuple) else (values,)
    length = len(_CONVERSION.sub("", text))
    for key, width, precision, _ in _CONVERSION.findall(text):
        if key or "*" in (width, precision):
            refuse("% takes widths as figures, and values by position")
        length += sum(_figures(figures) for figures in (width, precision))
    for value in given:
        if type(value) not in SCALARS and not isinstance(value, str):
            refuse(f"% formats numbers and text, not {words_for(value)}")
        length += len(value) if isinstance(value, str) else 0
        if isinstance(value, int):
            meter.take("%", value.bit_length(), CostUnit.BITS)
    meter.take("%", length, CostUnit.CHARACTERS)
    made: str = text % values
    meter.take("%", len(made), CostUnit.CHARACTERS)
    return made


def _figures(text: str) -> int:
    """A width that is written in a format; one of very many figures is as good as any."""
    return int(text[:20]) if text else 0


# Comparisons


def _compare_kinds(op: type[ast.cmpop], left: Any, right: Any) -> bool:
    """A dtype, and another or the name of one; numpy would warn of some names."""
    sign, function = COMPARISONS[op]
    if op not in _EQUALITY:
        _refuse_between(sign, left, right)
    if isinstance(left, np.dtype) and isinstance(right, np.dtype):
        return bool(function(left, right))
    kind, name = (left, right) if isinstance(left, np.dtype) else (right, left)
    same = isinstance(name, str) and name in (kind.name, kind.str, kind.str[1:], kind.char)
    return same is (op is ast.Eq)


def _compare_arrays(op: type[ast.cmpop], left: Any, right: Any, meter: Meter) -> Any:
    sign, function = COMPARISONS[op]
    one, other = numbers(left, sign, meter), numbers(right, sign, meter)
    for array, beside in ((one, right), (other, left)):
        if array is not None and op in _EQUALITY and type(beside) in (str, bytes, type(None)):
            return np.full(np.shape(array), op is ast.NotEq)
    if one is None and other is None:
        one, other = _text_of(left), _text_of(right)
    if one is None or other is None:
        _refuse_between(sign, left, right)
    charge_array(sign, size_together(one, other), 1, meter)
    return function(one, other)


def _text_of(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "SU" else None
    return value if isinstance(value, (str, bytes)) else None


def _is_in(item: Any, many: Any, meter: Meter) -> bool:
    if isinstance(many, np.ndarray):
        return bool(np.any(compute_comparison(ast.Eq, many, item, meter)))
    if isinstance(many, (dict, set, frozenset)):
        return copied(item, "in", meter) in many
    if isinstance(many, (list, tuple, range)):
        return copied(item, "in", meter) in copied(many, "in", meter)
    if isinstance(many, (str, bytes)) and type(item) is type(many):
        return operator.contains(many, item)
    refuse(f"{words_for(item)} cannot be in {words_for(many)}")


# Brackets


def read_item(value: Any, index: Any, meter: Meter) -> Any:
    """Compute `value[index]`, as `compute_binary` does."""
    if isinstance(value, (np.ndarray, np.generic)):
        return as_seen(_cells(value, index, meter))
    if isinstance(value, dict):
        key = copied(index, "[]", meter)
        if key not in value:
            keys = [str(key)[:40] for key in list(value)[:12] if type(key) in (str, int)]
            refuse(f"it has no key {index!r:.60}; its keys are: {', '.join(keys) or 'none'}")
        return as_seen(value[key])
    if not isinstance(value, (*SEQUENCES, range)):
        refuse(f"{words_for(value)} has no items for [ ]")
    if isinstance(index, slice):
        meter.take("[ ]", len(range(*index.indices(len(value)))), CostUnit.ITEMS)
        return value[index]
    if not isinstance(index, (int, np.integer)):
        refuse(f"the index of {words_for(value)} must be a number, not {words_for(index)}")
    return as_seen(value[int(index)])


def _cells(array: Any, index: Any, meter: Meter) -> Any:
    if isinstance(index, str):
        return array[index]  # a field
    wanted: list[Any] = []
    single: list[Any] = []  # the same with only the first of each index array, which gives a view
    shapes: list[tuple[int, ...]] = []
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, (bool, np.bool_, list, np.ndarray)):
            where = _index_array(part, meter)
            is_mask = where.dtype.kind == "b"
            shapes.append((int(np.count_nonzero(where)),) if is_mask else where.shape)
            single += [slice(0, 1)] * (where.ndim if is_mask else 1)
            wanted.append(where)
        elif part is None or isinstance(part, (int, np.integer, slice, type(...))):
            wanted.append(part)
            single.append(part)
        else:
            refuse(f"[ ] takes whole numbers and slices, not {words_for(part)}")
    if shapes:
        left = np.asarray(array)[tuple(single)].size
        try:
            left *= math.prod(np.broadcast_shapes(*shapes))
        except ValueError:
            left = 0  # the operation itself raises
        charge_array("[ ]", left, array.itemsize, meter)
    return array[tuple(wanted)]


def _index_array(part: Any, meter: Meter) -> Array:
    if isinstance(part, list) and not part:
        return np.zeros(0, np.intp)
    where = numbers(part, "[ ]", meter)
    if where is None or np.asarray(where).dtype.kind not in "biu":
        refuse(f"[ ] takes whole numbers and slices, not {words_for(part)}")
    return np.asarray(where)
