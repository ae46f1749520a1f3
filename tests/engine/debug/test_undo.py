"""Undo and redo: whatever a person has changed can be taken back, and made again."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import AtBatch, AtPass
from engine.debug.events import Phase, Position
from engine.debug.travel.edits import (
    DrawSample,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SilenceUnit,
)
from engine.debug.undo import MOST_BYTES, MOST_STEPS, UndoStack, undoable
from tests.engine.debug.networks import Recipe, recipes
from tests.engine.debug.oracle import picture as look

PLAIN = Recipe()


def picture(session) -> tuple:
    """All that undo brings back."""
    now = session.memento()
    return (
        now.breakpoints,
        now.bookmarks,
        now.branch,
        now.input_gradient,
        [(one.id, one.name, one.note, one.parent, one.batch, one.edits) for one in now.branches],
    )


CHANGES = {
    "breakpoint": lambda s, n: s.breakpoints.add(AtBatch(n)),
    "toggle": lambda s, n: [
        s.breakpoints.change(one.id, enabled=not one.enabled) for one in s.breakpoints
    ],
    "clear": lambda s, n: [s.breakpoints.remove(one.id) for one in s.breakpoints],
    "station": lambda s, n: s.bookmarks.add_station(f"s{n}", s.position, s.branches.current.id),
    "bookmark": lambda s, n: s.bookmarks.add(f"b{n}", s.position, s.branches.current.id),
    "rate": lambda s, n: s.set_learning_rate(0.1 * (n + 1)),
    "branch": lambda s, n: s.edit(SetLearningRate(0.2 * (n + 1))),
    "cells": lambda s, n: s.edit(SetCells("Affine1.W", "", 0.5)),
    "silence": lambda s, n: s.edit(SilenceUnit("Affine1", n % 3), SetOptimizer("Adam")),
    "draw": lambda s, n: s.edit(DrawSample.of(np.full((3, 3), n, np.uint8), n % 4)),
    "rename": lambda s, n: s.branches.rename(0, f"name {n}"),
    "note": lambda s, n: s.branches.annotate(s.branches.current.id, f"note {n}"),
    "remove": lambda s, n: [
        s.remove_branch(one.id)
        for one in s.branches
        if one.id != s.branches.current.id and one.parent is not None
    ],
    "input gradient": lambda s, n: s.set_input_gradient(bool(n % 2)),
    "nothing": lambda s, n: None,
}


@given(recipes(), st.data())
@settings(max_examples=60, deadline=None)
def test_undo_is_the_way_back_and_redo_the_way_there(recipe, data):
    session, undoing = recipe.session(), UndoStack()
    pictures = [picture(session)]
    for _ in range(data.draw(st.integers(1, 10))):
        move = data.draw(st.sampled_from([*CHANGES, "run", "step", "go"]))
        number = data.draw(st.integers(0, 5))
        if move in CHANGES:
            change = CHANGES[move]
            undoable(undoing, move, session.memento, lambda c=change, n=number: c(session, n))
            if picture(session) != pictures[-1]:
                pictures.append(picture(session))
        elif move == "run":
            session.goto(session.position.batch)
            session.run(batches=number)
        elif move == "step":
            for _ in range(10):
                session.step_over()
        else:
            session.goto(data.draw(st.integers(0, session.reach)))
    seen = []
    while (memento := undoing.undo()) is not None:
        seen.append(picture(session))
        session.restore(memento)
        check_state(session, recipe)
    assert picture(session) == pictures[0] and undoing.undo_label == ""
    assert [p for i, p in enumerate(seen) if i == 0 or p != seen[i - 1]] == pictures[:0:-1]
    again = []
    while (memento := undoing.redo()) is not None:
        session.restore(memento)
        again.append(picture(session))
        check_state(session, recipe)
    assert [p for i, p in enumerate(again) if i == 0 or p != again[i - 1]] == pictures[1:]


def check_state(session, recipe) -> None:
    """What is learnt is what a run again from the first batch gives."""
    position, reach = session.position, session.reach
    state = learnt(session)
    losses = session.losses.tolist()
    session._run.live = None
    session.goto(0)
    session.run(batches=reach)
    assert session.losses.tolist() == losses
    session.goto(*position)
    assert learnt(session) == state


def learnt(session) -> tuple:
    return look(session.network.parameters()), look(session.optimizer), [*session.layers]


def test_what_was_undone_is_gone_once_something_else_is_changed():
    session, undoing = PLAIN.session(), UndoStack()
    for batch in (1, 2):
        undoable(undoing, f"b{batch}", session.memento, lambda: session.breakpoints.add(AtBatch(1)))
    assert (undoing.undo_label, undoing.redo_label) == ("b2", "")
    session.restore(undoing.undo())
    assert (undoing.undo_label, undoing.redo_label) == ("b1", "b2")
    undoable(undoing, "p", session.memento,
             lambda: session.breakpoints.add(AtPass(Phase.UPDATE)))  # fmt: skip
    assert (undoing.undo_label, undoing.redo_label) == ("p", "")
    assert [str(one.place) for one in session.breakpoints] == ["batch 1", "update"]


def test_an_undone_branch_comes_back_with_all_that_it_has_run():
    session, undoing = PLAIN.session(), UndoStack()
    session.run(batches=4)
    session.goto(2)
    undoable(undoing, "edit", session.memento, lambda: session.edit(SetLearningRate(0.7)))
    session.run(batches=5)
    losses = session.losses.tolist()
    session.restore(undoing.undo())
    assert session.position == (2, 0) and session.reach == 4 and len(session.branches) == 1
    session.restore(undoing.redo())
    assert session.losses.tolist() == losses and session.optimizer.lr == 0.7
    session.goto(7)
    assert session.position == Position(7, 0)


def test_what_only_an_undo_can_bring_back_has_its_limits():
    session, undoing = PLAIN.session(), UndoStack()
    for number in range(MOST_STEPS + 20):
        undoable(
            undoing, "b", session.memento, lambda n=number: session.breakpoints.add(AtBatch(n))
        )
    count = 0
    while undoing.undo() is not None:
        count += 1
    assert count == MOST_STEPS
    held = undoing._only_here(session.memento())
    assert held <= MOST_BYTES
