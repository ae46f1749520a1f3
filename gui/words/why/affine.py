"""Why an affine layer computes what it computes: the product, the bias, and their gradients."""

from __future__ import annotations

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.saying import say
from gui.words.why.derivation import Trial
from gui.words.why.evidence import Array, Evidence, exact, moves
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, counted, prove, sum_text

_N = to_translate
NUDGE = 0.001  # what a trial adds to a number
_IMAGE = _N("words", "image {n}")


def _input(of: Evidence) -> str:
    """What an input of the layer is called."""
    return say(_N("words", "pixel")) if of.takes_pixels else say(_N("words", "input"))


_PRODUCT = (
    Line(
        _N("words", "Column {j} of `W` holds {D} weights of unit {j}, one for each input."),
        _N("words", "{above} above 0, {below} below 0"),
        _N("words", "`W[:, {j}]`"),
    ),
    Line(
        _N(
            "words",
            "A weight says how much its input counts, and which way. The largest share "
            "comes from {input} {i}.",
        ),
        "{x} × {w:()} = {xw}",
        _IMAGE,
        term=0,
    ),
    Line(
        _N("words", "The {D} products are added up to one number, `z[{n}, {j}]`."),
        "{sum}",
        _N("words", "{live} of {D} are not 0"),
        term=0,
    ),
    Line(
        _N(
            "words",
            "It is high where large inputs meet weights above 0, low where they meet "
            "weights below 0.",
        ),
        "{up} − {down} = {z}",
        _N("words", "products above 0, and below"),
    ),
    Line(
        _N(
            "words",
            "Every row of `x` meets every column of `W` in this way: that is the product `x W`.",
        ),
        "{xs} @ {Ws} → {zs}",
        _N("words", "each cell: {D} products"),
    ),
)


def _product(of: Evidence) -> Reason:
    x, W = of.operand(0), of.operand(1)
    n, j = of.cell()
    order = [at[0] for at in of.terms((n, j))]
    i = order[0]
    products = x[n] * W[:, j]
    scale = float(np.abs(products).sum())
    facts = {
        "n": n, "j": j, "i": i, "D": len(W), "M": W.shape[1], "N": len(x), "input": _input(of),
        "size": counted(of.result.size), "x": x[n, i], "w": W[i, j], "xw": products[i],
        "sum": sum_text(products, of.result[n, j], order), "z": of.result[n, j],
        "up": products[products > 0].sum(), "down": -products[products < 0].sum(),
        "above": int((W[:, j] > 0).sum()), "below": int((W[:, j] < 0).sum()),
        "xs": x.shape, "Ws": W.shape, "zs": of.result.shape, "live": np.count_nonzero(products),
    }  # fmt: skip
    exact = float(x[n] @ W[:, j])
    return Reason(
        _N("words", "one number first, then all {size}"),
        facts,
        prove(
            _PRODUCT,
            (Equal("above", float(np.count_nonzero(np.clip(W[:, j], 0, None)))),),
            (Equal("xw", float(x[n, i]) * float(W[i, j])),),
            (Equal("z", exact, scale),),
            (Equal("z", float(facts["up"]) - float(facts["down"]), scale),),
            (Same(of.result, x @ W),),
        ),
    )


_BIAS = (
    Line(
        _N(
            "words",
            "With inputs that are all 0 the product is 0, whatever the weights. The bias "
            "lets unit {j} start elsewhere.",
        ),
        "0 + {b:()} = {b}",
        _N("words", "unit {j}"),
    ),
    Line(
        _N("words", "It is a number of the unit, not of an image. Image {n} gets `b[{j}]` …"),
        "{xw} + {b:()} = {z}",
        _IMAGE,
    ),
    Line(
        _N("words", "… and so does every other image: {N} rows, the same `b[{j}]`."),
        "{xw2} + {b:()} = {z2}",
        _N("words", "image {other}"),
    ),
    Line(
        _N(
            "words",
            "numpy adds `b` to each row without copying it {N} times. This is called a broadcast.",
        ),
        "{xWs} + {bs} → {xWs}",
    ),
)
_NO_BIAS = (
    Line(
        _N("words", "These biases are still 0, so nothing changes until an update."),
        _N("words", "largest |b| = {largest}"),
    ),
)


def _bias(of: Evidence) -> Reason:
    xW, b = of.operand(0), of.operand(1)
    n, j = of.cell(default=(_any_row(of), int(np.abs(b).argmax())))
    other = (n + 1) % len(xW)
    facts = {
        "n": n, "j": j, "other": other, "N": len(xW), "M": len(b), "b": b[j], "xw": xW[n, j],
        "z": of.result[n, j], "xw2": xW[other, j], "z2": of.result[other, j],
        "xWs": xW.shape, "bs": b.shape, "largest": np.abs(b).max(),
    }  # fmt: skip
    lines = [
        *prove(
            _BIAS,
            (Equal("b", float(of.result[n, j] - xW[n, j]), abs(xW[n, j])),),
            (Equal("z", xW[n, j] + b[j], abs(xW[n, j])),),
            (Equal("z2", xW[other, j] + b[j], abs(xW[other, j])),),
            (Same(of.result, xW + np.tile(b, (len(xW), 1))),),
        )
    ]
    if not b.any():
        still = Equal("largest", float(np.abs(of.result - xW).max()))
        lines += prove(_NO_BIAS, (still,))
    return Reason(_N("words", "one unit first, then all {M}"), facts, lines)


def _any_row(of: Evidence) -> int:
    """A row with much to see: the one with the largest number of the result."""
    return of.cell()[0]


_WEIGHTS = (
    Line(
        _N(
            "words",
            "`W[{i}, {j}]` meets {input} {i} of every image n, adding "
            "`x[n, {i}] × W[{i}, {j}]` to `z[n, {j}]`.",
        ),
        "{x} × {w:()} = {xw}",
        _IMAGE,
    ),
    Line(
        _N(
            "words",
            "`dout[n, {j}]` is known: how fast the loss {moves} as `z[n, {j}]` grows.",
        ),
        "dout = {d}",
        _IMAGE,
    ),
    Line(
        _N(
            "words",
            "Let the weight grow by a little ε: z grows by `ε × x[n, {i}]`, the loss by that "
            "times `dout[n, {j}]`.",
        ),
        "ε × {x} × {d:()} = {xd} ε",
        _IMAGE,
        term=0,
    ),
    Line(
        _N(
            "words",
            "The shares add up: `dW[{i}, {j}]` is the sum over n of `x[n, {i}] × dout[n, {j}]`"
            "{mean}.",
        ),
        "{sum}",
        _N("words", "{live} of {N} are not 0"),
        term=0,
    ),
    Line(
        _N(
            "words",
            "That is row {i} of `xᵀ` times column {j} of `dout`. For every weight at "
            "once: `dW = xᵀ dout`.",
        ),
        "{xs} @ {ds} → {Ws}",
        _N("words", "each cell: {N} products"),
    ),
)


def _weights(of: Evidence) -> Reason:
    x, dout = of.operand(0).T, of.operand(1)
    W = of.array("self.W")
    i, j = of.cell()
    order = [at[0] for at in of.terms((i, j))]
    n = order[0]
    products = x[:, i] * dout[:, j]
    dW = float(of.result[i, j])
    scale = float(np.abs(products).sum())
    facts = {
        "n": n, "i": i, "j": j, "N": len(x), "input": _input(of), "size": counted(W.size),
        "x": x[n, i], "w": W[i, j], "xw": x[n, i] * W[i, j], "d": dout[n, j],
        "xd": products[n], "sum": sum_text(products, dW, order), "dw": dW,
        "live": np.count_nonzero(products), "xs": x.T.shape, "ds": dout.shape, "Ws": W.shape,
        "moves": moves(dout[n, j]), "mean": of.mean_in_dout(len(x)),
    }  # fmt: skip
    return Reason(
        _N("words", "one weight first, then all {size}"),
        facts,
        prove(
            _WEIGHTS,
            (Equal("xw", _rise(x[n], W[:, j], i, W[i, j]), abs(x[n]) @ abs(W[:, j])),),
            (Equal("d", products[n] / x[n, i] if x[n, i] else dout[n, j]),),
            (Equal("xd", float(x[n, i]) * float(dout[n, j])),),
            (Equal("dw", float(products.sum()), scale),),
            (Same(of.result, np.einsum("ni,nj->ij", x, dout)),),
        ),
        Trial(f"{of.layer.name}.W", (i, j), NUDGE, NUDGE * dW),
    )


def _rise(x: Array, W: Array, i: int, by: float) -> float:
    """What the weight `by` at input i adds to a product."""
    without = W.copy()
    without[i] -= by
    return float(x @ W - x @ without)


_BIASES = (
    Line(
        _N(
            "words",
            "`b[{j}]` is added to output {j} of every image n, to give `z[n, {j}]`.",
        ),
        "{xw} + {b:()} = {z}",
        _IMAGE,
    ),
    Line(
        _N(
            "words",
            "Let it grow by a little ε: `z[n, {j}]` grows by ε as well, and the loss by "
            "`ε × dout[n, {j}]`.",
        ),
        "ε × 1 × {d:()} = {d} ε",
        _IMAGE,
        term=0,
    ),
    Line(
        _N(
            "words",
            "The one bias reaches every image, and each moves the loss. The shares add up{mean}.",
        ),
        "{sum}",
        _N("words", "{live} of {N} are not 0"),
        term=0,
    ),
    Line(
        _N(
            "words",
            "For every bias at once: each column of `dout` is added up. It is `xᵀ dout` "
            "for an input that is always 1.",
        ),
        "{ds} → {bs}",
        _N("words", "each cell: {N} numbers"),
    ),
)


def _biases(of: Evidence) -> Reason:
    dout = of.operand(0)
    x, W, b = of.array("self.x"), of.array("self.W"), of.array("self.b")
    (j,) = of.cell()
    order = [at[0] for at in of.terms((j,))]
    n = order[0]
    xw, db = float(x[n] @ W[:, j]), float(of.result[j])
    scale = float(np.abs(dout[:, j]).sum())
    facts = {
        "n": n, "j": j, "N": len(dout), "M": len(b), "xw": xw, "b": b[j], "z": xw + b[j],
        "d": dout[n, j], "sum": sum_text(dout[:, j], db, order), "db": db, "ds": dout.shape,
        "bs": b.shape, "live": np.count_nonzero(dout[:, j]), "mean": of.mean_in_dout(len(dout)),
    }  # fmt: skip
    output = exact(of.layer.output)
    return Reason(
        _N("words", "one bias first, then all {M}"),
        facts,
        prove(
            _BIASES,
            (Equal("z", float(output[n, j]), float(np.abs(x[n]) @ np.abs(W[:, j]))),),
            (Equal("d", float(((x @ W)[n, j] + 1.0 - (x @ W)[n, j]) * dout[n, j])),),
            (Equal("db", float(dout[:, j].sum()), scale),),
            (Same(of.result, np.ones(len(dout)) @ dout),),
        ),
        Trial(f"{of.layer.name}.b", (j,), NUDGE, NUDGE * db),
    )


_INPUTS = (
    Line(
        _N(
            "words",
            "`x[{n}, {i}]` goes into each of {M} outputs of image {n}: into `z[{n}, j]` "
            "as `x[{n}, {i}] × W[{i}, j]`.",
        ),
        "{x} × {w:()} = {xw}",
        _N("words", "output {j}"),
    ),
    Line(
        _N(
            "words",
            "Let it grow by a little ε: z grows by `ε × W[{i}, j]`, the loss by that times "
            "`dout[{n}, j]`.",
        ),
        "ε × {d:()} × {w:()} = {wd} ε",
        _N("words", "output {j}"),
        term=0,
    ),
    Line(
        _N(
            "words",
            "All {M} outputs add their share. No other image counts: the input is in its "
            "own row only.",
        ),
        "{sum}",
        _N("words", "{live} of {M} are not 0"),
        term=0,
    ),
    Line(
        _N(
            "words",
            "That is row {n} of `dout` times row {i} of `W`, which is column {i} of `Wᵀ`. "
            "For all at once: `dx = dout Wᵀ`.",
        ),
        "{ds} @ {Wt} → {xs}",
        _N("words", "each cell: {M} products"),
    ),
)


def _inputs(of: Evidence) -> Reason:
    dout, W, x = of.operand(0), of.operand(1).T, of.array("self.x")
    n, i = of.cell()
    order = [at[0] for at in of.terms((n, i))]
    j = order[0]
    products = dout[n] * W[i]
    dx = float(of.result[n, i])
    facts = {
        "n": n, "i": i, "j": j, "M": len(products), "x": x[n, i], "w": W[i, j],
        "xw": x[n, i] * W[i, j], "d": dout[n, j], "wd": products[j], "dx": dx,
        "sum": sum_text(products, dx, order), "ds": dout.shape, "Wt": W.T.shape,
        "xs": x.shape, "size": counted(x.size), "live": np.count_nonzero(products),
    }  # fmt: skip
    trial = None
    if of.layer_number:
        trial = Trial(of.before.name, (n, i), NUDGE, NUDGE * dx)
    return Reason(
        _N("words", "one input of one image first, then all {size}"),
        facts,
        prove(
            _INPUTS,
            (Equal("xw", _rise(W[:, j], x[n], i, x[n, i]), abs(x[n]) @ abs(W[:, j])),),
            (Equal("wd", float(W[i, j]) * float(dout[n, j])),),
            (Equal("dx", float(products.sum()), float(np.abs(products).sum())),),
            (Same(of.result, np.einsum("nj,ij->ni", dout, W)),),
        ),
        trial,
    )


_FORWARD, _BACKWARD, _COMPUTED = "Affine.forward", "Affine.backward", When.COMPUTED

AFFINE: Rules = {
    Key(_FORWARD, _COMPUTED, "x @ self.W"): Rule(_N("words", "Why multiply x by W?"), _product),
    Key(_FORWARD, _COMPUTED, "x @ self.W + self.b"): Rule(
        _N("words", "Why the same b in each row?"), _bias
    ),
    Key(_BACKWARD, _COMPUTED, "self.x.T @ dout"): Rule(_N("words", "Why xᵀ?"), _weights),
    Key(_BACKWARD, _COMPUTED, "dout.sum(axis=0)"): Rule(_N("words", "Why the sum?"), _biases),
    Key(_BACKWARD, _COMPUTED, "dout @ self.W.T"): Rule(_N("words", "Why Wᵀ?"), _inputs),
}
