"""The engine's sentences in the window's terms: an event is a *stop*.

A script counts the events of a batch's trace. The window calls each event a *stop*, since the
cursor can stop at it. Scripts and logs keep the engine's sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import QT_TRANSLATE_NOOP

# Marks a text for translators and returns it as it is (context, text); Qt's stub says `object`.
to_translate = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)
_N = to_translate
IN_THE_WINDOW: Mapping[str, str] = {
    "At event {event} of batch {batch} the backward pass has not ended.": _N(
        "GradientsNotReady", "At batch {batch}, stop {event} the backward pass has not ended."
    ),
    "Step on to event {ready}, where it has.": _N(
        "GradientsNotReady", "Step on to stop {ready}, where it has."
    ),
    "Batch {batch} has no event {event}: it has {events}, counted from 0.": _N(
        "NotReached", "Batch {batch} has no stop {event}: it has {events}, counted from 0."
    ),
    "Batch {batch}, event {event} cannot be reached: {reach} batches have run.": _N(
        "NotReached", "Batch {batch}, stop {event} cannot be reached: {reach} batches have run."
    ),
    "The run reaches to event 0 of batch {reach}; train on to go further.": _N(
        "NotReached", "The run reaches to batch {reach}, stop 0; train on to go further."
    ),
    "Batch {batch} has more than {events:,} events; the recording ends in {place}.": _N(
        "BatchTooLong",
        "Batch {batch} has more than {events:,} stops; its recording ends in {place}.",
    ),
    "The recording of this batch ends here: it has more events than are kept.": _N(
        "actions", "The recording of this batch ends here: it has more stops than are kept."
    ),
    "This is the first event of the run.": _N(
        "actions", "This is the beginning of the run: batch 0, stop 0."
    ),
}


def in_the_window(text: str) -> str:
    """An engine's sentence in the window's terms, not translated yet."""
    return IN_THE_WINDOW.get(text, text)
