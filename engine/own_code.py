"""The user's own code: tell its exceptions from interruptions, and read its objects safely.

Anything that the user's code raises, even SystemExit or KeyboardInterrupt, is an exception of that
code. Interruptions from outside are not: Ctrl+C, which ends the program, and another thread's
request to stop. They have exception classes of their own. Reading an object's attributes runs none
of its code, since a `__getattr__` or a property may do or raise anything.
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

# Paths as in code objects. The recorder must not record itself, or it would never end.
ENGINE = os.path.dirname(__file__)
DEBUGGER = os.path.join(ENGINE, "debug") + os.sep


class StopInIt(BaseException):
    """Raised in running code at the request of another thread.

    It is no Exception, so that `except Exception` in a layer does not catch it.

    Attributes:
        between: True if the recorder raised it itself between two records; else it may have arrived
            in the middle of a record.
    """

    between = False

    def __str__(self) -> str:
        return "it was stopped"


class TooLong(StopInIt):
    """Raised in a recording that has reached its largest number of events."""

    between = True

    def __str__(self) -> str:
        return "there is more than is recorded"


class CtrlC(KeyboardInterrupt):
    """Ctrl+C was pressed; a KeyboardInterrupt that code itself raises is no CtrlC."""


def of_the_code(error: BaseException) -> bool:
    """Whether the code itself raised an exception, and no interruption from outside."""
    return not isinstance(error, (StopInIt, CtrlC))


def raise_ctrl_c(number: int, frame: FrameType | None) -> None:
    """Handle the signal of Ctrl+C."""
    raise CtrlC


@contextmanager
def noted_ctrl_c() -> Iterator[None]:
    """A context in which Ctrl+C raises `CtrlC` in place of KeyboardInterrupt.

    Only the main thread handles signals. A handler that is not Python's default stays.
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


def dictionary_of(value: Any) -> Any:
    """The live `__dict__` of an object; None if it has none."""
    found = _dictionary_slot(cast(Hashable, type(value)))
    return None if found is None else found.__get__(value)


def has_dictionary(value: Any) -> bool:
    """Whether an object has a `__dict__`."""
    return _dictionary_slot(cast(Hashable, type(value))) is not None


@lru_cache(maxsize=4096)
def _dictionary_slot(kind: Any) -> Any:
    """The descriptor of `__dict__` for objects of a class, ignoring properties of that name."""
    for cls in kind.__mro__:
        found = vars(cls).get("__dict__")
        if isinstance(found, (GetSetDescriptorType, MemberDescriptorType)):
            return found
    return None
