"""Whatever is done to a session of a foreign program, every moment is that of a bare loop."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.programs.exactness import ACTS, Explorer
from tests.programs.loading import NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_moment_of_a_program_is_that_of_a_bare_loop(name, data):
    with tempfile.TemporaryDirectory() as folder:
        budget = data.draw(st.sampled_from([60_000, 10**7]))
        already = data.draw(st.sampled_from([0, 0, 1, 4]))
        explorer = Explorer(name, data.draw, Path(folder), budget, already)
        try:
            for _ in range(data.draw(st.integers(2, 9))):
                explorer.act(data.draw(st.sampled_from(ACTS)))
            explorer.everywhere()
        finally:
            explorer.close()
