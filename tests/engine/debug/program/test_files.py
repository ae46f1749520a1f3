"""A saved session of a foreign program goes on with the same step, and with no other one."""

from __future__ import annotations

import pytest

from engine.debug.session import Session
from engine.debug.travel.edits import How, SetCells
from engine.errors import StepDiffers, StepNotGiven
from tests.programs.exactness import picture
from tests.programs.loading import NAMES, load, losses_of, undisturbed

programs = pytest.mark.parametrize("name", NAMES)


def saved(name, folder):
    """A session after 8 batches, its cursor within batch 5, as a file."""
    with load(name) as program:
        session = Session.from_step(program.step)
        session.run(8)
        session.goto(5)
        session.step_over()
        return session.save(folder / "session.retrograd"), session.losses.tolist()


@programs
def test_it_goes_on_bit_for_bit_with_the_same_step(name, tmp_path):
    path, losses = saved(name, tmp_path)
    with load(name) as program:
        session = Session.load(path, step=program.step)
        assert session.loaded is not None and session.loaded.exact
        assert session.position.batch == 5 and session.position.event > 0
        assert repr(session.losses.tolist()) == repr(losses)
        session.goto(8)
        session.run(4)
        if program.truth.returned:
            assert session.losses.tolist() == losses_of(name, 12)
        with undisturbed(), load(name) as bare:
            expected = [picture(bare.step)]
            for batch in range(12):
                bare.run(batch)
                expected.append(picture(bare.step))
        for batch in (12, 3, 9, 0):
            session.goto(batch)
            assert picture(program.step) == expected[batch]


@programs
def test_it_does_not_open_without_a_step(name, tmp_path):
    path, _ = saved(name, tmp_path)
    with pytest.raises(StepNotGiven):
        Session.load(path)


@programs
def test_it_does_not_open_with_a_step_of_another_source(name, tmp_path):
    path, _ = saved(name, tmp_path)
    with load(name, seed=1) as program, pytest.raises(StepDiffers):
        Session.load(path, step=program.step)


@programs
def test_branches_with_edits_go_on_bit_for_bit(name, tmp_path):
    with load(name) as program, load(name) as fresh:
        session = Session.from_step(program.step)
        session.run(80)
        session.goto(12)
        names = sorted(session.parameters())  # of `lazy`, none is found in the first two batches
        session.edit(*(SetCells(one, "", 0.5, How.MULTIPLY) for one in names[:1]))
        session.run(70)
        path = session.save(tmp_path / "session.retrograd")
        opened = Session.load(path, step=fresh.step)
        assert opened.loaded is not None and opened.loaded.exact
        assert opened.position == (82, 0) and picture(fresh.step) == picture(program.step)
        for one in (session, opened):
            one.run(3)
        assert picture(fresh.step) == picture(program.step)
        for branch in (0, 1):
            for one in (session, opened):
                one.switch(branch)
            assert repr(opened.losses.tolist()) == repr(session.losses.tolist())
            for batch in (70, 11, 12, 13, session.reach):
                session.goto(batch)
                opened.goto(batch)
                assert picture(fresh.step) == picture(program.step)
