"""The health pill."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from engine.debug.health.arrays import Health, measure
from gui.look.theme import DARK, LIGHT
from gui.views.variables.health_pill import GAP, LEAST, paint_pill, segments

COUNTS = st.integers(0, 10**7)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, st.floats(20, 80))
def test_the_parts_fill_the_pill_and_none_is_lost(nan, inf, negative, zero, positive, width):
    count = nan + inf + negative + zero + positive
    health = Health(count, nan, inf, negative, zero, positive, None, None, None, None, None)
    parts = segments(health, width)
    shown = {token for token, _ in parts}
    assert ("nan" in shown) == (nan + inf > 0)
    assert ("negative" in shown) == (negative > 0)
    assert ("zero" in shown) == (zero > 0)
    assert ("positive" in shown) == (positive > 0)
    assert all(part >= LEAST - 1e-9 for _, part in parts)
    if parts:
        assert sum(part for _, part in parts) + GAP * (len(parts) - 1) == pytest.approx(width)


def painted(array, theme) -> QImage:
    image = QImage(60, 20, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.panel))
    painter = QPainter(image)
    paint_pill(painter, QRectF(10, 5, 40, 10), measure(array), theme)
    painter.end()
    return image


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_negative_is_left_of_positive(qapp, theme):
    image = painted(np.array([-1.0, 1.0]), theme)
    assert image.pixelColor(18, 10) == QColor(theme.negative)
    assert image.pixelColor(42, 10) == QColor(theme.positive)
    assert image.pixelColor(5, 10) == QColor(theme.panel)


def test_a_single_nan_is_seen(qapp):
    array = np.ones(100_000)
    array[77] = np.nan
    image = painted(array, DARK)
    colours = {image.pixelColor(x, y).name() for x in range(10, 14) for y in range(5, 15)}
    reds = [QColor(name) for name in colours]
    assert any(c.blue() > 100 and c.red() > 120 and c.green() < 110 for c in reds)


def test_an_empty_array_has_an_outline(qapp):
    image = painted(np.zeros(0), DARK)
    assert image.pixelColor(30, 10) == QColor(DARK.panel)
    assert image.pixelColor(30, 5) != QColor(DARK.panel)
