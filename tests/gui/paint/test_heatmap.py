"""Arrays as pictures: the rule of the maps, the scales, and that shrinking loses no hot cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from gui.look.theme import DARK, LIGHT
from gui.paint.heatmap import (
    MOST_CLIPPED,
    NOT_FINITE,
    STEPS,
    MapKind,
    Scale,
    Viewport,
    choose_map,
    choose_scale,
    colour_table,
    colours,
    count_clipped,
    indices,
    pool,
    to_image,
)
from gui.paint.scales import Scales

SIGNED = Scale(MapKind.SIGNED, -1.0, 1.0)


def resample(matrix, width, height, window=None):
    """The value that each device pixel shows, as `colours` picks it."""
    pooled, rows, columns = pool(matrix, width, height, window)
    return pooled[rows[:, None], columns]


sizes = st.tuples(st.integers(1, 90), st.integers(1, 90))


@given(sizes, sizes, st.data())
@settings(max_examples=200, deadline=None)
def test_a_single_hot_cell_is_never_lost(shape, pixels, data):
    matrix = np.full(shape, 0.01, dtype=np.float32)
    row = data.draw(st.integers(0, shape[0] - 1))
    column = data.draw(st.integers(0, shape[1] - 1))
    hot = data.draw(st.sampled_from([-5.0, 5.0, np.nan, np.inf]))
    matrix[row, column] = hot
    shown = resample(matrix, pixels[1], pixels[0])
    assert shown.shape == pixels
    if pixels[0] >= shape[0] and pixels[1] >= shape[1]:
        rows = (np.arange(pixels[0]) + 0.5) * shape[0] // pixels[0]
        columns = (np.arange(pixels[1]) + 0.5) * shape[1] // pixels[1]
        wanted = matrix[rows.astype(int)[:, None], columns.astype(int)]
        np.testing.assert_array_equal(shown, wanted)
    assert np.count_nonzero(~(np.abs(shown) < 1)) >= 1, "the hot cell is gone"


@given(st.integers(2, 60), st.integers(1, 60), st.data())
def test_a_window_shows_no_cell_from_outside_of_it(cells, pixels, data):
    start = data.draw(st.floats(0, cells - 1))
    stop = data.draw(st.floats(start + 0.5, cells))
    row = np.arange(cells, dtype=float)[None, :]
    shown = resample(row, pixels, 1, Viewport(0, start, 1, stop))
    assert shown.min() >= np.floor(start)
    assert shown.max() <= np.ceil(stop)
    if pixels < stop - start:
        assert shown.max() >= np.ceil(stop - 1e-6) - 1, "the last cell in sight is lost"


def test_the_map_follows_from_the_values():
    rng = np.random.default_rng(0)
    x = rng.random((100, 784))
    assert choose_map(rng.normal(size=(784, 50)), 784) is MapKind.SIGNED
    assert choose_map(x, 784) is MapKind.PIXELS
    assert choose_map(x.T, 784) is MapKind.PIXELS
    assert choose_map(x.T / 1000, 784) is MapKind.ACTIVATIONS, "no ink: squares of gradients"
    assert choose_map(rng.random((100, 50)), 784) is MapKind.ACTIVATIONS
    assert choose_map(np.zeros(50)) is MapKind.SIGNED
    assert choose_map(np.array([True, False])) is MapKind.ACTIVATIONS
    assert choose_map(np.array([np.nan, 1.0])) is MapKind.ACTIVATIONS
    assert choose_map(np.array([np.nan])) is MapKind.SIGNED


def test_the_signed_scale_is_the_99th_percentile_and_says_what_it_clips():
    values = np.linspace(-1, 1, 2001)
    values[:15] = -50.0
    scale = choose_scale(values, MapKind.SIGNED)
    assert scale.low == -scale.high
    assert scale.high == pytest.approx(np.percentile(np.abs(values), 99))
    clipped = count_clipped(values, scale)
    assert clipped == (np.sum(values < scale.low), np.sum(values > scale.high), 0)
    assert clipped.below > clipped.above > 0


def test_one_value_in_a_field_of_zeros_still_has_a_scale():
    values = np.zeros((784, 50))
    values[3, 4] = -0.5
    assert choose_scale(values, MapKind.SIGNED) == Scale(MapKind.SIGNED, -0.5, 0.5)


def test_not_finite_cells_are_counted_apart_from_clipped_ones():
    values = np.array([np.nan, np.inf, -np.inf, -3.0, 0.5])
    assert count_clipped(values, SIGNED) == (1, 0, 3)


def test_a_scale_is_kept_until_it_is_forgotten():
    scales = Scales()
    first = scales.scale("dW", np.array([-1.0, 1.0]))
    assert scales.scale("dW", np.array([-1e-6, 1e-6])) == first
    assert scales.scale("dW", np.array([0.5, 1.0])) == first, "signed stays signed"
    scales.forget("dW")
    assert scales.scale("dW", np.array([-1e-6, 1e-6])).high == pytest.approx(1e-6)


values = st.lists(st.floats(-1e6, 1e6, width=32) | st.just(float("nan")), min_size=1, max_size=300)


def beyond(array, scale) -> float:
    finite = array[np.isfinite(array)]
    return float(np.mean((finite < scale.low) | (finite > scale.high))) if finite.size else 0.0


@given(st.lists(values, min_size=1, max_size=6))
def test_a_kept_scale_never_clips_much_and_never_gets_narrower(seen):
    scales = Scales()
    before = None
    for moment, numbers in enumerate(seen):
        array = np.array(numbers)
        scales.at(moment)
        shown = scales.show("z", array)
        scale = shown.scale
        assert beyond(array, scale) <= MOST_CLIPPED
        assert shown.clipped == count_clipped(array, scale)
        assert shown.beyond == pytest.approx(beyond(array, scale))
        if scale.kind is MapKind.SIGNED:
            assert scale.low == -scale.high
        if before is not None:
            assert scale.low <= before.low and scale.high >= before.high
            assert (shown.widened is not None) == (scale != before)
        # All zeros choose nothing: what comes next may have any scale.
        before = scale if before is not None or np.nan_to_num(array).any() else None


def test_a_widened_scale_is_told_at_its_moment_and_can_be_undone_and_held():
    scales = Scales()
    rng = np.random.default_rng(0)
    small, large = rng.normal(size=(100, 50)), 5 * rng.normal(size=(100, 50))
    scales.at(0)
    first = scales.show("z", small)
    assert first.widened is None and not first.much
    scales.at(600)
    shown = scales.show("z", large)
    assert shown.widened.before == first.scale
    assert shown.widened.share == pytest.approx(beyond(large, first.scale))
    assert scales.show("z", large).widened == shown.widened, "drawn again, it still says so"
    scales.back("z")
    held = scales.show("z", large)
    assert held.scale == first.scale and held.widened is None and held.much
    scales.at(601)
    assert scales.show("z", large * 2).scale == first.scale, "held until another is asked for"
    scales.forget("z")
    assert scales.show("z", small / 10).scale.high < first.scale.high, "narrower when asked"
    scales.at(602)
    assert scales.show("z", small / 10).widened is None


def test_a_scale_that_was_widened_is_told_no_more_at_another_batch():
    scales = Scales()
    scales.at(0)
    scales.show("z", np.array([-1.0, 1.0]))
    scales.at(1)
    assert scales.show("z", np.array([-9.0, 9.0])).widened is not None
    scales.at(2)
    assert scales.show("z", np.array([-2.0, 9.0])).widened is None


def test_zeros_choose_no_scale_and_negative_values_choose_another():
    scales = Scales()
    scales.scale("b", np.zeros(3))
    assert scales.scale("b", np.array([-0.25, 0.25])).high == 0.25
    assert scales.scale("z", np.array([0.0, 0.8])).kind is MapKind.ACTIVATIONS
    assert scales.scale("z", np.array([-0.8, 0.8])).kind is MapKind.SIGNED


@pytest.mark.parametrize("name", ["CET-D4", "CET-D9", "CET-L1", "viridis", "inferno", "CET-L17"])
def test_the_maps_are_those_of_pyqtgraph(name):
    import pyqtgraph

    table = colour_table(name, False, "#ff00ff")
    wanted = pyqtgraph.colormap.get(name).getLookupTable(nPts=STEPS)[:, :3]
    got = np.stack([table >> 16 & 255, table >> 8 & 255, table & 255], axis=1)[:STEPS]
    assert np.abs(got.astype(int) - wanted).max() <= 2
    assert QColor.fromRgb(int(table[NOT_FINITE])).name() == "#ff00ff"


def test_zero_is_the_middle_of_the_signed_map_and_the_ends_are_its_ends():
    values = np.array([-np.inf, -9.0, -1.0, 0.0, 1.0, 9.0, np.nan])
    wanted = [NOT_FINITE, 0, 0, STEPS // 2, STEPS - 1, STEPS - 1, NOT_FINITE]
    assert indices(values, SIGNED).tolist() == wanted


def test_ink_is_bright_in_the_dark_and_dark_in_the_light():
    x, scale = np.array([[0.0, 1.0]]), Scale(MapKind.PIXELS, 0.0, 1.0)
    for theme, ink_is_lighter in ((DARK, True), (LIGHT, False)):
        image = to_image(colours(x, scale, theme, 2, 1))
        paper, ink = (image.pixelColor(i, 0).lightness() for i in (0, 1))
        assert (ink > paper) is ink_is_lighter


def test_nan_cells_are_hatched_in_their_own_colour():
    matrix = np.zeros((2, 2))
    matrix[0, 0] = np.nan
    pixels = colours(matrix, SIGNED, DARK, 40, 40)
    nan, line = QColor(DARK.nan).rgb(), QColor(DARK.panel).rgb()
    corner = pixels[:20, :20]
    assert set(np.unique(corner)) == {nan, line}
    assert nan not in pixels[20:] and nan not in pixels[:, 20:]


def test_integers_and_booleans_are_drawn():
    labels = np.arange(10)[None, :]
    pixels = colours(labels, choose_scale(labels, choose_map(labels)), DARK, 10, 1)
    assert len(np.unique(pixels)) == 10
    flags = np.array([[True, False]])
    pixels = colours(flags, choose_scale(flags, choose_map(flags)), DARK, 2, 1)
    assert pixels[0, 0] != pixels[0, 1]
