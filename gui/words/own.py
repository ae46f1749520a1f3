"""The words for the code of `engine.nn`: found by function, event and source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import engine.nn
from engine.debug.events import Kind
from engine.debug.explain.operation import Form, Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.words.entry import Key, Table, When, Words
from gui.words.fields import Fields
from gui.words.measured import Unknown
from gui.words.saying import filled
from gui.words.tables.layers import LAYERS
from gui.words.tables.losses import LOSSES
from gui.words.tables.optimizers import OPTIMIZERS
from gui.words.tables.training import TRAINING

WORDS: Table = {**TRAINING, **LAYERS, **LOSSES, **OPTIMIZERS}
_FOLDER = Path(engine.nn.__path__[0])
_FOLDS_AT = 3  # the round of a loop from which the shorter words are said


def own_words(snapshot: Snapshot, operation: Operation) -> tuple[str, str] | None:
    """What has happened and what comes next; None if the tables do not say."""
    if not is_own(snapshot, operation):
        return None
    for key in keys_at(snapshot, operation):
        words = WORDS.get(key)
        said = None if words is None else _fill(words, snapshot, operation)
        if said is not None:
            return said
    return None


def is_own(snapshot: Snapshot, operation: Operation) -> bool:
    """Whether the code is that of `engine.nn`, on images in rows."""
    return is_ours(snapshot) and _rows_are_images(snapshot, operation.layer)


def is_ours(snapshot: Snapshot) -> bool:
    """Whether the code at the cursor is that of `engine.nn`."""
    return Path(snapshot.event.file).parent == _FOLDER


def _rows_are_images(snapshot: Snapshot, layer: str) -> bool:
    """Whether a layer's input has a row for each image: another's network may feed it otherwise."""
    for state in snapshot.layers:
        if state.name == layer and state.in_shape:
            return len(state.in_shape) == 2 and state.in_shape[0] == len(snapshot.minibatch.labels)
    return True


def _fill(words: Words, snapshot: Snapshot, operation: Operation) -> tuple[str, str] | None:
    """The words with their fields; None where the snapshot lacks one of these."""
    fields = Fields(snapshot, operation)
    turn = snapshot.turn
    folded = words.again and turn is not None and turn.number >= _FOLDS_AT
    try:
        happened = filled(words.again if folded else words.happened, fields)
        return happened, filled(words.next, fields)
    except (Unknown, IndexError, TypeError, ValueError):
        return None  # such as arrays that were not kept, or of other shapes than the words expect


def keys_at(snapshot: Snapshot, operation: Operation) -> Iterator[Key]:
    """The places that the event may stand for, the most exact first."""
    event = snapshot.event
    function, source = event.frame.function, " ".join(operation.source.split())
    line = " ".join(event.source.split())
    stored = operation.form in (Form.IN_PLACE, Form.ASSIGNMENT)
    if event.kind is Kind.EXPRESSION:
        yield Key(function, When.COMPUTED, source)
    elif event.kind is Kind.CALL:
        yield Key(function, When.CALLED)
    elif event.kind is Kind.RETURN:
        if stored:
            yield Key(function, When.RAN, source)
        yield Key(function, When.RETURNED, line)
    elif event.kind is Kind.LINE:
        ran = snapshot.ran
        if stored and ran is not None and " ".join(ran.source.split()) == source:
            yield Key(function, When.RAN, source)
        yield Key(function, When.BEFORE, line)
        if ran is None and operation.form is Form.ARGUMENTS:
            yield Key(function, When.CALLED)
