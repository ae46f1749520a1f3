"""Undo and redo: what a person has changed, step by step.

What is kept of each step is all that a person can change, before and after it: breakpoints,
bookmarks, branches, settings. It holds no copies: breakpoints and bookmarks are immutable, and a
branch is never changed by an edit but left or replaced. What the run has computed since is no
change of a person's, and stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.events import Position
from engine.debug.travel.branches import Branch

MOST_STEPS = 100
MOST_BYTES = 16 * 2**20  # of the states of branches and sessions that only an undo can bring back


@dataclass(frozen=True, slots=True)
class Memento:
    """All that a person can change, at one moment.

    Attributes:
        session: whose moment it is. Only which one it is matters here; another takes its place
            when the network or the data is changed.
        origin: where the session comes from, as its owner has it; not looked at.
        position: of the cursor, to come back to where branches are others.
    """

    session: object
    origin: object = field(compare=False)
    breakpoints: tuple[Breakpoint, ...]
    bookmarks: tuple[Bookmark, ...]
    branches: tuple[Branch, ...]
    branch: int
    input_gradient: bool | None
    position: Position = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    before: Memento
    after: Memento


class UndoStack:
    """The steps that can be undone and redone, across the sessions that take each other's place."""

    def __init__(self) -> None:
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    @property
    def undo_label(self) -> str:
        """What the next undo takes back, or ""."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What the next redo makes again, or ""."""
        return self._undone[-1].label if self._undone else ""

    def note(self, label: str, before: Memento, after: Memento) -> None:
        """Add a step, unless nothing was changed; what was undone cannot be redone any more."""
        if before == after:
            return
        self._done.append(_Step(label, before, after))
        self._undone.clear()
        while len(self._done) > MOST_STEPS or (self._only_here(after) > MOST_BYTES):
            if len(self._done) == 1:
                break
            del self._done[0]

    def undo(self) -> Memento | None:
        """Take the last step back: the moment to restore, or None where there is none."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1].before

    def redo(self) -> Memento | None:
        """Make the step that was undone last again: the moment to restore, or None."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1].after

    def _only_here(self, now: Memento) -> int:
        """Bytes of the states that would be gone if nothing could be undone."""
        states: dict[int, Any] = {}
        for step in self._done:
            for branch in (*step.before.branches, *step.after.branches):
                states.update((id(s), s) for s in branch.checkpoints.states.values())
        for branch in now.branches:
            for state in branch.checkpoints.states.values():
                states.pop(id(state), None)
        return sum(state.nbytes for state in states.values())


def undoable(
    undoing: UndoStack, label: str, take: Callable[[], Memento], change: Callable[[], Any]
) -> Any:
    """Make a change that can be undone; one that raises has changed what it has changed."""
    before = take()
    try:
        return change()
    finally:
        undoing.note(label, before, take())
