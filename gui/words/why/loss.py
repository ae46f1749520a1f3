"""Why the loss is the mean of −log of a probability, and why its labels are checked."""

from __future__ import annotations

import math

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.measured import Unknown
from gui.words.why.evidence import Evidence
from gui.words.why.scores import Scores, facts_of
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, prove, sum_text

_N = to_translate
_IMAGE = _N("words", "image {n}")
_RIGHT = _N("words", "image {n}, right label {t}")
_ABOUT = _N("words", "one image first, then all {N}")


_LOG_TOTAL = (
    Line(
        _N("words", "The loss takes the log of a probability, which is a quotient."),
        "{et} / {total} = {p}",
        _RIGHT,
    ),
    Line(
        _N(
            "words",
            "The log of a quotient is a difference. The log of e to the power of s is s again.",
        ),
        "{st} − log {total} = {logp}",
        _RIGHT,
    ),
    Line(
        _N("words", "So one log is needed for each image: that of its `total`."),
        "log {total} = {logtotal}",
        _IMAGE,
    ),
    Line(
        _N(
            "words",
            "No `total` is below 1, so its log is never below 0, and always a number.",
        ),
        "{rows} → {rows}",
    ),
)


def _log_total(of: Evidence) -> Reason:
    s = Scores(of)
    n = s.n
    facts = facts_of(s) | {"logtotal": of.result[n, 0]}
    scale = abs(s.z[n]).max()
    return Reason(
        _ABOUT,
        facts,
        prove(
            _LOG_TOTAL,
            (Equal("p", float(s.e[n, s.label] / s.total[n, 0])),),
            (Equal("logp", float(s.shifted[n, s.label] - np.log(s.total[n, 0])), scale),),
            (Equal("logtotal", float(np.log(s.total[n, 0])), 1.0),),
            (Same(of.result, np.log(of.operand(0))),),
        ),
    )


_DIFFERENCE = (
    Line(
        _N("words", "The log of each probability is wanted, for the loss."),
        "log {p:4} = {logp}",
        _RIGHT,
    ),
    Line(
        _N("words", "As p = e^s / total, log p is s less the log of the total."),
        "{st} − {logtotal} = {logp}",
        _RIGHT,
    ),
    Line(
        _N(
            "words",
            "A probability may be too small for the number type, and become 0. The log "
            "of 0 is −∞; the difference stays a number.",
        ),
        "log {tiny} = {low}",
        _N("words", "the smallest: image {a}, label {b}"),
    ),
    Line(
        _N("words", "The log of each row's total is taken off all {K} numbers of its row."),
        "{zs} − {rows} → {zs}",
    ),
)


def _difference(of: Evidence) -> Reason:
    s = Scores(of)
    n = s.n
    where = np.unravel_index(int(of.result.argmin()), of.result.shape)
    scale = abs(s.z).max()
    facts = facts_of(s) | {
        "a": int(where[0]), "b": int(where[1]), "low": of.result.min(),
        "tiny": math.exp(of.result.min()), "logp": of.result[n, s.label],
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _DIFFERENCE,
            (Equal("logp", math.log(s.p[n, s.label]), scale),),
            (Equal("logp", float(s.shifted[n, s.label] - np.log(s.total[n, 0])), scale),),
            (Equal("low", float((s.shifted - np.log(s.total)).min()), scale),),
            (Same(of.result, s.z - np.logaddexp.reduce(s.z, axis=1, keepdims=True)),),
        ),
    )


_PICKED = (
    Line(
        _N("words", "Image {n} has the right label {t}. Its log probability is taken out."),
        "log {p:4} = {logp}",
        _RIGHT,
    ),
    Line(
        _N(
            "words",
            "The other labels count all the same: what they have of 1, the right label lacks.",
        ),
        "1 − {others:4} = {p}",
        _N("words", "the other labels together"),
    ),
    Line(
        _N(
            "words",
            "`rows` and `t` name one cell in each row: row 0 at t[0], row 1 at t[1], and so on.",
        ),
        "{zs} → {one}",
        _N("words", "{N} of the cells"),
    ),
)


def _picked(of: Evidence) -> Reason:
    s = Scores(of)
    n = s.n
    if len(of.result) == len(s.z):
        (n,) = of.cell(default=(n,))
    others = float(np.delete(s.p[n], s.label).sum())
    facts = facts_of(s) | {"others": others, "logp": of.result[n]}
    return Reason(
        _ABOUT,
        facts,
        prove(
            _PICKED,
            (Equal("logp", math.log(s.p[n, s.label]), abs(s.z).max()),),
            (Equal("p", 1 - others, 1.0),),
            (Same(of.result, -s.losses),),
        ),
    )


_ADDED = (
    Line(
        _N("words", "Image {n} has the smallest log: its right label got little."),
        "log {p:4} = {logp}",
        _RIGHT,
        term=0,
    ),
    Line(
        _N(
            "words",
            "For images drawn one by one, the probability of all labels is the product of {N} "
            "numbers.",
        ),
        "10^{ten}",
        _N("words", "{N} factors"),
    ),
    Line(
        _N("words", "So small a number is awkward. The log of a product is a sum of logs."),
        "{sum}",
        "{images}",
        term=0,
    ),
)


def _added(of: Evidence) -> Reason:
    s = Scores(of)
    logs = of.operand(0)
    total = float(of.result)
    order = [at[0] for at in of.terms(())]
    n = order[0]
    facts = facts_of(s) | {
        "n": n, "t": int(s.t[n]), "p": s.p[n, s.t[n]], "logp": logs[n], "total": total,
        "sum": sum_text(logs, total, order), "ten": total / math.log(10),
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _ADDED,
            (Equal("logp", math.log(s.p[n, s.t[n]]), abs(s.z).max()),),
            (Equal("ten", float(-np.log10(np.exp(s.losses)).sum()), abs(s.z).max()),),
            (Equal("total", float(-s.losses.sum()), abs(s.z).max()),),
        ),
    )


_MEAN = (
    Line(
        _N(
            "words",
            "−log p is 0 where the right label has p = 1, and grows without end as p goes to 0.",
        ),
        "−log {p:4} = {loss}",
        _RIGHT,
    ),
    Line(
        _N("words", "With half that probability, −log p is log 2 = {more} larger, wherever p was."),
        "−log {half:4} = {loss2}",
        _IMAGE,
    ),
    Line(
        _N("words", "The losses of {images} are added up, and the sum is divided by {N}."),
        "{sum} / {N} = {mean}",
        "{images}",
    ),
    Line(
        _N(
            "words",
            "As a mean it does not grow with the minibatch. This is where the 1/{N} of "
            "the backward pass comes from.",
        ),
        "1 / {N} × {loss} + …",
        _N("words", "each image: 1/{N} of it"),
    ),
    Line(
        _N(
            "words",
            "To compare: the same p = 1/{K} for each of {K} labels gives a loss of log {K}.",
        ),
        "−log (1/{K}) = {equal}",
        _N("words", "equal guesses"),
    ),
)


def _mean(of: Evidence) -> Reason:
    s = Scores(of)
    loss = float(of.result)
    facts = facts_of(s) | {
        "half": s.p[s.n, s.label] / 2, "more": math.log(2), "loss2": s.losses[s.n] + math.log(2),
        "sum": s.losses.sum(), "mean": loss, "equal": math.log(s.z.shape[1]),
    }  # fmt: skip
    return Reason(
        _ABOUT,
        facts,
        prove(
            _MEAN,
            (Equal("loss", -math.log(s.p[s.n, s.label])),),
            (Equal("loss2", -math.log(facts["half"])),),
            (Equal("mean", float(s.losses.sum()) / len(s.z)),),
            (Equal("mean", float((s.losses * (1 / len(s.z))).sum())),),
            (Equal("equal", -math.log(1 / s.z.shape[1])),),
        ),
    )


_CHECKED = (
    Line(
        _N(
            "words",
            "A label says which of {K} scores is the right one: it is a place, 0 to {last}.",
        ),
        _N("words", "labels {low} to {high}"),
    ),
    Line(
        _N(
            "words",
            "numpy reads the place −1 as the last one. A label below 0 would give a "
            "wrong loss, without an error.",
        ),
        "−1 → {last}",
    ),
    Line(
        _N("words", "So it is asked once, for all {N}: is any below 0, or {K} or more."),
        _N("words", "{outside} of {N}"),
    ),
)


def _checked(of: Evidence) -> Reason:
    t = np.asarray(of.value("t"))
    shape = of.array("z").shape
    if t.ndim != 1 or t.dtype.kind not in "iu" or len(shape) != 2:
        raise Unknown
    facts = {
        "low": int(t.min()), "high": int(t.max()), "K": shape[1], "last": shape[1] - 1,
        "N": len(t), "outside": int(((t < 0) | (t >= shape[1])).sum()),
    }  # fmt: skip
    return Reason(
        _N("words", "all {N} labels"),
        facts,
        prove(
            _CHECKED,
            (Equal("low", float(np.sort(t)[0])), Equal("high", float(np.sort(t)[-1]))),
            (Equal("last", float(np.arange(shape[1])[-1])),),
            (Equal("outside", float(len(t) - np.isin(t, np.arange(shape[1])).sum())),),
        ),
    )


_FORWARD, _COMPUTED = "SoftmaxWithLoss.forward", When.COMPUTED

LOSS: Rules = {
    Key(_FORWARD, _COMPUTED, "np.log(total)"): Rule(
        _N("words", "Why the log of the total?"), _log_total
    ),
    Key(_FORWARD, _COMPUTED, "shifted - np.log(total)"): Rule(
        _N("words", "Why a difference?"), _difference
    ),
    Key(_FORWARD, _COMPUTED, "log_y[rows, self.t]"): Rule(
        _N("words", "Why only the right label?"), _picked
    ),
    Key(_FORWARD, _COMPUTED, "log_y[rows, self.t].sum()"): Rule(
        _N("words", "Why add the logs?"), _added
    ),
    Key(_FORWARD, _COMPUTED, "-log_y[rows, self.t].sum() / len(z)"): Rule(
        _N("words", "Why the mean of −log p?"), _mean
    ),
    Key("class_numbers", _COMPUTED, "t.min() < 0 or t.max() >= K"): Rule(
        _N("words", "Why check the labels?"), _checked
    ),
}
