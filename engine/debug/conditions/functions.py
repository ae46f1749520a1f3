"""The functions, methods and attributes that an expression may use, in one table.

A row lists the arguments of a call and computes its cost; the cost is checked before the call.
Arguments that could write (`out`), overwrite the input (`overwrite_input`) or change the cost
(`where`) are in no row, so they cannot be given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.conditions.costs import CostUnit, Meter
from engine.debug.conditions.operators import charge_array
from engine.debug.conditions.values import NUMERIC, SCALARS, numbers, refuse, truth, words_for

Array = np.ndarray[Any, Any]
Charge = Callable[[str, Any, Mapping[str, Any], Meter], None]


@dataclass(frozen=True, slots=True)
class AllowedFunction:
    """A row of the table.

    Attributes:
        call: the function; it gets the array or number, and the other arguments by name (with
            `many`, by position).
        charge: computes the cost of a call and charges it to the meter.
        places: the arguments that may follow the array by position, in order.
        names: the arguments that are given by name only.
        needs: how many of `places` are required.
        is_function, is_method: whether it can be called as `f(x)`, as `x.f()`.
        many: whether it takes any number of arguments, as `reshape` does.
        any_kind: whether it takes values other than numbers and arrays of numbers.
    """

    call: Callable[..., Any]
    charge: Charge
    places: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    needs: int = 0
    is_function: bool = True
    is_method: bool = False
    many: bool = False
    any_kind: bool = False


# The costs of calls


def _charge_elements(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    """Charge an array with the elements of `x`."""
    charge_array(operation, np.size(x), _itemsize(x, given), meter)


def _charge_rounding(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _charge_elements(operation, x, given, meter)
    decimals = given.get("decimals")
    if isinstance(decimals, (int, np.integer)):
        meter.take(operation, abs(int(decimals)), CostUnit.PLACES)


def _charge_reduction(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    """Charge reading `x` and the result of a reduction over some axes."""
    if given.get("dtype") is not None:
        _check_kind(operation, x, given["dtype"])
    meter.take(operation, np.size(x), CostUnit.ELEMENTS)
    charge_array(operation, _left_over(x, given.get("axis")), _itemsize(x, given), meter)


def _charge_both(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _charge_reduction(operation, x, given, meter)
    _charge_elements(operation, x, given, meter)


def _charge_percentiles(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _charge_both(operation, x, given, meter)
    quantiles = numbers(given["q"], operation, meter)
    if quantiles is None:
        refuse(f"{operation} takes numbers for q, not {words_for(given['q'])}")
    size = 8 * np.size(quantiles) * _left_over(x, given.get("axis"))  # with temporary arrays
    charge_array(operation, size, _itemsize(x, given), meter)


def _charge_norm(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    _charge_both(operation, x, given, meter)
    order, axis = given.get("ord"), given.get("axis")
    of_matrices = np.ndim(x) == 2 if axis is None else isinstance(axis, tuple) and len(axis) == 2
    if of_matrices and (order == "nuc" or order in (2, -2)):  # by singular values
        shortest = min(np.shape(x)) if np.ndim(x) == 2 else max(np.shape(x), default=0)
        meter.take(operation, 10 * np.size(x) * shortest, CostUnit.MULTIPLICATIONS)


def _charge_reshape(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    """Charge a copy, unless the result is a view."""
    if not x.flags.c_contiguous or given:
        _charge_elements(operation, x, given, meter)


def _charge_nothing(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    pass


def _itemsize(x: Any, given: Mapping[str, Any]) -> int:
    """Bytes of an element of the result; integers become float64."""
    dtype = given.get("dtype")
    least = 0 if x.dtype.kind in "fc" else 8
    return max(least, int(x.itemsize), 0 if dtype is None else np.dtype(dtype).itemsize)


def _left_over(x: Any, axis: Any) -> int:
    """The number of elements after a reduction; for invalid axes, the call raises later."""
    shape = np.shape(x)
    if axis is None:
        return 1
    gone = {int(a) % max(len(shape), 1) for a in (axis if isinstance(axis, tuple) else (axis,))
            if isinstance(a, (int, np.integer))}  # fmt: skip
    return math.prod(length for place, length in enumerate(shape) if place not in gone)


def _check_kind(operation: str, x: Any, kind: Any) -> None:
    """Refuse a dtype for a sum if numpy would warn of it, as for a complex sum made real."""
    known = isinstance(kind, np.dtype) or (isinstance(kind, str) and kind in _KINDS)
    if not known or np.dtype(kind).kind not in "biufc":
        refuse(f"{operation} takes a dtype such as 'float64'")
    if np.asarray(x).dtype.kind == "c" and np.dtype(kind).kind != "c":
        refuse(f"{operation} of complex numbers has no {kind}")


_KINDS = frozenset(np.dtype(kind).name for kind in "?bhilqBHILQefdgFDG") | {"int", "float", "bool"}


# Functions that differ from numpy's


def _mean(x: Any, **given: Any) -> Any:
    return np.mean(x, **given) if _count(x, given) else _nan_like_sum(x, given)


def _median(x: Any, **given: Any) -> Any:
    return np.median(x, **given) if _count(x, given) else _nan_like_sum(x, given)


def _var(x: Any, ddof: Any = 0, **given: Any) -> Any:
    """Like `np.var`, but without a warning for too few elements."""
    count = _count(x, given)
    if not count:
        return _nan_like_sum(x, given)
    if count > ddof:
        return np.var(x, ddof=ddof, **given)
    return np.asarray(np.var(x, **given)) * count / 0.0


def _std(x: Any, **given: Any) -> Any:
    few = _count(x, given) <= given.get("ddof", 0)
    return np.sqrt(_var(x, **given)) if few else np.std(x, **given)


def _count(x: Any, given: Mapping[str, Any]) -> int:
    """The number of elements that are reduced to each element of the result."""
    left = _left_over(x, given.get("axis"))
    return np.size(x) // left if left else 0


def _nan_like_sum(x: Any, given: Mapping[str, Any]) -> Any:
    """NaN in the shape of a sum, as numpy returns it after a warning."""
    kept = {name: given[name] for name in ("axis", "keepdims") if name in given}
    return np.sum(x, **kept) * np.nan


def _single(x: Any, name: str) -> Any:
    """The single number that `int` or `float` converts."""
    if isinstance(x, np.ndarray) and x.size == 1 and x.dtype.kind in NUMERIC:
        x = x.item()
    if isinstance(x, (complex, np.complexfloating)) or not (
        type(x) in SCALARS or isinstance(x, (str, bytes))
    ):
        refuse(f"{name}() takes one number, not {words_for(x)}")
    return x


def _charge_int(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    number = x.item() if isinstance(x, np.ndarray) and x.size == 1 else x
    if isinstance(number, (str, bytes)):
        meter.take(operation, int(len(number) * math.log2(10)), CostUnit.BITS)
    elif isinstance(number, np.longdouble):  # which alone has room for so many
        meter.take(operation, int(np.frexp(number)[1]), CostUnit.BITS)


def _charge_float(operation: str, x: Any, given: Mapping[str, Any], meter: Meter) -> None:
    if isinstance(x, (str, bytes)):
        meter.take(operation, len(x), CostUnit.CHARACTERS)


def _len(x: Any) -> int:
    if isinstance(x, np.generic) or not hasattr(type(x), "__len__"):
        refuse(f"{words_for(x)} has no len()")
    return len(x)


# The table


def _each(function: Callable[..., Any]) -> AllowedFunction:
    return AllowedFunction(function, _charge_elements)


def _over(
    function: Callable[..., Any],
    charge: Charge = _charge_reduction,
    places: tuple[str, ...] = ("axis",),
    names: tuple[str, ...] = ("keepdims",),
    is_function: bool = True,
    is_method: bool = True,
    needs: int = 0,
) -> AllowedFunction:
    return AllowedFunction(function, charge, places, names, needs, is_function, is_method)


_TYPED = ("axis", "dtype")
ALLOWED: Mapping[str, AllowedFunction] = {
    **{name: _each(getattr(np, name)) for name in (
        "abs", "exp", "isfinite", "isinf", "isnan", "log", "log10", "sign", "sqrt", "square",
    )},
    "round": AllowedFunction(np.round, _charge_rounding, ("decimals",), is_method=True),
    "all": _over(np.all), "any": _over(np.any),
    "argmax": _over(np.argmax, _charge_both), "argmin": _over(np.argmin, _charge_both),
    "count_nonzero": _over(np.count_nonzero, _charge_both, is_method=False),
    "max": _over(np.max, names=("keepdims", "initial")),
    "min": _over(np.min, names=("keepdims", "initial")),
    "sum": _over(np.sum, places=_TYPED, names=("keepdims", "initial")),
    "prod": _over(np.prod, places=_TYPED, names=("keepdims", "initial"), is_function=False),
    "mean": _over(_mean, places=_TYPED),
    "std": _over(_std, _charge_both, _TYPED, ("ddof", "keepdims")),
    "var": _over(_var, _charge_both, _TYPED, ("ddof", "keepdims")),
    "median": _over(_median, _charge_both, is_method=False),
    "percentile": _over(np.percentile, _charge_percentiles, ("q", "axis"), ("method", "keepdims"),
                        is_method=False, needs=1),
    "norm": _over(np.linalg.norm, _charge_norm, ("ord", "axis", "keepdims"), (), is_method=False),
    "len": AllowedFunction(_len, _charge_nothing, any_kind=True),
    "bool": AllowedFunction(truth, _charge_nothing, any_kind=True),
    "int": AllowedFunction(lambda x: int(_single(x, "int")), _charge_int, any_kind=True),
    "float": AllowedFunction(lambda x: float(_single(x, "float")), _charge_float, any_kind=True),
    "copy": AllowedFunction(np.ndarray.copy, _charge_elements, is_function=False, is_method=True),
    "ravel": AllowedFunction(np.ravel, _charge_reshape, ("order",), is_function=False,
                             is_method=True),
    "reshape": AllowedFunction(np.ndarray.reshape, _charge_reshape, (), ("order",),
                               is_function=False, is_method=True, many=True),
    "transpose": AllowedFunction(np.ndarray.transpose, _charge_nothing, is_function=False,
                                 is_method=True, many=True),
}  # fmt: skip
FUNCTIONS: Mapping[str, AllowedFunction] = {
    name: row for name, row in ALLOWED.items() if row.is_function
}
METHODS: Mapping[str, AllowedFunction] = {
    name: row for name, row in ALLOWED.items() if row.is_method
}
ATTRIBUTES = frozenset(("T", "dtype", "ndim", "shape", "size", "nbytes"))


def call_function(name: str, x: Any, rest: list[Any], given: dict[str, Any], meter: Meter) -> Any:
    """Compute `name(x, *rest, **given)`. The arguments must fit the row of the table.

    Raises:
        NotForExpressions: the function does not take such values.
        TooMuch: the call would cost too much.
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
        row.charge(operation, x, given, meter)
        return row.call(x, *rest, **given)
    row.charge(operation, x, given, meter)
    return row.call(x, **given)


def call_method(value: Any, name: str, rest: list[Any], given: dict[str, Any], meter: Meter) -> Any:
    """Compute `value.name(*rest, **given)` as `call_function` does; only arrays have methods."""
    if not isinstance(value, (np.ndarray, np.generic)):
        refuse(f"{words_for(value)} has no .{name}()")
    return call_function(name, value, rest, given, meter)


def read_attribute(value: Any, name: str) -> Any:
    """Read `value.name`, an allowed attribute; only arrays have attributes."""
    if not isinstance(value, (np.ndarray, np.generic)):
        refuse(f"{words_for(value)} has no .{name}")
    return getattr(value, name)


def arguments_problem(name: str, as_method: bool, count: int, names: list[str | None]) -> str:
    """Why a call with `count` arguments by position, and these by name, is wrong; or ""."""
    row = ALLOWED[name]
    by_place = count if as_method else count - 1
    known = row.places + row.names
    for argument in names:
        if argument not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes only the array"
            return f"{name}() takes no {argument or '**'} here; {takes}"
    if by_place < 0:
        return f"{name}() is called with an array or a number"
    if by_place > len(row.places) and not row.many:
        most = len(row.places) + (not as_method)
        takes = f"{most} argument{'s' if most != 1 else ''}"
        return f"{name}() takes {takes} by position, not {count}"
    twice = set(row.places[:by_place]) & set(names)
    if twice or len(set(names)) < len(names):
        return f"{name}() is given {', '.join(sorted(map(str, twice or names)))} twice"
    given = {*row.places[:by_place], *names}
    missing = [argument for argument in row.places[: row.needs] if argument not in given]
    return f"{name}() needs {', '.join(missing)}" if missing else ""


def _check_plain(operation: str, argument: str, value: Any) -> None:
    """Refuse an argument unless it is a number, a word, None, or a tuple of these."""
    items = value if isinstance(value, tuple) else (value,)
    for item in items:
        if not (type(item) in SCALARS or isinstance(item, (str, np.dtype, type(None)))):
            refuse(f"{operation} takes a number or a word for {argument}, not {words_for(item)}")
