"""A session of any step as a file: what it has, how it opens, and what it refuses."""

from __future__ import annotations

import linecache
import random
from collections import deque
from copy import deepcopy

import numpy as np
import pytest

from engine.debug.session import Session, open_session
from engine.debug.session_file import format as session_file
from engine.debug.travel.edits import SetCells, SetLearningRate
from engine.debug.travel.live_run import LiveRun
from engine.errors import OpeningCancelled, SessionNotRead, StepDiffers, StepNotGiven
from tests.programs.exactness import picture
from tests.programs.loading import execute

HEAD = """
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(40, 3))
t = X @ np.array([1.0, -2.0, 0.5])
params = {"w": rng.normal(size=3)}
lr = 0.05
kept = {}


def helper(a):
    return a * a


def other(a):
    return -a


def move(g):
    params["w"] -= lr * g
"""
STEP = """

def step(i):
    rows = rng.integers(0, 40, 5)
    x = X[rows]
    e = x @ params["w"] - t[rows]
    loss = helper(e).mean()
    move(2 * x.T @ e / 5)
    keep(i, x, e, loss)
    return float(loss)
"""
PLAIN = "\n\ndef keep(i, x, e, loss):\n    pass\n"
CLASS = """

class Note:
    def __init__(self, i):
        self.i = i


def keep(i, x, e, loss):
    kept["note"] = Note(i)
"""
DATA = """
import linecache
import random
from collections import deque

twister = np.random.Generator(np.random.MT19937(3))
old = np.random.RandomState(4)
plain = random.Random(5)
last = deque(maxlen=3)
text = bytearray(b"ab")


class Box:
    shared = []
    count = 0


box = Box()


def keep(i, x, e, loss):
    global born, view
    last.append((i, loss, np.float32(loss), complex(i, loss), 2**80 + i))
    text.extend(b"x")
    Box.count += 1
    Box.shared = [i, "a", None, True, b"bytes", float("inf"), -0.0]
    box.e, box.same = e, e
    box.grown = {"e": e, 3: [e, {1, 2, i}], (1, "k"): {}}
    born = np.asfortranarray(x)
    view = born[1:, ::2]
    params["m"] = params.get("m", 0) * 0.5 + params["w"]
    params["w"] += 1e-3 * (twister.normal() + old.normal() + plain.gauss(0, 1))
    params["w"] += 1e-3 * (np.random.normal() + random.random())
"""


@pytest.fixture
def program(tmp_path):
    """Writes a program to a file of its own, and gives its module."""

    def write(*parts):
        write.count += 1
        file = tmp_path / f"p{write.count}" / "program.py"
        file.parent.mkdir()
        file.write_text("".join(parts))
        return execute(file)

    write.count = 0
    return write


@pytest.fixture
def ran(monkeypatch):
    """The batches that ran again while a file was opened."""
    found = []
    step_plainly = LiveRun.step_plainly

    def counted(self, batch):
        found.append(batch)
        return step_plainly(self, batch)

    monkeypatch.setattr(LiveRun, "step_plainly", counted)
    return found


def saved(session, tmp_path):
    return session.save(tmp_path / "a.retrograd")


def test_a_long_run_opens_without_running_again_and_has_every_kind_of_data(program, ran, tmp_path):
    module = program(HEAD, DATA, STEP)
    session = Session.from_step(module.step)
    session.run(200)
    path = saved(session, tmp_path)
    there, losses = picture(module.step), session.losses.tolist()
    session.run(20)
    later = picture(module.step)

    fresh = program(HEAD, DATA, STEP)
    fresh_random = random.getstate()
    ran.clear()
    opened = Session.load(path, step=fresh.step)
    assert opened.loaded.exact and len(ran) < 40
    assert random.getstate() == fresh_random
    assert opened.position == (200, 0) and opened.losses.tolist() == losses
    assert picture(fresh.step) == there
    assert fresh.box.e is fresh.box.same is fresh.box.grown["e"] is fresh.box.grown[3][0]
    assert fresh.born.flags.f_contiguous and np.shares_memory(fresh.view, fresh.born)
    assert type(fresh.last) is deque and fresh.last.maxlen == 3
    opened.run(20)
    assert picture(fresh.step) == later
    for batch in (100, 3, 150, 0, 220):
        opened.goto(batch)
        session.goto(batch)
        assert picture(fresh.step) == picture(module.step)


def test_objects_that_were_made_since_are_made_by_running_again(program, ran, tmp_path):
    module = program(HEAD, CLASS, STEP)
    session = Session.from_step(module.step)
    session.run(150)
    path = saved(session, tmp_path)
    document, _ = session_file.read(path)
    assert document["states"] == []
    fresh = program(HEAD, CLASS, STEP)
    ran.clear()
    opened = Session.load(path, step=fresh.step)
    assert opened.loaded.exact and len(ran) >= 150
    assert picture(fresh.step) == picture(module.step)
    ran.clear()
    opened.goto(140)
    assert len(ran) <= 64  # states were kept on the way


def test_opening_that_runs_again_can_be_cancelled(program, tmp_path):
    session = Session.from_step(program(HEAD, CLASS, STEP).step)
    session.run(50)
    path = saved(session, tmp_path)
    step = program(HEAD, CLASS, STEP).step
    with pytest.raises(OpeningCancelled):
        open_session(path, step=step, cancel=lambda: True)


def test_branches_with_edits_and_what_was_declared(program, tmp_path):
    module = program(HEAD, PLAIN, STEP)
    session = Session.from_step(module.step)
    session.facets.declare(learning_rate="lr", loss="loss", parameters={"weights": "params['w']"})
    session.run(90)
    session.goto(70)
    session.edit(SetCells("weights", "1", 0.25), SetLearningRate(0.01), name="slow")
    session.run(80)
    session.goto(100)
    session.edit(SetCells("weights", "", 0.0), name="zero")
    session.run(5)
    session.switch(1)
    session.bookmarks.add("here", session.position, 1)
    path = saved(session, tmp_path)

    fresh = program(HEAD, PLAIN, STEP)
    opened = Session.load(path, step=fresh.step)
    assert opened.loaded.exact
    assert opened.facets.declared == session.facets.declared
    assert [mark.name for mark in opened.bookmarks] == ["here"]
    for branch in session.branches:
        assert [str(edit) for _, edit in opened.branches[branch.id].edits] == [
            str(edit) for _, edit in branch.edits
        ]
        session.switch(branch.id)
        opened.switch(branch.id)
        assert opened.losses.tolist() == session.losses.tolist()
        for batch in (0, 70, 71, 100, session.reach):
            if batch <= session.reach:
                session.goto(batch)
                opened.goto(batch)
                assert picture(fresh.step) == picture(module.step)


def test_without_its_step_a_sentence_says_which(program, tmp_path):
    session = Session.from_step(program(HEAD, PLAIN, STEP).step)
    with pytest.raises(StepNotGiven, match=r"step of program\.py") as caught:
        Session.load(saved(session, tmp_path))
    assert "Session.load(path, step=...)" in str(caught.value)


@pytest.mark.parametrize(("old", "new", "names"), [
    ("a * a", "a * a * 1.0", "helper"),
    ("lr = 0.05", "lr = 0.06", "lr"),
    ("default_rng(1)", "default_rng(2)", "X"),
    ("kept = {}", "kept = {1: 2}", "kept"),
    ("kept = {}", "kept = {}\nmore = [1]", "more"),
])  # fmt: skip
def test_a_step_that_begins_as_another_is_refused_with_what_differs(
    program, tmp_path, old, new, names
):
    session = Session.from_step(program(HEAD, PLAIN, STEP).step)
    session.run(3)
    path = saved(session, tmp_path)
    other = program(HEAD.replace(old, new), PLAIN, STEP)
    with pytest.raises(StepDiffers) as caught:
        Session.load(path, step=other.step)
    assert any(names in one for one in caught.value.differences), caught.value.differences


def test_a_step_that_has_already_run_is_refused(program, tmp_path):
    module = program(HEAD, PLAIN, STEP)
    session = Session.from_step(module.step)
    session.run(3)
    with pytest.raises(StepDiffers, match="not as it was before the first batch: rng is another"):
        Session.load(saved(session, tmp_path), step=module.step)


CELL = """
import numpy as np

W = np.random.default_rng(0).normal(size=(3, 2))


def helper(a):
    return a * 0.9


def step():
    global W, born
    W = helper(W)
    born = [W, W]
    return float(W.sum())
"""


def cell(number):
    """The variables of a notebook in which a cell has run."""
    name = f"<ipython-input-{number}-files>"
    linecache.cache[name] = (len(CELL), None, CELL.splitlines(True), name)
    variables = {"__name__": "__main__"}
    exec(compile(CELL, name, "exec"), variables)
    return variables


def test_in_a_notebook_the_variables_of_the_person_do_not_count(ran, tmp_path):
    first = cell(1)
    session = Session.from_step(first["step"])
    first["session"], first["note"] = session, 3
    session.run(100)
    path = saved(session, tmp_path)
    other = cell(2)
    other["mine"] = 5
    ran.clear()
    opened = Session.load(path, step=other["step"])
    assert opened.loaded.exact and len(ran) < 10
    assert other["born"][0] is other["born"][1] is other["W"] and other["mine"] == 5
    assert "note" not in other
    assert other["W"].tobytes() == first["W"].tobytes()


LARGE = HEAD.replace("(40, 3)", "(400_000, 3)")


def test_a_large_array_is_known_by_its_checksums_and_not_written(program, tmp_path):
    session = Session.from_step(program(LARGE, PLAIN, STEP).step)
    session.run(70)
    path = saved(session, tmp_path)
    assert path.stat().st_size < 100_000
    opened = Session.load(path, step=program(LARGE, PLAIN, STEP).step)
    assert opened.loaded.exact and opened.losses.tolist() == session.losses.tolist()
    late = "\nX[399_999, 2] += 1e-9\n"
    with pytest.raises(StepDiffers) as caught:
        Session.load(path, step=program(LARGE, late, PLAIN, STEP).step)
    assert [one for one in caught.value.differences if one.startswith("X ")]


CLOCK = """
import itertools, os

def keep(i, x, e, loss):
    params["w"] += 1e-6 * int.from_bytes(os.urandom(2), "big")
"""


def test_of_a_program_that_does_not_repeat_what_can_be_kept_is_kept(program, tmp_path):
    module = program(HEAD, CLOCK, STEP)
    session = Session.from_step(module.step)
    session.run(130)
    path, there = saved(session, tmp_path), picture(module.step)
    fresh = program(HEAD, CLOCK, STEP)
    opened = Session.load(path, step=fresh.step)
    assert opened.losses.tolist() == session.losses.tolist()
    assert opened.position == (130, 0) and picture(fresh.step) == there
    session.goto(64)
    opened.goto(64)
    assert picture(fresh.step) == picture(module.step)
    opened.run(3)
    session.step_over()  # within a batch, which would be another one when it ran again
    within = Session.load(saved(session, tmp_path), step=program(HEAD, CLOCK, STEP).step)
    assert not within.loaded.exact and within.position == (64, 0)


def rewritten(path, change):
    """The file with a document that was changed."""
    document, arrays = session_file.read(path)
    document = deepcopy(document)
    del document["version"]
    change(document)
    path.write_bytes(session_file.to_bytes(document, arrays))
    return path


def node(document, module, name):
    """The number of a variable's value, or of a function, in the picture of the first state."""
    from engine.debug.session_file.picture import Picture

    session = Session.from_step(module.step)
    nodes = Picture(session.first_state, module.step).nodes
    thing = getattr(module, name)
    return next(n for n, one in enumerate(nodes) if one.live is thing), nodes


def test_no_function_takes_the_place_of_another(program, tmp_path):
    session = Session.from_step(program(HEAD, PLAIN, STEP).step)
    session.run(100)
    path = saved(session, tmp_path)
    module = program(HEAD, PLAIN, STEP)
    other, nodes = node(None, module, "other")
    names = next(n for n, one in enumerate(nodes) if one.kind == "names")

    def change(document):
        changed = [[n, v if n != "helper" else {"r": other}] for n, v in nodes[names].content]
        document["states"][0]["changed"].append([names, changed])

    with pytest.raises(SessionNotRead, match="more than numbers and texts"):
        Session.load(rewritten(path, change), step=program(HEAD, PLAIN, STEP).step)


@pytest.mark.parametrize("value", [625, -1, 2**40])
def test_a_place_beyond_the_numbers_of_a_generator_is_refused(program, tmp_path, value):
    session = Session.from_step(program(HEAD, DATA, STEP).step)
    session.run(100)
    path = saved(session, tmp_path)

    def change(document):
        for state in document["states"]:
            state["random"][0][1][2] = value

    with pytest.raises(SessionNotRead, match="random generator does not fit"):
        Session.load(rewritten(path, change), step=program(HEAD, DATA, STEP).step)


def test_a_state_that_is_not_as_its_digest_says_is_not_used(program, ran, tmp_path):
    session = Session.from_step(program(HEAD, PLAIN, STEP).step)
    session.run(100)
    path = saved(session, tmp_path)

    def change(document):
        for state in document["states"]:
            state["digest"] = "0" * 64

    fresh = program(HEAD, PLAIN, STEP)
    ran.clear()
    opened = Session.load(rewritten(path, change), step=fresh.step)
    assert opened.loaded.exact and len(ran) >= 100
    assert opened.losses.tolist() == session.losses.tolist()
