"""The samples of the minibatch: pictures, labels, and the wrong ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListView

from engine.debug.events import Position
from engine.debug.snapshots.snapshot import Minibatch
from gui.look.theme import DARK, LIGHT
from gui.views.samples.detail import SampleDetail
from gui.views.samples.view import SamplesView
from tests.gui.snapshots import arrays, make_snapshot


@pytest.fixture
def view(qtbot):
    view = SamplesView(DARK)
    for widget in (view, *view.title_widgets()):
        qtbot.addWidget(widget)
    view.resize(188, 165)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    view.said = []
    view.subtitle_changed.connect(view.said.append)
    return view


def batch(predictions=None, gradient=None, images=None) -> Minibatch:
    a = arrays()
    images = a.images if images is None else images
    return Minibatch(a.indices, images, a.labels, predictions, gradient)


def show(view, *args, **kwargs) -> QListView:
    view.show_snapshot(make_snapshot(minibatch=batch(*args, **kwargs)))
    return view.findChild(QListView)


def picture(view, row: int):
    """The image of a sample as it is on the screen."""
    grid = view.findChild(QListView)
    return grid.viewport().grab(grid.visualRect(grid.model().index(row, 0))).toImage()


def colours_of(image) -> set[str]:
    size = image.size()
    every = ((x, y) for x in range(size.width()) for y in range(size.height()))
    return {image.pixelColor(x, y).name() for x, y in every}


def test_a_row_that_is_high_enough_shows_how_probable_the_right_answer_was(view):
    def foot(probabilities):
        shown = replace(batch(arrays().labels), probabilities=probabilities)
        view.show_snapshot(make_snapshot(minibatch=shown))
        image = picture(view, 0)
        return image.copy(0, image.height() - 14, image.width(), 14)

    view.resize(188, 200)
    without = foot(None)
    assert foot(np.full((100, 10), 0.5)) != without
    view.resize(188, 160)  # in which the rows are too low
    assert foot(np.full((100, 10), 0.5)) == foot(None)


def test_each_sample_has_its_label_and_says_which_image_it_is(view):
    model = show(view).model()
    assert model.rowCount() == 100
    assert model.index(7, 0).data() == str(arrays().labels[7])
    words = model.index(7, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert (
        words == f"row 7: image {arrays().indices[7]} of the training set, a {arrays().labels[7]}"
    )
    assert view.said[-1] == "labels"


def test_the_wrong_ones_are_marked_and_counted(view):
    predictions = arrays().labels.copy()
    label = int(predictions[2])
    predictions[2] = (label + 1) % 10
    model = show(view, predictions).model()
    assert model.index(2, 0).data() == f"{label} → {(label + 1) % 10}"
    assert model.index(3, 0).data() == str(arrays().labels[3])
    assert "taken for a" in model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert view.said[-1] == "1 wrong"
    assert DARK.error in colours_of(picture(view, 2))
    assert DARK.error not in colours_of(picture(view, 3))


def test_ink_follows_the_theme(view):
    images = np.zeros((100, 28, 28), np.uint8)
    images[0] = 255
    show(view, images=images)
    for theme in (DARK, LIGHT):
        view.set_theme(theme)
        full, blank = (picture(view, row) for row in (0, 1))
        x, y = full.width() // 2, 16
        lighter = full.pixelColor(x, y).lightness() > blank.pixelColor(x, y).lightness()
        assert lighter is theme.dark


def test_the_same_number_of_other_samples_replaces_the_pictures(view):
    images = np.zeros((100, 28, 28), np.uint8)
    show(view, images=images)
    before = picture(view, 0)
    show(view, images=images + np.uint8(255))
    assert picture(view, 0) != before


def test_saliency_is_offered_when_its_gradient_is_there(view, qtbot):
    _, toggle = view.title_widgets()
    show(view)
    assert not toggle.isVisible()
    gradient = np.full((100, 784), -1.0)
    gradient[:, 392:] = 1.0
    show(view, gradient=gradient)
    assert toggle.isVisible()
    ink = picture(view, 1)
    qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    shown = picture(view, 1)
    assert shown != ink
    x = shown.width() // 2
    top, foot = QColor(shown.pixel(x, 8)), QColor(shown.pixel(x, 28))
    assert top.blue() > top.red() and foot.red() > foot.blue()


def test_the_keyboard_goes_from_sample_to_sample(view, qtbot):
    grid = show(view)
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.currentIndex().row() == 1
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.currentIndex().row() == 99
    assert grid.viewport().rect().intersects(grid.visualRect(grid.currentIndex()))


@pytest.mark.parametrize("width", [188, 300, 640])
def test_columns_share_the_width(view, qtbot, width):
    grid = show(view)
    view.resize(width, 300)

    def settled() -> bool:
        rects = [grid.visualRect(grid.model().index(row, 0)) for row in range(20)]
        columns = len({rect.left() for rect in rects})
        inside = all(rect.right() <= grid.viewport().width() for rect in rects)
        return inside and columns == (grid.viewport().width() - 1) // 42

    qtbot.waitUntil(settled)


def test_the_strips_of_the_pinned_sample_tell_that_they_were_rescaled(qtbot):
    detail = SampleDetail(DARK)
    qtbot.addWidget(detail)
    detail.resize(420, 480)
    with qtbot.waitExposed(detail):
        detail.show()
    snapshot = make_snapshot()
    output = np.linspace(-1, 1, 5000).reshape(100, 50)
    layer = next(one for one in snapshot.layers if one.name == "Affine1")

    def at(batch: int, factor: float):
        layers = (replace(layer, output=factor * output), *snapshot.layers[1:])
        return replace(snapshot, layers=layers, position=Position(batch, 3))

    detail.show_sample(at(0, 1.0), 3)
    detail.grab()
    assert detail.note_of("Affine1").isEmpty()
    first = detail.grab().toImage()
    detail.show_sample(at(600, 8.0), 3)
    assert detail.grab().toImage() != first
    back = detail.note_of("Affine1").center().toPoint()
    qtbot.mouseMove(detail, back)
    assert detail.toolTip().endswith("% lay outside)")
    qtbot.mouseClick(detail, Qt.MouseButton.LeftButton, pos=back)
    detail.grab()
    qtbot.mouseMove(detail, detail.note_of("Affine1").center().toPoint())
    assert detail.toolTip().endswith("% beyond the scale")
