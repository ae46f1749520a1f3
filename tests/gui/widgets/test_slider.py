"""A click in a slider's groove goes there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from gui.widgets.slider import Slider


@pytest.mark.parametrize("share", [0.0, 0.25, 0.65, 1.0])
def test_a_click_goes_to_where_it_was_made(qtbot, share):
    slider = Slider(Qt.Orientation.Horizontal)
    qtbot.addWidget(slider)
    slider.setMaximum(1000)
    slider.resize(400, 20)
    slider.show()
    spot = QPoint(round(share * (slider.width() - 1)), slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=spot)
    assert abs(slider.value() - 1000 * share) <= 25
