"""The kinds of runs, which keep the worker busy until they end or are paused, and their names."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QCoreApplication


class RunKind(Enum):
    """The kind of a run."""

    TRAINING = auto()
    SEARCH = auto()  # for the last write, the next read or the last change
    REVERSE = auto()  # continuing backwards, to the latest earlier hit of a breakpoint
    COMPARISON = auto()  # of two branches
    MEASUREMENT = auto()  # of the test set, at the end of a training

    @property
    def may_end_at_once(self) -> bool:
        """Whether most runs of this kind end before a person could see them."""
        return self in (RunKind.SEARCH, RunKind.REVERSE)


def run_name(kind: RunKind) -> str:
    """The translated name of the run, a heading before its batch: `Searching`."""
    return {
        RunKind.TRAINING: _tr("Training"),
        RunKind.SEARCH: _tr("Searching"),
        RunKind.REVERSE: _tr("Going back"),
        RunKind.COMPARISON: _tr("Comparing"),
        RunKind.MEASUREMENT: _tr("Measuring"),
    }[kind]


def busy_text(kind: RunKind | None) -> str:
    """The reason why an action waits for a run, in a sentence; "" if nothing runs."""
    if kind is None:
        return ""
    return {
        RunKind.TRAINING: _tr("The network is training. Pause first (F6)."),
        RunKind.SEARCH: _tr("A search is running. Pause first (F6)."),
        RunKind.REVERSE: _tr("The run is going back to a breakpoint. Pause first (F6)."),
        RunKind.COMPARISON: _tr("Two branches are being compared. Pause first (F6)."),
        RunKind.MEASUREMENT: _tr("The test set is being measured. Pause first (F6)."),
    }[kind]


def pause_first_text(kind: RunKind | None) -> str:
    """The same reason as a short tooltip."""
    if kind is None:
        return ""
    return {
        RunKind.TRAINING: _tr("Pause the training first"),
        RunKind.SEARCH: _tr("Pause the search first"),
        RunKind.REVERSE: _tr("Pause going back first"),
        RunKind.COMPARISON: _tr("Pause the comparison first"),
        RunKind.MEASUREMENT: _tr("Pause the measurement first"),
    }[kind]


def _tr(text: str) -> str:
    return QCoreApplication.translate("runs", text)
