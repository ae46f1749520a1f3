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
        name: the name beside the curve.
        x, y: (n,) positive values; other points are left out.
        colour: the colour of line and points.
        mark: pyqtgraph's letter for the symbol of the points, which identifies it without colour.
        hollow: whether the points are rings.
        dashed: whether the line is dashed, which means extrapolated.
        points: whether points are drawn.
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
    """A circled point, with a line down to the axis and a label beside it."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """The contents of a plot.

    Attributes:
        title, hint: the text above the plot in bold, and beside it in grey.
        x_name, y_name: the names of the axes, with their units.
        series: the curves.
        marked: the points to highlight.
        left, right: texts at the ends of the horizontal axis.
    """

    title: str
    hint: str
    x_name: str
    y_name: str
    series: Sequence[Series] = ()
    marked: Sequence[Marked] = ()
    left: str = ""
    right: str = ""
