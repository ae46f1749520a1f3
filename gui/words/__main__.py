"""Print all sentences of a minibatch: `python -m gui.words [PRESET]`, by default of each preset."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from rich.console import Console

from engine.debug.session import Session
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.words.lesson import Lesson, lesson_of


def main(arguments: Sequence[str]) -> int:
    """Print the words of the presets; return the process's exit status."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    unknown = [name for name in arguments if name not in PRESETS]
    if unknown:
        print(f"no preset {unknown[0]!r}; there are {', '.join(PRESETS)}", file=sys.stderr)
        return 2
    for preset in arguments or PRESETS:
        console.print(f"{preset}: {PRESETS[preset].label}\n")
        for line in lines_of(build_session(Options(network=preset))):
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
