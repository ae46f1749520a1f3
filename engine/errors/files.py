"""Errors of files that are written and read: weights, sessions, breakpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors.base import Described

__all__ = [
    "BreakpointsNotRead",
    "FileNotRead",
    "FileNotWritten",
    "OpeningCancelled",
    "SessionNotRead",
    "SessionNotWritten",
    "StepDiffers",
    "StepNotGiven",
    "WeightsNotWritten",
]


@dataclass(eq=False)
class FileNotWritten(Described):
    """A file that could not be written; an existing file of that name is unchanged.

    Attributes:
        reason: the error text of the system, such as "No space left on device".
    """

    path: Path
    reason: str

    sentence = "{path} was not written: {reason}."
    advice = "Choose another place, or make room there. A file that was there before is unchanged."


@dataclass(eq=False)
class WeightsNotWritten(FileNotWritten):
    """Weights that could not be saved."""

    sentence = "The weights were not written to {path}: {reason}."


@dataclass(eq=False)
class SessionNotWritten(FileNotWritten):
    """A session that could not be saved."""

    sentence = "The session was not saved to {path}: {reason}."


@dataclass(eq=False)
class FileNotRead(Described):
    """A file that could not be read.

    Attributes:
        reason: the error text of the system, or what is there instead of a file.
    """

    path: Path
    reason: str

    sentence = "{path} was not read: {reason}."


@dataclass(eq=False)
class SessionNotRead(FileNotRead):
    """A session file that cannot be opened; `reason` says why."""

    sentence = "The session {path} was not opened: {reason}."
    advice = "Nothing was changed."


@dataclass(eq=False)
class StepNotGiven(SessionNotRead):
    """A session that was trained with a step of the caller's own; `reason` names it."""

    advice = (
        "Open it in Python with Session.load(path, step=...): a file contains no code. "
        "Nothing was changed."
    )


@dataclass(eq=False)
class StepDiffers(SessionNotRead):
    """A step that differs from the step with which a session was trained.

    Attributes:
        differences: a text for each function or value that differs.
    """

    differences: tuple[str, ...]

    advice = "Give the step as it was when the session was saved. Nothing was changed."


@dataclass(eq=False)
class BreakpointsNotRead(FileNotRead):
    """A file of breakpoints that cannot be used; `reason` says why. Nothing has changed."""

    sentence = "The breakpoints of {path} were not read: {reason}."
    advice = "The existing breakpoints are unchanged."


@dataclass(eq=False)
class OpeningCancelled(Described):
    """A file whose opening was cancelled."""

    path: Path

    sentence = "{path} was not opened: opening was cancelled."
    advice = "Nothing was changed."
