"""The kinds of messages from the worker's thread to the window's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from engine.options import Options


class WorkerSignal(Enum):
    """A kind of message; the comments say what it carries."""

    OPENED = auto()
    RUN_STARTED = auto()  # with its kind
    PROGRESSED = auto()
    RUN_ENDED = auto()
    EXPORTED = auto()
    FAILED = auto()
    DONE = auto()  # a command has run; with a snapshot and its words, or None and None
    MEASURED = auto()  # a measurement between commands; with the same two
    STORED_FOUND = auto()
    LENT = auto()
    SEARCHED = auto()  # the batch that is searched
    COMPARED = auto()
    UNDO_CHANGED = auto()
    SAVED = auto()
    LAST_SAVED = auto()  # the token of a last copy that was written
    NOT_AUTOSAVED = auto()
    LOADED = auto()
    OPENING = auto()  # its progress, or None at its end
    OPENING_CANCELLED = auto()
    HALTED = auto()  # why a run has stopped
    UNDONE = auto()
    NOT_FOUND = auto()  # the search that found nothing
    FOUND = auto()  # the search, and the found position
    OUTDATED = auto()  # a command was for a session that has been replaced
    OTHER_SAVED = auto()  # the file of a session that has been replaced
    URGENT_DONE = auto()  # a command has run between two batches
    WHY_FOUND = auto()  # the answer to "Why?"
    COMING = auto()  # the formula of one of the next stops
    FACET_DECLARED = auto()  # the declaration, with its error if it does not fit
    MARKED = auto()  # shown breakpoints, resting ones and bookmarks after such a command


@dataclass(frozen=True)
class Origin:
    """Where a session comes from: the options that it was built from, and its file."""

    options: Options | None = None
    path: Path | None = None
