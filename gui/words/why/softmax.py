"""Why softmax computes what it computes: probabilities from scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.why.evidence import Evidence
from gui.words.why.scores import Scores
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, counted, prove, sum_text

_N = to_translate
_IMAGE = _N("words", "image {n}")
_SCORE = _N("words", "image {n}, label {k}")
_ABOUT = _N("words", "one image first, then all {N}")
_SMALL = 1e-4  # the change by which a slope is measured
_LIMIT = 2e-4  # a slope is that of a change without size: so near is near enough


def _facts(of: Evidence, s: Scores, k: int) -> dict[str, Any]:
    """The numbers of the example, for label k."""
    n = s.n
    kept = of.snapshot.setup.dtype
    dtype = np.finfo(kept) if kept in ("float32", "float64") else np.finfo("float64")
    return {
        "n": n, "k": k, "t": s.label, "o": s.other, "N": len(s.z), "K": s.z.shape[1],
        "z": s.z[n, k], "m": s.top[n, 0], "s": s.shifted[n, k], "e": s.e[n, k],
        "total": s.total[n, 0], "p": s.p[n, k], "top": int(s.z[n].argmax()),
        "dtype": str(dtype.dtype), "most": float(dtype.max),
        "power": math.floor(math.log(float(dtype.max))) + 1,
        "zs": s.z.shape, "rows": (len(s.z), 1), "cells": counted(s.z.size),
    }  # fmt: skip


_LARGEST = (
    Line(
        _N("words", "Of the {K} scores of image {n}, that of label {top} is the largest."),
        _N("words", "max = {m}"),
        _IMAGE,
        term=0,
    ),
    Line(
        _N(
            "words",
            "It is found in order to be taken off: e to the power of {power} is too large for "
            "{dtype}.",
        ),
        "e^{power} > {most}",
    ),
    Line(
        _N("words", "Less itself, the largest score is 0, and the others are below 0."),
        "{m} − {m:()} = {s}",
        _SCORE,
    ),
    Line(
        _N(
            "words",
            "Each row has its own: probabilities are shared out among the scores of one image.",
        ),
        "{zs} → {rows}",
        _N("words", "each cell: {K} scores"),
    ),
)


def _largest(of: Evidence) -> Reason:
    s = Scores(of)
    facts = _facts(of, s, int(s.z[s.n].argmax()))
    return Reason(
        _ABOUT,
        facts,
        prove(
            _LARGEST,
            (Equal("m", float(np.sort(s.z[s.n])[-1])),),
            (Equal("power", float(math.ceil(math.log(facts["most"])))),),
            (Equal("s", float(s.z[s.n].max() - s.top[s.n, 0])),),
            (Same(of.result, s.top),),
        ),
    )


_SHIFT = (
    Line(
        _N("words", "The largest score of image {n} is taken off each of its {K} scores."),
        "{z:4} − {m:4()} = {s}",
        _SCORE,
    ),
    Line(
        _N(
            "words",
            "With {m} taken off a score z, its e^z is divided by e^{m}.",
        ),
        "{ez} / {em} = {e}",
        _N("words", "e^{z} / e^{m} = e^{s}"),
    ),
    Line(
        _N(
            "words",
            "The sum of the row is divided by the same number. It cancels: the "
            "probability stays as it was.",
        ),
        "{ez} / {all} = {e} / {total} = {p}",
        _SCORE,
    ),
    Line(
        _N(
            "words",
            "e^{power} is too large for {dtype}. With 0 as the largest score, no e to the "
            "power is above 1.",
        ),
        "e^{power} > {most}",
    ),
    Line(
        _N("words", "The largest gives e^0 = 1, so no sum of a row is below 1."),
        _N("words", "smallest sum = {least}"),
        _N("words", "all {N} images"),
    ),
)


def _shift(of: Evidence) -> Reason:
    s = Scores(of)
    _, k = of.cell(default=(s.n, s.other))
    n = s.n
    raw = np.exp(s.z[n])
    facts = _facts(of, s, k) | {
        "ez": raw[k], "em": np.exp(s.top[n, 0]), "all": raw.sum(), "least": s.total.min(),
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _SHIFT,
            (Equal("s", float(of.result[n, k]), abs(s.z[n, k]) + abs(s.top[n, 0])),),
            (Equal("e", float(raw[k] / np.exp(s.top[n, 0]))),),
            (
                Equal("p", float(raw[k] / raw.sum())),
                Equal("p", float(s.e[n, k] / s.total[n, 0])),
            ),
            (Equal("power", float(math.ceil(math.log(facts["most"])))),),
            (
                Equal("least", float(np.exp(of.result).sum(axis=1).min())),
                Same(of.result, s.z - s.top),
            ),
        ),
    )


_EXP = (
    Line(
        _N(
            "words",
            "Scores may be above or below 0. e to the power of any number is above 0.",
        ),
        "e^{s} = {e}",
        _SCORE,
    ),
    Line(
        _N(
            "words",
            "A difference of two scores becomes a ratio. The ratio depends on nothing "
            "but the difference.",
        ),
        "e^{gap} = {e} / {eo} = {ratio}",
        _N("words", "labels {k} and {q}"),
    ),
    Line(
        _N(
            "words",
            "The slope of e to the power of s is e to the power of s itself. That keeps "
            "the backward pass short.",
        ),
        _N("words", "slope {rate}, value {e}"),
        _N("words", "s moved by 0.0001"),
    ),
    Line(
        _N(
            "words",
            "So for all {cells} scores: a higher score gives a larger number, from 0 to 1.",
        ),
        _N("words", "smallest {smallest}"),
    ),
)


def _exp(of: Evidence) -> Reason:
    s = Scores(of)
    _, k = of.cell(default=(s.n, s.other))
    n = s.n
    o = s.label if k != s.label else s.other
    e = of.result
    rate = (math.exp(s.shifted[n, k] + _SMALL) - math.exp(s.shifted[n, k] - _SMALL)) / (2 * _SMALL)
    facts = _facts(of, s, k) | {
        "q": o, "eo": s.e[n, o], "gap": s.z[n, k] - s.z[n, o],
        "ratio": s.e[n, k] / s.e[n, o], "smallest": e.min(), "rate": rate,
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _EXP,
            (Equal("e", float(e[n, k])),),
            (Equal("ratio", math.exp(s.z[n, k] - s.z[n, o])),),
            (Equal("rate", float(s.e[n, k]), tolerance=_LIMIT),),
            (Equal("smallest", float(s.e.min())), Same(e, np.exp(of.operand(0)))),
        ),
    )


_SUM = (
    Line(
        _N("words", "The {K} numbers of image {n} are added up."),
        "{sum}",
        _IMAGE,
        term=0,
    ),
    Line(
        _N(
            "words",
            "A probability is a share of a whole. The sum is that whole, for this image.",
        ),
        "{e} / {total} = {p}",
        _SCORE,
    ),
    Line(
        _N(
            "words",
            "The largest score gives 1, and no other more. So the sum lies between 1 and {K}.",
        ),
        _N("words", "here {least} to {biggest}"),
        _N("words", "all {N} images"),
    ),
    Line(
        _N("words", "Each row is added up by itself: images do not share probabilities."),
        "{zs} → {rows}",
        _N("words", "each cell: {K} numbers"),
    ),
)


def _sum(of: Evidence) -> Reason:
    s = Scores(of)
    n, k = s.n, s.other
    order = [at[1] for at in of.terms((n, 0))]
    facts = _facts(of, s, k) | {
        "sum": sum_text(s.e[n], float(of.result[n, 0]), order), "total": of.result[n, 0],
        "least": of.result.min(), "biggest": of.result.max(),
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _SUM,
            (Equal("total", float(of.operand(0)[n].sum())),),
            (Equal("p", float(s.e[n, k] / of.result[n, 0])),),
            (Equal("least", float(s.total.min())), Equal("biggest", float(s.total.max()))),
            (Same(of.result, of.operand(0) @ np.ones((s.z.shape[1], 1))),),
        ),
    )


_SHARE = (
    Line(
        _N("words", "Each number of image {n} is divided by the sum of its row: its share."),
        "{e} / {total} = {y}",
        _SCORE,
    ),
    Line(
        _N(
            "words",
            "The shares of a whole add up to 1, and none is below 0. So they can be read "
            "as probabilities.",
        ),
        "{sum}",
        _IMAGE,
    ),
    Line(
        _N("words", "Both numbers are divided by the same sum: their ratio is as before."),
        "{y} / {yo} = {e} / {eo} = {ratio}",
        _N("words", "labels {k} and {q}"),
    ),
    Line(
        _N(
            "words",
            "`total` has one column. numpy divides each of the {K} columns of `e` by it, "
            "in all {N} rows.",
        ),
        "{zs} / {rows} → {zs}",
    ),
)


def _share(of: Evidence) -> Reason:
    s = Scores(of)
    _, k = of.cell(default=(s.n, s.label))
    n = s.n
    o = s.label if k != s.label else s.other
    y = of.result
    order = [int(i) for i in np.argsort(-y[n])]
    facts = _facts(of, s, k) | {
        "y": y[n, k], "yo": y[n, o], "eo": s.e[n, o], "ratio": s.e[n, k] / s.e[n, o], "q": o,
        "one": y[n].sum(), "sum": sum_text(y[n], float(y[n].sum()), order),
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _SHARE,
            (Equal("y", float(s.e[n, k] / s.total[n, 0])),),
            (Equal("one", 1.0),),
            (Equal("ratio", float(y[n, k] / y[n, o])),),
            (Same(y, s.p),),
        ),
    )


_FORWARD, _COMPUTED = "SoftmaxWithLoss.forward", When.COMPUTED

SOFTMAX: Rules = {
    Key(_FORWARD, _COMPUTED, "z.max(axis=1, keepdims=True)"): Rule(
        _N("words", "Why the largest score?"), _largest
    ),
    Key(_FORWARD, _COMPUTED, "z - z.max(axis=1, keepdims=True)"): Rule(
        _N("words", "Why take off the largest?"), _shift
    ),
    Key(_FORWARD, _COMPUTED, "np.exp(shifted)"): Rule(_N("words", "Why e?"), _exp),
    Key(_FORWARD, _COMPUTED, "e.sum(axis=1, keepdims=True)"): Rule(
        _N("words", "Why add up each row?"), _sum
    ),
    Key(_FORWARD, _COMPUTED, "e / total"): Rule(_N("words", "Why divide by the total?"), _share),
}
