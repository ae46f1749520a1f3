"""The words for products and reductions: operations that add up many cells."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from engine.debug.explain.operation import Operation
from engine.debug.explain.reading import is_array, shape_of
from gui.dialogs.wording import to_translate
from gui.words.saying import code, count, is_transposed, named, number, say, shape, whole

_N = to_translate


def product(operation: Operation) -> str:
    """A product of matrices or vectors."""
    left, right = operation.operands[:2]
    a, b = shape_of(left.value), shape_of(right.value)
    fields = {"left": named(left), "right": named(right)}
    if len(a) == 1 and len(b) == 1:
        return say(
            _N("words", "{left} times {right}: {products} are added into {value}."),
            products=count(a[0], "product"),
            value=number(operation.result),
            **fields,
        )
    if len(a) == 2 and len(b) == 2 and is_transposed(left):
        return say(
            _N("words", "{left} times {right}: each of {cells} adds up {products}."),
            cells=count(a[0] * b[1], "cell"),
            products=count(a[1], "product"),
            **fields,
        )
    if len(a) == 2 and len(b) == 2:
        return say(
            _N("words", "{left} times {right}: each of {rows} of {k} becomes one of {m}."),
            rows=count(a[0], "row"),
            k=whole(a[1]),
            m=whole(b[1]),
            **fields,
        )
    if len(a) == 2 and len(b) == 1:
        return say(
            _N("words", "{left} times {right}: each of {rows} becomes one number."),
            rows=count(a[0], "row"),
            **fields,
        )
    if len(a) == 1 and len(b) == 2:
        return say(
            _N("words", "{left} times {right}: one row of {k} becomes one of {m}."),
            k=whole(a[0]),
            m=whole(b[1]),
            **fields,
        )
    return say(
        _N("words", "{left} times {right}, matrix by matrix: {shape}."),
        shape=shape(operation.result),
        **fields,
    )


# What a reduction does with the cells, by its name: "10 cells {become one}".
_REDUCES: Mapping[str, str] = {
    "sum": _N("words", "added up"),
    "nansum": _N("words", "added up, without NaN"),
    "mean": _N("words", "averaged"),
    "nanmean": _N("words", "averaged, without NaN"),
    "average": _N("words", "averaged"),
    "max": _N("words", "searched for the largest"),
    "amax": _N("words", "searched for the largest"),
    "nanmax": _N("words", "searched for the largest"),
    "min": _N("words", "searched for the smallest"),
    "amin": _N("words", "searched for the smallest"),
    "nanmin": _N("words", "searched for the smallest"),
    "prod": _N("words", "multiplied"),
    "argmax": _N("words", "searched for the place of the largest"),
    "argmin": _N("words", "searched for the place of the smallest"),
    "any": _N("words", "searched for one that is True"),
    "all": _N("words", "tested for being True"),
    "std": _N("words", "reduced to their standard deviation"),
    "var": _N("words", "reduced to their variance"),
    "median": _N("words", "reduced to their median"),
    "ptp": _N("words", "reduced to their range"),
    "count_nonzero": _N("words", "counted where they are not 0"),
    "norm": _N("words", "squared and added, and the root is taken"),
}


def reduction(operation: Operation) -> str:
    """A sum, a mean, a maximum and the like, over some axes or over all."""
    array = operation.operands[0]
    sizes = shape_of(array.value)
    fields = {
        "array": named(array),
        "how": say(_REDUCES[operation.symbol])
        if operation.symbol in _REDUCES
        else code(operation.symbol),
    }
    if operation.symbol in ("any", "all") and not is_array(operation.result):
        return say(
            _N("words", "{source}, over {cells} of {array}, is {value}."),
            source=code(operation.source),
            cells=count(prod(sizes), "cell"),
            value=number(operation.result),
            **fields,
        )
    over = prod(sizes[axis] for axis in operation.axes)
    if not is_array(operation.result):
        return say(
            _N("words", "All {cells} of {array} are {how}: {value}."),
            cells=count(over, "cell"),
            value=number(operation.result),
            **fields,
        )
    if len(sizes) == 2 and operation.axes == (0,):
        return say(
            _N("words", "{array}: in each of {columns}, {cells} are {how}."),
            columns=count(sizes[1], "column"),
            cells=count(over, "cell"),
            **fields,
        )
    if len(sizes) == 2 and operation.axes == (1,):
        return say(
            _N("words", "{array}: in each of {rows}, {cells} are {how}."),
            rows=count(sizes[0], "row"),
            cells=count(over, "cell"),
            **fields,
        )
    return say(
        _N("words", "{array}: for each cell of {shape}, {cells} are {how}."),
        shape=shape(operation.result),
        cells=count(over, "cell"),
        **fields,
    )
