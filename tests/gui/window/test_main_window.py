from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QLabel,
    QLineEdit,
    QToolButton,
)

from engine.debug.events import Position, Verb
from engine.debug.session import Session
from engine.debug.travel import moment
from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import two_layer_net
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.options import Options
from gui.dialogs.dialog import ConfirmDialog, Dialog, ErrorDialog
from gui.dialogs.numbers import GoToDialog
from gui.widgets.row_view import RowView
from gui.window.actions.table import TABLE
from gui.window.commands import run_settings as setting_commands
from gui.window.main_window import MainWindow
from tests.gui.sessions import BATCH_SIZE, BATCHES, make_session, toy_dataset

NO, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
KEYS = [
    (Qt.Key.Key_O, NO, Verb.OPERATION),
    (Qt.Key.Key_F11, NO, Verb.INTO),
    (Qt.Key.Key_S, NO, Verb.INTO),
    (Qt.Key.Key_F10, NO, Verb.OVER),
    (Qt.Key.Key_N, NO, Verb.OVER),
    (Qt.Key.Key_F11, SHIFT, Verb.OUT),
    (Qt.Key.Key_F, NO, Verb.OUT),
    (Qt.Key.Key_BracketRight, NO, Verb.BATCH),
    (Qt.Key.Key_O, SHIFT, Verb.BACK_OPERATION),
    (Qt.Key.Key_F11, CTRL, Verb.BACK_INTO),
    (Qt.Key.Key_S, SHIFT, Verb.BACK_INTO),
    (Qt.Key.Key_N, SHIFT, Verb.BACK_OVER),
    (Qt.Key.Key_B, CTRL, Verb.BACK_OVER),
    (Qt.Key.Key_F, SHIFT, Verb.BACK_OUT),
    (Qt.Key.Key_BracketLeft, NO, Verb.BACK_BATCH),
]


def chip(window: MainWindow) -> str:
    return window.findChild(QAbstractButton, "position").text()


def says(window: MainWindow, position: Position) -> str:
    """What the chip says at a position of a session like the window's."""
    other = make_session()
    other.goto(0)
    while other.position.batch < position.batch:
        other.step_batch()
    other.goto(*position)
    phase = other.event.phase.capitalize()
    return f"{phase} stop {position.event} / {len(other.trace) - 1}"


def dialog(window: MainWindow, kind: type[Dialog]) -> Dialog | None:
    return next((d for d in window.findChildren(kind) if d.isVisible()), None)


def press(window: MainWindow, text: str) -> None:
    """Click the button of the open dialog with this text."""
    shown = dialog(window, Dialog)
    assert shown is not None
    button = next(b for b in shown.buttons.buttons() if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("key", "modifier", "verb"), KEYS)
def test_a_key_moves_the_cursor_as_its_verb_does(borrowed_window, settled, key, modifier, verb):
    window = borrowed_window
    start, expected = Position(1, 30), make_session()
    expected.step_batch()
    expected.goto(*start)
    expected.step(verb)
    window.bridge.step(Verb.BATCH)
    window.bridge.goto(start)
    settled(window)
    assert chip(window) == says(window, start)
    QTest.keyClick(window, key, modifier)
    settled(window)
    assert window.snapshot.position == expected.position
    assert chip(window) == says(window, expected.position)


@pytest.mark.parametrize("verb", [verb for verb in Verb if "operation" not in verb])
def test_a_click_moves_the_cursor_as_its_verb_does(borrowed_window, settled, verb):
    window = borrowed_window
    expected = make_session()
    expected.step_batch()
    expected.goto(1, 30)
    expected.step(verb)
    window.bridge.step(Verb.BATCH)
    window.bridge.goto(Position(1, 30))
    settled(window)
    button = window.findChild(QToolButton, f"{verb.value}_button")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settled(window)
    assert chip(window) == says(window, expected.position)


def test_no_press_of_a_key_is_lost(borrowed_window, settled):
    window = borrowed_window
    for _ in range(7):
        QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.position == (0, 7)


def test_a_key_held_down_leaves_no_backlog(borrowed_window, settled):
    window = borrowed_window
    QTest.keyPress(window, Qt.Key.Key_S)
    for _ in range(200):  # as they come while the window is too busy to draw
        hold_down(window, Qt.Key.Key_S)
    QTest.keyRelease(window, Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.position == (0, 1)
    hold_down(window, Qt.Key.Key_S)  # and once the step is drawn the key goes on
    settled(window)
    assert window.snapshot.position == (0, 2)


def hold_down(window: MainWindow, key: Qt.Key) -> None:
    """Send what a key that is held down sends: the question who wants it, and the action."""
    override = QKeyEvent(QEvent.Type.ShortcutOverride, key, NO, "s", True)
    QApplication.sendEvent(window, override)
    window.findChild(QToolButton, "step_into_button").defaultAction().trigger()


def test_letters_are_letters_where_text_is_typed(shared_window, settled, qtbot):
    window = shared_window
    field = QLineEdit(window)
    field.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "snf[]c")
    settled(window)
    assert field.text() == "snf[]c"
    assert window.snapshot.position == (0, 0)
    field.setParent(None)


def test_a_button_that_cannot_step_says_why(borrowed_window, settled):
    window = borrowed_window
    button = window.findChild(QToolButton, "step_back_into_button")
    assert not button.isEnabled()
    assert "beginning of the run" in button.toolTip()
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert button.isEnabled()
    assert "Shift+S" in button.toolTip()


def test_every_action_has_its_id_and_the_window_as_ancestor(shared_window):
    window = shared_window
    for row in TABLE:
        action = window.findChild(type(window.actions_by_id[row.id]), row.id)
        assert action is window.actions_by_id[row.id]
        assert all(key in action.toolTip() for key in row.keys)


def test_an_epoch_is_trained_with_progress_on_the_screen(window, settled, qtbot):
    seen = []
    window.bridge.progressed.connect(lambda progress, history: seen.append(chip(window)))
    with qtbot.waitSignal(window.bridge.run_ended):
        QTest.keyClick(window, Qt.Key.Key_F5)
    settled(window)
    assert seen
    assert all(text.startswith("Training batch ") for text in seen)
    assert window.snapshot.position == (BATCHES, 0)
    assert window.snapshot.history.test_batches[-1] == BATCHES
    assert chip(window).startswith("Forward stop 0 / ")


@pytest.mark.parametrize("key", [Qt.Key.Key_F6, Qt.Key.Key_Space])
def test_training_until_paused_ends_at_a_key(window, settled, qtbot, key):
    pause = window.findChild(QToolButton, "pause_button")
    assert not pause.isEnabled()
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: chip(window).startswith("Training batch"))
    assert pause.isEnabled()
    assert not window.findChild(QToolButton, "step_into_button").isEnabled()
    QTest.keyClick(window, key)
    settled(window)
    assert not window.bridge.running
    assert chip(window).startswith("Forward stop 0 / ")
    assert window.snapshot.position.batch == window.snapshot.history.reach > 0


def test_going_somewhere_pauses_the_training_first(window, settled, qtbot):
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: chip(window).startswith("Training batch"))
    window.timeline.batch_chosen.emit(1)
    settled(window)
    assert window.snapshot.position == (1, 0)
    assert window.snapshot.history.reach > 1


def test_back_to_the_beginning_keeps_what_has_run(window, settled):
    window.bridge.train(5)
    settled(window)
    losses = window.snapshot.history.losses
    QTest.keyClick(window, Qt.Key.Key_F5, CTRL | SHIFT)
    settled(window)
    assert window.snapshot.position == (0, 0)
    assert (window.snapshot.history.losses == losses).all()
    assert not window.actions_by_id["restart"].isEnabled()


def test_go_to_takes_one_to_any_event(borrowed_window, settled, qtbot):
    window = borrowed_window
    window.bridge.train(5)
    settled(window)
    QTest.mouseClick(window.top.chip, Qt.MouseButton.LeftButton)
    shown = dialog(window, GoToDialog)
    QTest.keyClicks(shown.focusWidget(), "3")
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClicks(shown.focusWidget(), "12")
    press(window, "Go")
    settled(window)
    assert window.snapshot.position == (3, 12)


def test_go_to_counts_operations_where_the_window_does(window, settled):
    window.bridge.train(5)
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_A)  # every stop
    assert not window.actions_by_id["every_stop"].isChecked()
    QTest.mouseClick(window.top.chip, Qt.MouseButton.LeftButton)
    shown = dialog(window, GoToDialog)
    QTest.keyClicks(shown.focusWidget(), "3")
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClicks(shown.focusWidget(), "12")
    press(window, "Go")
    settled(window)
    assert window.snapshot.position == (3, window.snapshot.operation_stops[12])
    assert "12 /" in window.top.chip.accessibleName()
    QTest.mouseClick(window.top.chip, Qt.MouseButton.LeftButton)
    shown = dialog(window, GoToDialog)
    assert shown.event_number.line.text() == "12"


def test_go_to_the_next_batch_to_run_takes_its_number_and_return(window, settled):
    window.bridge.train(5)
    settled(window)
    window.bridge.goto(Position(2, 7))
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_G, CTRL)
    shown = dialog(window, GoToDialog)
    QTest.keyClicks(shown.focusWidget(), "6")
    assert "from 0 to 5" in shown.batch.said.text()
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Return)
    assert shown.isVisible()
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Backspace)
    QTest.keyClicks(shown.focusWidget(), "5")
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Return)
    settled(window)
    assert window.snapshot.position == (5, 0)


def test_go_to_another_batch_goes_to_its_first_event_unless_one_is_typed(window, settled):
    window.bridge.train(5)
    settled(window)
    window.bridge.goto(Position(2, 7))
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_G, CTRL)
    shown = dialog(window, GoToDialog)
    QTest.keyClicks(shown.focusWidget(), "4")
    assert shown.event_number.line.text() == "0"
    # Back at the batch where one is, the event is where one is.
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Backspace)
    QTest.keyClicks(shown.focusWidget(), "2")
    assert shown.event_number.line.text() == "7"
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Backspace)
    QTest.keyClicks(shown.focusWidget(), "3")
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Return)
    settled(window)
    assert window.snapshot.position == (3, 0)
    QTest.mouseClick(window.top.chip, Qt.MouseButton.LeftButton)
    shown = dialog(window, GoToDialog)
    shown.event_number.line.selectAll()
    QTest.keyClicks(shown.event_number.line, "5")
    shown.batch.line.selectAll()
    QTest.keyClicks(shown.batch.line, "1")
    QTest.keyClick(shown.batch.line, Qt.Key.Key_Return)
    settled(window)
    assert window.snapshot.position == (1, 5)


def test_going_too_far_is_said_and_changes_nothing(shared_window, settled, qtbot):
    window = shared_window
    window.bridge.goto(Position(0, 99_999))
    settled(window)
    qtbot.waitUntil(lambda: dialog(window, ErrorDialog) is not None)
    assert "99" in dialog(window, ErrorDialog).text.text()
    assert window.snapshot.position == (0, 0)
    dialog(window, ErrorDialog).reject()


class Broken(Affine):
    """A layer with a shape that is wrong from its third batch on."""

    def forward(self, x):
        self.seen = getattr(self, "seen", 0) + 1
        if self.seen > 2:
            x = x[:, :-1]
        return super().forward(x)


def test_a_layer_that_raises_is_said_and_the_cursor_stands_there(qtbot, settled):
    rng = np.random.default_rng(0)
    network = Network([Broken(rng.normal(size=(784, 10)))], SoftmaxWithLoss())
    window = MainWindow(Session(network, toy_dataset(), SGD(lr=0.1), 10))
    qtbot.addWidget(window)
    window.show()
    window.bridge.train(10)
    settled(window)
    assert window.snapshot.position.batch == 2
    assert chip(window).startswith("Exception stop")
    assert "783" in dialog(window, ErrorDialog).text.text()
    press(window, "Close")
    window.activateWindow()  # as a window manager does
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_S, SHIFT)
    settled(window)
    assert not chip(window).startswith("Exception")
    window.close()


def test_export_writes_what_it_says(window, settled, session, tmp_path):
    window.bridge.train(3)
    window.files.export_weights_to(tmp_path / "mine")
    settled(window)
    text = dialog(window, Dialog).text.text()
    written = tmp_path / "mine.npz"
    assert str(written) in text
    assert f"{written.stat().st_size:,} bytes" in text
    with np.load(written, allow_pickle=False) as arrays:
        assert set(arrays) == set(session.network.parameters())
        for name, array in session.network.parameters().items():
            assert name in text
            np.testing.assert_array_equal(arrays[name], array)


def test_an_export_that_fails_is_said(window, settled, tmp_path):
    window.files.export_weights_to(tmp_path / "nowhere" / "w.npz")
    settled(window)
    assert "nowhere" in dialog(window, ErrorDialog).text.text()


def choose(window: MainWindow, name: str) -> None:
    for menu in window.choosers.menus:
        for action in menu.actions():
            if action.objectName() == name:
                action.trigger()
                return
    raise AssertionError(name)


def test_a_learning_rate_without_a_future_changes_at_once(window, settled):
    choose(window, "learning_rate=0.5")
    settled(window)
    assert dialog(window, ConfirmDialog) is None
    assert window.choosers.learning_rate.text() == "lr 0.5"


def test_a_learning_rate_goes_its_own_way_where_more_has_run(window, settled):
    window.bridge.train(9)
    settled(window)
    losses = window.snapshot.history.losses.tolist()
    window.bridge.goto(Position(4, 0))
    settled(window)
    choose(window, "learning_rate=0.5")
    settled(window)
    assert dialog(window, ConfirmDialog) is None
    assert window.snapshot.history.reach == 4 and len(window.snapshot.branches) == 2
    assert window.choosers.learning_rate.text() == "lr 0.5"
    undo = window.actions_by_id["undo"]
    assert undo.text() == "Undo: learning rate"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(window)
    assert window.snapshot.history.losses.tolist() == losses
    assert window.choosers.learning_rate.text() == "lr 0.1" and len(window.snapshot.branches) == 1
    assert not undo.isEnabled() and "changed nothing" in undo.toolTip()
    QTest.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    settled(window)
    assert window.choosers.learning_rate.text() == "lr 0.5" and window.snapshot.position == (4, 0)


def test_a_new_batch_size_says_what_it_resets_and_starts_anew(window, settled, monkeypatch):
    built = []

    def build(options: Options) -> Session:
        built.append(options)
        return Session(make_session().network, toy_dataset(), SGD(0.1), options.batch_size)

    monkeypatch.setattr(setting_commands, "build_session", build)
    window.bridge.train(4)
    settled(window)
    choose(window, "batch_size=50")
    assert "4 batches" in dialog(window, ConfirmDialog).text.text()
    press(window, "Start a new run")
    settled(window)
    assert window.snapshot.position == (0, 0)
    assert window.choosers.batch_size.text() == "batch 50"
    assert window.options is built[0]
    assert window.options.learning_rate == pytest.approx(0.1)
    window.actions_by_id["undo"].trigger()
    settled(window)
    assert window.snapshot.position == (4, 0) and window.snapshot.history.reach == 4
    assert window.choosers.batch_size.text() == "batch 10"
    assert window.options is not built[0]
    window.actions_by_id["redo"].trigger()
    settled(window)
    assert window.snapshot.position == (0, 0) and window.options is built[0]


def test_data_that_cannot_be_read_leaves_the_session_as_it_was(window, settled, tmp_path):
    window.bridge.train(2)
    settled(window)
    window.run_settings.open_session(Options(dataset=tmp_path / "empty"))
    settled(window)
    assert "empty" in dialog(window, ErrorDialog).text.text()
    assert window.snapshot.position == (2, 0)
    assert window.options is None
    assert chip(window).startswith("Forward stop 0")


def test_a_window_without_a_session_waits_for_it(qtbot, settled, tmp_path):
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    assert not window.actions_by_id["step_into"].isEnabled()
    assert "being read" in window.actions_by_id["step_into"].toolTip()
    window.run_settings.open_session(Options(dataset=tmp_path))
    assert chip(window) == "Reading the data…"
    settled(window)
    assert chip(window) == "No data"
    assert dialog(window, ErrorDialog) is not None
    window.bridge.open(make_session)
    settled(window)
    assert chip(window).startswith("Forward stop 0 / ")
    assert window.actions_by_id["step_into"].isEnabled()
    window.close()


def test_closing_while_it_trains_ends_the_thread(window, qtbot):
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: chip(window).startswith("Training batch"))
    window.close()
    qtbot.waitUntil(lambda: window.bridge.finished and not window.isVisible())


def test_keys_and_about_can_be_read(shared_window):
    window = shared_window
    QTest.keyClick(window, Qt.Key.Key_F1)
    labels = {label.text() for label in dialog(window, Dialog).findChildren(QLabel)}
    assert {"Step into", "F11   S"} <= labels
    press(window, "Close")
    window.actions_by_id["about"].trigger()
    assert "backpropagation" in dialog(window, Dialog).text.text()
    press(window, "Close")


def checked(window: MainWindow, menu: int, field: str) -> list[str]:
    """What the menu of the choosers shows as chosen of a field."""
    return [
        action.objectName().removeprefix(f"{field}=")
        for action in window.choosers.menus[menu].actions()
        if action.isChecked() and action.objectName().startswith(f"{field}=")
    ]


@pytest.fixture
def tiny_window(qtbot, settled):
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.run_settings.open_session(Options(network="16-4-3"))
    settled(window)
    yield window
    window.close()


def test_the_menus_show_what_is_and_change_it_at_once_while_nothing_has_run(tiny_window, settled):
    window = tiny_window
    assert checked(window, 0, "dataset") == ["bundled"]
    assert checked(window, 1, "weight_init") == ["xavier"]
    assert window.choosers.batch_size.text() == "batch 6"
    spread = np.std(window.snapshot.layers[0].parameters["W"])
    choose(window, "weight_init=0.01")
    settled(window)
    assert dialog(window, ConfirmDialog) is None
    assert checked(window, 1, "weight_init") == ["0.01"]
    assert np.std(window.snapshot.layers[0].parameters["W"]) < spread / 5


def test_choosing_the_bundled_data_again_changes_nothing(tiny_window, settled):
    tiny_window.bridge.train(3)
    settled(tiny_window)
    choose(tiny_window, "dataset=bundled")
    settled(tiny_window)
    assert dialog(tiny_window, ConfirmDialog) is None
    assert checked(tiny_window, 0, "dataset") == ["bundled"]
    assert tiny_window.snapshot.history.reach == 3


def test_the_gradient_by_the_input_becomes_a_picture_in_samples(tiny_window, settled, qtbot):
    window = tiny_window
    action = window.actions_by_id["input_gradient"]
    saliency = window.samples.title_widgets()[-1]
    action.trigger()
    settled(window)
    window.bridge.goto(Position(0, window.snapshot.event_count - 1))
    settled(window)
    assert action.isChecked()
    qtbot.waitUntil(saliency.isVisible)  # panels may draw a little later
    before = window.samples.list.viewport().grab().toImage()
    QTest.mouseClick(saliency, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.samples.list.viewport().grab().toImage() != before)
    choose(window, "dtype=float64")
    assert dialog(window, ConfirmDialog) is None  # nothing but the first batch has been looked at
    settled(window)
    assert action.isChecked()  # a new run goes on with it
    action.trigger()
    settled(window)
    window.bridge.goto(Position(0, window.snapshot.event_count - 1))
    settled(window)
    assert not action.isChecked()
    qtbot.waitUntil(lambda: not saliency.isVisible())


@pytest.mark.slow
def test_a_batch_too_big_to_be_kept_is_walked_like_any_other(qtbot, settled, monkeypatch):
    """Over its budget, with all panels open, each stop shows what it shows of one kept whole."""
    monkeypatch.setattr(moment, "_WINDOW", 8)
    small = Session(
        two_layer_net(seed=0), toy_dataset(), SGD(lr=0.1), BATCH_SIZE, memory_budget=300_000
    )
    assert not small.trace.is_whole
    shown = []
    for session in (small, make_session()):
        window = MainWindow(session)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        shown.append([])
        for event in [*range(0, len(session.trace), 7), 150, 60]:
            window.bridge.goto(Position(0, event))
            settled(window)
            assert dialog(window, ErrorDialog) is None
            rows = window.findChild(QDockWidget, "variables").findChild(RowView).model()
            groups = [rows.index(row, 0) for row in range(rows.rowCount())]
            shown[-1].append(
                (chip(window), [
                    rows.index(row, 0, group).data(Qt.ItemDataRole.AccessibleTextRole)
                    for group in groups
                    for row in range(rows.rowCount(group))
                ])
            )  # fmt: skip
        window.bridge.close()
    assert shown[0] == shown[1]
    assert "784 × 50" in repr(shown)


def test_the_training_of_so_many_epochs_goes_with_its_run(window, settled):
    action = window.actions_by_id["continue"]
    window.bridge.open(make_session, Options(epochs=3))
    settled(window)
    assert action.text() == "Train 3 epochs"
    window.bridge.open(make_session, Options())
    settled(window)
    assert action.text() == "Train one epoch"


def test_an_untouched_run_is_left_without_a_question_and_a_station_in_it_is_not(
    tiny_window, settled
):
    window = tiny_window
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.position.event > 0
    choose(window, "network=784-10")
    settled(window)
    assert dialog(window, ConfirmDialog) is None
    assert window.snapshot.setup.network == "784-10" and window.snapshot.position == (0, 0)
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    here = window.snapshot.position
    window.bridge.edit_stations(lambda marks: marks.add_station("Look at x.", here))
    settled(window)
    choose(window, "network=16-4-3")
    settled(window)
    asked = dialog(window, ConfirmDialog)
    assert "stations of your walk are dropped" in asked.text.text()
    press(window, "Cancel")
    settled(window)
    assert window.snapshot.setup.network == "784-10" and window.snapshot.bookmarks
