"""Examines a program at its opening: whether it repeats itself, and what its facets are."""

from __future__ import annotations

from collections.abc import Sequence

from engine.debug.facets.find import find
from engine.debug.program.step_program import StepProgram
from engine.debug.record.trace import Trace
from engine.debug.travel.first_batches import first_batches
from engine.debug.travel.run import Run
from engine.errors import FacetsNotFound


def examine(run: Run, program: StepProgram) -> None:
    """Run the first batches of a program, and take over what they show.

    The live objects are before the first batch, and are there again afterwards.
    """

    def look(traces: Sequence[Trace]) -> bool:
        try:
            program.use(find(traces, program.step))
        except Exception as error:  # of ours: no program is to be shut out by it
            program.not_found = FacetsNotFound(error)
            return True
        return program.found is not None and bool(program.found.parameters.value)

    with run.engine():
        first = first_batches(run, look)
    if first.difference is not None:
        program.difference = first.difference
        run.not_repeatable = "the program does not repeat itself"
