"""The contents of a plot on two logarithmic axes: curves, marks and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A curve.

    Attributes:
        name: stands beside it.
        x, y: (n,) above 0; points that are not are left out.
        colour: of line and points.
        mark: pyqtgraph's letter for the form of the points, which tells it apart without colour.
        hollow: whether the points are rings.
        dashed: whether the line is, as of what was not measured.
        points: whether there are any.
    """

    name: str
    x: Array
    y: Array
    colour: str
    mark: str = "o"
    hollow: bool = False
    dashed: bool = False
    points: bool = True


@dataclass(frozen=True, slots=True)
class Marked:
    """A point that is circled, and a line down to the axis with a word beside it."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """All that a plot shows.

    Attributes:
        title, hint: above it, in bold and beside it in grey.
        x_name, y_name: of the axes, with their units.
        series: the curves.
        marked: points that stand out.
        left, right: words at the lower ends of the horizontal axis.
    """

    title: str
    hint: str
    x_name: str
    y_name: str
    series: Sequence[Series] = ()
    marked: Sequence[Marked] = ()
    left: str = ""
    right: str = ""
