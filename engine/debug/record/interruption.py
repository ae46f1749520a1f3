"""Stopping code that does not come back, and telling that and Ctrl+C from what code itself raises.

Whatever code of a person's raises, be it SystemExit or KeyboardInterrupt, is an exception of its
batch. What comes from outside is not: Ctrl+C, which ends the program, and the request of another
thread to stop a batch that runs on and on. Both are exceptions of a kind of their own.
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

_ESCALATION = 0.25  # seconds in which a recording comes by a hook, unless it is in other code
_BETWEEN = 0.5  # seconds between two requests: the first is answered, or is not going to be
_LOOK = 0.0001
_TURNS = 100  # of a loop; at the end of each Python looks for an exception from another thread


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where code runs."""

    file: str
    line: int
    function: str


class Interruption:
    """The code that runs for a session, and the way to stop it from another thread.

    One call of such code is under way at a time. `StopInIt` is raised within it or not at all: one
    that comes too late is caught before the call is left, so none ever arrives in what follows.

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
        self._asking = False  # somebody is just about to raise it
        self._askers = threading.Lock()

    # On the thread of the code -------------------------------------------------------------------

    def call(
        self, function: Callable[..., Any], *args: Any, halt: Callable[[], None] | None = None
    ) -> Any:
        """Call a person's code, which can be stopped meanwhile.

        `halt`: has the code itself raise `StopInIt` at its next hook, which is tried first.

        Raises:
            StopInIt: it was stopped.
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
            self._leave()  # it may have arrived in the midst of the first attempt
            raise

    def _enter(self, function: Callable[..., Any], halt: Callable[[], None] | None) -> None:
        self._number += 1
        self._thread = threading.get_ident()
        self.since = perf_counter()
        self._function = function
        self._halt = halt
        self._inside = True

    def _leave(self) -> None:
        # No lock: an exception that arrives between two lines could leave one locked for good.
        self._inside = False
        while self._asking:
            sleep(_LOOK)
        if self._sent_at is not None:
            self._sent_at = None
            # If it has not arrived, it does here. Were it taken back instead, Python 3.11 would
            # look for it ever after, and a traced call, as a debugger makes it, never return.
            try:
                for _ in range(_TURNS):
                    pass
            except StopInIt:
                pass

    # On any other thread -------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """For how long the code that runs has been running; 0 where none does."""
        since = self.since
        return perf_counter() - since if self._inside else 0.0

    @property
    def running(self) -> Callable[..., Any] | None:
        """What was called and has not come back yet: a step, or an `Examination`."""
        return self._function if self._inside else None

    def stop(self) -> bool:
        """Have `StopInIt` raised at the line that runs. False: no code is running.

        It is raised as soon as the line is one of Python: a call inside C comes back first. Whether
        it was is for `seconds` to tell.
        """
        return self._stop(None)

    def stop_aside(self) -> bool:
        """As `stop`, but nothing is waited for: on a thread of its own, as soon as nobody holds it.

        Another call that is under way by then is not stopped.
        """
        number, inside = self._number, self._inside
        if inside:
            _later(0, self._stop, number)
        return inside

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Stop the next call after so many seconds."""
        timer = _later(seconds, self._stop, self._number + 1)
        try:
            yield
        finally:
            timer.cancel()

    def _stop(self, number: int | None) -> bool:
        """Stop the call that is under way, if it is this one."""
        with self.held() as inside:
            wanted = inside and number in (None, self._number)
            if wanted and self._halt is not None:
                self._halt()
                _later(_ESCALATION, self._send_to, self._number)
            elif wanted:
                self._send()
        return wanted

    def place(self) -> CodePlace | None:
        """Where the code that runs is just now: the innermost place that is not the debugger's."""
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
        """While it lasts the code that runs does not come back to its caller; whether any runs."""
        with self._askers:
            self._asking = True
            try:
                yield self._inside
            finally:
                self._asking = False

    def _send_to(self, number: int) -> None:
        """Raise it in a call that has been asked before, if that goes on."""
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
    """Whether an exception was raised in the debugger's own code, half-way through its records."""
    place: TracebackType | None = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_code.co_filename.startswith(DEBUGGER)


def place_of(error: BaseException) -> CodePlace | None:
    """The innermost place in a person's code that an exception has come through."""
    found, place = None, error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        if not code.co_filename.startswith(DEBUGGER):
            found = CodePlace(code.co_filename, place.tb_lineno, code.co_qualname)
        place = place.tb_next
    return found


def _raise_in(thread: int, error: type[BaseException]) -> None:
    # Of Python's interface this is the one way to reach another thread; it holds the interpreter.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
