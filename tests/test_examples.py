"""How many examples a property gets: what it asks for, and few of them in `make test-fast`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FAST_EXAMPLES

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "most"), [((), 250), (("--hypothesis-profile=fast",), None)])
def test_a_property_gets_as_many_examples_as_its_profile_says(options, most):
    test = "tests/engine/debug/explain/test_terms.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", test, "--hypothesis-show-statistics", *options,
         "-p", "no:cacheprovider"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    stopped = {
        int(line.rpartition("=")[2])
        for line in done.stdout.splitlines()
        if "Stopped because settings.max_examples" in line
    }
    assert max(stopped) == (most or FAST_EXAMPLES)
