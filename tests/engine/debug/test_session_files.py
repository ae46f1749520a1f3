"""A session that was saved goes on as if nothing had been; what is no session is refused."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as to_safetensors

from engine.debug import session_file
from engine.debug.breakpoints import AtBatch, AtPass, Named, NotFinite, Quantity
from engine.debug.edits import SetCells, SetLearningRate, SetOptimizer
from engine.debug.events import Phase
from engine.debug.loading import load
from engine.debug.session import Session
from engine.errors import SessionNotRead, SessionNotWritten
from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS
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
from tests.engine.debug.test_branches import EDITS, put_back, shared_with_others


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
    path = session.save(tmp_path_factory.mktemp("a") / "a.retrograd")
    loaded = load(path, dataset=DATASET)
    opened = loaded.session
    assert loaded.exact and loaded.unlike == ()
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
    opened = load(path, network, DATASET, optimizer).session
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
    return load(saved, dataset=DATASET).session


@pytest.mark.parametrize(("metadata", "reason"), [
    ({"format": "weights"}, "no session of Retrograd"),
    ({"version": "3"}, "a newer Retrograd wrote it"),
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

    loaded = load(changed(saved, move), dataset=DATASET)
    assert len(loaded.unlike) == 1 and loaded.unlike[0].startswith("numpy 1.0 -> ")
    assert not loaded.exact


def test_another_dataset_of_the_same_name_is_noticed(saved):
    with pytest.raises(SessionNotRead, match="checksum"):
        load(saved, dataset=tiny_dataset(seed=5))
    with pytest.raises(SessionNotRead, match="dataset"):
        load(saved)


def test_a_network_of_one_s_own_has_to_be_the_same(tmp_path):
    recipe = Recipe(middle=("batch norm",))
    session = recipe.session()
    session.run(batches=2)
    path = session.save(tmp_path / "own.retrograd")
    with pytest.raises(SessionNotRead, match="to be given"):
        load(path, dataset=DATASET)
    for other in (Recipe(middle=("batch norm",), seed=1), Recipe()):
        with pytest.raises(SessionNotRead, match="network"):
            load(path, other.build()[0], DATASET, other.build()[1])


def test_a_full_disk_leaves_the_file_that_was_there(session, saved, monkeypatch):
    before = saved.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
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
    assert load(path, dataset=DATASET).extra == {"layout": "x", "n": [1, 2]}
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
