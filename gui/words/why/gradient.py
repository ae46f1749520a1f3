"""Why the gradient of softmax and loss together is (p − t) / N."""

from __future__ import annotations

import math

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.why.derivation import Trial
from gui.words.why.evidence import Array, Evidence
from gui.words.why.scores import Scores, facts_of
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, prove

_N = to_translate
_IMAGE = _N("words", "image {n}")
_RIGHT = _N("words", "image {n}, right label {t}")
_OTHER = _N("words", "image {n}, label {o}")
_ONE_SCORE = _N("words", "one score of one image first, then all")
_NUDGE = 0.001
_LIMIT = 1e-5  # of slopes that are measured by a small change


_COPY = (
    Line(
        _N(
            "words",
            "The loss of image {n} is −log p of label {t}. In scores: log Σ e^z, less "
            "`z[{n}, {t}]`.",
        ),
        "{logsum:5} − {zt:5()} = {loss}",
        _RIGHT,
    ),
    Line(
        _N(
            "words",
            "Let `z[{n}, {o}]` grow by a little ε. Then Σ e^z grows by ε times its own e^z.",
        ),
        "ε × {eo}",
        _N("words", "label {o}; each z less the largest"),
    ),
    Line(
        _N(
            "words",
            "The log of a sum grows by the sum's growth, divided by the sum. And e^z / Σ e^z is p.",
        ),
        "ε × {eo} / {total} = ε × {po}",
        _OTHER,
    ),
    Line(
        _N(
            "words",
            "Checked: the score moved by 0.0001 both ways changes log Σ e^z so fast.",
        ),
        _N("words", "slope {slope}, p = {po}"),
        _OTHER,
    ),
    Line(
        _N(
            "words",
            "So each score's gradient begins with its probability: a copy of `y`. The "
            "part −z at the right label comes next.",
        ),
        "{yo}",
        _N("words", "`dz[{n}, {o}]`"),
    ),
)


def _copy(of: Evidence) -> Reason:
    s = Scores(of)
    y = of.result
    n, o = s.n, s.other
    z = s.z[n]
    rise = np.logaddexp.reduce(z + 1e-4 * (np.arange(len(z)) == o)) - np.logaddexp.reduce(
        z - 1e-4 * (np.arange(len(z)) == o)
    )
    facts = facts_of(s) | {"yo": y[n, o], "slope": float(rise) / 2e-4}
    scale = float(np.abs(z).max())
    return Reason(
        _ONE_SCORE,
        facts,
        prove(
            _COPY,
            (Equal("loss", float(np.log(np.exp(z).sum()) - z[s.label]), scale),),
            (Equal("eo", math.exp(z[o] - z.max())),),
            (Equal("po", float(s.e[n, o] / s.total[n, 0])),),
            (Equal("slope", float(s.p[n, o]), tolerance=_LIMIT),),
            (Equal("yo", float(s.p[n, o])), Same(y, s.p)),
        ),
    )


_MINUS_ONE = (
    Line(
        _N(
            "words",
            "The loss of image {n} is log Σ e^z, less `z[{n}, {t}]`, the score of the right label.",
        ),
        "{logsum:5} − {zt:5()} = {loss}",
        _RIGHT,
    ),
    Line(
        _N(
            "words",
            "Let that score grow by ε. The first part grows by ε × p, the second takes "
            "off ε: together p − 1.",
        ),
        "{y:4} − 1 = {dt}",
        _RIGHT,
    ),
    Line(
        _N("words", "Any other score is in the first part alone: there p stays as it is."),
        "{yo} − 0 = {do}",
        _OTHER,
    ),
    Line(
        _N(
            "words",
            "A row adds up to 0: as the right label is to gain, the others are to lose.",
        ),
        "{dt} + {others} = {zero}",
        _N("words", "label {t}, all others"),
    ),
    Line(
        _N(
            "words",
            "Below 0 at the right label: a higher score there lowers the loss. The same holds in "
            "all {N} rows.",
        ),
        "p − t",
        _N("words", "t: 1 at the right label, else 0"),
    ),
)


def _minus_one(of: Evidence) -> Reason:
    s = Scores(of)
    n, t, o = s.n, s.label, s.other
    y, dz = of.operand(0), of.result
    facts = facts_of(s) | {
        "y": y[n, t], "yo": y[n, o], "dt": dz[n, t], "do": dz[n, o], "others": y[n].sum() - y[n, t],
        "slope": s.slope(t), "zero": s.p[n].sum() - 1.0,
    }  # fmt: skip
    facts["zero"] = round(float(facts["zero"]), 9) + 0.0
    return Reason(
        _ONE_SCORE,
        facts,
        prove(
            _MINUS_ONE,
            (
                Equal(
                    "loss",
                    float(np.log(np.exp(s.z[n]).sum()) - s.z[n, t]),
                    float(np.abs(s.z[n]).max()),
                ),
            ),
            (Equal("dt", s.slope(t), 1.0), Equal("dt", float(y[n, t]) - 1, 1.0)),
            (Equal("do", s.slope(o), 1.0),),
            (Equal("zero", float(facts["dt"]) + float(facts["others"]), 1.0),),
            (Same(dz, s.p - _one_hot(s)),),
        ),
    )


def _one_hot(s: Scores) -> Array:
    found: Array = np.eye(s.z.shape[1])[s.t]
    return found


_DIVIDED = (
    Line(
        _N(
            "words",
            "So far, `dz[{n}, {k}]` says how the loss of image {n} changes with `z[{n}, {k}]`.",
        ),
        "{p:4} − {hot} = {dz}",
        _N("words", "image {n}, label {k}"),
    ),
    Line(
        _N(
            "words",
            "The loss of the network is the mean over {images}: their losses added, divided by "
            "{N}.",
        ),
        "{sum} / {N} = {mean}",
        "{images}",
    ),
    Line(
        _N("words", "Image {n} enters that mean with 1/{N} of its own loss, no more."),
        "{loss} / {N} = {part}",
        _IMAGE,
    ),
    Line(
        _N("words", "So its score moves the mean by 1/{N} of what it moves its own loss."),
        "{dz} / {N} = {out}",
        _N("words", "image {n}, label {k}"),
    ),
    Line(
        _N(
            "words",
            "For all images and labels at once: `dz = (p − t) / N`, with t = 1 at the right "
            "label, else 0.",
        ),
        "{zs} / {N} → {zs}",
    ),
)


def _divided(of: Evidence) -> Reason:
    s = Scores(of)
    n, k = of.cell(default=(s.n, s.label))
    dz, out = of.operand(0), of.result
    N = len(dz)
    up = s.z.copy()
    up[n, k] += 1e-4
    down = s.z.copy()
    down[n, k] -= 1e-4
    measured = (_mean_loss(up, s.t) - _mean_loss(down, s.t)) / 2e-4
    facts = facts_of(s) | {
        "n": n, "k": k, "p": s.p[n, k], "hot": int(k == s.t[n]), "dz": dz[n, k], "out": out[n, k],
        "loss": s.losses[n], "mean": s.losses.mean(), "sum": s.losses.sum(), "measured": measured,
        "part": s.losses[n] / N,
    }  # fmt: skip
    return Reason(
        _ONE_SCORE,
        facts,
        prove(
            _DIVIDED,
            (Equal("dz", float(s.p[n, k]) - facts["hot"], 1.0),),
            (Equal("mean", float(s.losses.sum()) / N),),
            (Equal("part", float(s.losses[n]) * (1 / N)),),
            (
                Equal("out", float(dz[n, k]) * (1 / N)),
                Equal("measured", float(out[n, k]), 1 / N),
            ),
            (Same(out, (s.p - _one_hot(s)) / N),),
        ),
        Trial(of.before.name, (n, k), _NUDGE, _NUDGE * float(out[n, k])),
    )


def _mean_loss(z: Array, t: Array) -> float:
    right = z[np.arange(len(z)), t]
    return float((np.logaddexp.reduce(z, axis=1) - right).mean())


_BACKWARD = "SoftmaxWithLoss.backward"

GRADIENT: Rules = {
    Key(_BACKWARD, When.COMPUTED, "self.y.copy()"): Rule(_N("words", "Why begin with p?"), _copy),
    Key(_BACKWARD, When.RAN, "dz[rows, self.t] -= 1"): Rule(
        _N("words", "Why minus 1?"), _minus_one
    ),
    Key(_BACKWARD, When.COMPUTED, "dz / len(dz)"): Rule(
        _N("words", "Why divide by {n}?"), _divided
    ),
}
