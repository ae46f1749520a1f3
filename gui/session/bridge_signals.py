"""What the bridge says of the session, as Qt signals."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class BridgeSignals(QObject):
    """The signals of the bridge, emitted on the window's thread.

    Signals:
        stopped: the newest `Snapshot`, after one or more commands, or with a new measurement.
        run_started: the `RunKind` of what runs from now on, and can be paused. A training goes on
            as a `MEASUREMENT` where that takes its time.
        progressed: how far a training is (`TrainingProgress`), and its `RunHistory`.
        run_ended: the `RunKind` of a run that is over, finished or paused; `stopped` follows.
        failed: the exception that ended a command.
        busy_changed: whether a command is waiting or under way.
        state_changed: what `busy`, `moving`, `running` and `pausing` say.
        move_asked: something was asked for that moves the cursor or goes another way.
        marked: the breakpoints or the bookmarks have changed during a run; `snapshot` has them.
        exported: the report of an export, as the writer returned it.
        opened: the options of a new session, as they were given to `open`, and its file or None.
        stored_found: the question (`StoredWanted`), the batch that was found and its parameters by
            name, after `ask_stored`.
        searched: the batch that is looked through, after `continue_back`, `compare` or `find`.
        compared: the `Comparison`, after `compare`.
        halted: why a run has stopped (`StopReason`), and the breakpoints that were hit, each with
            what was wrong with its condition, or "".
        undone: what was taken back, and whether it was made again.
        saved: the file, and whether it was a copy that nobody asked for.
        last_saved: the token of a copy that was to be written at once.
        autosave_failed: the exception that kept such a copy from being written.
        loaded: a session's file that was opened, what was saved beside the session, how it compares
            with what was saved (`Likeness`), and the snapshot; `opened` came before.
        opening: how far the opening of a file is (`Opening`), where it takes its time; None: it is
            over.
        opening_cancelled: a file was not opened, after `cancel_opening`.
        undo_changed: what `undo` takes back, and what `redo` makes again; "" where nothing.
        not_found: the search, after a `find` that has found nothing.
        found: the search, and the position that it has found, after `find`; `stopped` follows.
        lent: a `LentNetwork`, after `lend`.
        outdated: what was asked was asked of a session in whose place there is another by now.
        other_saved: the file of such a session, which was being written meanwhile.
        held_up: the batch that does not come back (`HeldUp`); None once it has. It is told anew
            when something of it has changed.
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
    ended = Signal()
