"""Network, What is what…: what is known of a program, and how a person corrects it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.debug.events import Position
from gui.dialogs.facets import FacetsDialog
from tests.gui.programs.making import BARE, action, dialogs, session_of, window_of, window_on
from tests.programs.loading import load


@pytest.fixture
def window(qapp, tmp_path, settled):
    with load("norm") as program, window_of(program, tmp_path) as window:
        settled(window)
        yield window


def opened(window) -> FacetsDialog:
    action(window, "facets").trigger()
    (dialog,) = dialogs(window)
    assert isinstance(dialog, FacetsDialog)
    return dialog


def give(dialog, facet: str, text: str) -> None:
    row = dialog.rows[facet]
    row.line.setFocus()
    row.line.selectAll()
    if text:
        QTest.keyClicks(row.line, text)
    else:
        QTest.keyClick(row.line, Qt.Key.Key_Delete)
    QTest.keyClick(row.line, Qt.Key.Key_Return)


def test_each_facet_has_its_value_how_it_was_found_and_a_word_for_its_certainty(window):
    dialog = opened(window)
    assert list(dialog.rows) == [state.facet for state in window.snapshot.facets]
    for state in window.snapshot.facets:
        row = dialog.rows[state.facet]
        assert state.how in row.how.text() and row.name.text() in row.accessibleName()
        assert state.text in row.value.text() and row.value.text()
        word = row.mark.text().split(" ", 1)
        assert len(word) == 2 and word[1] in ("certain", "uncertain", "declared", "not found")
        assert word[1] in row.accessibleName()


def test_an_expression_names_the_loss_and_later_batches_have_it(window, settled):
    window.bridge.train(2)
    settled(window)
    window.bridge.goto(Position(1, 7))
    settled(window)
    dialog = opened(window)
    give(dialog, "loss", "self.model.history[-1]")
    settled(window)
    row = dialog.rows["loss"]
    assert row.said.isVisible() and "holds" in row.said.text()
    assert row.mark.text().endswith("declared")
    assert window.snapshot.position == Position(1, 7)  # where it was
    dialog.reject()
    window.bridge.train(3)
    settled(window)
    assert np.isfinite(window.snapshot.history.losses[-2:]).all()


@pytest.mark.parametrize(
    ("facet", "text"),
    [
        ("loss", "no_such_name"), ("loss", "self.model.no_such"), ("loss", "1 +"),
        ("learning_rate", "self.model.W1"), ("parameters", "W: self.nothing"),
        ("parameters", "W: ("), ("labels", "nobody"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_place(window, settled, facet, text):
    dialog, before = opened(window), window.snapshot.facets
    give(dialog, facet, text)
    settled(window)
    row = dialog.rows[facet]
    assert dialogs(window) == [dialog]
    assert row.said.isVisible() and "cannot be the" in row.said.text()
    assert row.line.text() == text  # to be mended
    assert window.snapshot.facets == before


def test_a_declaration_is_taken_back_by_an_empty_line(window, settled):
    dialog = opened(window)
    give(dialog, "parameters", "W1: self.model.W1, W2: self.model.W2")
    settled(window)
    states = {state.facet: state for state in window.snapshot.facets}
    assert states["parameters"].declared == "W1: self.model.W1, W2: self.model.W2"
    names = [name for layer in window.snapshot.layers for name in layer.parameters]
    assert sorted(names) == ["W1", "W2"]
    give(dialog, "parameters", "")
    settled(window)
    names = [name for layer in window.snapshot.layers for name in layer.parameters]
    assert sorted(names) == ["W1", "W2", "b2", "beta", "gamma"]


def test_undo_takes_a_declaration_back_and_redo_makes_it_again(window, settled):
    dialog = opened(window)
    give(dialog, "loss", "no_such_name")  # a refused one is no step of undo
    settled(window)
    assert not action(window, "undo").isEnabled()
    give(dialog, "loss", "self.model.history[-1]")
    settled(window)
    dialog.reject()
    for id, text in (("undo", ""), ("redo", "self.model.history[-1]")):
        action(window, id).trigger()
        settled(window)
        states = {state.facet: state for state in window.snapshot.facets}
        assert states["loss"].declared == text


def test_without_facets_all_say_that_they_are_unknown(qapp, tmp_path, settled):
    with window_on(session_of(tmp_path, "bare", BARE), tmp_path) as window:
        settled(window)
        dialog = opened(window)
        assert dialog.rows["parameters"].mark.text().endswith("not found")
        assert dialog.rows["parameters"].value.text() == "unknown"
        dialog.reject()


def test_a_network_declares_its_own(borrowed_window):
    entry = action(borrowed_window, "facets")
    assert not entry.isEnabled() and "says itself what is what" in entry.toolTip()
