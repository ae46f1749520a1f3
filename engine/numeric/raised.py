"""Turn exceptions of layers, losses and networks into `CodeRaised` errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from engine.errors import CodeRaised, RetrogradError
from engine.own_code import noted_ctrl_c, of_the_code

P = ParamSpec("P")
R = TypeVar("R")


class Callers:
    """The exceptions of the caller's own callbacks, which pass through unchanged."""

    def __init__(self) -> None:
        self._raised: list[BaseException] = []

    def noting(self, function: Callable[P, R]) -> Callable[P, R]:
        """A callback whose exceptions are noted."""

        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except BaseException as error:
                self._raised.append(error)
                raise

        return call

    def have_raised(self, error: BaseException) -> bool:
        """Whether a callback raised this exception."""
        return any(error is raised for raised in self._raised)


@contextmanager
def as_typed() -> Iterator[Callers]:
    """A context that turns any exception of a layer, even SystemExit, into `CodeRaised`.

    Ctrl+C and exceptions of the caller's callbacks pass through unchanged.
    """
    callers = Callers()
    with noted_ctrl_c():
        try:
            yield callers
        except RetrogradError:
            raise
        except BaseException as error:
            if callers.have_raised(error) or not of_the_code(error):
                raise
            raise CodeRaised.of(error) from error
