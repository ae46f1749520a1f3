"""The names beside the curves of a plot on logarithmic axes."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from gui.look.theme import LIGHT
from gui.views.numeric.chart import Chart, Marked, Series
from gui.views.numeric.log_plot import LogPlot

BEGUN = {  # what is known of the error against h after a few of its points
    "central, float64": ([1e-3, 0.1], [5e-8, 5e-4]),
    "central, float32": ([0.1], [5.2e-4]),
    "forward, float64": ([0.1], [0.03]),
    "forward, float32": ([0.1], [0.03]),
    "complex, float64": ([0.1], [4.9e-4]),
    "complex, float32": ([0.1], [4.9e-4]),
}


def test_names_of_points_that_coincide_lie_beside_each_other(qtbot):
    plot = LogPlot(LIGHT)
    qtbot.addWidget(plot)
    plot.resize(430, 540)
    with qtbot.waitExposed(plot):
        plot.show()
    series = [Series(name, np.array(x), np.array(y), "#0066cc") for name, (x, y) in BEGUN.items()]
    marked = [Marked(1e-3, 5e-8, "best h 0.001")]
    with qtbot.waitSignal(plot._due.timeout):
        plot.show_chart(Chart("Error", "", "h", "error", series, marked, "round-off", "truncation"))
    boxes = [(label.item.toPlainText(), label.item.sceneBoundingRect()) for label in plot._labels]
    assert {name for name, _ in boxes} >= {*BEGUN, "best h 0.001"}
    view = plot.plot.getViewBox().sceneBoundingRect()
    assert [name for name, box in boxes if not view.adjusted(-1, -1, 1, 1).contains(box)] == []
    crossed = [
        (a, b)
        for (a, one), (b, other) in combinations(boxes, 2)
        if one.adjusted(1, 1, -1, -1).intersects(other)
    ]
    assert crossed == []
