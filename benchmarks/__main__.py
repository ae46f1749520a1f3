"""Print the figures: `python -m benchmarks` (`make bench`).

The output ends with a table of all figures, which docs quote, and a list of the missed aims. The
two sides of a ratio run by turns in one process, so other work on the machine affects both. Each
group runs in a process of its own, since the memory that one leaves behind slows the next.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
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


def torch_step() -> list[Row]:
    """PyTorch on the same step, where it is installed."""
    from benchmarks.torch_step import measure

    return measure()


def recording() -> list[Row]:
    """Recording programs of other shapes, within the byte budget and past it."""
    from benchmarks.recording import measure

    return measure()


def long_run() -> list[Row]:
    """Going back in a run of 100,000 batches."""
    from benchmarks.long_run import measure

    return measure()


def deep() -> list[Row]:
    """A snapshot of 50 layers."""
    from benchmarks.deep import measure

    return measure()


def time_travel() -> list[Row]:
    """Recording, stepping and going back in a run of 10,000 batches."""
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

    found = measure()
    return [
        Row("first window on the screen", median(ours for ours, _ in found), "s", "below 1.5"),
        Row("the same / an empty window of PySide6",
            median(ours / bare for ours, bare in found), "×", ""),
    ]  # fmt: skip


def window() -> list[Row]:
    """The load on the window's thread while stepping, dragging, travelling, training: 1366×768."""
    return _window(1366, 768, 1.0)


def large_window() -> list[Row]:
    """The same at 2560×1440 with a scale factor of 1.25."""
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
    """A number with two decimals; large and tiny ones with three digits."""
    return f"{value:.2f}" if 0.01 <= value < 1000 or value == 0 else f"{value:,.3g}"


ROWS = "--rows"  # asks for a group's rows as JSON, in the process in which it is measured
GROUPS: dict[str, Callable[[], list[Row]]] = {
    group.__name__: group
    for group in (
        plain_step,
        torch_step,
        recording,
        time_travel,
        long_run,
        deep,
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
    if names[:1] == [ROWS]:
        sys.stdout.write(json.dumps(GROUPS[names[1]]()))
        return 0
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        sys.stderr.write(f"No group {unknown[0]}; there are {', '.join(GROUPS)}.\n")
        return 2
    rows: list[Row] = []
    failed: list[str] = []
    for name in names or GROUPS:
        found = measured(name)
        if found is None:
            failed.append(name)
            sys.stdout.write(f"{name:50} {'failed':>9}\n")
        for what, value, unit, aim in found or ():
            sys.stdout.write(f"{what:50} {_figure(value):>9} {unit:12} {aim}\n")
        sys.stdout.flush()
        rows += found or ()
    sys.stdout.write(table(rows, failed))
    return 1 if failed else 0


def measured(name: str) -> list[Row] | None:
    """The rows of a group, from a process of its own; None where that fails, and says why."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    command = [sys.executable, "-m", "benchmarks", ROWS, name]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout:
        return None
    return [Row(*row) for row in json.loads(done.stdout.splitlines()[-1])]


def table(rows: Sequence[Row], failed: Sequence[str] = ()) -> str:
    """All rows in Markdown; below them those that miss their aim, and the groups that failed."""
    lines = ["", "| what | figure | aim |", "| --- | ---: | --- |"]
    rows = [row._replace(what=what) for row, what in zip(rows, _in_full(rows), strict=True)]
    lines += [f"| {what} | {_figure(value)} {unit} | {aim} |" for what, value, unit, aim in rows]
    lines += [f"| {name} | failed | |" for name in failed]
    missed = [row for row in rows if row.is_missed]
    words = [f"{row.what}: {_figure(row.value)}, aim {row.aim}" for row in missed]
    aims = sum(bool(row.aim) for row in rows)
    lines += ["", f"{len(missed)} of {aims} aims are missed" + (":" if missed else "."), *words]
    if failed:
        lines += ["", f"Failed, and not measured: {', '.join(failed)}."]
    return "\n".join(lines) + "\n"


def _in_full(rows: Sequence[Row]) -> Iterator[str]:
    """The full name of each row: an indented row repeats the name of the row above."""
    above = ""
    for row in rows:
        if row.what.startswith((" ", "the same")):
            yield f"{above}: {row.what.strip()}"
        else:
            above = row.what
            yield above


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
