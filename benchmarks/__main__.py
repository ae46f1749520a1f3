"""Print the figures: `python -m benchmarks` (`make bench`).

Ratios come from one run each, with the two sides by turns, so that other work on the machine
touches both. Each group is a process of its own, since what one leaves in memory slows the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from statistics import median

from benchmarks.time_travel import Row


def plain_step() -> list[Row]:
    """The plain step against its products."""
    from benchmarks.plain_step import measure

    found = measure()
    return [
        Row("plain step / its five products", found.ratio, "×", "below 1.5"),
        Row("the same, quickest rounds", found.least_ratio, "×", "below 1.5"),
    ]


def time_travel() -> list[Row]:
    """Recording, stepping, going back."""
    from benchmarks.time_travel import measure

    return measure()


def first_window() -> list[Row]:
    """From the start of the process to the first picture of the window."""
    from benchmarks.first_window import measure

    return [Row("first window on the screen", median(measure()), "s", "below 1.5")]


def window() -> list[Row]:
    """The window's thread while stepping and training."""
    from benchmarks.window import measure

    found = measure()
    ratio = found.epoch / found.bare_epoch
    return [
        Row("a step and its repaint, in the window", found.step, "ms", "below 16"),
        Row("slowest call in the window, stepping", found.slowest_step_call, "ms", "below 50"),
        Row("slowest call in the window, training", found.slowest_training_call, "ms", "below 50"),
        Row("an epoch in the window / without one", ratio, "×", ""),
    ]


GROUPS: dict[str, Callable[[], list[Row]]] = {
    group.__name__: group for group in (plain_step, time_travel, first_window, window)
}


def main(names: list[str]) -> int:
    """Print the groups with these names, or all, each measured in a fresh process."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        sys.stderr.write(f"No group {unknown[0]}; there are {', '.join(GROUPS)}.\n")
        return 2
    if len(names) == 1:
        for what, value, unit, aim in GROUPS[names[0]]():
            sys.stdout.write(f"{what:42} {value:8.2f} {unit:3} {aim}\n")
        return 0
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    for name in names or GROUPS:
        command = [sys.executable, "-m", "benchmarks", name]
        subprocess.run(command, env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
