"""Whatever a session's document says: it opens as a bare replay has it, or it is refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug import session_file
from engine.debug.loading import load
from engine.errors import RetrogradError, SessionNotRead
from engine.options import Options
from tests.engine.debug import damage

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
            loaded = load(path)
        except RetrogradError as error:
            assert isinstance(error, SessionNotRead)
            assert len(str(error)) < 2000
            return "refused"
        session = loaded.session
        Options.from_json(loaded.extra.get("options"))
        if not loaded.exact:
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
