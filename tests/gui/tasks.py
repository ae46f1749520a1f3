"""Work for a process of its own: what can be sent there has to be found in a module."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event


@dataclass(frozen=True)
class Count:
    """Says who works, then counts."""

    to: int

    def __call__(self) -> Iterator[int]:
        yield os.getpid()
        yield from range(self.to)


@dataclass(frozen=True)
class Endless:
    """Says who works, and goes on for good, however quickly or slowly it is heard."""

    def __call__(self) -> Iterator[int]:
        number = os.getpid()
        waiting = Event()
        while True:
            yield number
            waiting.wait(0.001)
            number = 0


@dataclass(frozen=True)
class Stuck:
    """Says who works, and then never anything again."""

    def __call__(self) -> Iterator[int]:
        yield os.getpid()
        Event().wait()


@dataclass(frozen=True)
class Failing:
    """Fails after its first word, or before it."""

    error: BaseException
    first: bool = True

    def __call__(self) -> Iterator[int]:
        if self.first:
            yield 1
        raise self.error


class Unreadable(Exception):
    """An error that is sent, and then cannot be read."""

    def __init__(self, one, other):
        super().__init__(f"{one} and {other}")


@dataclass(frozen=True)
class Saying:
    """Says something that cannot be read."""

    def __call__(self) -> Iterator[Unreadable]:
        yield Unreadable(1, 2)


def gone(connection, task) -> None:
    """The other end of the pipe, which goes away without a word."""
    connection.close()
