"""What holds for all tests."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

FAST_EXAMPLES = 10

os.environ.pop("COLUMNS", None)  # xdist sets it, and rich would take it for the terminal's width

# Whoever starts the tests in the background has Ctrl+C ignored, which tests raise.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of what else runs on the machine than of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Of `make test-fast`: every property with a few examples, the same ones each time.
settings.register_profile(
    "fast", settings.get_profile("unhurried"), max_examples=FAST_EXAMPLES, derandomize=True
)
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the profile "fast" hold for tests that ask for more examples by themselves, too.

    Hypothesis lets what a test asks for win over the profile, and has no option for the reverse.
    """
    if settings.get_current_profile_name() != "fast":
        return
    for item in items:
        test = getattr(item, "obj", None)
        asked = getattr(test, "_hypothesis_internal_use_settings", None)
        if asked is not None and asked.max_examples > FAST_EXAMPLES:
            few = settings(asked, max_examples=FAST_EXAMPLES, derandomize=True)
            test._hypothesis_internal_use_settings = few
