"""Print all sentences of a minibatch: `python -m gui.words [PRESET]`, by default of each preset.

`--why` prints the derivation at each stop of an operation instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from rich.console import Console

from engine.debug.explain.operation_stops import operation_stops
from engine.debug.session import Session
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.words.lesson import Lesson, lesson_of
from gui.words.why.derivation import NoDerivation
from gui.words.why.find import why


def main(arguments: Sequence[str]) -> int:
    """Print the words of the presets; return the process's exit status."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    derivations = "--why" in arguments
    arguments = [argument for argument in arguments if argument != "--why"]
    unknown = [name for name in arguments if name not in PRESETS]
    if unknown:
        print(f"no preset {unknown[0]!r}; there are {', '.join(PRESETS)}", file=sys.stderr)
        return 2
    for preset in arguments or PRESETS:
        console.print(f"{preset}: {PRESETS[preset].label}\n")
        session = build_session(Options(network=preset))
        for line in reasons_of(session) if derivations else lines_of(session):
            console.print(line)
    return 0


def lines_of(session: Session) -> Iterator[str]:
    """For each event of the cursor's minibatch its number, source and words."""
    for event, source, lesson in lessons_of(session):
        yield f"{event:4}  {source}"
        yield f"      {lesson.happened}"
        yield f"      → {lesson.next}"


def lessons_of(session: Session) -> Iterator[tuple[int, str, Lesson]]:
    """For each event of the cursor's minibatch number, source on one line, and words."""
    batch = session.position.batch
    for event in range(len(session.trace)):
        session.goto(batch, event)
        snapshot = session.snapshot()
        yield event, " ".join(snapshot.event.source.split()), lesson_of(snapshot)


def reasons_of(session: Session) -> Iterator[str]:
    """For each stop of an operation in the cursor's minibatch its derivation, or why none."""
    batch = session.position.batch
    for event in operation_stops(session.trace):
        session.goto(batch, event)
        snapshot = session.snapshot()
        found = why(snapshot, None)
        yield f"{event:4}  {' '.join(snapshot.event.source.split())}"
        if isinstance(found, NoDerivation):
            yield f"      – {found.reason}\n"
            continue
        yield f"      {found.title}  ({found.about})"
        for number, step in enumerate(found.steps, 1):
            about = f"   [{step.about}]" if step.about else ""
            yield f"      {number}. {step.words}"
            if step.numbers or about:
                yield f"         {step.numbers}{about}"
        if found.trial is not None:
            trial = found.trial
            yield (
                f"      Trial: {trial.array}{list(trial.index)} + {trial.step:.3g}: "
                f"loss {trial.predicted:+.4g}"
            )
        yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
