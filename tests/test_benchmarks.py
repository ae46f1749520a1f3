"""What `make bench` says at its end."""

from __future__ import annotations

from benchmarks.__main__ import table
from benchmarks.time_travel import Row


def test_a_missed_aim_says_of_what_it_is():
    rows = [
        Row("a loop", 2.0, "×", "2.5 or less"),
        Row("  past it / within it", 1.2, "×", "1.5 or less"),
        Row("an RNN", 2.0, "×", "2.5 or less"),
        Row("  past it / within it", 1.7, "×", "1.5 or less"),
        Row("a step", 1.4, "×", "below 1.5"),
        Row("the same, quickest rounds", 1.6, "×", "below 1.5"),
    ]
    lines = table(rows).splitlines()
    assert "| a loop: past it / within it | 1.20 × | 1.5 or less |" in lines
    assert lines[-3:] == [
        "2 of 6 aims are missed:",
        "an RNN: past it / within it: 1.70, aim 1.5 or less",
        "a step: the same, quickest rounds: 1.60, aim below 1.5",
    ]
