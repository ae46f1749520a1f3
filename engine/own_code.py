"""Code of a person's own: what it raises, told from what comes from outside, and what it holds.

Whatever code of a person's raises, be it SystemExit or KeyboardInterrupt, is an exception of that
code. What comes from outside is not: Ctrl+C, which ends the program, and the request of another
thread to stop. Both are exceptions of a kind of their own. A look at what an object holds runs none
of its code: a `__getattr__` or a property may do or raise anything.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import FrameType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, cast

# As code objects have them: a recorder that records itself would never end.
ENGINE = os.path.dirname(__file__)
DEBUGGER = os.path.join(ENGINE, "debug") + os.sep


class StopInIt(BaseException):
    """Raised in the code that runs, at the request of another thread.

    It is no Exception, so that `except Exception` in a layer does not catch it.

    Attributes:
        between: a recording has raised it itself, between two of its records; else it may have
            arrived in the midst of one.
    """

    between = False

    def __str__(self) -> str:
        return "it was stopped"


class TooLong(StopInIt):
    """Raised in a recording that has as many events as are kept."""

    between = True

    def __str__(self) -> str:
        return "there is more than is recorded"


class CtrlC(KeyboardInterrupt):
    """Ctrl+C was pressed; a KeyboardInterrupt that code raises is of the class above."""


def of_the_code(error: BaseException) -> bool:
    """Whether code has raised it by itself, and nobody from outside."""
    return not isinstance(error, (StopInIt, CtrlC))


def raise_ctrl_c(number: int, frame: FrameType | None) -> None:
    """Handle the signal of Ctrl+C."""
    raise CtrlC


@contextmanager
def noted_ctrl_c() -> Iterator[None]:
    """While it lasts Ctrl+C raises `CtrlC` where it would raise a KeyboardInterrupt.

    Signals are the main thread's affair; a handler of somebody else's stays.
    """
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not ours:
        yield
        return
    signal.signal(signal.SIGINT, raise_ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def dictionary_of(thing: Any) -> Any:
    """The `__dict__` of an object, which is the live one; None where it has none."""
    found = _dictionary_slot(cast(Hashable, type(thing)))
    return None if found is None else found.__get__(thing)


def has_dictionary(thing: Any) -> bool:
    """Whether an object has a `__dict__`."""
    return _dictionary_slot(cast(Hashable, type(thing))) is not None


@lru_cache(maxsize=4096)
def _dictionary_slot(kind: Any) -> Any:
    """What gives the `__dict__` of the objects of a class, past a property of that name."""
    for cls in kind.__mro__:
        found = vars(cls).get("__dict__")
        if isinstance(found, (GetSetDescriptorType, MemberDescriptorType)):
            return found
    return None
