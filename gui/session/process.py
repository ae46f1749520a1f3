"""Runs work in another process: its messages become signals; it can be paused and cancelled.

A thread would keep the window just as responsive. But the times of the work are compared, and in a
thread they would include waiting for the interpreter lock while the window is drawn. Work that
cannot be sent to another process, such as on a layer defined in a notebook, runs in a thread.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.errors import CodeRaised
from engine.numeric.serve import Failed, Finished, Task, Word, serve
from gui.relay import in_window


class _Link:
    """The messages that the listening thread shares with the window's thread, and their signal."""

    def __init__(self, announce: Callable[[], None]) -> None:
        self.announce = announce
        self.lock = Lock()
        self.news: list[Any] = []
        self.process: Any = None
        self.connection: Connection | None = None
        self.called_off = False

    def tell(self, message: Any) -> None:
        with self.lock:
            if self.called_off:
                return
            self.news.append(message)
            first = len(self.news) == 1
        if first:
            self.announce()

    def take(self) -> list[Any]:
        with self.lock:
            news, self.news = self.news, []
        return news

    def say(self, word: Word) -> None:
        with self.lock:
            if self.connection is not None:
                with suppress(OSError):  # the process has ended by itself
                    self.connection.send(word)

    def call_off(self) -> None:
        """End the work at once, and ignore its messages from now on."""
        with self.lock:
            self.called_off = True
            self.news = []
            process = self.process
        if process is not None:
            process.kill()  # the process has nothing to save
        else:
            self.say(Word.CANCEL)

    def listen(self, task: Task) -> None:
        """Start the work, and pass on its messages until it ends (on a thread of its own)."""
        for start in (self._process, self._thread):
            ours, theirs = Pipe()
            with self.lock:
                if self.called_off:
                    return
                self.connection = ours
            if start(theirs, task) and self._hear(ours):
                return
        self.tell(_ended())  # the process could not start

    def _process(self, theirs: Connection, task: Task) -> bool:
        process = get_context("spawn").Process(target=serve, args=(theirs, task), daemon=True)
        try:
            with _deaf_to_ctrl_c():
                process.start()
        except Exception:  # pickling may raise anything
            return False
        theirs.close()
        with self.lock:
            self.process = process
            called_off = self.called_off
        if called_off:
            process.kill()
        return True

    def _thread(self, theirs: Connection, task: Task) -> bool:
        Thread(target=serve, args=(theirs, task), name="aside", daemon=True).start()
        return True

    def _hear(self, ours: Connection) -> bool:
        """Pass on messages. False: the process ended without any message, so it could not start."""
        message = None
        try:
            while not isinstance(message, (Failed, Finished)):
                message = ours.recv()
                self.tell(message)
        except (EOFError, OSError):
            if message is not None:
                self.tell(_ended())
        except Exception as error:  # unpickling may raise anything
            message = Failed(CodeRaised.of(error))
            self.tell(message)
        with self.lock:
            process, self.process = self.process, None
        if process is not None:
            process.join()
        return message is not None or self.called_off


def _ended() -> Failed:
    return Failed(RuntimeError("the process that differentiates was ended"))


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Block Ctrl+C for processes started meanwhile: the terminal sends it to every process.

    They would print a traceback; this process ends them instead.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Aside(QObject):
    """Runs one task at a time.

    Signals:
        heard: the list of messages since the last time.
        ended: None when the task is done, or the error when it failed; not after `cancel`.
    """

    heard = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link: _Link | None = None
        self._thread: Thread | None = None
        self._paused = False

    @property
    def busy(self) -> bool:
        """Whether a task is running or paused."""
        return self._link is not None

    @property
    def paused(self) -> bool:
        """Whether the task is paused."""
        return self._paused

    def start(self, task: Callable[[], Iterator[Any]]) -> None:
        """Run this task in place of the previous one."""
        self.cancel()
        self._paused = False
        link = self._link = _Link(in_window(self._on_announced))
        self._thread = Thread(target=link.listen, args=(task,), name="listening", daemon=True)
        self._thread.start()

    def pause(self, paused: bool) -> None:
        """Pause the task after its current piece of work, or resume it."""
        if self._link is not None:
            self._paused = paused
            self._link.say(Word.PAUSE if paused else Word.RESUME)

    def cancel(self) -> None:
        """End the task now."""
        if self._link is not None:
            self._link.call_off()
            self._link = None

    def close(self) -> None:
        """End the task, and wait until its thread has ended."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None

    def _on_announced(self) -> None:
        link = self._link
        if link is None:
            return
        messages = link.take()
        last = messages[-1] if messages else None
        if isinstance(last, (Failed, Finished)):
            messages.pop()
            self._link = None
        if messages:
            self.heard.emit(messages)
        if isinstance(last, Failed):
            self.ended.emit(last.error)
        elif isinstance(last, Finished):
            self.ended.emit(None)
