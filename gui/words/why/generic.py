"""Derivations for any code: what one cell of a product, sum, mean or broadcast is made of.

They name no roles. Each applies the operation's rule to the operands, and is given only where this
is the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.reading import is_array, shape_of
from engine.debug.explain.terms import sources_of
from gui.dialogs.wording import to_translate
from gui.words.measured import Unknown
from gui.words.saying import code, count, is_transposed
from gui.words.why.evidence import Array, Evidence
from gui.words.why.table import Equal, Line, Reason, Rule, Same, counted, prove, sum_text

_N = to_translate
_ABOUT = _N("words", "one cell first, then all {size}")
_CELL = _N("words", "cell {cell}")
_ARITHMETIC: Mapping[str, Callable[[Array, Array], Array]] = {
    "+": np.add, "−": np.subtract, "×": np.multiply, "÷": np.divide, "^": np.power,
    "maximum": np.maximum, "minimum": np.minimum,
}  # fmt: skip
_LONGEST = 32  # characters of a piece of source
_SIGNS: Mapping[str, str] = {"÷": "/"}
_FOLDS: Mapping[str, Callable[..., Array]] = {"sum": np.sum, "mean": np.mean}
_ENDS: Mapping[str, Callable[..., Array]] = {"max": np.max, "min": np.min}


def generic_rule(operation: Operation) -> Rule | None:
    """The rule for an operation of other people's code, by its form and its operands' shapes."""
    operands = operation.operands
    if operation.error is not None or not is_array(operation.result):
        return None
    shapes = [shape_of(operand.value) for operand in operands]
    if operation.form is Form.PRODUCT and [len(s) for s in shapes] == [2, 2]:
        turned = is_transposed(operands[0]) or is_transposed(operands[1])
        return _TURNED if turned else _PRODUCT
    if operation.form is Form.REDUCTION and len(operands) == 1 and shapes[0]:
        return _REDUCTIONS.get(operation.symbol)
    if (
        operation.form is Form.FUNCTION
        and operation.curve is not None
        and shapes[:1] == [shape_of(operation.result)]
    ):
        return _CURVE
    pairs = operation.form is Form.ELEMENTWISE or operation.form is Form.IN_PLACE
    if pairs and len(operands) == 2 and operation.symbol in _ARITHMETIC and any(shapes):
        return _CELLS if shapes[0] == shapes[1] or () in shapes else _BROADCAST
    return None


def _short(text: str) -> str:
    """A piece of source; two of them, and words, are to go into two lines."""
    line = " ".join(text.split())
    if len(line) > _LONGEST:
        half = (_LONGEST - 3) // 2
        line = f"{line[:half]} … {line[-half:]}"
    return code(line)


_PRODUCT_LINES = (
    Line(
        _N("words", "Cell [{i}, {j}] is made of row {i} of {left} and column {j} of {right}."),
        "{a} × {b:()} = {ab}",
        _N("words", "place {k} of both"),
        term=0,
    ),
    Line(
        _N("words", "Number by number they are multiplied, and the {products} are added up."),
        "{sum}",
        _CELL,
        term=0,
    ),
    Line(
        _N(
            "words",
            "So it is for each row and each column. The inner sizes must agree: {K} and {K}.",
        ),
        "{As} @ {Bs} → {Cs}",
    ),
)
_ROWS_MEET = _N("words", "The sum runs over the rows of {turned}, so its rows must become columns.")
_COLUMNS_MEET = _N(
    "words", "The sum runs over the columns of {turned}, so its columns must become rows."
)


def _product(of: Evidence) -> Reason:
    A, B = of.operand(0), of.operand(1)
    i, j = of.cell()
    order = [at[0] for at in of.terms((i, j))]
    k = order[0]
    products = A[i] * B[:, j]
    left, right = of.operation.operands
    facts = {
        "i": i, "j": j, "k": k, "K": len(B), "a": A[i, k], "b": B[k, j], "ab": products[k],
        "left": _short(left.text), "right": _short(right.text), "size": counted(of.result.size),
        "sum": sum_text(products, of.result[i, j], order), "c": of.result[i, j],
        "As": A.shape, "Bs": B.shape, "Cs": of.result.shape, "cell": f"[{i}, {j}]",
        "products": count(len(B), "product"), "turned": "",
    }  # fmt: skip
    first, added, whole = prove(
        _PRODUCT_LINES,
        (Equal("ab", float(A[i, k]) * float(B[k, j])),),
        (Equal("c", float(products.sum()), float(np.abs(products).sum())),),
        (Same(of.result, np.einsum("ik,kj->ij", A, B)),),
    )
    turned = [operand for operand in of.operation.operands if is_transposed(operand)]
    if not turned:
        return Reason(_ABOUT, facts, (first, added, whole))
    facts["turned"] = _short(turned[0].text[:-2])
    reason = Line(_ROWS_MEET if turned[0] is left else _COLUMNS_MEET)
    return Reason(_ABOUT, facts, (first, reason, added, whole))


_REPEATED = _N(
    "words",
    "{small} has fewer cells: numpy repeats it along the axes that it lacks, or that have one "
    "cell.",
)
_SINGLE = _N("words", "One of the two is a single number: each cell meets the same.")
_PAIRED = _N("words", "Both have the same shape, so each cell meets the one at its own place.")


def _cells(of: Evidence) -> Reason:
    A, B = (_number_or_array(of, place) for place in (0, 1))
    result, symbol = of.result, of.operation.symbol
    cell = of.cell()
    spread_a, spread_b = (np.broadcast_to(part, result.shape) for part in (A, B))
    with np.errstate(all="ignore"):
        expected = _ARITHMETIC[symbol](A, B)
    sign = _SIGNS.get(symbol, symbol)
    a, b = float(spread_a[cell]), float(spread_b[cell])
    facts = {
        "a": a, "b": b, "c": result[cell], "sign": sign, "cell": str(list(cell)),
        "size": counted(result.size), "left": _short(of.operation.operands[0].text),
        "right": _short(of.operation.operands[1].text), "As": A.shape, "Bs": B.shape,
        "Cs": result.shape, "small": "",
    }  # fmt: skip
    one = float(_ARITHMETIC[symbol](np.asarray(a), np.asarray(b)))
    text = "{a} {sign} {b:()} = {c}" if len(sign) == 1 else "{sign}({a}, {b}) = {c}"
    lines = [
        Line(
            _N("words", "Cell {cell} comes from one number of {left} and one of {right}."),
            text,
            _CELL,
            (Equal("c", one, abs(a) + abs(b)),),
        ),
    ]
    if A.ndim and B.ndim and A.shape != B.shape:
        small = 0 if A.size < B.size else 1
        facts["small"] = _short(of.operation.operands[small].text)
        lines.append(Line(_REPEATED, "{As}, {Bs} → {Cs}"))
    else:
        lines.append(Line(_PAIRED if A.ndim and B.ndim else _SINGLE))
    lines.append(
        Line(
            _N("words", "No cell of the result depends on another: so it is for all {size}."),
            "{Cs}",
            "",
            (Same(result, expected),),
        )
    )
    return Reason(_ABOUT, facts, lines)


def _number_or_array(of: Evidence, place: int) -> Array:
    """An operand; a number is an array without axes."""
    value = of.operation.operands[place].value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return np.asarray(float(value))
    return of.operand(place)


def _fold(of: Evidence) -> Reason:
    A, symbol, axes = of.operand(0), of.operation.symbol, of.operation.axes
    mean = symbol == "mean"
    cell = of.cell() if of.result.ndim else ()
    region = sources_of(of.operation, cell)[0]
    if region is None:
        raise Unknown
    values = np.asarray(A[region]).reshape(-1)
    n, total, c = values.size, float(values.sum()), float(of.result[cell])
    order = [int(i) for i in np.argsort(-np.abs(values), kind="stable")]
    facts = {
        "n": counted(n), "cell": str(list(cell)), "of": _short(of.operation.operands[0].text),
        "size": counted(of.result.size), "sum": sum_text(values, total, order), "total": total,
        "c": c, "As": A.shape, "Cs": of.result.shape,
        "axes": ", ".join(map(str, axes or range(A.ndim))),
    }  # fmt: skip
    scale = float(np.abs(values).sum())
    exact = _FOLDS[symbol](A, axis=axes or None, keepdims=of.operation.keepdims)
    lines = [
        Line(
            _N("words", "Cell {cell} takes in {n} cells of {of}, along axis {axes}."),
            "{sum}",
            _CELL,
            (Equal("total", float(np.dot(values, np.ones(n))), scale),),
            0,
        ),
    ]
    if mean:
        lines.append(
            Line(
                _N("words", "Divided by their number it is a mean: it does not grow with {n}."),
                "{total} / {n} = {c}",
                _CELL,
                (Equal("c", total / n, scale / n),),
            )
        )
    lines.append(
        Line(
            _N(
                "words",
                "The axis that is added up is gone, or has one cell: its cells have become one.",
            ),
            "{As} → {Cs}",
            "",
            (Same(of.result, np.asarray(exact)),) if mean else
            (Same(of.result, np.asarray(exact)), Equal("c", total, scale)),
        )
    )  # fmt: skip
    return Reason(_ABOUT, facts, lines)


_END = (
    Line(
        _N(
            "words",
            "Cell {cell} is one of {n} cells of {of}; the others leave no trace in it.",
        ),
        _N("words", "{c}, the next is {next}"),
        _CELL,
        term=0,
    ),
    Line(
        _N("words", "So it is for each cell of the result."),
        "{As} → {Cs}",
    ),
)


def _end(of: Evidence) -> Reason:
    A, symbol, axes = of.operand(0), of.operation.symbol, of.operation.axes
    cell = of.cell() if of.result.ndim else ()
    region = sources_of(of.operation, cell)[0]
    if region is None:
        raise Unknown
    values = np.sort(np.asarray(A[region]).reshape(-1))
    best = float(values[-1] if symbol == "max" else values[0])
    second = float(values[-2:][0] if symbol == "max" else values[:2][-1])
    facts = {
        "n": counted(values.size), "cell": str(list(cell)), "c": of.result[cell], "next": second,
        "of": _short(of.operation.operands[0].text), "size": counted(of.result.size), "As": A.shape,
        "Cs": of.result.shape,
    }  # fmt: skip
    exact = _ENDS[symbol](A, axis=axes or None, keepdims=of.operation.keepdims)
    return Reason(
        _ABOUT,
        facts,
        prove(
            _END,
            (Equal("c", best),),
            (Same(of.result, np.asarray(exact)),),
        ),
    )


_CURVE_LINES = (
    Line(
        _N("words", "Cell {cell} is made of one cell of {of}, at the same place, by one rule."),
        "{a} → {c}",
        _CELL,
    ),
    Line(
        _N("words", "The same rule makes each of {size} cells. Equal cells give equal results."),
        _N("words", "{low} to {high}"),
        _N("words", "the result"),
    ),
)


def _curve(of: Evidence) -> Reason:
    A, curve = of.operand(0), of.operation.curve
    if curve is None:
        raise Unknown
    cell = of.cell()
    facts = {
        "a": A[cell], "c": of.result[cell], "cell": str(list(cell)), "size": counted(A.size),
        "of": _short(of.operation.operands[0].text), "low": of.result.min(),
        "high": of.result.max(),
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _CURVE_LINES,
            (Equal("c", float(curve(A[cell].reshape(1))[0])),),
            (Same(of.result, np.asarray(curve(A), np.float64)),),
        ),
    )


_CURVE = Rule(_N("words", "Why cell by cell?"), _curve)
_PRODUCT = Rule(_N("words", "Why this product?"), _product)
_TURNED = Rule(_N("words", "Why transposed?"), _product)
_CELLS = Rule(_N("words", "Why cell by cell?"), _cells)
_BROADCAST = Rule(_N("words", "Why do these shapes fit?"), _cells)
_REDUCTIONS: Mapping[str, Rule] = {
    "sum": Rule(_N("words", "Why one number of many?"), _fold),
    "mean": Rule(_N("words", "Why divide the sum?"), _fold),
    "max": Rule(_N("words", "Why the largest?"), _end),
    "min": Rule(_N("words", "Why the smallest?"), _end),
}
