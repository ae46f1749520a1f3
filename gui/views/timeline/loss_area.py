"""The loss of a whole run in a strip of the timeline.

Drawn pixel by pixel: a thousand strokes of a painter would take longer than a frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from gui.look.theme import Theme, mix
from gui.paint.heatmap import to_image
from gui.paint.plots.curves import envelope

Array = np.ndarray[Any, Any]


def loss_area(
    losses: Array, width: int, height: int, theme: Theme, unknown: bool = False
) -> QImage:
    """The losses as an area under a line, `width` × `height` device pixels; every peak is kept.

    `unknown`: NaN means that a loss is not known, and is not drawn.
    """
    low, high = envelope(losses, width)
    if len(losses) < width:
        at = np.linspace(0, len(losses) - 1, width)
        low = high = np.interp(at, np.arange(len(losses)), losses)
    good = high[np.isfinite(high)]
    top = (1.15 * float(np.percentile(good, 99)) if good.size else 0.0) or 1.0
    # Rows from the top; non-finite losses are drawn as a loss beyond the scale.
    high, low = (
        height * (1 - np.nan_to_num(v / top, nan=-2.0 if unknown else 2.0, posinf=2.0).clip(0, 1))
        for v in (high, low)
    )
    neighbours = np.maximum(np.roll(high, 1), np.roll(high, -1))
    neighbours[[0, -1]] = high[[0, -1]]
    foot = np.maximum(np.maximum(low, (high + neighbours) / 2), high + 1)
    rows = np.arange(height)[:, None]
    below_line = (rows + 1 - high).clip(0, 1)[..., None]
    below_foot = (rows + 1 - foot).clip(0, 1)[..., None]
    ground, line, area = (
        np.array([mixed.red(), mixed.green(), mixed.blue()], dtype=np.float32)
        for mixed in (mix(theme.accent, theme.panel, share) for share in (0.06, 1.0, 0.32))
    )
    pixels = ground + (line - ground) * below_line + (area - line) * below_foot
    red, green, blue = np.moveaxis(pixels.round().astype(np.uint32), -1, 0)
    return to_image(0xFF000000 | red << 16 | green << 8 | blue)
