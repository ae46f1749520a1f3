"""The maps of a gradient: numerical, by backpropagation, and their difference."""

from __future__ import annotations

import numpy as np

from gui.look.theme import DARK
from gui.views.numeric.values import NEXT_MS, ValuesPane


def test_maps_that_wait_are_forgotten_with_their_values(qtbot):
    """One map is drawn at a time; the trial that they belong to may be gone before the last."""
    pane = ValuesPane(DARK)
    qtbot.addWidget(pane)
    pane.offer(["W"], [])
    right = np.ones((2, 3))
    pane.show_values({"W": right}, {"W": right}, [])
    pane.show_values({"W": right + 1}, {"W": right}, [])  # now one by one
    assert pane._next.isActive()
    with qtbot.assertNotEmitted(pane._next.timeout, wait=3 * NEXT_MS):
        pane.show_values({}, {}, [])
