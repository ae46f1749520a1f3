"""The texts of the timeline: its passes, its spoken description, its tooltips."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from PySide6.QtCore import QCoreApplication

from engine.debug.bookmarks import Bookmark
from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from gui.paint.values import number_text


def _tr(text: str) -> str:
    return QCoreApplication.translate("TimelineView", text)


def phase_name(phase: Phase) -> str:
    """The name of a pass."""
    return {
        Phase.FORWARD: _tr("Forward"),
        Phase.BACKWARD: _tr("Backward"),
        Phase.UPDATE: _tr("Update"),
        Phase.OTHER: _tr("Other"),
    }[phase]


def stop_numbers(snapshot: Snapshot, every_stop: bool) -> tuple[int, int]:
    """The number of the cursor's stop, and of the last."""
    number = snapshot.stop_number(snapshot.position.event, every_stop)
    return number, snapshot.last_stop(every_stop)


def description_of(snapshot: Snapshot, training: int | None, every_stop: bool) -> str:
    """The timeline in words: the cursor's position, or the batch that the run is training."""
    if not snapshot.history.batches_per_epoch:
        return _without_epochs(snapshot, training, every_stop)
    if training is not None:
        return _tr("Training: epoch {0}, batch {1}").format(epoch_of(snapshot, training), training)
    batch = snapshot.position.batch
    text = _tr("Epoch {0}, batch {1} of {2}, {3}, stop {4} of {5} {6}")
    return text.format(
        epoch_of(snapshot, batch),
        batch,
        snapshot.history.reach,
        phase_name(snapshot.event.phase),
        *stop_numbers(snapshot, every_stop),
        snapshot.event.layer,
    ).rstrip()


def _without_epochs(snapshot: Snapshot, training: int | None, every_stop: bool) -> str:
    """The same of a program whose epochs are not known."""
    if training is not None:
        return _tr("Training: batch {0}").format(training)
    text = _tr("Batch {0} of {1}, {2}, stop {3} of {4} {5}")
    return text.format(
        snapshot.position.batch,
        snapshot.history.reach,
        phase_name(snapshot.event.phase),
        *stop_numbers(snapshot, every_stop),
        snapshot.event.layer,
    ).rstrip()


def epoch_of(snapshot: Snapshot, batch: int) -> int:
    """The epoch that has a batch, where epochs are known."""
    return batch // (snapshot.history.batches_per_epoch or 1)


def epoch_words(snapshot: Snapshot, batch: int) -> str:
    """The heading of the run's row: `Epoch 3`, or `Run` of a program without epochs."""
    if not snapshot.history.batches_per_epoch:
        return _tr("Run")
    return _tr("Epoch {0}").format(epoch_of(snapshot, batch))


def bookmark_text(bookmark: Bookmark, snapshot: Snapshot, every_stop: bool) -> str:
    """The tooltip of a bookmark. The number of an operation is known in the cursor's batch only."""
    batch, event = bookmark.position
    if not every_stop and batch != snapshot.position.batch:
        return _tr("{0}: batch {1}").format(bookmark.name, batch)
    number = snapshot.stop_number(event, every_stop)
    return _tr("{0}: batch {1}, stop {2}").format(bookmark.name, batch, number)


def batch_text(history: RunHistory, batch: int) -> str:
    """The tooltip of a batch: `Batch 312, loss 1.72`."""
    if batch >= history.reach:
        return _tr("Batch {0}: not trained yet").format(batch)
    value = float(history.losses[batch])
    if isnan(value) and not history.batches_per_epoch:
        return _tr("Batch {0}, its loss is not known").format(batch)
    loss = number_text(value, 4)
    return _tr("Batch {0}, loss {1}").format(batch, loss)


def event_text(
    snapshot: Snapshot, starts: Mapping[Phase, int], event: int, every_stop: bool
) -> str:
    """The tooltip of an event: `Forward, Affine1, stop 6`; `starts` has each pass's first event."""
    band = next((b for b in snapshot.bands if b.first <= event <= b.last), None)
    begun = [phase for phase in starts if starts[phase] <= event]
    phase = band.phase if band is not None else max(begun, key=lambda p: starts[p], default=None)
    parts = [phase_name(phase)] if phase is not None else []
    parts += [band.label] if band else []
    number = snapshot.stop_number(event, every_stop)
    parts += [_tr("breakpoint")] if event in snapshot.breakpoint_events else []
    return ", ".join([*parts, _tr("stop {0}").format(number)])
