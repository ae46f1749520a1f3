"""What the code of layers, losses and networks raises, as an error that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from engine.errors import CodeRaised, RetrogradError
from engine.own_code import noted_ctrl_c, of_the_code

P = ParamSpec("P")
R = TypeVar("R")


class Callers:
    """The errors of those who asked for the work: they come back to them as they are."""

    def __init__(self) -> None:
        self._raised: list[BaseException] = []

    def noting(self, function: Callable[P, R]) -> Callable[P, R]:
        """What they have given to be told, or to be asked, such that its errors are noted."""

        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except BaseException as error:
                self._raised.append(error)
                raise

        return call

    def have_raised(self, error: BaseException) -> bool:
        """Whether it is one of theirs."""
        return any(error is one for one in self._raised)


@contextmanager
def as_typed() -> Iterator[Callers]:
    """While it lasts any exception of a layer's, be it SystemExit, is a `CodeRaised`.

    Ctrl+C stays what it is, as does what the callers themselves raise.
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
