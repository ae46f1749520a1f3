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


def breakpoints() -> list[Row]:
    """Running under breakpoints that do not stop."""
    from benchmarks.breakpoints import measure

    return measure()


def sessions() -> list[Row]:
    """Branches, and session files."""
    from benchmarks.sessions import measure

    return measure()


def numeric() -> list[Row]:
    """Numerical differentiation, against backpropagation and against scipy's."""
    from benchmarks.numeric import measure

    return measure()


def first_window() -> list[Row]:
    """From the start of the process to the first picture of the window."""
    from benchmarks.first_window import measure

    return [Row("first window on the screen", median(measure()), "s", "below 1.5")]


def window() -> list[Row]:
    """The window's thread while a person steps, drags, travels and trains, at 1366×768."""
    return _window(1366, 768, 1.0)


def large_window() -> list[Row]:
    """The same at 2560×1440, where a pixel is a quarter larger."""
    return _window(2560, 1440, 1.25)


def _window(width: int, height: int, scale: float) -> list[Row]:
    from benchmarks.window import measure

    found = measure(width, height, scale)
    size = f"at {width}×{height}"
    return [
        Row(f"a step in the window, {size}", found.step, "ms", "below 16"),
        Row("the same, 95th percentile", found.step_p95, "ms", "below 16"),
        Row("longest call, stepping", found.stepping, "ms", "below 50"),
        Row("longest call, dragging on the timeline", found.dragging, "ms", "below 50"),
        Row("longest call, going to batches", found.travelling, "ms", "below 50"),
        Row("longest call, training", found.training, "ms", "below 50"),
        Row("an epoch in the window / without one", found.ratio, "×", "1.15 or less"),
        Row("the same, quickest rounds", found.least_ratio, "×", "1.15 or less"),
    ]


def _figure(value: float) -> str:
    """Two decimals; of large and of tiny numbers three digits."""
    return f"{value:.2f}" if 0.01 <= value < 1000 or value == 0 else f"{value:,.3g}"


GROUPS: dict[str, Callable[[], list[Row]]] = {
    group.__name__: group
    for group in (
        plain_step,
        time_travel,
        breakpoints,
        sessions,
        numeric,
        first_window,
        window,
        large_window,
    )
}


def main(names: list[str]) -> int:
    """Print the groups with these names, or all, each measured in a fresh process."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        sys.stderr.write(f"No group {unknown[0]}; there are {', '.join(GROUPS)}.\n")
        return 2
    if len(names) == 1:
        for what, value, unit, aim in GROUPS[names[0]]():
            sys.stdout.write(f"{what:46} {_figure(value):>9} {unit:3} {aim}\n")
        return 0
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    for name in names or GROUPS:
        command = [sys.executable, "-m", "benchmarks", name]
        subprocess.run(command, env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
