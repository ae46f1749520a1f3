"""The other end of a pipe: work that is done piece by piece, and can be paused and called off.

A window that numerically differentiates in a process of its own goes on being drawn, and what is
timed there is not held up by the drawing. The process ends with the work, when it is called off,
and when the other end of the pipe is gone.
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
    """What the working end is told."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Failed:
    """The work ended with this error, the last of the messages."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Finished:
    """The work is done: the last of the messages."""


def serve(connection: Connection, task: Task) -> None:
    """Send what the task yields, and do as one is told in between."""
    try:
        try:
            for message in task():
                connection.send(message)
                if not may_go_on(connection):
                    return
            connection.send(Finished())
        except (BrokenPipeError, EOFError, ConnectionResetError):
            raise
        except BaseException as error:  # sys.exit() in a layer, say, is an error of that layer
            _send_failure(connection, error)
    except (BrokenPipeError, EOFError, ConnectionResetError):
        return  # nobody listens any more
    finally:
        connection.close()


def _send_failure(connection: Connection, error: BaseException) -> None:
    """Send an error of ours as it is, any other in words: its class may not be sent or read."""
    if not isinstance(error, RetrogradError):
        error = CodeRaised.of(error)
    try:
        connection.send(Failed(error))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception:  # what one of ours keeps may refuse to be sent, in any way
        connection.send(Failed(CodeRaised.of(error)))


def may_go_on(connection: Connection) -> bool:
    """Take what was said since the last look; wait while paused. False: called off."""
    paused = False
    while paused or connection.poll():
        word = connection.recv()
        if word is Word.CANCEL:
            return False
        paused = word is Word.PAUSE
    return True
