"""What a person sees of a training in Learn: curves while it runs, then what came of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from engine import AtBatch
from engine.data import tiny_digits
from engine.debug.events import Position
from engine.debug.session import Session
from engine.nn.models import tiny_net, two_layer_net
from engine.nn.optimizers import SGD
from gui.window.commands import running
from gui.window.main_window import MainWindow
from gui.window.result import watch
from tests.gui.sessions import BATCH_SIZE, BATCHES, toy_dataset

F5 = Qt.Key.Key_F5


@pytest.fixture
def window(window, settled):
    window.actions_by_id["layout_learn"].trigger()
    settled(window)
    return window


@pytest.fixture
def opened(qtbot, settled):
    """A function that opens a session of the test's own in Learn."""
    windows = []

    def open(session: Session) -> MainWindow:
        windows.append(MainWindow(session))
        qtbot.addWidget(windows[-1])
        windows[-1].show()
        windows[-1].actions_by_id["layout_learn"].trigger()
        settled(windows[-1])
        return windows[-1]

    yield open
    for window in windows:
        window.bridge.close()


def words(window: MainWindow) -> dict[str, str]:
    return {
        label.objectName().removeprefix("result_"): label.text()
        for label in window.results.card.findChildren(QLabel)
        if label.objectName().startswith("result_")
    }


def press(window: MainWindow, name: str) -> None:
    button = window.results.card.findChild(object, name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())


def train_button(window: MainWindow) -> QToolButton:
    """The button whose menu says how long to train."""
    buttons = (window.findChild(QToolButton, id) for id in ("continue_word", "train_menu_button"))
    return next(button for button in buttons if button.isVisible())


def choose(window: MainWindow, text: str) -> None:
    """Choose an entry of the menu at the Train button, as a person does."""
    button = train_button(window)
    menu = button.menu()

    def pick() -> None:
        action = next(one for one in menu.actions() if one.text() == text)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    QTimer.singleShot(0, menu, pick)
    where = button.rect().center()
    where.setX(button.width() - 8)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=where)  # it returns with the choice


UNTIL_95 = "Train until 95 % of the test images are right"
UNTIL_95_OF_DIGITS = "Train until 95 % of the test digits are right"


def right(window: MainWindow) -> int:
    """How many of 50 test images are right before the cursor's batch, counted anew."""
    session = window.bridge._worker.session
    test = session.dataset.test
    x, t = test.batch(np.arange(len(test)), window.snapshot.setup.dtype)
    return int((session.network.predict(x).argmax(axis=1) == t).sum())


def test_after_a_training_the_card_says_what_came_of_it_beside_the_curves(window, settled):
    card = window.results.card
    assert not card.isVisible()
    QTest.keyClick(window, F5)
    settled(window)
    assert card.isVisible()
    losses = window.snapshot.history.losses
    assert words(window)["heading"] == f"Trained {BATCHES} batches"
    said = words(window)["numbers"]
    assert said.startswith(f"Loss {losses[0]:.2f} to ")
    assert said.endswith(f"; {right(window)} of 50 test images right")
    assert " before" in words(window)["beside"]
    assert card.step.text() == f"Step through batch {BATCHES}"
    assert card.plots is not None
    assert card.plots._history.reach == BATCHES
    assert card.geometry() == window.equation.rect()
    assert said in card.accessibleDescription()


def test_its_loss_is_the_average_at_the_end_of_a_long_training_and_a_batchs_of_a_short_one(
    window, settled, qtbot
):
    window.bridge.train(3)
    settled(window)
    losses = window.snapshot.history.losses
    assert words(window)["numbers"].startswith(f"Loss {losses[0]:.2f} to {losses[2]:.2f};")
    assert "average" not in words(window)["beside"]
    QTest.keyClick(window, F5)
    settled(window)
    losses = window.snapshot.history.losses
    average = losses[0]
    for number, loss in enumerate(losses, start=1):
        average += (loss - average) / min(number, 10)
    assert f" to {average:.2f};" in words(window)["numbers"]
    assert "average of 10 batches" in words(window)["beside"]


def test_a_step_closes_it_and_its_button_makes_one(window, settled):
    QTest.keyClick(window, F5)
    settled(window)
    press(window, "result_step")
    settled(window)
    assert not window.results.card.isVisible()
    assert window.snapshot.position.batch == BATCHES
    assert window.snapshot.position.event > 0


def test_train_on_goes_on_and_says_what_came_of_that_alone(window, settled):
    QTest.keyClick(window, F5)
    settled(window)
    before = right(window)
    press(window, "result_train")
    settled(window)
    assert window.snapshot.position == (2 * BATCHES, 0)
    assert words(window)["heading"] == f"Trained {BATCHES} batches"
    assert words(window)["beside"].startswith(f"{before} before")


def test_it_can_be_closed_and_comes_back_with_the_next_training(window, settled):
    QTest.keyClick(window, F5)
    settled(window)
    press(window, "result_close")
    assert not window.results.card.isVisible()
    QTest.keyClick(window, F5)
    settled(window)
    window.results.card.step.setFocus()
    QTest.keyClick(window.results.card.step, Qt.Key.Key_Escape)
    assert not window.results.card.isVisible()


def test_its_curves_lead_to_a_batch_without_closing_it(window, settled):
    QTest.keyClick(window, F5)
    settled(window)
    window.results.card.plots.batch_chosen.emit(5)
    settled(window)
    assert window.snapshot.position == (5, 0)
    assert window.results.card.isVisible()
    assert window.results.card.step.text() == "Step through batch 5"
    assert words(window)["heading"] == f"Trained {BATCHES} batches"
    window.timeline.batch_chosen.emit(7)
    settled(window)
    assert not window.results.card.isVisible()


def test_while_it_runs_the_curves_grow_and_its_button_pauses(window, settled, qtbot, monkeypatch):
    monkeypatch.setattr(watch, "APPEARS_SECONDS", 0.0)
    card = window.results.card
    choose(window, "Train until I stop")
    qtbot.waitUntil(card.isVisible)
    first = card.plots._history.reach
    qtbot.waitUntil(lambda: card.plots._history.reach > first)
    assert words(window)["heading"].startswith("Training until you stop it: batch ")
    assert card.bar.isHidden()
    assert not card.step.isVisible()
    press(window, "result_pause")
    settled(window)
    ran = f"{window.snapshot.position.batch:,}"
    assert words(window)["heading"] == f"Paused after {ran} batches"
    assert card.step.isVisible()


def test_a_training_with_an_end_shows_how_long_it_goes_on(window, settled, qtbot, monkeypatch):
    monkeypatch.setattr(watch, "APPEARS_SECONDS", 0.0)
    monkeypatch.setattr(watch, "ESTIMATE_SECONDS", 0.0)
    card = window.results.card
    window.bridge.train(10**6)
    qtbot.waitUntil(lambda: card.isVisible() and words(window)["time"].endswith(" left"))
    assert not card.bar.isHidden()
    assert "batch " in words(window)["heading"]
    window.timeline.batch_chosen.emit(1)  # it ends the training, and is what is looked at
    settled(window)
    assert window.snapshot.position == (1, 0)
    assert not card.isVisible()


def test_a_breakpoint_leaves_the_equation_in_sight(window, settled):
    window.bridge.edit_breakpoints(lambda breakpoints: breakpoints.add(AtBatch(4)))
    settled(window)
    QTest.keyClick(window, F5)
    settled(window)
    assert window.snapshot.position.batch == 4
    assert not window.results.card.isVisible()


def test_where_the_loss_panel_is_open_there_is_no_card(window, settled):
    window.actions_by_id["layout_debug"].trigger()
    settled(window)
    QTest.keyClick(window, F5)
    settled(window)
    assert not window.results.card.isVisible()


@pytest.mark.parametrize("layout", ["learn", "debug"])
def test_until_a_share_is_right_stops_there_and_says_so(opened, settled, monkeypatch, layout):
    window = opened(Session(tiny_net(seed=0), tiny_digits(), SGD(lr=0.5), BATCH_SIZE, seed=0))
    window.actions_by_id[f"layout_{layout}"].trigger()
    monkeypatch.setattr(running, "GOAL_SHARE", 0.5)
    images = window.snapshot.setup.test_images
    settled(window)
    assert right(window) < images / 2
    choose(window, UNTIL_95_OF_DIGITS)
    settled(window)
    batch, found = window.snapshot.position.batch, right(window)
    assert window.snapshot.position == (batch, 0)
    assert batch > 0
    assert found >= images / 2
    said = f"50 % of the test set is right for the first time before batch {batch}"
    numbers = f"{100 * found / images:.2f} of 100 test digits right"
    if layout == "learn":
        assert words(window)["heading"] == said
        assert words(window)["numbers"].endswith(numbers)
    else:
        assert window.notice.text().startswith(said)
        assert numbers in window.notice.text()
    window.bridge.goto(Position(0, 0))
    settled(window)
    choose(window, UNTIL_95_OF_DIGITS)
    settled(window)
    assert window.snapshot.position == (batch, 0)  # it is repeatable
    choose(window, UNTIL_95_OF_DIGITS)
    settled(window)
    assert window.snapshot.position == (batch, 0)
    if layout == "learn":
        assert (
            words(window)["heading"]
            == f"50 % of the test set is right already before batch {batch}"
        )


def test_in_learn_the_train_button_trains_and_its_menu_opens_with_a_key(window, settled):
    button = train_button(window)
    assert button.objectName() == "continue_word"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(12, button.height() // 2))
    settled(window)
    assert window.snapshot.position == (BATCHES, 0)
    seen = []
    button.menu().aboutToShow.connect(lambda: seen.append(True))
    QTimer.singleShot(0, button.menu(), button.menu().close)
    QTest.keyClick(button, Qt.Key.Key_Down)
    assert seen
    assert window.snapshot.position == (BATCHES, 0)


def test_out_of_reach_it_ends_after_ten_epochs_and_says_so(window, settled):
    choose(window, UNTIL_95)
    settled(window)
    assert window.snapshot.position == (10 * BATCHES, 0)
    assert words(window)["heading"] == f"95 % was not reached in {10 * BATCHES} batches"


def test_without_a_test_set_it_cannot_be_chosen_and_says_why(opened, settled):
    data = replace(toy_dataset(), test=None)
    window = opened(Session(two_layer_net(seed=0), data, SGD(lr=0.1), BATCH_SIZE, seed=0))
    action = window.actions_by_id["train_until_95"]
    assert action in train_button(window).menu().actions()
    assert not action.isEnabled()
    assert "no test set" in action.toolTip()
    QTest.keyClick(window, F5)
    settled(window)
    assert "test" not in words(window)["numbers"]


def test_the_goal_names_digits_only_where_the_images_are_digits(window, settled):
    action = window.actions_by_id["train_until_95"]
    menu = train_button(window).menu()

    def offered() -> list[str]:
        assert action.text() in action.toolTip()
        return [one.text() for one in menu.actions() if "95 %" in one.text()]

    assert window.snapshot.setup.dataset == "Noise"
    assert offered() == [UNTIL_95] and "digit" not in action.toolTip()
    window.bridge.open(lambda: Session(tiny_net(seed=0), tiny_digits(), SGD(lr=0.5), 6, seed=0))
    settled(window)
    assert offered() == [UNTIL_95_OF_DIGITS]
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(window)
    assert window.snapshot.setup.dataset == "Noise" and offered() == [UNTIL_95]


def links(window: MainWindow) -> list[str]:
    return [name for name, link in window.results.card.ways.items() if link.isVisible()]


@pytest.mark.parametrize("panel", ["confusion", "hidden_units"])
def test_from_the_card_one_gets_to_the_mistakes_and_to_the_hidden_units(
    window, settled, qtbot, panel
):
    window.resize(1366, 768)
    QTest.keyClick(window, F5)
    settled(window)
    card, dock = window.results.card, window.docks[panel]
    assert links(window) == ["confusion", "hidden_units"] and not dock.isVisible()
    assert card.rect().contains(card.ways[panel].geometry())
    press(window, f"result_to_{panel}")
    settled(window)
    assert dock.isVisible() and not dock.view.visibleRegion().isEmpty()
    qtbot.waitUntil(lambda: dock.height() > 0.3 * window.height())
    assert window.timeline.isVisible() and card.height() > 0.2 * window.height()
    if panel == "confusion":
        wrong = window.snapshot.setup.test_images - right(window)
        assert len(window.confusion.chosen()) == wrong > 0
        assert window.confusion.list.model().rowCount() == wrong


def test_a_link_of_the_card_is_reached_with_the_keyboard(window, settled):
    QTest.keyClick(window, F5)
    settled(window)
    link = window.results.card.ways["hidden_units"]
    assert link.focusPolicy() & Qt.FocusPolicy.TabFocus
    link.setFocus()
    QTest.keyClick(link, Qt.Key.Key_Space)
    settled(window)
    assert window.docks["hidden_units"].isVisible()


def test_the_card_leads_nowhere_while_it_runs_and_to_no_empty_panel(
    window, opened, settled, qtbot, monkeypatch
):
    monkeypatch.setattr(watch, "APPEARS_SECONDS", 0.0)
    choose(window, "Train until I stop")
    qtbot.waitUntil(window.results.card.isVisible)
    assert links(window) == []
    press(window, "result_pause")
    settled(window)
    assert links(window) == ["confusion", "hidden_units"]
    data = replace(toy_dataset(), test=None)
    other = opened(Session(two_layer_net(seed=0), data, SGD(lr=0.1), BATCH_SIZE, seed=0))
    QTest.keyClick(other, F5)
    settled(other)
    assert other.results.card.isVisible() and links(other) == ["hidden_units"]
