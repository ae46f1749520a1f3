"""Windows on programs without a network, an optimizer or a dataset, used as a person does."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from engine import AtData
from engine.debug.events import Phase, Position
from gui.dialogs.breakpoint_kinds import GROUPS, Offer
from gui.dialogs.dialog import ConfirmDialog, ErrorDialog
from gui.walks.load import shipped_walks
from gui.widgets.empty import EmptyState
from gui.window.toolbar.parts import Pill
from tests.gui.menus import submenu
from tests.gui.programs.making import (
    BARE,
    CLOCK,
    ENDING,
    action,
    dialogs,
    session_of,
    window_of,
    window_on,
)
from tests.programs.loading import load


@pytest.fixture
def program_window(qapp, tmp_path, settled, request):
    """A window on one of the programs of tests/programs, or on a source of `making`."""
    with load(request.param) as program, window_of(program, tmp_path) as window:
        settled(window)
        yield window


@pytest.fixture
def own_window(qapp, tmp_path, settled, request):
    name, source = request.param
    with window_on(session_of(tmp_path, name, source), tmp_path) as window:
        settled(window)
        yield window


on = lambda *names: pytest.mark.parametrize("program_window", names, indirect=True)  # noqa: E731
on_own = lambda name, source: pytest.mark.parametrize(  # noqa: E731
    "own_window", [(name, source)], indirect=True, ids=[name]
)


def pills(window) -> dict[str, str]:
    return {one.objectName(): one.accessibleName() for one in window.findChildren(Pill)
            if one.isVisible()}  # fmt: skip


def empty_of(window, panel: str) -> list[str]:
    """What a panel says in place of its content."""
    window.layouts.show_panel(panel)
    found = window.docks[panel].findChildren(EmptyState)
    return [f"{one.accessibleName()}. {one.accessibleDescription()}" for one in found
            if one.isVisible()]  # fmt: skip


def train(window, settled, batches: int) -> None:
    window.bridge.train(batches)
    settled(window)


@on("rebinding", "norm", "tape")
def test_only_the_choosers_that_make_sense_are_there(program_window):
    window = program_window
    title = window.snapshot.setup.network
    rate = window.snapshot.setup.learning_rate
    wanted = {"network_chooser": f"Program: {title}"}
    if rate is not None:
        wanted["learning_rate_chooser"] = f"Learning rate: {rate:g}"
    assert pills(window) == wanted
    shown = [menu.title() for menu in window.choosers.menus if menu.menuAction().isVisible()]
    assert shown == ["Network", "Learning rate"][: len(wanted)]
    offered = [one.text() for one in window.choosers.network_menu.actions() if one.isVisible()]
    assert offered and not any("float" in text or "data" in text for text in offered)


@on_own("bare", BARE)
def test_a_program_without_a_learning_rate_has_no_chooser_for_it(own_window):
    assert list(pills(own_window)) == ["network_chooser"]
    assert not own_window.choosers.rate_menu.menuAction().isVisible()
    rate = action(own_window, "what_if_rate")
    assert not rate.isEnabled() and "What is what" in rate.toolTip()


@on("rebinding")
def test_no_epoch_is_named_or_trained(program_window, settled):
    window = program_window
    train(window, settled, 3)
    assert "poch" not in window.timeline.accessibleDescription()
    assert window.timeline.accessibleDescription().startswith("Batch 3 of ")
    assert action(window, "continue").text() == "Train until I stop"
    assert "epoch" not in action(window, "continue").toolTip()
    offered = {one.objectName() for one in submenu_of_training(window) if one.isVisible()}
    assert offered == {"continue", "train_100"}


def submenu_of_training(window):
    from gui.window.toolbar.parts import RowButton

    button = window.findChild(RowButton, "train_menu_button")
    return button.menu().actions()


@on("rebinding")
def test_training_goes_on_until_it_is_paused(program_window, qtbot, settled):
    window = program_window
    window.activateWindow()
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.bridge.batch > 20)
    QTest.keyClick(window, Qt.Key.Key_F6)
    settled(window)
    assert window.snapshot.position.batch > 20 and window.snapshot.position.event == 0
    assert np.isfinite(window.snapshot.history.losses).all()
    assert not dialogs(window)


@on("rebinding")
def test_another_network_asks_first_and_undo_brings_the_program_back(
    program_window, qtbot, settled
):
    window = program_window
    title = window.snapshot.setup.network
    entry = next(one for one in window.choosers.network_menu.actions() if one.isVisible())
    entry.trigger()
    (dialog,) = dialogs(window)
    assert isinstance(dialog, ConfirmDialog)
    assert title in dialog.text.text() and "Undo" in dialog.text.text()
    dialog.reject()
    settled(window)
    assert window.snapshot.setup.network == title
    entry.trigger()
    (dialog,) = dialogs(window)
    QTest.mouseClick(dialog.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.snapshot.setup.network == entry.data(), timeout=20_000)
    settled(window)
    assert len(pills(window)) >= 3 and action(window, "continue").text() == "Train one epoch"
    action(window, "undo").trigger()
    qtbot.waitUntil(lambda: window.snapshot.setup.network == title)
    settled(window)
    assert list(pills(window)) == ["network_chooser", "learning_rate_chooser"]
    action(window, "step_into").trigger()
    settled(window)
    assert window.snapshot.position == (0, 1)


@on("lists", "rebinding")
def test_the_network_panel_has_the_layers_or_functions_and_no_input(program_window, settled):
    window = program_window
    window.layouts.show_panel("network")
    names = [card.accessibleName() for card in window.network.cards()]
    wanted = [layer.name or "Parameters" for layer in window.snapshot.layers]
    assert names == wanted and "X" not in names
    card = next(
        one for one, layer in zip(window.network.cards(), window.snapshot.layers, strict=True)
        if layer.forward is not None
    )  # fmt: skip
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    settled(window)
    layer = next(one for one in window.snapshot.layers if one.name == card.accessibleName())
    assert window.snapshot.position.event == layer.forward[0]


@on_own("bare", BARE)
def test_panels_say_in_a_sentence_what_is_missing(own_window, settled):
    window = own_window
    train(window, settled, 2)
    expected = {
        "network": "No layers", "gradients": "No parameters", "activations": "No activations",
        "samples": "No samples are known", "hidden_units": "No pictures here",
        "confusion": "There is no test set", "cache": "Nothing to list",
        "numeric": "No parameters",
    }  # fmt: skip
    for panel, title in expected.items():
        (said,) = empty_of(window, panel)
        assert said.startswith(f"{title}. ") and said.endswith(".") and len(said) > len(title) + 9


@on("norm")
def test_a_loss_that_no_batch_gives_is_not_drawn_and_can_be_named(program_window, settled):
    window = program_window
    train(window, settled, 4)
    assert np.isnan(window.snapshot.history.losses).all()
    assert window.results.card.isHidden()  # there is nothing to show
    (said,) = empty_of(window, "loss")
    assert said.startswith("No loss is known. ") and "Network, What is what…" in said
    assert not dialogs(window)


@on("rebinding")
def test_a_known_loss_is_drawn_without_the_plot_of_a_test_set(program_window, settled):
    window = program_window
    train(window, settled, 4)
    window.layouts.show_panel("loss")
    settled(window)
    plots = window.loss._plots
    assert plots.loss.isVisible() and not plots.accuracy.isVisible()
    assert plots.loss.width() > 0.9 * plots.width()  # no room is kept for the other


@on("rebinding")
def test_globals_have_a_group_of_their_own_after_the_others(program_window, settled):
    window = program_window
    model = window.variables._model
    heads = [model.node(index).label for index in model.groups()]
    file = window.snapshot.event.file.rpartition("/")[2]
    assert heads[-1] == f"Globals of {file}"
    children = model.node(model.groups()[-1]).children
    assert {"W1", "W2", "lr"} <= {child.label for child in children}


@on("rebinding")
def test_a_global_parameter_is_changed_on_a_branch_of_its_own(program_window, settled, qtbot):
    window = program_window
    train(window, settled, 2)
    before = window.snapshot.layers[-1].parameters["b1"].copy()
    action(window, "edit_value").trigger()
    (form,) = dialogs(window)
    for line, text in zip(form.lines, ("b1", "0, 0", "9"), strict=True):
        line.selectAll()
        QTest.keyClicks(line, text)
    QTest.keyClick(form.lines[-1], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialogs(window))
    settled(window)
    assert len(window.snapshot.branches) == 2
    after = window.snapshot.layers[-1].parameters["b1"]
    assert after[0, 0] == 9 and (after[1:] == before[1:]).all()


@on("rebinding")
def test_weights_are_exported_by_their_names_in_the_program(program_window, settled, tmp_path):
    window = program_window
    window.files.export_weights_to(tmp_path / "w.npz")
    settled(window)
    with np.load(tmp_path / "w.npz") as found:
        assert set(found.files) == {"W1", "b1", "W2", "b2"}
    dialogs(window)[0].reject()


@on_own("bare", BARE)
def test_what_a_program_cannot_do_says_why(own_window):
    for id in (
        "silence_unit", "what_if_optimizer", "what_if_seed", "draw_digit", "input_gradient",
        "edit_value", "export_weights", "last_change",
    ):  # fmt: skip
        entry = action(own_window, id)
        assert not entry.isEnabled()
        reason = entry.toolTip().split("\n")[1]
        assert reason.endswith(".") and len(reason) > 30


@on_own("ending", ENDING)
def test_the_end_of_a_run_is_told_and_is_no_error(own_window, settled):
    window = own_window
    window.bridge.train(None)
    settled(window)
    assert window.snapshot.position == Position(3, 0)
    said = "The run has ended: the program's data are used up after batch 2."
    assert window.notice.isVisible() and said in window.notice.text()
    assert not dialogs(window)
    action(window, "step_back_into").trigger()  # and it goes back as ever
    settled(window)
    assert window.snapshot.position.batch == 2 and not dialogs(window)


@on_own("clock", CLOCK)
def test_a_program_that_does_not_repeat_is_told_with_its_line(own_window, settled):
    window = own_window
    assert window.notice.isVisible()
    assert "does not repeat itself" in window.notice.text() and "clock.py:" in window.notice.text()
    (link,) = window.notice.links
    notice = window.snapshot.notices[0]
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    settled(window)
    assert window.snapshot.event.line == notice.line and notice.line > 0


@on_own("clock", CLOCK)
def test_what_cannot_be_reached_is_a_notice_and_the_window_stays(own_window, settled):
    window = own_window
    train(window, settled, 40)
    stored = set(window.snapshot.history.stored)
    lost = next(batch for batch in range(39, 0, -1) if batch not in stored)
    window.bridge.goto(Position(lost, 0))
    settled(window)
    assert f"Batch {lost} cannot be reached again" in window.notice.text()
    assert window.notice.isVisible() and not dialogs(window)
    assert window.snapshot.position == Position(40, 0)


@on("rebinding")
def test_the_other_pass_has_words_everywhere(program_window, settled):
    window = program_window
    other = next(band for band in window.snapshot.bands if band.phase is Phase.OTHER)
    window.bridge.goto(Position(0, other.first))
    settled(window)
    assert "Other" in window.timeline.accessibleDescription()
    assert "Other" in window.top.chip.accessibleName() + window.top.chip.text()
    track, row = window.timeline.events(), window.timeline.event_row()
    spot = QPoint(round(track.middle(other.first)), round(row.center().y()))
    assert window.timeline.tooltip_at(spot.toPointF()).startswith("Other")


@on_own("raising", BARE.replace("return math.sqrt(count)", "return math.sqrt(2 - count)"))
def test_an_exception_in_the_step_is_shown_as_ever(own_window, settled):
    window = own_window
    window.bridge.train(5)
    settled(window)
    (dialog,) = dialogs(window)
    assert isinstance(dialog, ErrorDialog) and "math domain error" in dialog.report()
    dialog.reject()
    assert window.snapshot.position.batch == 2
    assert submenu(action(window, "undo")) is None


@on("rebinding")
def test_breakpoints_are_offered_for_what_is_known(program_window, settled):
    window = program_window
    menu = QMenu()
    offer = Offer(menu, window.snapshot, lambda _: None, lambda *_: None)
    for kind in (one for group in GROUPS for one in group if one.offer is not None):
        kind.offer(offer)
    entries = [one for one in menu.actions() if submenu(one) is None]
    inner = {one.text(): submenu(one).actions() for one in menu.actions() if submenu(one)}
    texts = [one.text() for one in entries] + list(inner)
    assert not any("poch" in text for text in texts)
    every = [one for actions in inner.values() for one in actions if not one.isSeparator()]
    assert all(one.text() for one in every)
    assert {"W1", "b1", "W2", "b2"} <= {one.text() for one in inner["A cell changes…"]}
    window.bridge.edit_breakpoints(lambda points: points.add(AtData("W1", "0, 0")))
    settled(window)
    window.bridge.train(5)
    settled(window)
    assert window.snapshot.position.batch == 0 and window.snapshot.event.phase is Phase.UPDATE
    assert "W1" in window.notice.text()


@on("rebinding")
def test_a_walk_asks_before_it_replaces_the_program(program_window, settled):
    window = program_window
    title = window.snapshot.setup.network
    window.guides.walks.fill()  # as it is when the menu opens
    shipped = [f"walk_{walk.id}" for walk in shipped_walks().values() if walk.network]
    next(one for one in window.guides.walks.menu.actions() if one.objectName() in shipped).trigger()
    settled(window)
    (dialog,) = [one for one in dialogs(window) if isinstance(one, ConfirmDialog)]
    assert title in dialog.text.text()
    dialog.reject()
    settled(window)
    assert window.snapshot.setup.network == title
