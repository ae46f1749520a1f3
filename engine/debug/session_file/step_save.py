"""The document of a session of any step.

It has no code and no objects. It has what identifies the step, digests of all that the step reaches
before the first batch, and some later states as their differences from it. Opening needs the step
as it begins. Where a state has more than a file can hold, opening runs all batches again.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.breakpoints.files import to_rows
from engine.debug.memory.state import State
from engine.debug.program.step_program import StepProgram
from engine.debug.reach.paths import Path
from engine.debug.reach.random_states import GlobalRandom
from engine.debug.session_file.branch_rows import branch_row, chosen_states
from engine.debug.session_file.environment import run_environment
from engine.debug.session_file.picture import Picture
from engine.debug.session_file.plain_values import NotPlain, to_plain
from engine.debug.session_file.state_changes import NotWritten, changes_of
from engine.debug.travel.branches import Branch
from engine.debug.travel.trainer import Trainer
from engine.errors import NotStored

Array = np.ndarray[Any, Any]
_PARTS = 2000  # of the first state, by which a difference is named
_LARGEST = 2**30  # bytes of arrays in states that are written


def pack_step(
    trainer: Trainer,
    program: StepProgram,
    breakpoints: Iterable[Breakpoint],
    bookmarks: Iterable[Bookmark],
    extra: dict[str, Any] | None,
    in_batch: bool,
) -> tuple[dict[str, Any], dict[str, Array]]:
    """The document and the arrays of a session of a step; see `save.pack`."""
    assert trainer.step_note is not None
    states = _written_states(trainer)
    states.begin(trainer)
    arrays: dict[str, Array] = {}
    here = None if in_batch else _state_here(trainer)
    rows = [
        branch_row(trainer, branch, states.of(branch, here), arrays) for branch in trainer.branches
    ]
    document = {
        "surroundings": run_environment(trainer.blas_threads),
        "program": {
            "declared": program.declared.texts,
            "parameters": {
                name: path_to_json(facet.path)
                for name, facet in program.live.parameter_facets.items()
            },
            "learning_rate": path_to_json(program.live.learning_rate_path),
            "first": states.first.digest,
            "parts": dict(list(states.first.parts.items())[:_PARTS]),
            "random": random_to_json(trainer.first_state.global_random),
            "repeats": program.difference is None,
        },
        "step": trainer.step_note.to_json(),
        "memory_budget": trainer.memory_budget,
        "blas_threads": trainer.blas_threads,
        "breakpoints": to_rows(breakpoints),
        "bookmarks": [asdict(bookmark) for bookmark in bookmarks],
        "branches": rows,
        "states": states.rows,
        "current": trainer.branches.current.id,
        "digest": None if in_batch else parameters_digest(trainer),
        "whole": None if here is None else states.digest_of(here),
        "extra": extra or {},
    }
    arrays.update(states.arrays)
    states.end()
    return document, arrays


def parameters_digest(trainer: Trainer) -> str | None:
    """SHA-256 of the parameters before the cursor's batch, in hex; None if they are not stored."""
    try:
        parameters = trainer.stored_parameters(trainer.position.batch)
    except NotStored:
        return None
    found = sha256()
    for name, array in sorted(parameters.items()):
        found.update(f"{name} {array.dtype} {array.shape}".encode("utf-8", "surrogatepass"))
        found.update(array.tobytes())
    return found.hexdigest()


def random_to_json(random: GlobalRandom | None) -> Any:
    """The states of the global random generators as JSON, with a digest of them.

    A state that was changed gives other numbers in batches that nobody compares.
    """
    assert random is not None
    return [to_plain(random.numpy), to_plain(random.python), random_digest(random)]


def random_digest(random: GlobalRandom) -> str:
    """SHA-256 of the states of the global random generators, in hex."""
    found = sha256()
    for part in (*random.numpy, *random.python):
        is_array = isinstance(part, np.ndarray)
        found.update(part.tobytes() if is_array else f" {type(part).__name__} {part!r} ".encode())
    return found.hexdigest()


def path_to_json(path: Path | None) -> list[Any] | None:
    """A path as JSON; None if a key on it is no number or text."""
    try:
        return None if path is None else [[one.way.value, to_plain(one.key)] for one in path]
    except NotPlain:
        return None


def _state_here(trainer: Trainer) -> State | None:
    """The state at the cursor, if it is between two batches."""
    run, batch = trainer._run, trainer.position.batch
    stored = run.checkpoints.states.get(batch)
    if stored is not None:
        return stored
    if run.live != batch:
        return None
    with run.engine():
        return run.state(batch)


class _Written(NamedTuple):
    """A state as it is written.

    Attributes:
        state: the state.
        digest: of its picture.
        row: its differences from the first state; None if it has more than a file can hold.
        arrays: those that the row names.
    """

    state: State
    digest: str
    row: dict[str, Any] | None
    arrays: dict[str, Array]


class _WrittenStates:
    """The states of a session that are written, each compared with the first state once."""

    def __init__(self, first_state: State, step: Any) -> None:
        self.first = Picture(first_state, step)
        self._step = step
        self._known: dict[int, _Written] = {}
        self._trainer: Trainer | None = None

    def begin(self, trainer: Trainer) -> None:
        """Begin a file of this trainer."""
        self._trainer = trainer
        self.rows: list[dict[str, Any]] = []
        self.arrays: dict[str, Array] = {}
        self._numbers: dict[int, int] = {}
        self._seen: set[int] = set()

    def end(self) -> None:
        """Forget the states that this file has not."""
        self._known = {key: one for key, one in self._known.items() if key in self._seen}
        self.rows, self.arrays = [], {}
        self._trainer = None

    def of(self, branch: Branch, here: State | None) -> list[int]:
        """Write the states of a branch that can be written, and return their numbers.

        `here` is the state at the cursor, which belongs to the current branch. A state after edits
        is made by these edits again, unless the program does not repeat itself.
        """
        trainer = self._trainer
        assert trainer is not None
        states = {state.batch: state for state in chosen_states(trainer, branch)}
        if here is not None and trainer.branches.current is branch:
            states.setdefault(here.batch, here)
        kept, edited = branch.checkpoints.states, {batch for batch, _ in branch.edits}
        if trainer._run.not_repeatable:
            states |= {batch: kept[batch] for batch in edited if batch in kept}
        else:
            states = {batch: state for batch, state in states.items() if batch not in edited}
        numbers = [self._put(state) for batch, state in sorted(states.items())
                   if batch > 0 or batch in edited]  # fmt: skip
        return [number for number in numbers if number is not None]

    def _put(self, state: State) -> int | None:
        if id(state) not in self._numbers:
            written = self._written(state)
            arrays = {**self.arrays, **written.arrays}
            if written.row is None or sum(array.nbytes for array in arrays.values()) > _LARGEST:
                return None
            self._numbers[id(state)] = len(self.rows)
            self.rows.append(written.row)
            self.arrays = arrays
        return self._numbers[id(state)]

    def digest_of(self, state: State) -> str:
        """The digest of a state's picture."""
        return self._written(state).digest

    def _written(self, state: State) -> _Written:
        self._seen.add(id(state))
        known = self._known.get(id(state))
        if known is None:
            picture, arrays = Picture(state, self._step), dict[str, Array]()
            row: dict[str, Any] | None = None
            if state.is_right:
                with suppress(NotWritten):
                    row = changes_of(picture, self.first, arrays)
                    row |= {"batch": state.batch, "digest": picture.digest}
                    row["random"] = random_to_json(state.global_random)
            known = _Written(state, picture.digest, row, arrays if row is not None else {})
            self._known[id(state)] = known
        return known


_written_by: WeakKeyDictionary[Trainer, _WrittenStates] = WeakKeyDictionary()


def _written_states(trainer: Trainer) -> _WrittenStates:
    found = _written_by.get(trainer)
    if found is None:
        found = _written_by[trainer] = _WrittenStates(trainer.first_state, trainer.program.step)
    return found
