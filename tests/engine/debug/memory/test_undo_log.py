"""Whatever a trace says of any event is what was true at that event."""

from __future__ import annotations

import pytest

from engine.debug.record.recorder import Recorder
from tests.engine.debug import foreign_styles, foreign_writes  # noqa: F401  (they register cases)
from tests.engine.debug.foreign import CASES
from tests.engine.debug.watcher import differences, watching


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_event_shows_what_was_true(name: str) -> None:
    """Value, locals and attributes at every event, against copies taken at that very moment."""
    case = CASES[name]()
    recorder = Recorder(case.function, case.parts, {})
    for step in range(2):
        with watching(), case.warned():
            trace = recorder.record(*case.args(step))
        assert trace.error is None, trace.error
        assert len(trace) > 5
        wrong = differences(trace)
        assert not wrong, f"{len(wrong)} of {len(trace)} events are wrong:\n" + "\n".join(
            wrong[:12]
        )
