"""Long curves made short: no peak is lost; an average that grows is the average of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gui.paint.plots.curves import MovingAverage, decimate, envelope

curves = arrays(np.float64, st.integers(1, 600), elements=st.floats(-10, 10))


@given(curves, st.integers(1, 200))
def test_the_envelope_holds_every_peak(values, columns):
    low, high = envelope(values, columns)
    assert low.shape == high.shape == (columns,)
    assert np.all(low <= high)
    if len(values) >= columns:
        assert low.min() == values.min()
        assert high.max() == values.max()


def test_the_envelope_of_nothing_and_of_nan_is_nan():
    assert np.isnan(envelope(np.empty(0), 4)[0]).all()
    low, high = envelope(np.array([1.0, np.nan, np.nan, np.nan]), 2)
    assert low[0] == high[0] == 1.0
    assert np.isnan(low[1])


@given(curves, st.integers(1, 100), st.data())
def test_a_decimated_curve_keeps_its_peaks_and_its_ends(values, points, data):
    first = data.draw(st.integers(0, len(values) - 1))
    last = data.draw(st.integers(first + 1, len(values)))
    x, y = decimate(values, first, last, points)
    assert np.all(np.diff(x) > 0)
    assert first <= x[0] and x[-1] == last - 1
    np.testing.assert_array_equal(y, values[x])
    assert len(x) <= 2 * points + 4
    if last - first > 2 * points:
        width = -(-(last - first) // points)
        whole = first + (last - first) // width * width
        assert y[x < whole].min() == values[first:whole].min()
        assert y[x < whole].max() == values[first:whole].max()


def plainly(values, span):
    out, average = [], 0.0
    for k, value in enumerate(values):
        if np.isfinite(value):
            average += (value - average) / min(k + 1, span)
        out.append(average)
    return out


losses = arrays(
    np.float64,
    st.integers(1, 600),
    elements=st.one_of(st.floats(0, 10), st.sampled_from([np.nan, np.inf, 2.3])),
)


@given(losses, st.lists(st.integers(1, 600), max_size=4), st.sampled_from([1, 7, 50]))
def test_the_average_of_a_growing_curve_is_that_of_the_whole(values, stops, span):
    average = MovingAverage(span)
    for stop in [*sorted(stops), len(values)]:
        got = average.of(values[:stop])
        assert got == pytest.approx(plainly(values[:stop], span))


def test_the_average_begins_anew_when_the_past_is_another():
    average = MovingAverage(10)
    average.of(np.arange(300.0))
    other = np.concatenate([np.arange(100.0), np.zeros(250)])
    assert average.of(other) == pytest.approx(plainly(other, 10))
