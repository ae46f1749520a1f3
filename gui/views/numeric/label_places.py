"""Candidate places for the names of curves, and the cost of each."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
CROWD = 45  # pixels around a point; another curve within them makes a name ambiguous
BETWEEN = 8  # points per line segment that names avoid


def along(points: tuple[str, Array, Array]) -> Array:
    """(m, 2) points on a curve, in powers of ten, that names avoid."""
    _, x, y = points
    order = np.arange(len(x))
    places = np.linspace(0, len(x) - 1, BETWEEN * (len(x) - 1) + 1)
    return np.column_stack([np.interp(places, order, np.log10(v)) for v in (x, y)])


def beside(width: float, height: float) -> Array:
    """(16, 2) candidate places of a name of this size beside its point: the corner's offset.

    The best come first. The last are rows of their own, for names of points that coincide.
    """
    w, h = width, height
    return np.array([
        (10, -h / 2), (6, -h - 4), (-w / 2, -h - 6), (-w - 10, -h / 2), (-w / 2, 6), (6, 4),
        (-w - 6, 4), (-w - 6, -h - 4),
        *((x, (row - 0.5) * h) for row in (-1, 1, -2, 2) for x in (10, -w - 10)),
    ])  # fmt: skip


def crowd(at: Array, dots: Array) -> Array:
    """(n,) the number of curves around each point: a name is clear where its curve is alone."""
    distance = np.abs(at[:, None, :] - dots[None]).max(axis=2)
    crowded: Array = (distance < CROWD).sum(axis=1) / BETWEEN
    return crowded


def costs(boxes: Array, dots: Array, taken: Array, width: float, height: float) -> Array:
    """(n,) the cost of each place (left, top, right, bottom): outside, on a name, on curves.

    A place on another name costs by the share of it that is hidden.
    """
    left, top, right, bottom = boxes.T[:, :, None]
    outside = (left < 0) | (top < 0) | (right > width) | (bottom > height)
    across = np.minimum(right, taken[:, 2]) - np.maximum(left, taken[:, 0])
    down = np.minimum(bottom, taken[:, 3]) - np.maximum(top, taken[:, 1])
    upon = np.clip(across, 0, None) * np.clip(down, 0, None) / ((right - left) * (bottom - top))
    x, y = dots.T
    covered = (x > left) & (x < right) & (y > top) & (y < bottom)
    total: Array = 1000 * outside[:, 0] + 100 * upon.sum(axis=1) + covered.sum(axis=1)
    return total
