"""Stops user code that does not return, and tells such a stop from the code's own exceptions.

Any exception that user code raises, even SystemExit or KeyboardInterrupt, belongs to its batch. Two
exceptions come from outside and have classes of their own: Ctrl+C, which ends the program, and the
request of another thread to stop a batch.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, sleep
from types import TracebackType
from typing import Any

from engine.own_code import DEBUGGER
from engine.own_code import CtrlC as CtrlC
from engine.own_code import StopInIt as StopInIt
from engine.own_code import TooLong as TooLong
from engine.own_code import noted_ctrl_c as noted_ctrl_c
from engine.own_code import of_the_code as of_the_code

# Seconds within which a recording reaches a hook, unless it runs code without hooks.
_ESCALATION = 0.25
_BETWEEN = 0.5  # seconds between two requests; by then the first has worked or failed
_LOOK = 0.0001  # seconds between two looks at a lock of another thread
_TURNS = 100  # of a loop; after each turn Python checks for an exception from another thread


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A place in running code."""

    file: str
    line: int
    function: str


class Interruption:
    """Runs user code for a session and stops it from another thread.

    One call runs at a time. `StopInIt` is raised within the call or not at all: a late one is
    caught before the call ends, so it never reaches the code that follows.

    Attributes:
        since: when the latest call began, by `perf_counter`.
    """

    def __init__(self) -> None:
        self._inside = False
        self._number = 0  # of the call
        self._thread = 0
        self.since = 0.0
        self._function: Callable[..., Any] | None = None
        self._halt: Callable[[], None] | None = None
        self._sent_at: float | None = None
        self._asking = False  # another thread is about to raise it
        self._askers = threading.Lock()

    # On the thread of the code -------------------------------------------------------------------

    def call(
        self, function: Callable[..., Any], *args: Any, halt: Callable[[], None] | None = None
    ) -> Any:
        """Call user code that other threads can stop.

        `halt` makes the code itself raise `StopInIt` at its next hook. It is tried first.

        Raises:
            StopInIt: the code was stopped.
        """
        if self._inside:
            return function(*args)
        try:
            try:
                self._enter(function, halt)
                return function(*args)
            finally:
                self._leave()
        except StopInIt:
            self._leave()  # it may have interrupted the first attempt
            raise

    def _enter(self, function: Callable[..., Any], halt: Callable[[], None] | None) -> None:
        self._number += 1
        self._thread = threading.get_ident()
        self.since = perf_counter()
        self._function = function
        self._halt = halt
        self._inside = True

    def _leave(self) -> None:
        # No lock: an exception that arrives between two lines could leave it locked forever.
        self._inside = False
        while self._asking:
            sleep(_LOOK)
        if self._sent_at is not None:
            self._sent_at = None
            # A pending exception arrives here. If it were withdrawn instead, Python 3.11 would
            # keep looking for it, and a call traced by a debugger would never return.
            try:
                for _ in range(_TURNS):
                    pass
            except StopInIt:
                pass

    # On any other thread -------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """How long the current call has been running; 0 if no call is running."""
        since = self.since
        return perf_counter() - since if self._inside else 0.0

    @property
    def running(self) -> Callable[..., Any] | None:
        """The function of the current call: a step, or an `Evaluation`."""
        return self._function if self._inside else None

    def stop(self) -> bool:
        """Raise `StopInIt` at the running line. False: no code is running.

        A call inside C returns first. `seconds` tells whether the code has stopped.
        """
        return self._stop(None)

    def stop_aside(self) -> bool:
        """Do as `stop` on another thread, without waiting for a thread that holds the call.

        Only the call that is running now is stopped.
        """
        number, inside = self._number, self._inside
        if inside:
            _later(0, self._stop, number)
        return inside

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Stop the next call when it has run for so many seconds."""
        timer = _later(seconds, self._stop, self._number + 1)
        try:
            yield
        finally:
            timer.cancel()

    def _stop(self, number: int | None) -> bool:
        """Stop the current call if it has this number."""
        with self.held() as inside:
            wanted = inside and number in (None, self._number)
            if wanted and self._halt is not None:
                self._halt()
                _later(_ESCALATION, self._send_to, self._number)
            elif wanted:
                self._send()
        return wanted

    def place(self) -> CodePlace | None:
        """The innermost running place outside the debugger; None if no code is running."""
        if not self._inside:
            return None
        frame = sys._current_frames().get(self._thread)
        while frame is not None and frame.f_code.co_filename.startswith(DEBUGGER):
            frame = frame.f_back
        if frame is None:
            return None
        code = frame.f_code
        return CodePlace(code.co_filename, frame.f_lineno, code.co_qualname)

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Keep the current call from returning. Yields whether a call is running."""
        with self._askers:
            self._asking = True
            try:
                yield self._inside
            finally:
                self._asking = False

    def _send_to(self, number: int) -> None:
        """Raise `StopInIt` in the call of this number if it still runs after a halt."""
        with self.held() as inside:
            if inside and number == self._number:
                self._send()

    def _send(self) -> None:
        now = perf_counter()
        if self._sent_at is None or now - self._sent_at > _BETWEEN:
            self._sent_at = now
            _raise_in(self._thread, StopInIt)


def _later(seconds: float, function: Callable[..., object], *args: object) -> threading.Timer:
    timer = threading.Timer(seconds, function, args)
    timer.daemon = True
    timer.start()
    return timer


def arrived_in_hook(error: BaseException) -> bool:
    """Whether an exception was raised inside the debugger, halfway through a record."""
    place: TracebackType | None = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_code.co_filename.startswith(DEBUGGER)


def place_of(error: BaseException) -> CodePlace | None:
    """The innermost place in user code that an exception has passed."""
    found, place = None, error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        if not code.co_filename.startswith(DEBUGGER):
            found = CodePlace(code.co_filename, place.tb_lineno, code.co_qualname)
        place = place.tb_next
    return found


def _raise_in(thread: int, error: type[BaseException]) -> None:
    # Python's API has no other way to raise in another thread. The call holds the interpreter lock.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
