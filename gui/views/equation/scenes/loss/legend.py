"""What the marks and the colours of the loss's cards mean, by the stop."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.dialogs.wording import to_translate
from gui.paint.values import MINUS
from gui.views.equation.scenes.loss.numbers import Array, Stop
from gui.words.captions import LegendEntry
from gui.words.quantity import Swatch

_N = to_translate
_RED, _BLUE = _N("loss", "Red"), _N("loss", "Blue")
_Entry = tuple[Swatch, str, str]
_LABEL: _Entry = (Swatch.TRIANGLE, "", _N("loss", "the right label"))
_ALONE: _Entry = (Swatch.TRIANGLE, "", _N("loss", "the right label: its bar alone counts"))
_SHARE: _Entry = (Swatch.NONE, "p", _N("loss", "the probability of a label, from 0 to 1"))
_POWER: _Entry = (
    Swatch.NONE,
    "e",
    _N("loss", "exp(z − max): 1 at the largest score"),
)
_SURPRISE: _Entry = (
    Swatch.NONE, f"{MINUS}log p", _N("loss", "the surprise: 0 at p = 1, no limit toward p = 0"),
)  # fmt: skip
_TARGET: _Entry = (Swatch.NONE, "t", _N("loss", "the dashed outline: 1 at the right label, else 0"))
_ASKS: tuple[_Entry, ...] = (
    (Swatch.POSITIVE, _RED, _N("loss", "p is above t: asks for a lower score")),
    (Swatch.NEGATIVE, _BLUE, _N("loss", "p is below t: asks for a higher score")),
)

_ENTRIES: dict[Stop, tuple[_Entry, ...]] = {
    Stop.SCORES: (
        (Swatch.POSITIVE, _RED, _N("loss", "a score z above 0")),
        (Swatch.NEGATIVE, _BLUE, _N("loss", "a score z below 0")),
    ),
    Stop.SHIFTED: (
        _LABEL,
        (Swatch.NEGATIVE, _BLUE, _N("loss", "how far a score is below the largest")),
    ),
    Stop.POWERS: (_LABEL, _POWER),
    Stop.SUMS: (_LABEL, _POWER),
    Stop.PROBABILITIES: (_LABEL, _SHARE),
    Stop.LOG_SUMS: (_LABEL, _SHARE),
    Stop.LOGS: (
        _LABEL,
        (Swatch.NEGATIVE, _BLUE, _N("loss", "log p: 0 at p = 1, no limit toward p = 0")),
    ),
    Stop.SURPRISES: (_ALONE, _SURPRISE),
    Stop.TOTAL: (_ALONE, _SURPRISE),
    Stop.MEAN: (_ALONE, _SURPRISE),
    Stop.COPY: (_LABEL, _TARGET),
    Stop.DIFFERENCE: _ASKS,
    Stop.DIVIDED: _ASKS,
    Stop.FOUND: (_LABEL, _SHARE),
}


def legend_at(stop: Stop, bars: Array) -> tuple[LegendEntry, ...]:
    """The legend of the cards at a stop; no colour that none of their bars has."""
    lacks = {
        Swatch.POSITIVE: not (bars > 0).any(),
        Swatch.NEGATIVE: not (bars < 0).any(),
    }
    kept = [entry for entry in _ENTRIES[stop] if not lacks.get(entry[0], False)]
    if len(kept) < len(_ENTRIES[stop]) and _LABEL not in kept:
        kept.insert(0, _LABEL)
    return tuple(LegendEntry(swatch, _said(name), _said(text)) for swatch, name, text in kept)


def _said(text: str) -> str:
    return QCoreApplication.translate("loss", text) if text else ""
