"""The stems' numbers are whole where they are written, and cover nothing."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPainter

from gui.look.theme import DARK
from gui.views.gradients import flow
from gui.views.gradients.flow import FlowPlot, FlowStage

NAMES = [f"{kind}{n}" for n in range(6, 0, -1) for kind in ("Sigmoid", "Affine")][1:]


@pytest.mark.parametrize("falls", [0.1, 1.0, 8.0])
@pytest.mark.parametrize("width", [150, 200, 420])
def test_each_number_is_whole_and_covers_no_other(qtbot, monkeypatch, width, falls):
    plot = FlowPlot(DARK)
    qtbot.addWidget(plot)
    plot.resize(width, 280)
    plot.show_stages([FlowStage(name, 0.011 * falls**n) for n, name in enumerate(NAMES)])
    boxes = []
    plain = flow.draw_text

    def draw_text(painter: QPainter, box, text, face, *rest):
        if face == flow._number_face():
            assert face.width(text) <= box.width() and plot.rect().contains(box.toRect())
            boxes.append(box)
        plain(painter, box, text, face, *rest)

    monkeypatch.setattr(flow, "draw_text", draw_text)
    plot.grab()
    assert len(boxes) >= 2
    assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[:n])
