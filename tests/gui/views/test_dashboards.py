"""Activations, gradients, hidden units, confusion: what they show at each moment of a batch."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QToolButton

from engine.data import BUNDLED
from engine.debug.events import Phase, Position
from engine.debug.session import Session
from engine.debug.snapshots.layer_health import layer_health
from engine.nn.optimizers import SGD
from engine.presets import PRESETS
from gui.look.theme import DARK
from gui.paint.histogram import counts_of
from gui.paint.text import code_face
from gui.paint.values import number_text
from gui.views.activations import ActivationsView
from gui.views.confusion import ConfusionView
from gui.views.confusion import counts_of as confusion_of
from gui.views.gradients.flow import value_boxes
from gui.views.gradients.view import SYMLOG, GradientsView
from gui.views.hidden_units.view import CHANGE, HiddenUnitsView
from tests.gui.snapshots import make_snapshot


@cache
def session_of(preset: str = "784-50-10") -> Session:
    chosen = PRESETS[preset]
    session = Session(
        network=chosen.build(seed=0),
        dataset=BUNDLED[chosen.dataset](),
        optimizer=chosen.optimizer(lr=chosen.learning_rate),
        batch_size=chosen.batch_size,
        seed=0,
    )
    session.run(batches=20, accuracy_every=10)
    return session


def snapshot_at(phase: Phase | None, preset: str = "784-50-10", batch: int = 12):
    """At the first event of a pass; None: at the very end of the batch."""
    session = session_of(preset)
    session.goto(batch=batch)
    events = [e.index for e in session.trace if phase is None or e.phase is phase]
    session.goto(batch=batch, event=events[-1 if phase is None else 0])
    return session.snapshot()


def shown(qtbot, view, size=(900, 420)):
    qtbot.addWidget(view)
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    return view


def spot(view, tile: str, row: int, column: int) -> QPoint:
    cells = view.canvas.cells_of(tile)
    rows, columns = next(t for t in view.canvas.tiles if t.id == tile).values.shape
    return QPoint(
        round(cells.left() + (column + 0.5) * cells.width() / columns),
        round(cells.top() + (row + 0.5) * cells.height() / rows),
    )


def tile(view, id: str):
    return next(tile for tile in view.canvas.tiles if tile.id == id)


def number(text: str) -> float:
    return float(text.replace("−", "-").split()[-1])


# Activations


def test_activations_fill_in_as_the_cursor_passes(qtbot):
    view = shown(qtbot, ActivationsView(DARK))
    view.show_snapshot(snapshot_at(Phase.FORWARD))
    assert [t.id for t in view.canvas.tiles if t.values is not None] == ["X"]
    later = tile(view, "Sigmoid1")
    assert "not yet" in later.missing[0]
    snapshot = snapshot_at(Phase.BACKWARD)
    view.show_snapshot(snapshot)
    assert all(t.values is not None for t in view.canvas.tiles)
    np.testing.assert_array_equal(tile(view, "Sigmoid1").values, snapshot.layers[1].output)
    np.testing.assert_allclose(tile(view, "SoftmaxWithLoss").values.sum(axis=1), 1, rtol=1e-5)


def test_a_layer_that_has_not_run_leads_to_where_it_will(qtbot):
    view = shown(qtbot, ActivationsView(DARK))
    snapshot = snapshot_at(Phase.FORWARD)
    view.show_snapshot(snapshot)
    view.grab()
    target = snapshot.layers[1].forward[1]
    link = view.canvas.link_of(target).center().toPoint()
    with qtbot.waitSignal(view.event_chosen) as chosen:
        qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=link)
    assert chosen.args == [target]


def test_the_mouse_tells_sample_unit_and_value(qtbot):
    view = shown(qtbot, ActivationsView(DARK))
    snapshot = snapshot_at(Phase.BACKWARD)
    view.show_snapshot(snapshot)
    at = spot(view, "Affine2", 31, 4)
    qtbot.mouseMove(view.canvas, at)
    text = view.canvas.cell_text()
    cells = view.canvas.cells_of("Affine2")
    row = int((at.y() - cells.top()) / cells.height() * 100)
    assert text.startswith(f"Affine2  sample {row}, unit 4")
    assert number(text) == pytest.approx(float(snapshot.layers[2].output[row, 4]), rel=1e-5)


def test_a_click_on_a_row_pins_its_sample_and_another_lets_it_go(qtbot):
    view = shown(qtbot, ActivationsView(DARK))
    snapshot = snapshot_at(Phase.BACKWARD)
    view.show_snapshot(snapshot)
    at = spot(view, "Affine1", 40, 3)
    with qtbot.waitSignal(view.sample_pinned) as pinned:
        qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    row = int(np.flatnonzero(snapshot.minibatch.indices == pinned.args[0])[0])
    assert abs(row - 40) <= 1
    view.show_pin(pinned.args[0])
    view.show_snapshot(snapshot)
    assert all(t.row == (row, "") for t in view.canvas.tiles if t.values is not None)
    with qtbot.waitSignal(view.sample_pinned) as pinned:
        qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert pinned.args == [None]


def test_the_keyboard_reaches_every_tile(qtbot):
    view = shown(qtbot, ActivationsView(DARK))
    view.show_snapshot(snapshot_at(Phase.BACKWARD))
    view.canvas.setFocus()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Down)
    assert view.canvas.accessibleDescription().startswith("X  sample 0, unit 0")
    qtbot.keyClick(view.canvas, Qt.Key.Key_Tab)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.canvas.accessibleDescription().startswith("Affine1  sample 0, unit 1")


def test_counts_of_a_histogram_add_up():
    values = np.concatenate([np.random.default_rng(0).normal(size=1000), [np.nan, np.inf, 99]])
    counts = counts_of(values, -1.0, 1.0)
    assert counts.sum() == 1001
    inside = (values > -1) & (values < 1)
    expected, _ = np.histogram(values[inside], bins=counts.size, range=(-1, 1))
    np.testing.assert_array_equal(counts[1:-1], expected[1:-1])


# Gradients


def test_gradients_and_updates_fill_in_as_backward_and_update_pass(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    view.show_snapshot(snapshot_at(Phase.FORWARD))
    there = {t.id for t in view.canvas.tiles if t.values is not None}
    assert there == {"Affine1.W parameter", "Affine2.W parameter"}
    assert all(stage.rms is None for stage in view.flow.stages())
    view.show_snapshot(snapshot_at(Phase.UPDATE))
    assert tile(view, "Affine1.W gradient").values is not None
    assert tile(view, "Affine1.W update").values is None
    snapshot = snapshot_at(None)
    view.show_snapshot(snapshot)
    layer = snapshot.layers[0]
    update = layer.parameters["W"] - layer.before["W"]
    np.testing.assert_array_equal(tile(view, "Affine1.W update").truth, update.T)
    np.testing.assert_allclose(update, -0.5 * layer.gradients["W"], rtol=1e-2, atol=1e-6)


def test_what_there_is_no_room_for_is_said_and_shown_where_there_is(qtbot):
    view = shown(qtbot, GradientsView(DARK), (700, 160))
    assert not view.hint.isVisible()
    view.show_snapshot(snapshot_at(None))

    def kinds() -> set[str]:
        return {
            tile.id.rpartition(" ")[2]
            for tile in view.canvas.tiles
            if not view.canvas.cells_of(tile.id).isEmpty()
        }

    assert kinds() == {"gradient"}
    assert view.hint.isVisible() and view.hint.text().startswith("Parameters and updates")
    assert view.hint.toolTip() == view.hint.text() and view.hint.geometry().bottom() < 160
    for size, there, words in (
        ((950, 160), {"gradient", "parameter"}, "Updates are shown"),
        ((1400, 160), {"gradient", "parameter", "update"}, ""),
        ((700, 160), {"gradient"}, "Parameters and updates"),
        ((700, 420), {"gradient", "parameter", "update"}, ""),
    ):
        view.resize(*size)
        qtbot.waitUntil(lambda there=there: kinds() == there)
        assert view.hint.isVisible() == bool(words) and view.hint.text().startswith(words)
    for height in range(165, 205):  # it does not flicker where there is just enough room
        view.resize(700, height)
        QApplication.processEvents()
        assert view.hint.isVisible() == (len(kinds()) < 3)


def test_the_flow_has_the_rms_of_dout_by_layer(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    snapshot = snapshot_at(None)
    view.show_snapshot(snapshot)
    stages = view.flow.stages()
    assert [stage.name for stage in stages] == ["Affine2", "Sigmoid1", "Affine1"]
    for stage, layer in zip(stages, reversed(snapshot.layers[:-1]), strict=True):
        assert stage.rms == pytest.approx(np.sqrt(np.mean(np.square(layer.dout, dtype=float))))
    low, high = view.flow.bounds()
    assert all(10.0**low < stage.rms < 10.0**high for stage in stages)


@pytest.mark.parametrize("width", [220, 320, 420])
@pytest.mark.parametrize("fall", [0, 0.4, 1])  # powers of ten from a layer to the next
def test_the_values_of_the_flow_are_whole_and_apart(qtbot, width, fall):
    values = [3.1e-3 * 10 ** (-fall * n) for n in range(11)]
    area = QRectF(44, 26, width, 400)
    column = area.width() / len(values)
    points = [
        QPointF(area.left() + (n + 0.5) * column, 60 + 25 * fall * n) for n in range(len(values))
    ]
    face = code_face(11, QFont.Weight.Bold)
    boxes = value_boxes(values, points, column, area, face)
    for number, (text, box) in enumerate(boxes):
        assert float(text.replace("−", "-")) == pytest.approx(values[number], rel=0.5)
        assert face.width(text) <= box.width()
        assert box.left() >= 0 and box.right() <= area.right() + 10
        assert not any(box.intersects(other) for _, other in boxes[:number])


def test_a_new_run_chooses_its_colours_anew(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    first = snapshot_at(None)
    view.show_snapshot(first)
    layers = tuple(
        replace(layer, parameters={name: 100 * one for name, one in layer.parameters.items()})
        for layer in first.layers
    )
    other = replace(first, layers=layers, identity=first.identity._replace(session=-1))
    view.show_snapshot(other)
    assert not any(one.shown.widened for one in view.canvas.coloured())
    view.show_snapshot(first)
    view.show_snapshot(replace(first, layers=layers, position=Position(99, 0)))  # the same run
    assert any(one.shown.widened for one in view.canvas.coloured())


def test_what_is_said_of_a_gradient_is_so(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    snapshot = snapshot_at(None)
    view.show_snapshot(snapshot)
    gradient = snapshot.layers[0].gradients["W"]
    words = dict(tile(view, "Affine1.W gradient").words)
    rms = float(np.sqrt(np.mean(np.square(gradient, dtype=float))))
    assert number(words["RMS"]) == pytest.approx(rms, rel=0.05)
    zeros = float(words["exact zeros"].removesuffix(" %"))
    assert zeros == pytest.approx(100 * np.mean(gradient == 0), abs=0.51)


def test_the_scale_stays_put_and_symlog_lifts_small_values(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    view.show_snapshot(snapshot_at(None))
    before = tile(view, "Affine1.W gradient").scale
    assert before.low == -before.high
    view.show_snapshot(snapshot_at(None, batch=14))
    linear = tile(view, "Affine1.W gradient")
    assert linear.scale == before
    controls = view.title_widgets()[0]
    qtbot.addWidget(controls)
    controls.show()
    symlog = next(b for b in controls.findChildren(QToolButton) if b.text() == "symlog")
    qtbot.mouseClick(symlog, Qt.MouseButton.LeftButton)
    log = tile(view, "Affine1.W gradient")
    assert view._mode.checkedId() == SYMLOG
    inside = np.abs(linear.truth) < before.high
    assert (np.abs(log.values) >= np.abs(linear.truth) * 0.999)[inside].all()
    np.testing.assert_array_equal(np.sign(log.values), np.sign(linear.truth))
    np.testing.assert_array_equal(log.truth, linear.truth)


def larger(snapshot, factor: float, batch: int):
    """The same, with all arrays of the layers so many times as large, at another batch."""
    layers = tuple(
        replace(
            layer,
            output=layer.output * factor if isinstance(layer.output, np.ndarray) else layer.output,
            parameters={name: value * factor for name, value in layer.parameters.items()},
            before={name: value * factor for name, value in layer.before.items()},
            gradients={name: value * factor for name, value in layer.gradients.items()},
        )
        for layer in snapshot.layers
    )
    return replace(snapshot, layers=layers, position=snapshot.position._replace(batch=batch))


@pytest.mark.parametrize(
    ("make", "id"),
    [(GradientsView, "Affine1.W gradient"), (ActivationsView, "Affine1"), (HiddenUnitsView, "all")],
)
def test_a_scale_that_clips_much_is_widened_and_told_in_its_tile(qtbot, make, id):
    view = shown(qtbot, make(DARK))
    snapshot = snapshot_at(None)
    view.show_snapshot(snapshot)
    before = tile(view, id).scale
    view.show_snapshot(larger(snapshot, 8.0, 600))
    view.canvas.grab()
    wide = tile(view, id)
    assert wide.scale.high > 5 * before.high
    assert wide.coloured[0].shown.beyond <= 0.02
    assert view.chip.text().endswith("rescaled")
    key = wide.coloured[0].key
    back = view.canvas.note_of(key)
    assert view.canvas.rect().contains(back.toRect()) and not back.isEmpty()
    qtbot.mouseMove(view.canvas, back.center().toPoint())
    assert " % lay outside)" in view.canvas.toolTip()
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=back.center().toPoint())
    assert tile(view, id).scale == before
    assert view.chip.text().endswith("clipped")
    view.show_snapshot(larger(snapshot, 9.0, 601))
    assert tile(view, id).scale == before, "held"
    view.chip.rescale_asked.emit(key)
    assert tile(view, id).scale.high > 5 * before.high
    view.chip.rescale_asked.emit("")
    view.show_snapshot(larger(snapshot, 0.1, 602))
    assert tile(view, id).scale.high > 5 * before.high, "never narrowed unasked"
    view.chip.menu().aboutToShow.emit()
    entries = [a for a in view.chip.menu().actions() if a.text().startswith("Fit ")]
    entries[0].trigger()  # all, where there are several
    assert tile(view, id).scale.high < before.high


@pytest.mark.parametrize("make", [GradientsView, ActivationsView, HiddenUnitsView])
def test_another_learning_rate_is_no_reason_for_another_scale(qtbot, make):
    view = shown(qtbot, make(DARK))
    snapshot = snapshot_at(None)
    view.show_snapshot(snapshot)
    before = {one.key: one.shown.scale for one in view.canvas.coloured()}
    smaller = larger(snapshot, 0.1, 600)
    view.show_snapshot(replace(smaller, setup=replace(smaller.setup, learning_rate=0.003)))
    assert before and {one.key: one.shown.scale for one in view.canvas.coloured()} == before


@pytest.mark.parametrize(
    "factor, word, look",
    [(1e-7, "hardly move", "dW"), (1e4, "This step is large", "loss")],
)
def test_the_mark_of_an_unusual_update_says_what_it_means(qtbot, factor, word, look):
    """A batch at a learning rate that is far too small, and one far too large."""
    session = Session(PRESETS["784-50-10"].build(seed=0), BUNDLED["mnist"](),
                      SGD(lr=0.5 * factor), 100, seed=0)  # fmt: skip
    session.goto(batch=0, event=1)
    session.goto(batch=0, event=len(session.trace) - 1)
    view = shown(qtbot, GradientsView(DARK), (1200, 420))
    view.show_snapshot(session.snapshot())
    QApplication.processEvents()
    one = tile(view, "Affine1.W update")
    assert one.warning.startswith("ΔW/W")
    ratio = layer_health(session.snapshot().layers[0]).parameters["W"].update_ratio
    assert number_text(ratio) in one.warning
    spot = view.canvas.warning_of(one.why)
    assert not spot.isEmpty() and QRectF(view.canvas.rect()).contains(spot)
    qtbot.mouseMove(view.canvas, spot.center().toPoint())
    tip = view.canvas.toolTip()
    assert "RMS of this update divided by the RMS of W" in tip
    assert "1e-5 to 0.1" in tip.replace("−", "-") and "0.001 is usual" in tip
    assert word in tip and look in tip
    qtbot.mouseMove(view.canvas, QPoint(2, 2))
    assert view.canvas.toolTip() == ""
    spoken = view.canvas.accessibleDescription()
    assert one.warning in spoken and tip in spoken


def test_a_usual_update_has_no_mark_and_nothing_to_explain(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    view.show_snapshot(snapshot_at(None))
    assert all(not one.warning and not one.why for one in view.canvas.tiles)
    assert "⚠" not in view.canvas.accessibleDescription()


def test_a_click_marks_the_unit_in_all_maps_of_its_parameter(qtbot):
    view = shown(qtbot, GradientsView(DARK))
    view.show_snapshot(snapshot_at(None))
    at = spot(view, "Affine1.W gradient", 17, 300)
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    boxes = {t.box for t in view.canvas.tiles if t.id.startswith("Affine1.W")}
    ((top, left, bottom, right),) = boxes
    assert bottom - top == 1 and abs(top - 17) <= 1 and (left, right) == (0, 784)


# Hidden units


def test_the_weight_pictures_are_the_columns_of_the_first_layer(qtbot):
    view = shown(qtbot, HiddenUnitsView(DARK))
    snapshot = snapshot_at(Phase.FORWARD)
    view.show_snapshot(snapshot)
    W = snapshot.layers[0].parameters["W"]
    view.canvas.clicked.emit("all", 0, 0)
    np.testing.assert_array_equal(tile(view, "one").values, W[:, 0].reshape(28, 28))
    qtbot.mouseMove(view.canvas, spot(view, "one", 14, 9))
    text = view.canvas.cell_text()
    assert text.startswith("pixel [14, 9]")
    assert number(text) == pytest.approx(float(W[14 * 28 + 9, 0]), rel=1e-5)
    np.testing.assert_array_equal(
        tile(view, "next").values[0], snapshot.layers[2].parameters["W"][0]
    )


def test_the_slider_goes_back_over_the_training(qtbot):
    view = shown(qtbot, HiddenUnitsView(DARK))
    snapshot = snapshot_at(Phase.FORWARD, batch=19)
    view.show_snapshot(snapshot)
    stored = [batch for batch in snapshot.history.stored if batch <= 19]
    assert view.slider.maximum() == len(stored) and view.slider.value() == len(stored)
    view.slider.setFocus()
    with qtbot.waitSignal(view.stored_wanted) as wanted:
        qtbot.keyClick(view.slider, Qt.Key.Key_Home)
    question = wanted.args[0]
    assert (question.identity, question.batch) == (snapshot.identity, 0)
    start = session_of().stored_parameters(0)
    view.show_stored(question, 0, start)
    np.testing.assert_array_equal(
        tile(view, "one").values, start["Affine1.W"][:, 0].reshape(28, 28)
    )
    view.show_snapshot(snapshot)  # a step leaves the slider where it is
    assert view.slider.value() == 0
    qtbot.keyClick(view.slider, Qt.Key.Key_End)
    now = snapshot.layers[0].parameters["W"]
    np.testing.assert_array_equal(tile(view, "one").values, now[:, 0].reshape(28, 28))


def test_the_slider_travels_with_the_cursor_to_another_batch(qtbot):
    view = shown(qtbot, HiddenUnitsView(DARK))
    view.show_snapshot(snapshot_at(Phase.FORWARD, batch=19))
    with qtbot.waitSignal(view.stored_wanted) as wanted:
        at_the_left = QPoint(4, view.slider.height() // 2)
        qtbot.mouseClick(view.slider, Qt.MouseButton.LeftButton, pos=at_the_left)
    view.show_stored(wanted.args[0], 0, session_of().stored_parameters(0))
    later = snapshot_at(Phase.FORWARD, batch=5)
    view.show_snapshot(later)
    assert view.slider.value() == view.slider.maximum()
    now = later.layers[0].parameters["W"]
    np.testing.assert_array_equal(tile(view, "one").values, now[:, 0].reshape(28, 28))


def test_the_change_since_the_start_is_a_difference(qtbot):
    view = shown(qtbot, HiddenUnitsView(DARK))
    snapshot = snapshot_at(Phase.FORWARD, batch=19)
    view.show_snapshot(snapshot)
    with qtbot.waitSignal(view.stored_wanted) as wanted:
        view._mode.button(CHANGE).click()
    assert view._pages.currentWidget() is not view.canvas, "before the answer it is not known"
    start = session_of().stored_parameters(0)
    view.show_stored(wanted.args[0], 0, start)
    assert view._pages.currentWidget() is view.canvas
    expected = snapshot.layers[0].parameters["W"] - start["Affine1.W"]
    np.testing.assert_array_equal(tile(view, "one").values, expected[:, 0].reshape(28, 28))


def test_the_window_answers_the_slider(window, settled, qtbot):
    window.bridge.train(30)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    settled(window)
    window.docks["hidden_units"].raise_()
    view = window.hidden_units
    qtbot.waitUntil(lambda: bool(view.canvas.tiles))
    now = tile(view, "one").values
    view.slider.setFocus()
    qtbot.keyClick(view.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: not np.array_equal(tile(view, "one").values, now))


# Confusion


def test_the_confusion_matrix_counts_every_test_image_once(qtbot):
    view = shown(qtbot, ConfusionView(DARK))
    said = []
    view.subtitle_changed.connect(said.append)
    snapshot = snapshot_at(Phase.FORWARD)
    view.show_snapshot(snapshot)
    counts = tile(view, "matrix").truth
    assert counts.sum() == 10_000
    assert snapshot.test_predictions.batch == 10
    accuracy = snapshot.history.test_accuracies[list(snapshot.history.test_batches).index(10)]
    assert np.trace(counts) / 10_000 == pytest.approx(accuracy)
    assert said[-1].startswith("test set before batch 10")


def test_a_click_on_a_cell_lists_its_images(qtbot):
    view = shown(qtbot, ConfusionView(DARK))
    snapshot = snapshot_at(Phase.FORWARD)
    view.show_snapshot(snapshot)
    counts = confusion_of(snapshot.test_predictions)
    off = counts - np.diag(np.diag(counts))
    label, prediction = (int(n) for n in np.unravel_index(int(np.argmax(off)), off.shape))
    at = spot(view, "matrix", label, prediction)
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert len(view.chosen()) == counts[label, prediction]
    assert f"<b>{label} → {prediction}</b>" in view.heading.text()
    model = view.list.model()
    assert model.rowCount() == counts[label, prediction]
    first = view.chosen()[0]
    assert model.index(0, 0).data() == f"{label} → {prediction}"
    words = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert words.startswith(f"image {first} of the test set, a {label}")
    ink = view.list.grab(view.list.visualRect(model.index(0, 0))).toImage()
    pixels = snapshot.test_predictions.images[first]
    corner = ink.width() // 2 - 14, 4
    y, x = np.unravel_index(int(pixels.argmax()), pixels.shape)
    lightness = [ink.pixelColor(corner[0] + int(at), corner[1] + int(y)).lightness()
                 for at in (x - 1, x, x + 1)]  # fmt: skip
    assert max(lightness) > 200, "the image itself is drawn"
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert len(view.chosen()) == 10_000 - np.trace(counts)


def test_before_any_measurement_it_says_what_to_do(qtbot):
    view = shown(qtbot, ConfusionView(DARK))
    view.show_snapshot(make_snapshot())
    assert not view.canvas.isVisible()
    assert "Train" in view._empty.accessibleDescription()


# All of them


@pytest.mark.parametrize("size", [(540, 120), (1340, 600), (120, 80)])
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("kind", [ActivationsView, GradientsView, HiddenUnitsView, ConfusionView])
def test_every_preset_can_be_drawn_at_every_size(qtbot, kind, preset, size):
    view = shown(qtbot, kind(DARK), size)
    passes = [phase for phase in Phase if phase is not Phase.OTHER]  # a network has no other
    for phase in (*passes, None):
        view.show_snapshot(snapshot_at(phase, preset))
        view.grab()
        for drawn in view.canvas.tiles:
            cells = view.canvas.cells_of(drawn.id)
            assert cells.right() <= view.canvas.width() + 1
    assert view.title() and view.help_text()
    assert len(view.tables()) > 0
