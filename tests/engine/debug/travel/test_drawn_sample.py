"""A drawn image is a minibatch of its own on a branch, like any other in every respect."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.hand_drawn import index_of_hand_drawn, is_hand_drawn
from engine.debug.events import Verb
from engine.debug.session import Session
from engine.debug.travel.edits import DrawSample, SetSeed
from engine.debug.undo import UndoStack, undoable
from engine.nn.network import Network
from engine.nn.training import train_step
from engine.numeric.checks.check import check_gradients
from engine.numeric.checks.verdict import Verdict
from engine.options import Options, build_session

BATCH = 5


def drawing(rows: int, columns: int) -> np.ndarray:
    ink = np.zeros((rows, columns), np.uint8)
    ink[rows // 4 : -rows // 4 or None, columns // 2] = 200
    return ink


@pytest.fixture(params=["784-50-10", "16-4-3"])
def session(request) -> Session:
    session = build_session(Options(network=request.param))
    session.run(BATCH + 2)
    session.goto(BATCH)
    return session


def draw(session: Session, label: int = 1) -> DrawSample:
    edit = DrawSample.of(drawing(*session.dataset.images.shape[1:]), label)
    session.edit(edit)
    return edit


def bits(network: Network) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in network.parameters().items()}


def plain(session: Session, batches: int, label: int = 1) -> tuple[list[dict], list[float]]:
    """The parameters before each batch, and the losses, of a bare loop."""
    fresh = build_session(session_options(session))
    network, optimizer, data = fresh.network, fresh.optimizer, session.dataset
    states, losses = [bits(network)], []
    for batch in range(batches):
        x, t = data.batch(fresh.order.indices(batch))
        if batch == BATCH:
            image = drawing(*data.images.shape[1:]).reshape(1, -1)
            x, t = np.true_divide(image, 255, dtype=np.float32), np.array([label])
        losses.append(float(train_step(network, optimizer, x, t)))
        states.append(bits(network))
    return states, losses


def session_options(session: Session) -> Options:
    return Options(network=session.setup().network)


def test_recorded_is_plain_bit_for_bit_and_later_batches_are_as_usual(session):
    draw(session)
    states, losses = plain(session, BATCH + 4)
    while session.position.batch == BATCH:  # recorded
        session.step(Verb.OVER)
    assert bits(session.network) == states[BATCH + 1]
    session.run(3)
    assert bits(session.network) == states[BATCH + 4] and session.losses.tolist() == losses
    for batch in (BATCH + 1, 0, BATCH, BATCH + 3):
        session.goto(batch)
        assert bits(session.network) == states[batch]
    usual = build_session(session_options(session)).order
    for batch in (BATCH - 1, BATCH + 1):
        assert session.samples(batch).tolist() == usual.indices(batch).tolist()


@pytest.mark.parametrize("verb", [verb for verb in Verb if not verb.startswith("step_back")])
def test_every_verb_goes_through_it_and_back(session, verb):
    draw(session)
    states, _ = plain(session, BATCH + 1)
    passed = []
    while session.position.batch == BATCH:
        passed.append((session.position, bits(session.network)))
        session.step(verb)
    assert bits(session.network) == states[BATCH + 1]
    for position, seen in reversed(passed):
        session.goto(*position)
        assert bits(session.network) == seen
    back = Verb(verb.replace("step_", "step_back_"))
    session.goto(BATCH + 1)
    while session.position.batch > BATCH or session.position.event:
        session.step(back)
    assert session.position == (BATCH, 0) and bits(session.network) == states[BATCH]


def test_a_snapshot_shows_the_drawing_and_only_there(session):
    edit = draw(session, label=2)
    session.goto(BATCH)
    session.goto(BATCH, len(session.trace) - 1)
    batch = session.snapshot().minibatch
    assert batch.indices.tolist() == [index_of_hand_drawn(BATCH)]
    assert is_hand_drawn(int(batch.indices[0]))
    assert np.array_equal(batch.images[0], drawing(*batch.images.shape[1:]))
    assert batch.labels.tolist() == [2] and batch.labels.dtype == np.int64
    assert batch.probabilities.shape == (1, session.dataset.classes)
    assert str(edit) == session.branches.current.name == "drawn 2"
    session.goto(BATCH - 1)
    usual = session.snapshot().minibatch
    assert len(usual.labels) > 1 and (usual.indices >= 0).all()
    session.switch(0)
    assert (session.samples(BATCH) >= 0).all() and len(session.samples(BATCH)) > 1


def test_another_seed_keeps_it_and_a_second_one_follows(session):
    draw(session)
    session.edit(SetSeed(77))
    assert session.samples().tolist() == [index_of_hand_drawn(BATCH)]
    session.goto(BATCH)
    session.run(1)
    draw(session, label=0)
    assert session.samples().tolist() == [index_of_hand_drawn(BATCH + 1)]
    assert session.samples(BATCH).tolist() == [index_of_hand_drawn(BATCH)]


def test_it_is_saved_and_loaded_at_any_stop_of_it(session, tmp_path):
    draw(session)
    session.run(2)
    states, losses = plain(session, BATCH + 3)
    for batch, event in ((BATCH, 0), (BATCH, 7), (BATCH + 1, 3), (BATCH - 1, 2)):
        session.goto(batch, event)
        opened = Session.load(session.save(tmp_path / "drawn.retrograd"))
        assert opened.loaded.exact and opened.position == (batch, event)
        assert opened.branches.current.edits == session.branches.current.edits
        assert bits(opened.network) == bits(session.network)
        images = [one.snapshot().minibatch.images for one in (opened, session)]
        assert np.array_equal(*images)
        opened.goto(opened.reach)
        opened.run(BATCH + 3 - opened.reach)
        assert bits(opened.network) == states[BATCH + 3] and opened.losses.tolist() == losses


def test_undo_takes_it_back_and_redo_brings_it_again(session):
    undoing = UndoStack()
    undoable(undoing, "draw", session.memento, lambda: draw(session))
    assert session.samples().tolist() == [index_of_hand_drawn(BATCH)]
    session.restore(undoing.undo())
    assert len(session.branches) == 1 and len(session.samples()) > 1
    session.restore(undoing.redo())
    session.goto(BATCH)
    session.run(1)
    assert bits(session.network) == plain(session, BATCH + 1)[0][-1]


def test_its_gradients_agree_with_numerical_ones(session):
    draw(session)
    network, x, t = session.copy_before_batch()
    assert x.shape == (1, session.dataset.features) and t.tolist() == [1]
    checked = check_gradients(network, x, t, dtype="float64")
    assert checked.verdict is Verdict.AGREES and checked.compared
    session.goto(BATCH, len(session.trace) - 1)
    network.forward(x, t)
    network.backward()
    gradients = network.gradients()
    assert {name: array.tobytes() for name, array in session.gradients().items()} == {
        name: array.tobytes() for name, array in gradients.items()
    }
