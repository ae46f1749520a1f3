"""A session file of a step, and the step that was given to open it: whether it is the same one."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.debug.facets.facets import ParameterFacet
from engine.debug.program.own_step import StepNote, note_of
from engine.debug.program.step_program import StepProgram
from engine.debug.reach.paths import Access, Way
from engine.debug.reach.paths import Path as PathTo
from engine.debug.reach.random_states import GlobalRandom
from engine.debug.session_file.content import step_differs
from engine.debug.session_file.fields import boolean, integer, real_number
from engine.debug.session_file.opening import T
from engine.debug.session_file.picture import Picture
from engine.debug.session_file.plain_values import from_plain
from engine.debug.session_file.state_changes import check_state
from engine.debug.session_file.step_save import random_digest
from engine.debug.travel.trainer import Trainer
from engine.errors import StepDiffers, StepNotGiven, clipped

Array = np.ndarray[Any, Any]
MOST_BYTES = 2**50  # of a memory budget
MOST_THREADS = 1024
_NAMED = 3  # differences of the first state that are named


@dataclass(frozen=True, slots=True, eq=False)
class StepContent:
    """A session file of a step.

    Attributes:
        path: the file.
        document, arrays: its JSON document and its arrays.
        step: the step that was given, as it begins.
    """

    path: Path
    document: dict[str, Any]
    arrays: dict[str, Array]
    step: Callable[..., Any]

    @property
    def is_old(self) -> bool:
        """Files of the first versions have no such sessions."""
        return False

    @property
    def runs_again(self) -> bool:
        """The losses of all batches that run again are compared."""
        return True

    @property
    def program(self) -> dict[str, Any]:
        """What the file says about the program."""
        found: dict[str, Any] = self.document["program"]
        return found

    @property
    def repeats(self) -> bool:
        """Whether the program gave the same numbers when it ran again."""
        return boolean(self.program["repeats"], "repetition")

    def different_run(self, difference: str) -> Exception:
        """The error of a run that differs from the saved run."""
        return step_differs(self.path, (difference,))


def checked_content(
    path: Path,
    document: dict[str, Any],
    arrays: dict[str, Array],
    step: Callable[..., Any] | None,
) -> StepContent:
    """The file with the step that it needs.

    Raises:
        StepNotGiven, StepDiffers: the step is missing, or another one.
    """
    note = StepNote.from_json(document["step"])
    if step is None:
        of = f"{note.name} of {note.file}" if note.file else note.name
        raise StepNotGiven(path, f"it is the session of a step of your own, {clipped(of)}")
    if differences := note.differences(note_of(step)):
        raise step_differs(path, differences)
    return StepContent(path, document, arrays, step)


def trainer_of_step(content: StepContent, make: Callable[..., T]) -> T:
    """A new trainer of the step, before its first batch.

    Raises:
        StepDiffers: what the step reaches is not as it was when the saved session began.
    """
    document = content.document
    threads = document["blas_threads"]
    if threads is not None:
        threads = integer(threads, "number of BLAS threads", 1, MOST_THREADS)
    budget = real_number(document["memory_budget"], "memory budget")
    if not 0 <= budget <= MOST_BYTES:
        raise ValueError(f"its memory budget is {budget}")
    with random_of(content.program["random"]).in_force():
        trainer = make(content.step, int(budget), threads)
    _check_first_state(content, trainer)
    _take_facets(content.program, trainer.program)
    return trainer


def random_of(data: Any) -> GlobalRandom:
    """The states of the global random generators that JSON has; raises ValueError."""
    *states, digest = data
    numpys, pythons = (from_plain(each) for each in states)
    check_state(numpys, np.random.get_state())
    version, numbers, gauss = pythons
    check_state((version, tuple(numbers.tolist()), gauss), random.getstate())
    found = GlobalRandom()
    found.numpy, found.python = numpys, (version, numbers, gauss)
    if random_digest(found) != digest:
        raise ValueError("the states of its random generators were changed")
    return found


def _check_first_state(content: StepContent, trainer: Trainer) -> None:
    picture = Picture(trainer.first_state, content.step)
    if picture.digest == content.program["first"]:
        return
    saved: Mapping[str, Any] = content.program["parts"]
    now = {name: picture.parts[name] for name in list(picture.parts)[: len(saved)]}
    names = [name for name in {**saved, **now} if saved.get(name) != now.get(name)]
    differences = tuple(f"{name} is {'new' if name not in saved else 'another'}" for name in names)
    said = ", ".join(differences[:_NAMED]) or "something that it reaches is another"
    more = len(differences) - _NAMED
    words = said if more <= 0 else f"{said}, and {more} more"
    reason = f"what the step reaches is not as it was before the first batch: {clipped(words)}"
    raise StepDiffers(content.path, reason, differences or (said,))


def _take_facets(saved: Mapping[str, Any], program: Any) -> None:
    """Declare what was declared, and take the places of parameters that were found later."""
    assert isinstance(program, StepProgram)
    program.declared.declare(
        {str(name): text for name, text in saved["declared"].items()}, check=False
    )
    program.use(program.found)
    places = {str(name): _path(data) for name, data in saved["parameters"].items()}
    live = program.live
    found = {name: ParameterFacet(name, path) for name, path in places.items() if path}
    live.parameter_facets = {**found, **live.parameter_facets}
    live.learning_rate_path = live.learning_rate_path or _path(saved["learning_rate"])


def _path(data: Any) -> PathTo | None:
    if data is None:
        return None
    return tuple([Access(Way(way), from_plain(key)) for way, key in data])
