"""Which options come of a changed setting, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import AtBatch, SetLearningRate
from engine.debug.events import Position
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.window.toolbar.setting_changes import (
    SettingChange,
    changed,
    options_of,
    weight_init_of,
    what_it_resets,
)
from tests.gui.sessions import make_session

FRESH = {
    "network": "784-10", "dataset": Path("x"), "weight_init": "he", "dtype": "float64",
    "optimizer": "Adam", "seed": 3, "batch_size": 50,
}  # fmt: skip


def after(batches: int) -> Snapshot:
    session = make_session()
    session.run(batches)
    return session.snapshot()


def stepped() -> Session:
    """A session in the middle of its first batch, which counts as run then."""
    session = make_session()
    session.goto(batch=0, event=7)
    assert session.snapshot().history.reach == 1
    return session


def to(options: Options, field: str, value: object) -> Options:
    return changed(options, SettingChange(field, value), build_setup(options))


def build_setup(options: Options):
    setup = make_session().setup()
    size = options.batch_size or options.preset.batch_size
    return replace(setup, network=options.network, batch_size=size)


def test_a_network_is_named_the_same_in_question_menu_and_chip(window, settled):
    choosers, name = window.choosers, "784-30×5-10-relu"
    entry = next(
        one for one in choosers.network_menu.actions()
        if one.objectName() == "network=784-30x5-10-relu"
    )  # fmt: skip
    assert entry.text().startswith(name)
    assert name in SettingChange("network", "784-30x5-10-relu").title()
    entry.trigger()
    settled(window)
    assert choosers.network.text() == name or name in choosers.network.text()
    assert "30x5" not in choosers.network.toolTip() + choosers.network.accessibleName()


def test_each_network_brings_its_own_batch_size_unless_one_was_chosen():
    tiny = to(Options(), "network", "16-4-3")
    assert build_session(tiny).setup().batch_size == 6
    assert build_session(to(tiny, "network", "784-50-10")).setup().batch_size == 100
    chosen = to(to(Options(), "batch_size", 50), "network", "16-4-3")
    assert build_session(chosen).setup().batch_size == 50
    back = to(to(to(Options(), "batch_size", 50), "batch_size", 100), "network", "16-4-3")
    assert build_session(back).setup().batch_size == 6


def test_a_session_made_by_hand_keeps_its_batch_size_where_it_is_no_preset_s():
    setup = make_session().setup()
    assert options_of(setup).batch_size == setup.batch_size
    assert options_of(replace(setup, batch_size=100)).batch_size is None


def test_initial_weights_are_the_choice_or_the_network_s_own():
    assert [weight_init_of(Options(network=id)) for id in PRESETS] == [
        "xavier", "xavier", "he", "xavier", 0.01, 0.01,
    ]  # fmt: skip
    assert weight_init_of(to(Options(), "weight_init", 0.01)) == 0.01
    assert weight_init_of(to(to(Options(), "weight_init", "he"), "network", "784-10")) == "he"


@pytest.mark.parametrize("field", FRESH)
def test_nothing_is_asked_before_a_batch_has_run(field):
    change = SettingChange(field, FRESH[field])
    assert what_it_resets(change, after(0)) == ""
    assert "batch that has run" in what_it_resets(change, after(1))
    assert "run of 2 batches" in what_it_resets(change, after(2))


@pytest.mark.parametrize("field", FRESH)
def test_nothing_is_asked_in_the_first_batch_unless_something_would_be_lost(field):
    change, session = SettingChange(field, FRESH[field]), stepped()
    assert what_it_resets(change, session.snapshot()) == ""
    session.breakpoints.add(AtBatch(3))  # a new run has them, too
    assert what_it_resets(change, session.snapshot()) == ""
    session.bookmarks.add("here", session.position)
    said = what_it_resets(change, session.snapshot())
    assert "bookmarks are dropped" in said and "stations" not in said and "Undo" in said
    session.bookmarks.add_station("Look.", session.position)
    assert "stations of your walk are dropped" in what_it_resets(change, session.snapshot())


@pytest.mark.parametrize("event", [0, 7])
def test_an_edited_run_is_asked_about_before_anything_has_been_trained(event):
    session = make_session()
    session.goto(batch=0, event=event)
    session.edit(SetLearningRate(0.3))
    said = what_it_resets(SettingChange("seed", 3), session.snapshot())
    assert "All 2 branches are dropped" in said


@pytest.mark.parametrize("field", FRESH)
def test_the_question_names_the_value(field):
    title = SettingChange(field, FRESH[field]).title()
    assert title.endswith("?")
    assert str(FRESH[field]).lower() in title.lower()


def test_the_book_s_deviation_is_called_as_in_the_book():
    assert "N(0, 0.01)" in SettingChange("weight_init", 0.01).title()
    assert "bundled" in SettingChange("dataset", None).title()


def test_a_learning_rate_loses_nothing_and_asks_nothing():
    snapshot = replace(after(5), position=Position(0, 0))
    assert what_it_resets(SettingChange("learning_rate", 0.3), snapshot) == ""
