"""Brings calls from other threads to the window's thread.

A signal of an object that the window owns must not be emitted on another thread: if the window is
destroyed at that moment, the process crashes. The signal used here is as old as the process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid


class _Relay(QObject):
    """Makes the calls that other threads ask for, on the thread that imported this module."""

    asked = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)

    def _on_asked(self, receiver: WeakMethod[Callable[..., None]], arguments: Any) -> None:
        method = receiver()
        if method is not None and isValid(method.__self__):  # type: ignore[attr-defined]
            method(*arguments)


_RELAY = _Relay()


def in_window(method: Callable[..., None]) -> Callable[..., None]:
    """A function that any thread may call: `method` is then called on the window's thread, later.

    Nothing happens if the object of the method has been destroyed by then. The function does not
    keep it alive.

    Args:
        method: of a QObject; what it returns is dropped.
    """
    receiver = WeakMethod(method)
    return lambda *arguments: _RELAY.asked.emit(receiver, arguments)
