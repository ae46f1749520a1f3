"""A session that was saved goes on as if nothing had been; what is no session is refused."""

from __future__ import annotations

import json
import math
import os
import pickle
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as to_safetensors

from engine import (
    AtBatch,
    AtData,
    AtPass,
    Change,
    Named,
    NotFinite,
    Quantity,
    load_idx,
)
from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoints
from engine.debug.breakpoints.files import from_json, to_json
from engine.debug.breakpoints.files import read as read_breakpoints
from engine.debug.events import Phase, Position
from engine.debug.session import Session, open_session
from engine.debug.session_file import format as session_file
from engine.debug.session_file import opening
from engine.debug.session_file.opening import Opening, OpeningStage
from engine.debug.travel.edits import (
    DrawSample,
    How,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SilenceUnit,
    edit_to_json,
)
from engine.errors import (
    BreakpointsNotRead,
    DatasetError,
    OpeningCancelled,
    SessionNotRead,
    SessionNotWritten,
    StepNotGiven,
)
from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import tiny_net
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS
from tests.engine.debug.damage import write_data
from tests.engine.debug.networks import (
    BATCH_SIZE,
    CLASSES,
    DATASET,
    FEATURES,
    HIDDEN,
    Recipe,
    tiny_dataset,
)
from tests.engine.debug.networks import recipes as foreign_recipes
from tests.engine.debug.oracle import picture as look
from tests.engine.debug.oracle import whole, without_hidden
from tests.engine.debug.travel.test_branches import EDITS, put_back, shared_with_others


def drawn(**changes: Any) -> dict[str, Any]:
    """A drawn sample as a file has it, with changes."""
    image = np.zeros(DATASET.images.shape[1:], np.uint8)
    return {**edit_to_json(DrawSample.of(image, 1)), **changes}


@st.composite
def sessions(draw) -> Session:
    """Sessions of layers that are ours alone, with a past of runs, steps and edits."""
    rng = np.random.default_rng(draw(st.integers(0, 3)))
    dtype = draw(st.sampled_from(["float32", "float64"]))

    def affine(D: int, M: int) -> Affine:
        W = rng.normal(0, 0.5, (D, M)).astype(dtype)
        return Affine(W, np.zeros(M, dtype) if draw(st.booleans()) else None)

    middle = draw(st.lists(st.sampled_from([Sigmoid, ReLU, Tanh]), min_size=1, max_size=3))
    layers = [affine(FEATURES, HIDDEN), *(kind() for kind in middle), affine(HIDDEN, CLASSES)]
    network = Network(layers, SoftmaxWithLoss(), input_gradient=draw(st.booleans()))
    optimizer = OPTIMIZERS[draw(st.sampled_from(sorted(OPTIMIZERS)))]()
    budget = draw(st.sampled_from([100_000, 10**7]))
    session = Session(network, DATASET, optimizer, BATCH_SIZE, draw(st.integers(0, 3)), budget)
    for _ in range(draw(st.integers(0, 6))):
        move = draw(st.sampled_from(["run", "edit", "step", "goto", "switch", "measure", "rate"]))
        if move == "run":
            session.goto(session.position.batch)
            session.run(batches=draw(st.integers(0, 20)))
        elif move == "edit":
            edit = draw(EDITS.filter(lambda e: getattr(e, "parameter", "") != "Affine2.b"))
            session.edit(edit)
        elif move == "rate":
            session.set_learning_rate(0.3)
        elif move == "step":
            for _ in range(draw(st.integers(1, 40))):
                session.step_over()
        elif move == "goto":
            session.goto(draw(st.integers(0, session.reach)))
        elif move == "measure":
            session.measure()
        else:
            session.switch(draw(st.sampled_from([one.id for one in session.branches])))
    return session


def seen(session: Session) -> dict:
    """All of a session that a person could see, at the cursor."""
    return {
        "position": session.position,
        "state": without_hidden(whole(session.network, session.optimizer)),
        "losses": session.losses.tobytes(),
        "measurements": session.measurements,
        "samples": session.samples().tolist(),
        "breakpoints": [replace(one, id=0) for one in session.breakpoints],
        "bookmarks": list(session.bookmarks),
        "branches": [
            (b.id, b.name, b.note, b.parent, b.batch, b.edits, b.reach) for b in session.branches
        ],
        "branch": session.branches.current.id,
        "setup": session.setup(),
    }


@given(sessions(), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_opened_is_what_was_saved_at_every_moment(tmp_path_factory, session, data):
    session.breakpoints.add(AtPass(Phase.UPDATE), "batch % 2 == 0", ">= 2")
    session.breakpoints.add(Named(Quantity.DEAD, above=0.5), enabled=False)
    session.bookmarks.add("here", session.position, session.branches.current.id)
    session.bookmarks.add_station(
        "Look.", session.position, session.branches.current.id, "the `x`", "equation", "f: x"
    )
    path = session.save(tmp_path_factory.mktemp("a") / "a.retrograd")
    loaded = open_session(path, dataset=DATASET)
    opened = loaded.session
    assert loaded.session.loaded.exact and loaded.session.loaded.unlike == ()
    assert seen(opened) == seen(session)
    assert opened.event.source == session.event.source
    for one in session.branches:
        for batch in data.draw(st.lists(st.integers(0, one.reach), max_size=4)):
            for there in (session, opened):
                there.switch(one.id)
                there.goto(batch)
            assert seen(opened) == seen(session)
        for there in (session, opened):
            there.switch(one.id)
            there.goto(there.reach)
            there.run(batches=3)
        assert seen(opened) == seen(session)


@given(foreign_recipes(), st.lists(EDITS, max_size=2))
@settings(max_examples=25, deadline=None)
def test_layers_of_one_s_own_are_given_and_all_runs_again(tmp_path_factory, recipe, edits):
    session = recipe.session()
    session.run(batches=4)
    for edit in edits:
        session.edit(edit)
        session.run(batches=3)
    session.goto(max(session.reach - 1, 0))
    path = session.save(tmp_path_factory.mktemp("a") / "a.retrograd")
    outside = shared_with_others()
    network, optimizer = recipe.build()
    opened = open_session(path, network, DATASET, optimizer).session
    there = seen(opened)
    put_back(outside)
    assert there == seen(session)


@pytest.fixture
def session() -> Session:
    session = Recipe().session()
    session.run(batches=12)
    session.goto(5, 9)
    session.edit(SetLearningRate(0.9), note="faster")
    session.run(batches=2)
    return session


@pytest.fixture
def saved(session, tmp_path) -> Path:
    return session.save(tmp_path / "s.retrograd")


def test_it_is_a_safetensors_file_with_json_in_its_metadata(session, saved):
    document, arrays = session_file.read(saved)
    assert document["current"] == 1 and document["branches"][1]["note"] == "faster"
    assert arrays["branch0.losses"].tolist() == session.branches[0].losses.array().tolist()
    assert {"numpy", "BLAS", "BLAS threads", "processor"} == set(document["surroundings"])
    assert document["dataset"]["checksum"] == DATASET.checksum
    content = saved.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert header["__metadata__"]["format"] == "retrograd session"


def rewritten(path: Path, **metadata: str) -> Path:
    """The same file with other metadata."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    _, arrays = session_file.read(path)
    path.write_bytes(to_safetensors(arrays, {**header["__metadata__"], **metadata}))
    return path


def changed(path: Path, change) -> Path:
    """The same file with another document, and the right checksum."""
    document, arrays = session_file.read(path)
    change(document, arrays)
    path.write_bytes(session_file.to_bytes(document, arrays))
    return path


def give(saved: Path) -> Session:
    """Open it with all that it needs, since the test's dataset is not bundled."""
    return open_session(saved, dataset=DATASET).session


@pytest.mark.parametrize(("metadata", "reason"), [
    ({"format": "weights"}, "no session of Retrograd"),
    ({"version": str(session_file.VERSION + 1)}, "a newer Retrograd wrote it"),
    ({"version": "one"}, "not known"),
    ({"document": "{}"}, "damaged"),
    ({"checksum": "00000000"}, "damaged"),
])  # fmt: skip
def test_a_foreign_newer_or_changed_file_is_refused(saved, metadata, reason):
    with pytest.raises(SessionNotRead, match=reason):
        give(rewritten(saved, **metadata))


@pytest.mark.parametrize("content", [
    b"", b"x", b"\x00" * 64, pickle.dumps({"a": 1}), b"\xff" * 9, b"{}",
    (2**40).to_bytes(8, "little"),
    to_safetensors({"a": np.zeros(3)}), to_safetensors({}, {"format": "retrograd session"}),
])  # fmt: skip
def test_what_is_no_session_is_refused(tmp_path, content):
    path = tmp_path / "x.retrograd"
    path.write_bytes(content)
    with pytest.raises(SessionNotRead) as caught:
        give(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path):
    for path in (tmp_path / "none", tmp_path, Path("/dev/null"), Path("a\0b")):
        with pytest.raises(SessionNotRead):
            give(path)


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_file_is_refused_whatever_is_wrong(saved, data):
    content = bytearray(saved.read_bytes())
    where = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[where] ^= data.draw(st.integers(1, 255))
    else:
        del content[where:]
    damaged = saved.with_name("damaged")
    damaged.write_bytes(content)
    with pytest.raises(SessionNotRead):
        give(damaged)


@pytest.mark.parametrize("change", [
    lambda d, a: d.pop("branches"),
    lambda d, a: d["branches"].clear(),
    lambda d, a: d.update(current=7),
    lambda d, a: d["branches"][1].update(parent=9),
    lambda d, a: d["branches"][1].update(parent=1),
    lambda d, a: d["branches"][0].update(parent=1),
    lambda d, a: d["branches"][1].update(edits=[[5, {"edit": "SetSeed", "seed": -2}]]),
    lambda d, a: d["branches"][1].update(edits=[[50, {"edit": "SetSeed", "seed": 2}]]),
    lambda d, a: d["branches"][1].update(edits=[[5, drawn(rows=9)]]),
    lambda d, a: d["branches"][1].update(edits=[[5, drawn(label=99)]]),
    lambda d, a: d["branches"][1].update(edits=[[5, drawn(pixels="no pixels")]]),
    lambda d, a: d["branches"][1].update(edits=[[5, drawn(pixels=3)]]),
    lambda d, a: d["branches"][1].update(position=[99, 0]),
    lambda d, a: d["branches"][0].update(name=""),
    lambda d, a: d["states"][0].update(optimizer={"kind": "Rprop"}),
    lambda d, a: d["states"][0]["optimizer"]["numbers"].update(lr="fast"),
    lambda d, a: d["network"]["layers"][0].update(kind="__builtins__"),
    lambda d, a: d["network"]["layers"][0].update(kind="ndarray"),
    lambda d, a: d["network"].update(loss="np"),
    lambda d, a: d.update(batch_size=0),
    lambda d, a: d.update(breakpoints=[{"place": {"kind": "AtBatch", "batch": 3},
                                        "condition": "__import__('os')"}]),
    lambda d, a: d["dataset"].update(checksum="0"),
    lambda d, a: a.pop("branch1.losses"),
    lambda d, a: a.update({"branch1.losses": np.zeros((2, 2))}),
    lambda d, a: a.pop("state0.parameters.Affine1.W"),
    lambda d, a: a.update({"state0.parameters.Affine1.W": np.zeros((2, 2), np.float32)}),
])  # fmt: skip
def test_what_does_not_fit_together_is_refused(saved, change):
    with pytest.raises(SessionNotRead):
        give(changed(saved, change))


def test_conditions_from_a_file_are_as_confined_as_typed_ones(saved):
    def add(document, arrays):
        row = {"place": {"kind": "AtBatch", "batch": 3}, "condition": "open('x')"}
        document["breakpoints"].append(row)

    with pytest.raises(SessionNotRead, match="open"):
        opened = give(changed(saved, add))
        opened.goto(0)
        opened.continue_(5)
        raise SessionNotRead(saved, str(next(iter(opened.last_hits.values())).problem))


def test_elsewhere_it_says_that_the_last_digits_may_differ(saved):
    def move(document, arrays):
        document["surroundings"]["numpy"] = "1.0"
        document["digest"] = "0"

    loaded = open_session(changed(saved, move), dataset=DATASET)
    assert len(loaded.session.loaded.unlike) == 1 and loaded.session.loaded.unlike[0].startswith(
        "numpy 1.0 -> "
    )
    assert not loaded.session.loaded.exact


def test_another_dataset_of_the_same_name_is_noticed(saved):
    with pytest.raises(SessionNotRead, match="checksum"):
        open_session(saved, dataset=tiny_dataset(seed=5))
    with pytest.raises(SessionNotRead, match="dataset"):
        open_session(saved)


def test_a_network_of_one_s_own_has_to_be_the_same(tmp_path):
    recipe = Recipe(middle=("batch norm",))
    session = recipe.session()
    session.run(batches=2)
    path = session.save(tmp_path / "own.retrograd")
    with pytest.raises(SessionNotRead, match="network= and optimizer= is missing"):
        open_session(path, dataset=DATASET)
    for other in (Recipe(middle=("batch norm",), seed=1), Recipe()):
        with pytest.raises(SessionNotRead, match="network"):
            open_session(path, other.build()[0], DATASET, other.build()[1])


def test_a_full_disk_leaves_the_file_that_was_there(session, saved, monkeypatch):
    before = saved.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SessionNotWritten, match="No space left"):
        session.save(saved)
    assert saved.read_bytes() == before
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


def test_saving_moves_nothing(session, tmp_path):
    session.goto(4, 11)
    before = seen(session)
    document, arrays = session_file.read(session.save(tmp_path / "a"))
    assert seen(session) == before
    again, same = session_file.read(session.save(tmp_path / "b"))
    assert again == document
    assert look(dict(sorted(arrays.items()))) == look(dict(sorted(same.items())))


def test_what_the_caller_gives_comes_back(session, tmp_path):
    path = session.save(tmp_path / "a", {"layout": "x", "n": [1, 2]})
    assert open_session(path, dataset=DATASET).extra == {"layout": "x", "n": [1, 2]}
    assert Session.load(path, dataset=DATASET).position == session.position


def test_the_bundled_data_and_idx_files_are_found_again(tmp_path):
    from engine import load_idx, load_mnist

    assert load_mnist().images_path is not None
    mnist = load_mnist()
    files = (mnist.test.images_path, mnist.test.labels_path)
    for dataset in (mnist, load_idx(*files, *files, name="tests")):
        layer = Affine(np.zeros((784, 10), np.float32))
        session = Session(Network([layer], SoftmaxWithLoss()), dataset, OPTIMIZERS["Adam"]())
        session.run(batches=3)
        session.edit(SetOptimizer("SGD", 0.5), SetCells("Affine1.W", "0", 1.0))
        opened = Session.load(session.save(tmp_path / "a"))
        assert opened.dataset.name == dataset.name and len(opened.dataset) == len(dataset)
        assert seen(opened) == seen(session)
        assert (opened.dataset is mnist) == (dataset is mnist)


def test_breakpoints_of_a_file_hit_as_before(saved):
    session = give(saved)
    session.goto(0)
    session.breakpoints.add(AtBatch(3))
    session.breakpoints.add(NotFinite())
    path = session.save(saved)
    opened = give(path)
    assert opened.continue_(9).position.batch == session.continue_(9).position.batch == 3


# Files of every version

FILES = Path(__file__).parents[3] / "files"


def test_a_session_of_version_1_opens():
    opened = Session.load(FILES / "session_1.retrograd")
    assert opened.position == (11, 20) and opened.event.source == "np.exp(-x)"
    assert opened.loaded.exact or opened.loaded.unlike
    main, slower, adam = opened.branches
    assert (main.reach, slower.reach, adam.reach) == (30, 20, 14)
    assert slower.edits == ((12, SetLearningRate(0.25)), (12, SetCells("Affine1.W", "0, 0", 2.0)))
    assert (slower.name, slower.note, slower.batch) == ("slower", "a note", 12)
    assert [type(edit) for _, edit in adam.edits] == [SetOptimizer, SilenceUnit]
    assert [one.batch for one in main.measured.all()] == [0, 10, 20, 30]
    assert [one.name for one in opened.bookmarks] == ["here"] and len(opened.breakpoints) == 8
    opened.switch(0)
    losses = opened.losses
    opened.goto(0)
    opened.run(30)
    np.testing.assert_allclose(opened.losses, losses, rtol=1e-4)


def test_bookmarks_without_stations_are_opened(saved):
    row = {"id": 4, "name": "x", "position": [0, 0], "branch": 0}
    opened = give(changed(saved, lambda d, a: d.update(bookmarks=[row])))
    assert list(opened.bookmarks) == [Bookmark(4, "x", Position(0, 0))]
    assert opened.bookmarks.stations == ()


def own_step(network, optimizer, x, t):
    loss = network.forward(x, t)
    network.backward()
    optimizer.update(network.parameters(), {n: 0.1 * g for n, g in network.gradients().items()})
    return loss


def test_a_session_of_version_1_with_a_step_of_its_own_opens_with_it_alone():
    given = {"network": tiny_net(), "optimizer": OPTIMIZERS["SGD"](lr=0.5)}
    path = FILES / "session_1_own_step.retrograd"
    with pytest.raises(StepNotGiven):
        Session.load(path, **given)
    opened = Session.load(path, step=own_step, **given)
    assert opened.loaded.exact or opened.loaded.unlike
    losses = opened.losses
    opened.goto(0)
    opened.run(12)
    np.testing.assert_allclose(opened.losses, losses, rtol=1e-4)


def test_a_file_of_version_1_keeps_the_number_of_a_batch_that_was_cut_off(tmp_path):
    document, arrays = session_file.read(FILES / "session_1.retrograd")
    path = tmp_path / "a.retrograd"
    path.write_bytes((FILES / "session_1.retrograd").read_bytes())
    document["branches"][1]["batch"] = 25  # it has run 20
    rewritten(path, document=json.dumps(document), checksum=checksum(document, arrays))
    assert Session.load(path).branches[1].batch == 20


def checksum(document, arrays) -> str:
    return f"{session_file._checksum(json.dumps(document), arrays):08x}"


# What is not finite


@pytest.mark.parametrize("edit", [
    SetCells("Affine1.W", "0, 0", math.nan),
    SetCells("Affine1.W", "0, 0", -math.inf),
    SetCells("Affine1.W", "0, 0", math.inf, How.ADD),
    SetCells("Affine1.W", "0, 0", float("1e400"), How.MULTIPLY),
    SetCells("Affine1.W", "0, 0", np.float32(0.1), How.MULTIPLY),
    SetCells("Affine1.W", "0, 0", np.float64(0.1), How.MULTIPLY),
], ids=str)  # fmt: skip
def test_any_number_in_an_edit_is_saved_and_read_back(session, tmp_path, edit):
    session.edit(edit)
    with np.errstate(all="ignore"):
        session.run(2)
        loaded = open_session(session.save(tmp_path / "a"), dataset=DATASET)
    assert loaded.session.loaded.exact
    (_, again) = loaded.session.branches.current.edits[-1]
    assert repr(again.value) == repr(float(edit.value)) and again.how is edit.how


@pytest.mark.parametrize("place", [
    AtData("Affine1.W", "0, 0", Change.CROSSES, math.nan),
    AtData("Affine1.W", "0, 0", Change.CROSSES, -math.inf),
    Named(Quantity.DEAD, above=math.inf),
    Named(Quantity.LOSS_RISE, below=math.nan, above=-math.inf, batches=3),
], ids=str)  # fmt: skip
def test_any_number_in_a_breakpoint_is_saved_and_read_back(session, tmp_path, place):
    session.breakpoints.add(place)
    opened = give(session.save(tmp_path / "a"))
    assert [repr(one.place) for one in opened.breakpoints] == [repr(place)]
    found = Breakpoints()
    from_json("x", to_json(session.breakpoints), found)
    assert [repr(one.place) for one in found] == [repr(place)]


def test_a_loss_that_is_not_finite_is_saved_and_read_back(session, tmp_path):
    session.edit(SetCells("Affine1.W", "", math.nan))
    with np.errstate(all="ignore"):
        session.run(2)
        session.measure()
        loaded = open_session(session.save(tmp_path / "a"), dataset=DATASET)
    assert loaded.session.loaded.exact
    assert repr(loaded.session.measurements) == repr(session.measurements)


# What cannot be


@pytest.fixture
def measured(session, tmp_path) -> Path:
    session.run(2)
    session.measure()
    return session.save(tmp_path / "s.retrograd")


def _rate(rate):
    def change(document, arrays):
        document["states"][0]["optimizer"]["numbers"]["lr"] = rate

    return change


def _predictions(array):
    def change(document, arrays):
        (name,) = (name for name in arrays if "predictions" in name)
        arrays[name] = array

    return change


def _weights(dtype):
    def change(document, arrays):
        arrays.update({
            name: array.astype(dtype) for name, array in arrays.items() if "parameters" in name
        })  # fmt: skip

    return change


def _later_weights(document, arrays):
    arrays["state1.parameters.Affine1.W"] = arrays["state1.parameters.Affine1.W"].astype(float)


@pytest.mark.parametrize("change", [
    *map(_rate, (-1, 0, math.nan, math.inf, "fast", True)),
    _predictions(np.zeros(3, np.uint8)),
    _predictions(np.zeros((len(DATASET.test), 2), np.uint8)),
    _predictions(np.zeros(len(DATASET.test), np.float32)),
    _predictions(np.full(len(DATASET.test), 200, np.uint8)),
    *map(_weights, ("int32", "uint8", "bool")),
    _later_weights,
    lambda d, a: d["branches"][1].update(batch=-5),
    lambda d, a: d["branches"][1].update(batch=10**9),
    lambda d, a: d["branches"][1].update(batch=10**400),
    lambda d, a: d["branches"][1].update(position=[-1, 0]),
    lambda d, a: d["branches"][1].update(states=[-1]),
    lambda d, a: d["branches"][1]["edits"].insert(0, [-5, {"edit": "SetSeed", "seed": 2}]),
    lambda d, a: d["branches"][1]["measured"][0].__setitem__(1, math.nan),
    lambda d, a: d["branches"][1]["measured"][0].__setitem__(1, 7.0),
    lambda d, a: d["branches"][1]["measured"][0].__setitem__(0, -1),
    lambda d, a: d.update(blas_threads=0),
    lambda d, a: d.update(blas_threads=10**9),
    lambda d, a: d.update(memory_budget=-1),
    lambda d, a: d.update(memory_budget=math.nan),
    lambda d, a: d.update(seed=1.5),
    lambda d, a: d.update(seed=d["seed"] + 1),
    lambda d, a: d.update(batch_size=math.inf),
    lambda d, a: d["states"][-1].update(batch=-5),
    lambda d, a: d.update(bookmarks=[{"id": 1, "name": "x", "position": [0, 0], "branch": 9}]),
    lambda d, a: d.update(bookmarks=[{"id": -1, "name": "x", "position": [0, 0], "branch": 0}]),
    *(lambda d, a, damage=damage: d.update(bookmarks=[{
        "id": 1, "name": "x", "position": [0, 0], "branch": 0, **damage}])
      for damage in ({"text": 3}, {"look": None}, {"point": ["x"]}, {"text": "a\x1b"},
                     {"text": "x" * 601}, {"code": {}}, {"order": -1}, {"order": "1"},
                     {"order": True})),
    lambda d, a: d.update(extra=[]),
    lambda d, a: d.pop("step"),
    lambda d, a: d.update(breakpoints=[
        {"place": {"kind": "Named", "quantity": "rise of the loss", "tensor": "", "below": None,
                   "above": 0.5, "batches": -5}}]),
    lambda d, a: d.update(breakpoints=[{"place": {"kind": "AtBatch", "batch": -1}}]),
    lambda d, a: d.update(breakpoints=[{"place": {"kind": "AtBatch", "batch": 10**12}}]),
    lambda d, a: d.update(breakpoints=[
        {"place": {"kind": "AtBatch", "batch": 1}, "hits": "9" * 5000}]),
    lambda d, a: d.update(breakpoints=[
        {"place": {"kind": "AtData", "parameter": "a", "cells": "-" * 9000 + "1",
                   "change": "changes", "value": 0}}]),
])  # fmt: skip
def test_what_cannot_be_is_refused(measured, change):
    with pytest.raises(SessionNotRead) as caught:
        give(changed(measured, change))
    assert len(str(caught.value)) < 1000


def test_a_version_of_thousands_of_digits_is_refused_in_few_words(saved):
    with pytest.raises(SessionNotRead, match="a newer Retrograd wrote it") as caught:
        give(rewritten(saved, version="9" * 5000))
    assert len(str(caught.value)) < 300
    with pytest.raises(SessionNotRead, match="a newer Retrograd wrote it"):
        session_file.check_version(saved)


def test_another_dtype_of_what_an_optimizer_remembers_is_refused(tmp_path):
    network = Network([Affine(np.zeros((FEATURES, CLASSES), np.float32))], SoftmaxWithLoss())
    session = Session(network, DATASET, OPTIMIZERS["Adam"](), BATCH_SIZE)
    session.run(10)
    session.edit(SetCells("Affine1.W", "0, 0", 0.5))  # whose state is written
    session.run(5)

    def widen(document, arrays):
        names = [name for name in arrays if ".optimizer.m." in name]
        assert names
        arrays.update({name: arrays[name].astype(float) for name in names})

    def twice(document, arrays):
        document["states"][1]["optimizer"]["numbers"]["n"] *= 2

    for change in (widen, twice):
        with pytest.raises(SessionNotRead, match=r"does not fit|number of updates"):
            give(changed(session.save(tmp_path / "a"), change))


def test_thousands_of_branches_are_looked_through_in_no_time(saved):
    def many(document, arrays):
        row = document["branches"][0]
        for id in range(2, 3000):
            document["branches"].append({**row, "id": id, "name": str(id), "parent": id - 1})
            arrays[f"branch{id}.losses"] = np.zeros(0)
            document["branches"][-1].update(
                position=[0, 0], states=[], edits=[], measured=[], batch=0
            )

    assert len(give(changed(saved, many)).branches) == 3000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("trap", ["pipe", "/dev/zero", "large", "/proc/kmsg", "folder"])
def test_what_is_no_source_holds_nothing_up(saved, tmp_path, trap):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(b"def f():\n    return 1\n" * 600_000)
    file = str(tmp_path / trap)
    row = {"place": {"kind": "AtLine", "file": file, "line": 2}}
    with pytest.raises(SessionNotRead, match="no breakpoint at"):
        give(changed(saved, lambda d, a: d.update(breakpoints=[row])))
    points = {"format": "retrograd breakpoints", "version": 1, "breakpoints": [row]}
    with pytest.raises(BreakpointsNotRead):
        from_json("x", json.dumps(points).encode(), Breakpoints())
    with pytest.raises(BreakpointsNotRead):
        read_breakpoints(file, Breakpoints())
    with pytest.raises(SessionNotRead):
        give(Path(file))
    with pytest.raises(DatasetError):
        load_idx(file, file)
    files = {"bundled": "", "files": [file, file], "checksum": "", "name": "x", "classes": 3}
    with pytest.raises(SessionNotRead):
        open_session(changed(saved, lambda d, a: d.update(dataset=files)))


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_data_folder_whose_name_is_not_utf_8_keeps_nothing_from_being_saved(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    dataset = write_data(folder)
    network = Network([Affine(np.zeros((9, 3), np.float32))], SoftmaxWithLoss())
    session = Session(network, dataset, OPTIMIZERS["SGD"](), 10)
    session.run(3)
    path = session.save(folder / "a.retrograd", {"path": str(folder)})
    opened = Session.load(path)
    assert seen(opened) == seen(session)
    assert opened.dataset.images_path == dataset.images_path


# Progress


def test_opening_tells_how_far_it_is_and_can_be_called_off(session, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "REPORT_SECONDS", 0)
    path = session.save(tmp_path / "a")
    told: list[Opening] = []
    assert open_session(path, dataset=DATASET, progress=told.append).session.loaded.exact
    stages = [one.stage for one in told]
    assert stages[0] is OpeningStage.READING and OpeningStage.RUNNING in stages
    assert all(0 <= one.done <= one.total for one in told)
    for after in range(len(told)):
        asked = iter(range(len(told)))
        with pytest.raises(OpeningCancelled):
            open_session(path, dataset=DATASET, cancel=lambda n=after, a=asked: next(a) == n)


def test_breakpoints_of_version_1_are_read():
    found = Breakpoints()
    assert read_breakpoints(FILES / "breakpoints_1.json", found) == len(found) == 9
    assert list(found)[-1].place == Named(Quantity.DEAD, above=math.inf)
