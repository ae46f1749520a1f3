"""Undo and redo of the user's changes.

Each step keeps everything that a user can change, before and after the step: breakpoints,
bookmarks, branches, settings. It needs no copies: breakpoints and bookmarks are immutable, and an
edit replaces a branch and never changes it. Undo keeps the results that the run has computed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.events import Position
from engine.debug.travel.branches import Branch

MOST_STEPS = 100
MOST_BYTES = 16 * 2**20  # of stored states that only an undo can bring back


@dataclass(frozen=True, slots=True)
class Memento:
    """Everything that a user can change, at one moment.

    Attributes:
        session: the session, of which only the identity is used. A change of the network or the
            data makes another session.
        origin: the owner's note of where the session comes from; not used here.
        declared: what a program's facets were declared to be.
        position: of the cursor; restored only if the branch differs.
    """

    session: object
    origin: object = field(compare=False)
    breakpoints: tuple[Breakpoint, ...]
    bookmarks: tuple[Bookmark, ...]
    branches: tuple[Branch, ...]
    branch: int
    input_gradient: bool | None
    declared: Mapping[str, Any]
    position: Position = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    before: Memento
    after: Memento


class UndoStack:
    """The steps that can be undone and redone, across sessions that replace each other."""

    def __init__(self) -> None:
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    @property
    def undo_label(self) -> str:
        """The label of the step that `undo` would revert, or ""."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """The label of the step that `redo` would repeat, or ""."""
        return self._undone[-1].label if self._undone else ""

    def note(self, label: str, before: Memento, after: Memento) -> None:
        """Add a step if it changed anything; undone steps can then no longer be redone."""
        if before == after:
            return
        self._done.append(_Step(label, before, after))
        self._undone.clear()
        while len(self._done) > MOST_STEPS or (self._only_here(after) > MOST_BYTES):
            if len(self._done) == 1:
                break
            del self._done[0]

    def undo(self) -> Memento | None:
        """Revert the last step: the memento to restore, or None without a step."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1].before

    def redo(self) -> Memento | None:
        """Repeat the step that was undone last: the memento to restore, or None without a step."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1].after

    def _only_here(self, now: Memento) -> int:
        """Bytes of the stored states that only the undo stack keeps alive."""
        states: dict[int, Any] = {}
        for step in self._done:
            for branch in (*step.before.branches, *step.after.branches):
                states.update((id(s), s) for s in branch.checkpoints.states.values())
        for branch in now.branches:
            for state in branch.checkpoints.states.values():
                states.pop(id(state), None)
        return sum(state.nbytes for state in states.values())


def undoable(
    stack: UndoStack, label: str, memento: Callable[[], Memento], change: Callable[[], Any]
) -> Any:
    """Make a change that can be undone. If it raises, its partial changes are recorded, too."""
    before = memento()
    try:
        return change()
    finally:
        stack.note(label, before, memento())
