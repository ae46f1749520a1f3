"""The scores of one image as an example: its right label, and the likeliest other."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from gui.words.measured import Unknown
from gui.words.saying import count
from gui.words.why.evidence import Array, Evidence, exact

_TOO_LARGE = 700.0  # e to the power of it is near the end of float64


class Scores:
    """Scores z (N, K), labels t (N,), and all that softmax makes of them, in float64.

    The example is the image whose right label has a probability near one half, unless a row was
    asked for: its bars are neither full nor empty.
    """

    def __init__(self, of: Evidence) -> None:
        self.z = exact(of.before.output) if of.goes_back else of.array("z")
        labels = np.asarray(of.value("self.t"))
        if self.z.ndim != 2 or labels.shape != self.z.shape[:1] or labels.dtype.kind not in "iu":
            raise Unknown
        if np.abs(self.z).max() > _TOO_LARGE:
            raise Unknown
        self.t = labels.astype(np.int64)
        right = self.p[np.arange(len(self.z)), self.t]
        self.n = of.row(int(np.abs(right - 0.5).argmin()))
        self.label = int(self.t[self.n])
        others = self.p[self.n].copy()
        others[self.label] = -1
        self.other = int(others.argmax())

    @cached_property
    def top(self) -> Array:
        """(N, 1), the largest score of each row."""
        found: Array = self.z.max(axis=1, keepdims=True)
        return found

    @cached_property
    def shifted(self) -> Array:
        """(N, K), the largest of each row is 0."""
        found: Array = self.z - self.top
        return found

    @cached_property
    def e(self) -> Array:
        """(N, K)."""
        found: Array = np.exp(self.shifted)
        return found

    @cached_property
    def total(self) -> Array:
        """(N, 1)."""
        found: Array = self.e.sum(axis=1, keepdims=True)
        return found

    @cached_property
    def p(self) -> Array:
        """(N, K), computed from the scores as they are, not from the shifted ones."""
        logs: Array = self.z - np.logaddexp.reduce(self.z, axis=1, keepdims=True)
        found: Array = np.exp(logs)
        return found

    @cached_property
    def losses(self) -> Array:
        """(N,)."""
        right = self.z[np.arange(len(self.z)), self.t]
        found: Array = np.logaddexp.reduce(self.z, axis=1) - right
        return found

    def slope(self, k: int) -> float:
        """How the example's loss changes with score k, by moving it a little both ways."""
        nudge = 1e-4
        moved = self.z[self.n] + np.outer((nudge, -nudge), np.arange(self.z.shape[1]) == k)
        up, down = np.logaddexp.reduce(moved, axis=1) - moved[:, self.label]
        return float(up - down) / (2 * nudge)


def facts_of(s: Scores) -> dict[str, Any]:
    """The numbers of the example: its right label t, and the likeliest other, o."""
    n, t, o = s.n, s.label, s.other
    p = s.p[n]
    return {
        "n": n, "t": t, "o": o, "N": len(s.z), "K": s.z.shape[1],
        "images": count(len(s.z), "image"), "zt": s.z[n, t],
        "st": s.shifted[n, t], "et": s.e[n, t], "eo": s.e[n, o], "total": s.total[n, 0],
        "logtotal": np.log(s.total[n, 0]), "p": p[t], "po": p[o], "logp": -s.losses[n],
        "loss": s.losses[n], "logsum": s.z[n, t] + s.losses[n], "rest": 1 - p[t],
        "zs": s.z.shape, "rows": (len(s.z), 1), "one": (len(s.z),),
    }  # fmt: skip
