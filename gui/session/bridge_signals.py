"""The Qt signals with which the bridge reports on the session."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.session.worker_signals import WorkerSignal


class BridgeSignals(QObject):
    """The signals of the bridge, emitted on the window's thread.

    Signals:
        stopped: the newest `Snapshot`, after one or more commands, or with a new measurement.
        run_started: the `RunKind` of a run that starts; it can be paused. A training whose last
            measurement takes long continues as a `MEASUREMENT`.
        progressed: the `TrainingProgress` of a training, and its `RunHistory`.
        run_ended: the `RunKind` of a run that has finished or was paused; `stopped` follows.
        failed: the exception that ended a command.
        busy_changed: whether a command is queued or running.
        state_changed: `busy`, `moving`, `running` or `pausing` has changed.
        move_asked: a command was requested that moves the cursor or changes the run.
        marked: the breakpoints or bookmarks have changed during a run; `snapshot` has them.
        exported: the report that the writer of an export returned.
        opened: the options of a new session, as given to `open`, and its file or None.
        stored_found: the request (`StoredWanted`), the found batch and its parameters by name,
            after `ask_stored`.
        searched: the batch that is searched, after `continue_back`, `compare` or `find`.
        compared: the `Comparison`, after `compare`.
        halted: why a run has stopped (`StopReason`), and the breakpoints that were hit, each with
            the problem of its condition, or "".
        undone: the label of the undone or redone change, and whether it was redone.
        saved: the file, and whether it is an autosaved copy.
        last_saved: the token of a copy that was written at once.
        autosave_failed: the exception that prevented an autosaved copy.
        loaded: the opened file of a session, the data saved beside the session, the `Likeness` of
            session and file, and the snapshot; `opened` was emitted before.
        opening: the progress of opening a file (`Opening`), if it takes long; None at its end.
        opening_cancelled: a file was not opened, after `cancel_opening`.
        undo_changed: the labels of the changes that `undo` and `redo` apply to; "" for none.
        not_found: the search, after a `find` without a result.
        found: the search and its position, after `find`; `stopped` follows.
        lent: a `LentNetwork`, after `lend`.
        why_found: a `WhyAnswer`, once or twice after `ask_why`.
        coming: the `Formula` of one of the next stops, when nothing else is to be done.
        outdated: a command was for a session that has been replaced.
        other_saved: the file of a session that was replaced while the file was written.
        held_up: the batch that does not return (`HeldUp`), again whenever its state changes; None
            once it has returned.
        facet_declared: a `Declaration`, after `declare_facet`; `stopped` follows.
        ended: the thread has ended, after `end`.
    """

    stopped = Signal(object)
    run_started = Signal(object)
    progressed = Signal(object, object)
    run_ended = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)
    state_changed = Signal()
    move_asked = Signal()
    marked = Signal()
    exported = Signal(object)
    opened = Signal(object, object)
    stored_found = Signal(object, int, object)
    lent = Signal(object)
    found = Signal(object, object)
    why_found = Signal(object)
    coming = Signal(object)
    outdated = Signal()
    other_saved = Signal(object)
    searched = Signal(int)
    compared = Signal(object)
    halted = Signal(object, object)
    undone = Signal(str, bool)
    saved = Signal(object, bool)
    last_saved = Signal(object)
    autosave_failed = Signal(object)
    loaded = Signal(object, object, object, object)
    opening = Signal(object)
    opening_cancelled = Signal()
    undo_changed = Signal(str, str)
    not_found = Signal(object)
    held_up = Signal(object)
    facet_declared = Signal(object)
    ended = Signal()


# Signals of the class, not of an object: a bound signal refers to its bridge in a way that the
# garbage collector cannot follow.
PASSED_ON: dict[WorkerSignal, Signal] = {
    WorkerSignal.EXPORTED: BridgeSignals.exported,
    WorkerSignal.FAILED: BridgeSignals.failed,
    WorkerSignal.COMPARED: BridgeSignals.compared,
    WorkerSignal.HALTED: BridgeSignals.halted,
    WorkerSignal.UNDONE: BridgeSignals.undone,
    WorkerSignal.SAVED: BridgeSignals.saved,
    WorkerSignal.LAST_SAVED: BridgeSignals.last_saved,
    WorkerSignal.NOT_AUTOSAVED: BridgeSignals.autosave_failed,
    WorkerSignal.LOADED: BridgeSignals.loaded,
    WorkerSignal.OPENING: BridgeSignals.opening,
    WorkerSignal.OPENING_CANCELLED: BridgeSignals.opening_cancelled,
    WorkerSignal.UNDO_CHANGED: BridgeSignals.undo_changed,
    WorkerSignal.NOT_FOUND: BridgeSignals.not_found,
    WorkerSignal.LENT: BridgeSignals.lent,
    WorkerSignal.WHY_FOUND: BridgeSignals.why_found,
    WorkerSignal.FOUND: BridgeSignals.found,
    WorkerSignal.COMING: BridgeSignals.coming,
    WorkerSignal.OUTDATED: BridgeSignals.outdated,
    WorkerSignal.OTHER_SAVED: BridgeSignals.other_saved,
    WorkerSignal.STORED_FOUND: BridgeSignals.stored_found,
    WorkerSignal.FACET_DECLARED: BridgeSignals.facet_declared,
}
