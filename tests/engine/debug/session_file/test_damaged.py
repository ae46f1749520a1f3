"""Whatever a session's document says: it opens as a bare replay has it, or it is refused."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug.session import open_session
from engine.debug.session_file import format as session_file
from engine.errors import RetrogradError, SessionNotRead
from engine.options import Options
from tests.engine.debug import damage
from tests.programs.loading import load

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
KINDS = ("SGD", "Momentum", "AdaGrad", "Adam")


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """A folder with traps, the data, and a file of a session by its optimizer."""
    folder = tmp_path_factory.mktemp("damage")
    dataset = damage.write_data(folder)
    files = {}
    for kind in KINDS:
        session = damage.make(dataset, kind)
        files[kind] = session_file.read(session.save(folder / "sound.retrograd", damage.EXTRA))
    return folder, damage.traps(folder), files


def outcome(path: Path) -> str:
    """Open a file, and hold what opens against a bare replay of what it says; raises if not so."""
    with np.errstate(all="ignore"):
        try:
            document, arrays = session_file.read(path)
            loaded = open_session(path)
        except RetrogradError as error:
            assert isinstance(error, SessionNotRead)
            assert len(str(error)) < 2000
            return "refused"
        session = loaded.session
        Options.from_json(loaded.extra.get("options"))
        if not loaded.session.loaded.exact:
            return "told"
        there = session.position
        for one in list(session.branches):
            bare = damage.replay(document, arrays, session.dataset, one.id)
            session.switch(one.id)
            assert [loss for _, loss in bare[:-1]] == session.losses.tolist()
            for batch in {0, 1, session.reach // 2, session.reach - 1, session.reach} & {
                *range(99)
            }:
                session.goto(batch)
                found = session.network.parameters()
                assert {name: found[name].tobytes() for name in found} == bare[batch][0]
        session.switch(document["current"])
        session.goto(there.batch)
        session.snapshot()
        session.save(path.with_name("again.retrograd"))
    return "opened"


@given(st.data())
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_other_document_opens_as_a_bare_replay_or_is_refused(bases, data):
    folder, traps, files = bases
    document, arrays = files[data.draw(st.sampled_from(KINDS))]
    changed = data.draw(damage.changes(document, traps))
    path = folder / "changed.retrograd"
    path.write_bytes(session_file.to_bytes(changed, arrays))
    assert outcome(path) in ("opened", "refused", "told")


def test_what_nobody_has_changed_opens(bases):
    folder, _, files = bases
    for document, arrays in files.values():
        path = folder / "same.retrograd"
        path.write_bytes(session_file.to_bytes(document, arrays))
        assert outcome(path) == "opened"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("edit", "field", "value"), [("SetSeed", "seed", 1), ("SetOptimizer", "rate", 0.3)]
)
def test_an_edit_that_shows_after_a_drawn_sample_only_is_checked(bases, kind, edit, field, value):
    folder, _, files = bases
    document, arrays = files[kind]
    changed = deepcopy(document)
    edits = next(row for row in changed["branches"] if row["id"] == 2)["edits"]
    assert any(one["edit"] == "DrawSample" for _, one in edits)
    (found,) = [one for _, one in edits if one["edit"] == edit]
    assert found[field] != value
    found[field] = value
    path = folder / "after.retrograd"
    path.write_bytes(session_file.to_bytes(changed, arrays))
    assert outcome(path) in ("refused", "told")


@given(st.data())
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_other_header_opens_or_is_refused(bases, data):
    folder, traps, files = bases
    document, arrays = files["Adam"]
    content = session_file.to_bytes(document, arrays)
    length = int.from_bytes(content[:8], "little")
    header = data.draw(damage.changes(json.loads(content[8 : 8 + length]), traps))
    text = json.dumps(header).encode()
    path = folder / "header.retrograd"
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    assert outcome(path) in ("opened", "refused")


@pytest.mark.parametrize("shape", [[1] * 100, [0, 10**30], [2**62, 2**62], [-1], ["3"], "3", None])
def test_a_shape_that_cannot_be_is_refused(bases, shape):
    folder, _, _ = bases
    header = json.dumps({
        "__metadata__": {"format": "retrograd session", "version": "2"},
        "a": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 if shape == [1] * 100 else 0]},
    }).encode()  # fmt: skip
    path = folder / "header.retrograd"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(SessionNotRead):
        session_file.read(path)


@pytest.fixture(scope="module")
def of_step(tmp_path_factory):
    """A folder, and a file of a session of a step."""
    folder = tmp_path_factory.mktemp("steps")
    session = damage.make_of_step()
    return folder, session_file.read(session.save(folder / "sound.retrograd", damage.EXTRA))


def outcome_of_step(path: Path) -> str:
    """Open a file of a step, and hold what opens against a bare replay; raises if not so."""
    with np.errstate(all="ignore"), load(damage.STEPS) as program:
        try:
            session = open_session(path, step=program.step).session
        except RetrogradError as error:
            assert isinstance(error, SessionNotRead)
            assert len(str(error)) < 2000
            return "refused"
        if not session.loaded.exact:
            return "told"
        there = session.position
        current = session.branches.current.id
        for one in list(session.branches):
            bare = damage.replay_of_step(session, one.id)
            session.switch(one.id)
            assert [loss for _, loss in bare[:-1]] == session.losses.tolist()
            for batch in {0, 1, 70, 80, session.reach - 1, session.reach}:
                if 0 <= batch <= session.reach:
                    session.goto(batch)
                    found = {name: one.tobytes() for name, one in session.parameters().items()}
                    assert found == bare[batch][0]
        session.switch(current)
        session.goto(there.batch)
        session.snapshot()
        session.save(path.with_name("again.retrograd"))
    return "opened"


@given(st.data())
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_other_document_of_a_step_opens_as_a_bare_replay_or_is_refused(bases, of_step, data):
    _, traps, _ = bases
    folder, (document, arrays) = of_step
    part = data.draw(st.sampled_from(["all", "branches", "states", "program"]))
    if part == "all":
        changed = data.draw(damage.changes(document, traps))
    else:  # more often than by chance where the state of the program is
        changed = {
            **document,
            **data.draw(damage.changes({part: document[part], "seed": 0}, traps)),
        }
    path = folder / "changed.retrograd"
    path.write_bytes(session_file.to_bytes(changed, arrays))
    assert outcome_of_step(path) in ("opened", "refused", "told")


def test_what_nobody_has_changed_of_a_step_opens(of_step):
    folder, (document, arrays) = of_step
    path = folder / "same.retrograd"
    path.write_bytes(session_file.to_bytes(document, arrays))
    assert outcome_of_step(path) == "opened"
