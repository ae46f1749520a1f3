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
    """A file that could not be written; an older one of that name is as it was.

    Attributes:
        reason: the system's words, such as "No space left on device".
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
        reason: the system's words, or what it is in the place of a file.
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
    """A session that was trained by somebody's own step; `reason` names it."""

    advice = (
        "Open it in Python, with Session.load(path, step=...): no file brings code along. "
        "Nothing was changed."
    )


@dataclass(eq=False)
class StepDiffers(SessionNotRead):
    """A step that is not the one by which a session was trained.

    Attributes:
        differences: what is other, in words, one for each function or value.
    """

    differences: tuple[str, ...]

    advice = "Give the step as it was when the session was saved. Nothing was changed."


@dataclass(eq=False)
class BreakpointsNotRead(FileNotRead):
    """A file of breakpoints that cannot be used; `reason` says why. Nothing has changed."""

    sentence = "The breakpoints of {path} were not read: {reason}."
    advice = "The breakpoints that there were are as they were."


@dataclass(eq=False)
class OpeningCancelled(Described):
    """A file whose opening was called off."""

    path: Path

    sentence = "{path} was not opened: it was called off."
    advice = "Nothing was changed."
