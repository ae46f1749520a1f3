"""A worker process at the end of a pipe: a task that can be paused and cancelled between pieces.

Numerical differentiation runs in its own process, so that the window stays responsive, and drawing
does not disturb the timings. The process ends when the task is finished or cancelled, and when the
other end of the pipe is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Any

from engine.errors import CodeRaised, RetrogradError

Task = Callable[[], Iterator[Any]]


class Word(StrEnum):
    """A command to the worker process."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Failed:
    """The last message: the task ended with this error."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Finished:
    """The last message: the task is finished."""


def serve(connection: Connection, task: Task) -> None:
    """Send the messages that a task yields, and obey commands in between."""
    try:
        try:
            for message in task():
                connection.send(message)
                if not may_go_on(connection):
                    return
            connection.send(Finished())
        except (BrokenPipeError, EOFError, ConnectionResetError):
            raise
        except BaseException as error:  # a layer may even call sys.exit()
            _send_failure(connection, error)
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return  # the other end is closed
    finally:
        connection.close()


def _send_failure(connection: Connection, error: BaseException) -> None:
    """Send a `RetrogradError` itself, any other as words: its class may not be picklable."""
    if not isinstance(error, RetrogradError):
        error = CodeRaised.of(error)
    try:
        connection.send(Failed(error))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception:  # pickling the fields of the error may raise anything
        connection.send(Failed(CodeRaised.of(error)))


def may_go_on(connection: Connection) -> bool:
    """Obey the commands received so far; wait while paused. False: cancelled."""
    paused = False
    while paused or connection.poll():
        word = connection.recv()
        if word is Word.CANCEL:
            return False
        paused = word is Word.PAUSE
    return True
