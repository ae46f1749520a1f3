"""Calls from other threads arrive on the window's thread, and never at what was destroyed."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from gui.relay import in_window


class Receiver(QObject):
    """Notes what it is told, and on which thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.heard: list[tuple[object, ...]] = []
        self.threads: list[threading.Thread] = []

    def hear(self, *values: object) -> None:
        self.heard.append(values)
        self.threads.append(threading.current_thread())


def aside(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()


def test_calls_arrive_in_order_on_the_windows_thread(qtbot):
    receiver = Receiver()
    tell = in_window(receiver.hear)
    aside(lambda: [tell(n, "told") for n in range(3)])
    assert receiver.heard == []
    qtbot.waitUntil(lambda: receiver.heard == [(0, "told"), (1, "told"), (2, "told")])
    assert set(receiver.threads) == {threading.main_thread()}


def test_a_call_from_the_windows_thread_comes_later_too(qtbot):
    receiver = Receiver()
    in_window(receiver.hear)()
    assert receiver.heard == []
    qtbot.waitUntil(lambda: receiver.heard == [()])


def test_what_was_destroyed_hears_nothing(qtbot):
    owner = QObject()
    receiver, witness = Receiver(owner), Receiver()
    tell, other = in_window(receiver.hear), in_window(witness.hear)
    aside(tell)
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete.value)
    aside(tell)
    aside(other)
    qtbot.waitUntil(lambda: witness.heard == [()])
    assert receiver.heard == []


def test_the_function_does_not_keep_the_receiver_alive(qtbot):
    receiver, witness = Receiver(), Receiver()
    gone = weakref.ref(receiver)
    tell = in_window(receiver.hear)
    aside(tell)
    del receiver
    gc.collect()
    assert gone() is None
    aside(tell)
    aside(in_window(witness.hear))
    qtbot.waitUntil(lambda: witness.heard == [()])


@pytest.fixture
def many_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_receivers_may_be_destroyed_while_another_thread_tells_them(qtbot, many_switches):
    """A signal of the receiver itself, emitted on the thread, ends the process here."""
    rounds, turn, told = 10_000, threading.Semaphore(0), threading.Semaphore(0)
    tells: list[Callable[..., None]] = []

    def tell_each() -> None:
        for _ in range(rounds):
            turn.acquire()
            tells.pop()()
            told.release()

    thread = threading.Thread(target=tell_each, daemon=True)
    thread.start()
    for _ in range(rounds):
        owner = QObject()
        tells.append(in_window(Receiver(owner).hear))
        owner.deleteLater()
        turn.release()
        QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete.value)
        assert told.acquire(timeout=5)
