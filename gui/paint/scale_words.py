"""Colour scales in words: their range, why one was widened, and how much one clips."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.paint.heatmap import MOST_CLIPPED, MapKind, Scale
from gui.paint.scales import Shown, Widened
from gui.paint.values import number_text

LITTLE = 0.05  # values that use less of the scale than this look like zeros


def scale_text(scale: Scale) -> str:
    """`± 0.072` for a symmetric scale, `1e−11 … 1e−5` for powers of ten, else `0 … 1.0`."""
    if scale.kind is MapKind.ERROR:
        low, high = (number_text(10.0**end, 1) for end in (scale.low, scale.high))
        return f"{low} … {high}"
    high = number_text(scale.high)
    return f"± {high}" if scale.kind is MapKind.SIGNED else f"{number_text(scale.low)} … {high}"


def percent_text(share: float) -> str:
    """`62 %`; of a share that would round to 0 one digit more."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 0.5 else f"{number_text(percent, 1)} %"


def widened_text(widened: Widened, scale: Scale) -> str:
    """How far a kept scale reaches now, and why: `colours now reach ± 5.2 (62 % lay outside)`."""
    translate = QCoreApplication.translate
    if widened.share <= MOST_CLIPPED:
        words = translate("ColourBar", "colours now reach {0} (there are values below 0)")
        return words.format(scale_text(scale))
    words = translate("ColourBar", "colours now reach {0} ({1} lay outside)")
    return words.format(scale_text(scale), percent_text(widened.share))


def use_text(shown: Shown) -> str:
    """The text about a widened scale or hidden values; empty without either.

    `34 % beyond the scale`, `all within 3 % of the scale`.
    """
    translate = QCoreApplication.translate
    if shown.widened is not None:
        return widened_text(shown.widened, shown.scale)
    if shown.much:
        return translate("ColourBar", "{0} beyond the scale").format(percent_text(shown.beyond))
    if 0 < shown.largest < LITTLE * shown.scale.high:
        share = number_text(100 * shown.largest / shown.scale.high, 1)
        return translate("ColourBar", "all within {0} % of the scale").format(share)
    return ""


def use_forms(shown: Shown) -> list[str]:
    """The same text in shorter and shorter forms, the longest first."""
    translate = QCoreApplication.translate
    found = [use_text(shown)]
    if shown.widened is not None:
        scale = scale_text(shown.scale)
        found.append(translate("ColourBar", "colours now reach {0}").format(scale))
        found.append(translate("ColourBar", "now {0}").format(scale))
        found.append(translate("ColourBar", "rescaled"))
    elif shown.much:
        found.append(translate("ColourBar", "{0} clipped").format(percent_text(shown.beyond)))
    return found
