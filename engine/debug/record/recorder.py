"""Record one call: swap the instrumented code in, run the call, swap the plain code back."""

from __future__ import annotations

import ast
import gc
import linecache
import threading
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from types import FunctionType, TracebackType
from typing import Any

import numpy as np

from engine.debug.events import Kind, Phase, Span
from engine.debug.instrument.sites import SITES, TOKEN, Site
from engine.debug.instrument.swaps import files_of, swaps
from engine.debug.memory.retention import Retention
from engine.debug.record.hooks import install
from engine.debug.record.interruption import Interruption, StopInIt, of_the_code
from engine.debug.record.notices import function_of
from engine.debug.record.recording import Recording, Token, activate
from engine.debug.record.step_end import raised_in_step
from engine.debug.record.trace import Trace

TRACE_BUDGET = 24 * 2**20
MOST_EVENTS = 1_000_000  # an endless loop makes as many in a second or two; they take 200 MB
_lock = threading.RLock()
install()
# The next trace needs the memory of the last one, but glibc returns free memory at the top of the
# heap to the system, and each page then costs a page fault. Once a block of this size was freed,
# glibc keeps twice as much. The block itself is never touched, so it costs no memory.
np.empty(TRACE_BUDGET, np.uint8)


class Recorder:
    """Records calls of one function with the objects that take part in it.

    Args:
        function: the outermost function, usually `train_step`. It needs Python source.
        parts: the objects whose methods it calls: network, layers, loss, optimizer.
        layer_names: the layers by name.

    The recorder covers these functions, the functions of their modules, and every Python function
    they call that belongs neither to Python itself nor to an installed package.
    """

    def __init__(
        self, function: FunctionType, parts: Iterable[Any], layer_names: Mapping[str, Any]
    ) -> None:
        self.function = function
        self.parts = list(parts)
        self.layers = dict(layer_names)
        with _lock:
            swaps.refresh()
            for thing in (function, *self.parts):
                swaps.roots.update(files_of(thing))
            swaps.add_everything(function)
            for part in self.parts:
                swaps.add_everything(part)

    def record(
        self,
        *args: Any,
        budget: int = TRACE_BUDGET,
        window: range = range(0),
        apart: Set[int] = frozenset(),
        most: int = MOST_EVENTS,
        interruption: Interruption | None = None,
    ) -> Trace:
        """Call the function with `args` and return the trace. An exception is its last event.

        Args:
            *args: the arguments of the function.
            budget: bytes of arrays that the trace keeps. Over budget it keeps outlines only.
            window: events whose arrays are kept regardless of the budget.
            apart: single events whose values are kept, too.
            most: the largest number of events. The recording stops there with `TooLong` as error.
            interruption: through which the call can be stopped, which also ends the trace.

        Raises:
            RuntimeError: the code being recorded tries to record.
        """
        names = {id(layer): name for name, layer in self.layers.items()}
        with _lock:
            if swaps.on:
                raise RuntimeError(
                    "a recording is under way, and there is no recording of a recording"
                )
            recording = Recording(
                names, [self.function, *self.parts], Retention(budget, window, apart), most
            )
            interruption = interruption or Interruption()
            for part in self.parts:
                recording.history.track(part)
            result = None
            error: BaseException | None = None
            with no_collections(), swaps.swapped_in():
                activate(recording)
                try:
                    result = interruption.call(self.function, *args, halt=recording.halt)
                except BaseException as raised:
                    if not (of_the_code(raised) or isinstance(raised, StopInIt)):
                        raise
                    error = raised
                finally:
                    activate(None)
        if error is not None and of_the_code(error):
            _note_exception(recording, error)
            if not recording.events:
                _note_not_begun(recording, self.function, error)
        recording.let_go()
        return Trace(
            recording.events, recording.history, recording.reads, self.layers, result, error,
            recording.frames, error is not None and raised_in_step(self.function, error),
        )  # fmt: skip


def _note_not_begun(recording: Recording, function: Any, error: BaseException) -> None:
    """Append an exception raised before any recorded code ran, at the function's `def`."""
    code = function_of(function).__code__
    file, line = code.co_filename, code.co_firstlineno
    source = linecache.getline(file, line).strip()
    span = Span(line, 0, line, len(source))
    SITES.append(Site(Kind.EXCEPTION, file, code.co_qualname, span, source, Phase.FORWARD,
                      ast.Pass()))  # fmt: skip
    token = recording.enter(len(SITES) - 1, None, (), ())
    recording.events.append((len(SITES) - 1, token, error))


@contextmanager
def no_collections() -> Iterator[None]:
    """Switch garbage collection off: a trace is many objects, and none of them is garbage."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _note_exception(recording: Recording, error: BaseException) -> None:
    """Append an exception at the innermost recorded expression that raised it."""
    found: tuple[TracebackType, Token] | None = None
    place: TracebackType | None = error.__traceback__
    token: Token | None = None
    while place is not None:
        frame = place.tb_frame
        own = frame.f_locals.get(TOKEN)
        if isinstance(own, Token) and own.recording is recording:
            token = own
        if id(frame.f_code) in swaps.reporting and token is not None:
            found = place, token
        place = place.tb_next
    if found is None:
        if not recording.frames:
            return
        outermost = recording.frames[0]
        site = SITES[outermost.line]
        SITES.append(Site(Kind.EXCEPTION, site.file, site.function, site.span, site.source,
                          site.phase, site.node))  # fmt: skip
        recording.events.append((len(SITES) - 1, outermost, error))
        return
    place, token = found
    code = place.tb_frame.f_code
    _, twin = swaps.reporting[id(code)]
    positions = list(code.co_positions())[place.tb_lasti // 2]
    span = twin.span_of(positions)
    SITES.append(
        Site(Kind.EXCEPTION, code.co_filename, token.function, span, twin.text_of(span),
             SITES[token.line].phase, SITES[token.line].node)
    )  # fmt: skip
    recording.events.append((len(SITES) - 1, token, error))
