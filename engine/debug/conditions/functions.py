"""The functions, methods and attributes that an expression may use, in one table.

A row says which arguments a call takes and what it costs; the cost is checked before the call.
Arguments that could write (`out`), spoil the input (`overwrite_input`) or change the cost (`where`)
are in no row, so they cannot be given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.conditions.costs import CostUnit, Meter
from engine.debug.conditions.operators import ask_for_array
from engine.debug.conditions.values import NUMERIC, SCALARS, numbers, refuse, truth, words_for

Array = np.ndarray[Any, Any]
Asks = Callable[[str, Any, Mapping[str, Any], Meter], None]


@dataclass(frozen=True, slots=True)
class AllowedFunction:
    """A row of the table.

    Attributes:
        call: gets the array or number and the arguments by name; `many`: its arguments by position.
        asks: works out what a call takes, and asks for that.
        places: the arguments that may be given by position behind the array, in order.
        names: those that are given by name alone.
        needs: how many of the places have to be filled.
        is_function, is_method: whether it is called as `f(x)`, as `x.f()`.
        many: whether it takes any number of arguments, as `reshape` does.
        any_kind: whether it takes other things than numbers and arrays of them.
    """

    call: Callable[..., Any]
    asks: Asks
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    needs: int = 0
    is_function: bool = True
    is_method: bool = False
    many: bool = False
    any_kind: bool = False


# What calls take


def _for_each(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    """A result, and what is made on the way to it, for each element."""
    ask_for_array(operation, np.size(x), _itemsize(x, given), meter)


def _for_places(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _for_each(operation, x, given, meter)
    decimals = given.get("decimals")
    if isinstance(decimals, (int, np.integer)):
        meter.take(operation, abs(int(decimals)), CostUnit.PLACES)


def _for_reading(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    """What is left when some axes are gone through."""
    if given.get("dtype") is not None:
        _check_kind(operation, x, given["dtype"])
    meter.take(operation, np.size(x), CostUnit.ELEMENTS)
    ask_for_array(operation, _left_over(x, given.get("axis")), _itemsize(x, given), meter)


def _for_both(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _for_reading(operation, x, given, meter)
    _for_each(operation, x, given, meter)


def _for_percentiles(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _for_both(operation, x, given, meter)
    quantiles = numbers(given["q"], operation, meter)
    if quantiles is None:
        refuse(f"{operation} takes numbers for q, not {words_for(given['q'])}")
    size = 8 * np.size(quantiles) * _left_over(x, given.get("axis"))  # with what is on the way
    ask_for_array(operation, size, _itemsize(x, given), meter)


def _for_norm(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _for_both(operation, x, given, meter)
    order, axis = given.get("ord"), given.get("axis")
    of_matrices = np.ndim(x) == 2 if axis is None else isinstance(axis, tuple) and len(axis) == 2
    if of_matrices and (order == "nuc" or order in (2, -2)):  # by singular values
        shortest = min(np.shape(x)) if np.ndim(x) == 2 else max(np.shape(x), default=0)
        meter.take(operation, 10 * np.size(x) * shortest, CostUnit.MULTIPLICATIONS)


def _for_shape(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    """Nothing where a view will do."""
    if not x.flags.c_contiguous or given:
        _for_each(operation, x, given, meter)


def _for_nothing(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    pass


def _itemsize(x: Any, given: Mapping[str, Any]) -> int:
    """Bytes of an element of what is made of these; of integers that is a float64."""
    asked = given.get("dtype")
    least = 0 if x.dtype.kind in "fc" else 8
    return max(least, int(x.itemsize), 0 if asked is None else np.dtype(asked).itemsize)


def _left_over(x: Any, axis: Any) -> int:
    """How many elements are left; where the axes are none of the array's, the call says so."""
    shape = np.shape(x)
    if axis is None:
        return 1
    gone = {int(one) % max(len(shape), 1) for one in (axis if isinstance(axis, tuple) else (axis,))
            if isinstance(one, (int, np.integer))}  # fmt: skip
    return math.prod(length for place, length in enumerate(shape) if place not in gone)


def _check_kind(operation: str, x: Any, kind: Any) -> None:
    """A dtype in which to add up; numpy would warn of some, and of what a complex number loses."""
    known = isinstance(kind, np.dtype) or (isinstance(kind, str) and kind in _KINDS)
    if not known or np.dtype(kind).kind not in "biufc":
        refuse(f"{operation} takes a dtype such as 'float64'")
    if np.asarray(x).dtype.kind == "c" and np.dtype(kind).kind != "c":
        refuse(f"{operation} of complex numbers has no {kind}")


_KINDS = frozenset(np.dtype(kind).name for kind in "?bhilqBHILQefdgFDG") | {"int", "float", "bool"}


# What is called, where it is not numpy's function as it is


def _mean(x: Any, **given: Any) -> Any:
    return np.mean(x, **given) if _count(x, given) else _nothing(x, given)


def _median(x: Any, **given: Any) -> Any:
    return np.median(x, **given) if _count(x, given) else _nothing(x, given)


def _var(x: Any, ddof: Any = 0, **given: Any) -> Any:
    """As numpy's, which warns where there are too few to tell."""
    count = _count(x, given)
    if not count:
        return _nothing(x, given)
    if count > ddof:
        return np.var(x, ddof=ddof, **given)
    return np.asarray(np.var(x, **given)) * count / 0.0


def _std(x: Any, **given: Any) -> Any:
    few = _count(x, given) <= given.get("ddof", 0)
    return np.sqrt(_var(x, **given)) if few else np.std(x, **given)


def _count(x: Any, given: Mapping[str, Any]) -> int:
    """How many elements there are for each that is left."""
    left = _left_over(x, given.get("axis"))
    return np.size(x) // left if left else 0


def _nothing(x: Any, given: Mapping[str, Any]) -> Any:
    """NaN, as numpy says after a warning; in the shape in which a sum would be."""
    kept = {name: given[name] for name in ("axis", "keepdims") if name in given}
    return np.sum(x, **kept) * np.nan


def _one(x: Any, name: str) -> Any:
    """The number that `int` or `float` is to make one of."""
    if isinstance(x, np.ndarray) and x.size == 1 and x.dtype.kind in NUMERIC:
        x = x.item()
    if isinstance(x, (complex, np.complexfloating)) or not (
        type(x) in SCALARS or isinstance(x, (str, bytes))
    ):
        refuse(f"{name}() takes one number, not {words_for(x)}")
    return x


def _asks_for_int(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    number = x.item() if isinstance(x, np.ndarray) and x.size == 1 else x
    if isinstance(number, (str, bytes)):
        meter.take(operation, int(len(number) * math.log2(10)), CostUnit.BITS)
    elif isinstance(number, np.longdouble):  # which alone has room for so many
        meter.take(operation, int(np.frexp(number)[1]), CostUnit.BITS)


def _asks_for_float(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    if isinstance(x, (str, bytes)):
        meter.take(operation, len(x), CostUnit.CHARACTERS)


def _len(x: Any) -> int:
    if isinstance(x, np.generic) or not hasattr(type(x), "__len__"):
        refuse(f"{words_for(x)} has no len()")
    return len(x)


# The table


def _each(function: Callable[..., Any]) -> AllowedFunction:
    return AllowedFunction(function, _for_each)


def _over(
    function: Callable[..., Any], asks: Asks = _for_reading, places: tuple[str, ...] = ("axis",),
    names: tuple[str, ...] = ("keepdims",), is_function: bool = True, is_method: bool = True,
    needs: int = 0,
) -> AllowedFunction:  # fmt: skip
    return AllowedFunction(function, asks, places, names, needs, is_function, is_method)


_TYPED = ("axis", "dtype")
ALLOWED: Mapping[str, AllowedFunction] = {
    **{name: _each(getattr(np, name)) for name in (
        "abs", "exp", "isfinite", "isinf", "isnan", "log", "log10", "sign", "sqrt", "square",
    )},
    "round": AllowedFunction(np.round, _for_places, ("decimals",), is_method=True),
    "all": _over(np.all), "any": _over(np.any),
    "argmax": _over(np.argmax, _for_both), "argmin": _over(np.argmin, _for_both),
    "count_nonzero": _over(np.count_nonzero, _for_both, is_method=False),
    "max": _over(np.max, names=("keepdims", "initial")),
    "min": _over(np.min, names=("keepdims", "initial")),
    "sum": _over(np.sum, places=_TYPED, names=("keepdims", "initial")),
    "prod": _over(np.prod, places=_TYPED, names=("keepdims", "initial"), is_function=False),
    "mean": _over(_mean, places=_TYPED),
    "std": _over(_std, _for_both, _TYPED, ("ddof", "keepdims")),
    "var": _over(_var, _for_both, _TYPED, ("ddof", "keepdims")),
    "median": _over(_median, _for_both, is_method=False),
    "percentile": _over(np.percentile, _for_percentiles, ("q", "axis"), ("method", "keepdims"),
                        is_method=False, needs=1),
    "norm": _over(np.linalg.norm, _for_norm, ("ord", "axis", "keepdims"), (), is_method=False),
    "len": AllowedFunction(_len, _for_nothing, any_kind=True),
    "bool": AllowedFunction(truth, _for_nothing, any_kind=True),
    "int": AllowedFunction(lambda x: int(_one(x, "int")), _asks_for_int, any_kind=True),
    "float": AllowedFunction(lambda x: float(_one(x, "float")), _asks_for_float, any_kind=True),
    "copy": AllowedFunction(np.ndarray.copy, _for_each, is_function=False, is_method=True),
    "ravel": AllowedFunction(np.ravel, _for_shape, ("order",), is_function=False, is_method=True),
    "reshape": AllowedFunction(np.ndarray.reshape, _for_shape, (), ("order",), is_function=False,
                               is_method=True, many=True),
    "transpose": AllowedFunction(np.ndarray.transpose, _for_nothing, is_function=False,
                                 is_method=True, many=True),
}  # fmt: skip
FUNCTIONS: Mapping[str, AllowedFunction] = {
    name: one for name, one in ALLOWED.items() if one.is_function
}
METHODS: Mapping[str, AllowedFunction] = {
    name: one for name, one in ALLOWED.items() if one.is_method
}
ATTRIBUTES = frozenset(("T", "dtype", "ndim", "shape", "size", "nbytes"))


def call(name: str, x: Any, rest: list[Any], given: dict[str, Any], meter: Meter) -> Any:
    """`name(x, *rest, **given)`, where the arguments are known to fit the row of the table.

    Raises:
        NotForExpressions, TooMuch: it is nothing for such values, or would take too much.
    """
    row, operation = ALLOWED[name], f"{name}()"
    if not row.any_kind:
        found = numbers(x, operation, meter)
        if found is None:
            refuse(f"{operation} is for numbers and arrays of them, not for {words_for(x)}")
        x = np.asarray(found)
    given = {**dict(zip(row.places, rest, strict=False)), **given}
    for argument, value in given.items():
        if argument != "q":
            _check_plain(operation, argument, value)
    if row.many:
        for value in rest:
            _check_plain(operation, "a length or an axis", value)
        row.asks(operation, x, given, meter)
        return row.call(x, *rest, **given)
    row.asks(operation, x, given, meter)
    return row.call(x, **given)


def method(value: Any, name: str, rest: list[Any], given: dict[str, Any], meter: Meter) -> Any:
    """`value.name(*rest, **given)`, likewise; arrays alone have methods here."""
    if not isinstance(value, (np.ndarray, np.generic)):
        refuse(f"{words_for(value)} has no .{name}()")
    return call(name, value, rest, given, meter)


def attribute(value: Any, name: str) -> Any:
    """`value.name`, of the attributes that are allowed; arrays alone have them here."""
    if not isinstance(value, (np.ndarray, np.generic)):
        refuse(f"{words_for(value)} has no .{name}")
    return getattr(value, name)


def arguments_problem(name: str, as_method: bool, count: int, names: list[str | None]) -> str:
    """Why a call with so many arguments by position and these by name cannot be, or ""."""
    row = ALLOWED[name]
    behind = count if as_method else count - 1
    known = row.places + row.names
    for one in names:
        if one not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes the array alone"
            return f"{name}() takes no {one or '**'} here; {takes}"
    if behind < 0:
        return f"{name}() is called with an array or a number"
    if behind > len(row.places) and not row.many:
        most = len(row.places) + (not as_method)
        takes = f"{most} argument{'s' if most != 1 else ''}"
        return f"{name}() takes {takes} by position, and here are {count}"
    twice = set(row.places[:behind]) & set(names)
    if twice or len(set(names)) < len(names):
        return f"{name}() is given {', '.join(sorted(map(str, twice or names)))} twice"
    missing = [one for one in row.places[: row.needs] if one not in (*row.places[:behind], *names)]
    return f"{name}() needs {', '.join(missing)}" if missing else ""


def _check_plain(operation: str, argument: str, value: Any) -> None:
    """An argument beside the array: a number, a word, None, or a tuple of numbers."""
    items = value if isinstance(value, tuple) else (value,)
    for one in items:
        if not (type(one) in SCALARS or isinstance(one, (str, np.dtype, type(None)))):
            refuse(f"{operation} takes a number or a word for {argument}, not {words_for(one)}")
