"""Branches: what was changed at a moment goes its own way, and the way it was stays."""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.order import BatchOrder
from engine.debug.events import Phase
from engine.debug.travel.edits import (
    DrawSample,
    Edit,
    How,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SetSeed,
    SilenceUnit,
    edit_from_json,
    edit_to_json,
)
from engine.errors import BadValue, NoSuchBranch
from engine.nn.optimizers import OPTIMIZERS
from engine.nn.training import train_step
from engine.silence import Silence, insert
from tests.engine.debug import networks
from tests.engine.debug.networks import BATCH_SIZE, DATASET, HIDDEN, Recipe, recipes
from tests.engine.debug.oracle import whole, without_hidden

BATCHES = 9


def _image(first: int) -> np.ndarray:
    """An image that no sample of the dataset has."""
    image = np.arange(DATASET.features, dtype=np.uint8).reshape(DATASET.images.shape[1:]) * 7
    image[0, 0] = first
    return image


PLAIN = Recipe()
EDITS = st.one_of(
    st.builds(
        SetCells,
        st.sampled_from(["Affine1.W", "Affine2.b"]),
        st.sampled_from(["0", "", "-1:"]),
        st.sampled_from([0.0, 0.5, -2.0]),
        st.sampled_from(How),
    ),
    st.builds(SetLearningRate, st.sampled_from([0.01, 0.7])),
    st.builds(SetOptimizer, st.sampled_from(sorted(OPTIMIZERS)), st.sampled_from([None, 0.2])),
    st.builds(SetSeed, st.integers(0, 3)),
    st.builds(SilenceUnit, st.just("Affine1"), st.integers(0, HIDDEN - 1)),
    st.builds(
        lambda first, label: DrawSample.of(_image(first), label),
        st.integers(0, 255),
        st.integers(0, DATASET.classes - 1),
    ),
)


def shared_with_others() -> tuple:
    """What recipes share with each other: a run beside a session must not change it."""
    return (
        np.random.get_state(), random.getstate(), networks.MODULE_RNG.bit_generator.state,
        networks.module_count, deepcopy(networks.Shared.means), networks.Shared.count,
    )  # fmt: skip


def put_back(shared: tuple) -> None:
    np.random.set_state(shared[0])
    random.setstate(shared[1])
    networks.MODULE_RNG.bit_generator.state = shared[2]
    networks.module_count = shared[3]
    networks.Shared.means.clear()
    networks.Shared.means.update(shared[4])
    networks.Shared.count = shared[5]


class EditedRun:
    """A bare loop in which the edits are made by hand; what was true before each batch."""

    def __init__(self, recipe: Recipe, edits: Sequence[tuple[int, Edit]], batches: int) -> None:
        outside = shared_with_others()
        self.network, self.optimizer = recipe.build()
        self.order = BatchOrder(len(DATASET), BATCH_SIZE, recipe.seed)
        self.states, self.losses = [], []
        self.drawn = None
        for batch in range(batches + 1):
            for at, edit in edits:
                if at == batch:
                    self.make(edit)
            self.states.append(without_hidden(whole(self.network, self.optimizer)))
            if batch < batches:
                x, t = DATASET.batch(self.order.indices(batch), recipe.dtype)
                if self.drawn is not None:
                    x = np.frombuffer(b64decode(self.drawn.pixels), np.uint8)[None]
                    x = np.true_divide(x, 255, dtype=recipe.dtype)
                    t, self.drawn = np.array([self.drawn.label]), None
                self.losses.append(float(train_step(self.network, self.optimizer, x, t)))
        put_back(outside)

    def make(self, edit: Edit) -> None:
        network = self.network
        if isinstance(edit, SetCells):
            array = network.parameters()[edit.parameter]
            index = {"": slice(None), "0": 0, "-1:": slice(-1, None)}[edit.cells]
            if edit.how is How.SET:
                array[index] = edit.value
            elif edit.how is How.ADD:
                array[index] += edit.value
            else:
                array[index] *= edit.value
        elif isinstance(edit, SetLearningRate):
            self.optimizer.lr = edit.rate
        elif isinstance(edit, SetOptimizer):
            given = {} if edit.rate is None else {"lr": edit.rate}
            self.optimizer = OPTIMIZERS[edit.kind](**given)
        elif isinstance(edit, SetSeed):
            self.order = BatchOrder(len(DATASET), BATCH_SIZE, edit.seed)
        elif isinstance(edit, DrawSample):
            self.drawn = edit
        else:
            assert isinstance(edit, SilenceUnit)
            behind = network.layers[1]
            if isinstance(behind, Silence):
                behind.m = behind.m.copy()
                behind.m[edit.unit] = 0
            else:
                m = np.ones(HIDDEN, network.parameters()["Affine1.W"].dtype)
                m[edit.unit] = 0
                insert(network, 1, Silence(m))


def check(session, recipe) -> None:
    """The cursor is at event 0 of a batch, and all is as a plain run with the edits left it."""
    branch, batch = session.branches.current, session.position.batch
    plain = EditedRun(recipe, branch.edits, max(batch, session.reach))
    seen = without_hidden(whole(session.network, session.optimizer))
    assert seen == plain.states[batch]
    assert session.losses.tolist() == plain.losses[: session.reach]
    assert session.order.seed == plain.order.seed or session.reach > batch


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_every_branch_is_what_a_plain_run_with_its_edits_would_be(recipe, data):
    session = recipe.session(memory_budget=data.draw(st.sampled_from([60_000, 10**7])))
    for _ in range(data.draw(st.integers(2, 9))):
        move = data.draw(st.sampled_from(["run", "goto", "step", "edit", "edit", "switch"]))
        if move == "run":
            session.goto(session.position.batch)
            session.run(batches=data.draw(st.integers(0, max(BATCHES - session.position.batch, 0))))
        elif move == "goto":
            session.goto(data.draw(st.integers(0, session.reach)))
        elif move == "step":
            for _ in range(data.draw(st.integers(1, 30))):
                session.step_over()
        elif move == "edit":
            before = session.branches.current
            losses, position = session.losses.tolist(), session.position
            session.edit(data.draw(EDITS))
            assert session.position.batch == position.batch
            assert before.losses.array().tolist() == losses and before.position == position
        else:
            session.switch(data.draw(st.sampled_from([one.id for one in session.branches])))
        at = session.position
        session.goto(at.batch)
        check(session, recipe)
        if at.event and at.event < len(session.trace):
            session.goto(*at)
    for one in session.branches:
        session.switch(one.id)
        session.goto(session.reach)
        check(session, recipe)
        session.goto(0)
        check(session, recipe)


def test_an_edit_goes_another_way_from_the_cursor_and_the_old_way_stays():
    session = PLAIN.session()
    session.run(batches=6)
    session.goto(3, 8)
    losses = session.losses.tolist()
    branch = session.edit(SetCells("Affine1.W", "0, 1", 0.25), note="why not")
    assert session.position == (3, 8) and session.branches.current is branch
    assert (branch.name, branch.note) == ("Affine1.W[0, 1] = 0.25", "why not")
    assert (branch.parent, branch.batch) == (0, 3)
    assert session.network.parameters()["Affine1.W"][0, 1] == 0.25
    assert session.losses.tolist()[:3] == losses[:3]
    session.goto(3)
    session.run(batches=5)
    assert session.reach == 8 and session.losses.tolist()[:6] != losses
    session.switch(0)
    assert session.position == (3, 8) and session.losses.tolist() == losses
    session.switch(branch.id)
    assert session.position == (8, 0)


def test_a_silenced_unit_gives_nothing_and_learns_nothing():
    session = PLAIN.session()
    session.run(batches=2)
    session.edit(SilenceUnit("Affine1", 2))
    before = session.network.parameters()["Affine2.W"].copy()
    session.run(batches=3)
    assert list(session.layers)[:2] == ["Affine1", "Silence1"]
    assert not session.network.layers[1].forward(np.ones((2, HIDDEN), np.float32))[:, 2].any()
    session.edit(SilenceUnit("Affine1", 0))
    assert session.layers["Silence1"].m.tolist().count(0) == 2
    session.switch(0)
    assert "Silence1" not in session.layers
    assert session.network.parameters()["Affine2.W"].tobytes() == before.tobytes()
    assert {e.layer for e in session.trace if e.phase is Phase.FORWARD} >= {"Affine1", "Affine2"}


@pytest.mark.parametrize("edit", [
    SetCells("Affine9.W", "", 1.0),
    SetCells("Affine1.W", "99, 0", 1.0),
    SetCells("Affine1.W", "x", 1.0),
    SetCells("Affine1.W", "3:3", 1.0),
    SetLearningRate(0.0),
    SetLearningRate(float("nan")),
    SetOptimizer("Rprop"),
    SetOptimizer("Adam", -1.0),
    SetSeed(-1),
    SilenceUnit("Affine1", HIDDEN),
    SilenceUnit("Affine1", -1),
    SilenceUnit("Nothing", 0),
    SilenceUnit("SoftmaxWithLoss", 0),
    DrawSample.of(_image(0), DATASET.classes),
    DrawSample.of(_image(0), -1),
    DrawSample.of(_image(0).T.reshape(1, -1), 0),
    replace(DrawSample.of(_image(0), 0), pixels="AAAA"),
    replace(DrawSample.of(_image(0), 0), pixels="?"),
    replace(DrawSample.of(_image(0), 0), pixels="ä"),
])  # fmt: skip
def test_what_cannot_be_edited_is_said_and_nothing_has_changed(edit):
    session = PLAIN.session()
    session.run(batches=3)
    session.goto(2, 5)
    before = without_hidden(whole(session.network, session.optimizer))
    with pytest.raises(BadValue):
        session.edit(SetCells("Affine1.W", "", 7.0), edit)
    session.goto(2, 5)
    assert without_hidden(whole(session.network, session.optimizer)) == before
    assert len(session.branches) == 1 and session.reach == 3


def test_names_notes_and_removal():
    session = PLAIN.session()
    session.run(batches=2)
    first = session.fork("first")
    session.run(batches=2)
    second = session.fork("second")
    with pytest.raises(BadValue):
        session.fork("first")
    branches = session.branches
    branches.rename(first.id, "better")
    branches.annotate(second.id, "  a note ")
    assert [one.name for one in branches] == ["main", "better", "second"]
    assert branches[second.id].note == "a note" and branches.current.note == "a note"
    with pytest.raises(BadValue):
        branches.rename(first.id, "second")
    with pytest.raises(BadValue):
        branches.remove(second.id)
    with pytest.raises(BadValue):
        branches.remove(0)
    branches.remove(first.id)
    assert branches.current.parent == 0 and branches.current.batch == 2
    with pytest.raises(NoSuchBranch):
        session.switch(first.id)
    with pytest.raises(NoSuchBranch):
        branches.annotate(77, "")
    assert session.reach == 4


def test_all_branches_together_stay_within_the_budget():
    budget = 600_000  # twice what the twelve states that were edited take
    session = PLAIN.session(memory_budget=budget)
    for number in range(12):
        session.run(batches=40)
        session.edit(SetLearningRate(0.1 + number / 10))
    assert session.branches.nbytes <= session.branches.budget
    check(session, PLAIN)
    session.goto(17)
    check(session, PLAIN)


@given(EDITS)
def test_an_edit_can_be_written_down(edit):
    assert edit_from_json(edit_to_json(edit)) == edit


@pytest.mark.parametrize("data", [
    {"edit": "Nothing"}, {"edit": "SetSeed", "seed": "3"}, {"edit": "SetSeed", "seed": True},
    {"edit": "SetSeed"}, {"edit": "SetSeed", "seed": 1, "more": 2},
    {"edit": "SetCells", "parameter": "W", "cells": "", "value": 1, "how": "/="},
])  # fmt: skip
def test_what_is_no_edit_is_refused(data):
    with pytest.raises((ValueError, KeyError, TypeError)):
        edit_from_json(data)


def test_a_measurement_made_aside_is_noted_wherever_its_moment_is():
    session = PLAIN.session()
    session.run(batches=3)
    job = session.evaluation()
    assert job is not None
    session.goto(2)
    session.fork("earlier")
    assert session.note(job, job()) and session.measurements == []
    session.switch(0)
    assert [m.batch for m in session.measurements] == [3]
    session.goto(3)
    session.fork("here")
    assert [m.batch for m in session.measurements] == [3]


def test_two_branches_are_compared_from_where_they_part():
    session = PLAIN.session()
    session.run(batches=6)
    session.goto(3, 7)
    session.edit(SetLearningRate(0.9))
    session.goto(3)
    session.run(batches=2)
    session.goto(4, 2)
    found = session.compare(0, 1)
    assert session.position == (4, 2) and session.branches.current.id == 1
    assert session.branches[0].position == (3, 7)
    assert (found.batch, found.parted, found.whole) == (5, 3, True)
    assert [side.name for side in found.sides] == ["main", "learning rate 0.9"]
    plain = [EditedRun(PLAIN, session.branches[id].edits, 5) for id in (0, 1)]
    for side, run in zip(found.sides, plain, strict=True):
        assert side.loss == run.losses[4]
    for parameter in found.parameters:
        first, second = (run.network.parameters()[parameter.name] for run in plain)
        assert parameter.difference.tobytes() == (second - first).tobytes()
        assert parameter.largest == np.abs(second - first).max() > 0
    # The learning rate is first used in the update, and nothing before it differs.
    assert found.first is not None and found.first.source == "self.lr * dW"
    session.goto(*found.first.position)
    assert session.event.source == "self.lr * dW" and session.event.phase is Phase.UPDATE


def test_the_first_difference_of_a_silenced_unit_is_the_layer_that_silences_it():
    session = PLAIN.session()
    session.run(batches=2)
    session.edit(SilenceUnit("Affine1", 1))
    found = session.compare(0, 1)
    assert found.batch == found.parted == 2
    assert found.first is not None and found.first.stray and found.first.position.batch == 2
    assert all(parameter.largest == 0 for parameter in found.parameters)


def test_branches_that_do_not_differ_are_compared_too():
    session = PLAIN.session()
    session.run(batches=2)
    session.fork("same")
    assert session.compare(0, 1).first is session.compare(0, 1).parted is None
    session.edit(SetSeed(PLAIN.seed), name="same seed")
    session.run(batches=3)
    session.switch(0)
    session.goto(2)
    session.run(batches=3)
    found = session.compare(0, 2)
    assert (found.parted, found.first, found.whole) == (2, None, True)
    assert not session.compare(0, 2, cancel=lambda: True).whole
    with pytest.raises(NoSuchBranch):
        session.compare(0, 5)
