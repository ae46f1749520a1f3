"""A digit drawn with the mouse becomes the minibatch of a branch, marked in all panels."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.data.hand_drawn import index_of_hand_drawn
from engine.data.prepare import prepared
from engine.debug.events import Position, Verb
from engine.debug.session import Session
from engine.debug.snapshots.predictions import softmax
from engine.options import Options, build_session
from gui.dialogs.dialog import ErrorDialog
from gui.dialogs.drawing.dialog import DrawDialog
from gui.dialogs.drawing.pad import SIDE
from tests.gui.sessions import make_session

pytestmark = pytest.mark.slow
BATCH = 3
SEVEN = [(80, 60), (120, 60), (160, 60), (200, 60), (180, 110), (160, 160), (140, 210)]


@pytest.fixture
def session(request) -> Session:
    return getattr(request, "param", make_session)()


@pytest.fixture
def ready(window, settled):
    """Some batches have run; the cursor is within one of them."""
    window.bridge.train(BATCH + 2)
    settled(window)
    window.bridge.goto(Position(BATCH, 5))
    settled(window)
    window.activateWindow()
    window.setFocus()
    return window


def dialog_of(window, qtbot) -> DrawDialog:
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: bool(shown(window)))
    return shown(window)[0]


def shown(window) -> list[DrawDialog]:
    return [one for one in window.findChildren(DrawDialog) if one.isVisible()]


def drag(dialog, points, button=Qt.MouseButton.LeftButton) -> None:
    pad = dialog.pad
    places = [QPoint(*(round(c * pad.width() / SIDE) for c in point)) for point in points]
    QTest.mousePress(pad, button, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, button, pos=places[-1])


def wanted(network, dialog) -> np.ndarray:
    """The probabilities of the dialog's image by a plain network."""
    x = np.true_divide(dialog.image.reshape(1, -1), 255, dtype=np.float32)
    return softmax(network.predict(x))[0]


def network_before(batch: int):
    plain = make_session()
    plain.run(batch)
    return plain.network


def test_probabilities_are_live_and_the_guess_is_proposed(ready, qtbot):
    dialog, network = dialog_of(ready, qtbot), network_before(BATCH)
    assert not dialog.step.isEnabled() and dialog.label == -1
    for count in (2, 4, len(SEVEN)):
        drag(dialog, SEVEN[:count])
        assert np.array_equal(dialog.image, prepared(dialog.pad.ink / np.float32(255)))
        right = wanted(network, dialog)
        qtbot.waitUntil(lambda right=right: np.array_equal(dialog.bars.shares, right))
        assert dialog.label == right.argmax() and dialog.step.isEnabled()
    assert f"{dialog.label}: " in dialog.bars.accessibleDescription()


def test_within_a_stroke_each_move_changes_image_and_probabilities(ready, qtbot):
    dialog, seen = dialog_of(ready, qtbot), []
    dialog.image_changed.connect(lambda image: seen.append(image.tobytes()))
    pad = dialog.pad
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    for step in range(1, 8):
        before = dialog.bars.shares
        QTest.mouseMove(pad, QPoint(60 + 4 * step, 60 + 20 * step))
        qtbot.waitUntil(lambda before=before: dialog.bars.shares is not before)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(88, 200))
    assert len(seen) == 8 and len(set(seen)) > 5


def test_step_it_makes_the_branch_and_every_panel_marks_the_drawing(ready, qtbot, settled):
    dialog = dialog_of(ready, qtbot)
    drag(dialog, SEVEN)
    qtbot.waitUntil(lambda: dialog.step.isEnabled())
    QTest.keyClick(dialog.pad, Qt.Key.Key_7)
    image = dialog.image
    QTest.mouseClick(dialog.step, Qt.MouseButton.LeftButton)
    settled(ready)
    snapshot = ready.snapshot
    batch, index = snapshot.minibatch, index_of_hand_drawn(BATCH)
    assert snapshot.position == (BATCH, 0) and not shown(ready)
    assert [branch.name for branch in snapshot.branches if branch.current] == ["drawn 7"]
    assert np.array_equal(batch.images, image[None]) and batch.labels.tolist() == [7]
    assert batch.indices.tolist() == [index]
    for view in ready.views:
        assert view.pinned == index and view.pinned_row(snapshot) == 0
    model = ready.samples.list.model()
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole).startswith("row 0: drawn, a 7")
    ready.bridge.goto(Position(BATCH, snapshot.event_count - 1))
    settled(ready)
    assert ready.samples.detail.isHidden() or "drawn, a 7" in ready.samples.detail.lines()[0]
    assert ready.snapshot.minibatch.predictions is not None
    ready.bridge.step(Verb.BATCH)
    settled(ready)
    assert len(ready.snapshot.minibatch.labels) > 1
    ready.bridge.undo()
    settled(ready)
    assert [branch.name for branch in ready.snapshot.branches] == ["main"]


def test_what_the_person_says_is_not_overruled_by_the_next_guess(ready, qtbot):
    dialog, network = dialog_of(ready, qtbot), network_before(BATCH)
    drag(dialog, SEVEN[:3])
    qtbot.waitUntil(lambda: dialog.label >= 0)
    said = (dialog.label + 1) % 10
    QTest.mouseClick(dialog.labels.button(said), Qt.MouseButton.LeftButton)
    drag(dialog, SEVEN)
    right = wanted(network, dialog)
    qtbot.waitUntil(lambda: np.array_equal(dialog.bars.shares, right))
    assert dialog.label == said
    QTest.mouseClick(dialog._clear, Qt.MouseButton.LeftButton)
    assert dialog.label == -1 and not dialog.step.isEnabled() and dialog.bars.shares is None
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not shown(ready)


def test_a_drawing_is_in_the_session_file(ready, qtbot, settled, tmp_path):
    dialog = dialog_of(ready, qtbot)
    drag(dialog, SEVEN)
    qtbot.waitUntil(lambda: dialog.step.isEnabled())
    image = dialog.image
    dialog.accept()
    settled(ready)
    path = tmp_path / "drawn.retrograd"
    with qtbot.waitSignal(ready.bridge.saved):
        ready.bridge.save(path, {})
    loaded = Session.load(path, dataset=make_session().dataset)
    assert loaded.loaded.exact and loaded.position == (BATCH, 0)
    assert np.array_equal(loaded.snapshot().minibatch.images[0], image)


def test_a_move_of_the_pen_takes_less_than_a_frame(ready, qtbot):
    dialog = dialog_of(ready, qtbot)
    drag(dialog, SEVEN)
    pad, taken = dialog.pad, []
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    for step in range(40):
        begin = perf_counter()
        QTest.mouseMove(pad, QPoint(50 + 4 * step, 60 + 3 * step))
        pad.repaint()
        dialog.preview.repaint()
        dialog.bars.repaint()
        taken.append(perf_counter() - begin)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert np.median(taken) < 0.016


def test_another_session_closes_the_dialog(ready, qtbot, settled):
    dialog_of(ready, qtbot)
    ready.bridge.open(make_session)
    settled(ready)
    assert not shown(ready)


def test_the_numeric_view_does_not_take_the_copy_that_was_lent_for_drawing(ready, qtbot):
    taken = []
    ready.numeric.take_subject = taken.append
    dialog_of(ready, qtbot)
    assert not taken


@pytest.mark.parametrize(
    "session", [lambda: build_session(Options(network="16-4-3"))], indirect=True
)
def test_the_tiny_network_gets_the_mean_of_blocks(ready, qtbot, settled):
    dialog = dialog_of(ready, qtbot)
    drag(dialog, SEVEN)
    qtbot.waitUntil(lambda: dialog.step.isEnabled())
    assert dialog.image.shape == (4, 4) and len(dialog.labels.buttons()) == 3
    dialog.accept()
    settled(ready)
    assert ready.snapshot.minibatch.images.shape == (1, 4, 4)


def test_images_that_cannot_be_drawn_are_refused_with_the_reason(ready, qtbot, monkeypatch):
    monkeypatch.setattr("engine.data.prepare.FIELD", 27)
    qtbot.waitUntil(ready.isActiveWindow)
    QTest.keyClick(ready, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: bool(ready.findChildren(ErrorDialog)))
    words = ready.findChildren(ErrorDialog)[0].text.text()
    assert words.startswith("Noise has images of 28 × 28 pixels in 10 classes.")
    assert not shown(ready)


def test_a_network_that_cannot_take_one_image_says_so(ready, qtbot, monkeypatch):
    dialog = dialog_of(ready, qtbot)
    dialog.show_guess(ValueError("no"))  # there is no ink yet
    assert not dialog._of_bars.text()
    drag(dialog, SEVEN)
    qtbot.waitUntil(lambda: dialog.bars.shares is not None)
    dialog.show_guess(ValueError("one row at least two"))
    assert dialog.bars.shares is None
    assert dialog._of_bars.text() == "No probabilities: ValueError: one row at least two"
    assert dialog.step.isEnabled()  # the person names it
