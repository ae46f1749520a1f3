"""The user's code (layers, losses, steps): its files, its exceptions, and what its objects hold.

An exception that the user's code raises is its own, even SystemExit or KeyboardInterrupt. Ctrl+C
and another thread's request to stop come from outside; each has an exception class of its own here.
Reading an object's attributes must run none of its code, since a `__getattr__` or a property may do
or raise anything.
"""

from __future__ import annotations

import linecache
import os
import signal
import sysconfig
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, cast

# As code objects have them: a recorder that records itself would never end.
ENGINE = os.path.dirname(__file__)
_MADE_BY_LIBRARIES = ("<frozen ", "<attrs generated ")
DEBUGGER = os.path.join(ENGINE, "debug") + os.sep


@lru_cache(maxsize=1)
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({str(Path(paths[name]).resolve()) for name in names})


def is_library(file: str) -> bool:
    """Whether a file belongs to Python or to an installed package.

    Code without a file, such as a notebook's cell, is somebody's own if its lines are remembered.
    """
    if file.startswith("<"):
        return file.startswith(_MADE_BY_LIBRARIES) or file not in linecache.cache
    return _is_in_library(file)


@lru_cache(maxsize=4096)
def _is_in_library(file: str) -> bool:
    try:
        return str(Path(file).resolve()).startswith(_library_folders())
    except OSError:
        return True


class StopInIt(BaseException):
    """Raised in the code that runs, at the request of another thread.

    It is no Exception, so that `except Exception` in a layer does not catch it.

    Attributes:
        between: the recording raised it, between two records; else it may have arrived while
            one was being written.
    """

    between = False

    def __str__(self) -> str:
        return "it was stopped"


class TooLong(StopInIt):
    """Raised in a recording that has reached the number of events that are kept."""

    between = True

    def __str__(self) -> str:
        return "there is more than is recorded"


class CtrlC(KeyboardInterrupt):
    """Ctrl+C was pressed; a KeyboardInterrupt that code raises is of the class above."""


def of_the_code(error: BaseException) -> bool:
    """Whether the user's code raised it; false for Ctrl+C and a request to stop."""
    return not isinstance(error, (StopInIt, CtrlC))


def raise_ctrl_c(number: int, frame: FrameType | None) -> None:
    """Handle the signal of Ctrl+C."""
    raise CtrlC


@contextmanager
def noted_ctrl_c() -> Iterator[None]:
    """Within this context Ctrl+C raises `CtrlC` and not KeyboardInterrupt.

    Only the main thread can handle signals; a handler that another program has set stays.
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
