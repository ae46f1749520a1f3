"""The end of a run told from an exception of a batch, of recorded and of plain calls alike."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import pytest

from engine.debug.record.interruption import CtrlC, of_the_code
from engine.debug.record.recorder import Recorder
from engine.debug.record.step_end import ends_the_run, raised_in_step


class Loader:
    """Batches, given by Python code."""

    def __init__(self) -> None:
        self.rest = [1.0]

    def __iter__(self) -> Loader:
        return self

    def __next__(self) -> float:
        if not self.rest:
            self.stop()
        return self.rest.pop()

    def stop(self) -> None:
        raise StopIteration


def batches():
    yield 1.0


def drawn(iterator: Any) -> Any:
    return next(iterator)


def c_iterator():
    return next(iter(()))


def generator():
    source = batches()
    return next(source) + next(source)


def python_iterator():
    loader = Loader()
    return next(loader) + next(loader)


def explicit():
    if sys.version_info:
        raise StopIteration


def in_a_comprehension():
    source = batches()
    return [next(source) for _ in range(2)]


def asks_to_exit():
    sys.exit(3)


def asks_to_quit():
    exit()


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def around(*args: Any) -> Any:
        return function(*args)

    return around


@decorated
def behind_a_decorator():
    raise StopIteration


class Trainer:
    def __init__(self) -> None:
        self.data = batches()

    def step(self, more: int = 2) -> float:
        return sum([next(self.data) for _ in range(more)])

    def __call__(self) -> float:
        return next(iter([])) + 1


def a_helper_draws():
    return drawn(iter(()))


def a_helper_exits():
    return asks_to_exit()


def calls_itself(depth=1):
    if depth:
        return calls_itself(depth - 1)
    raise StopIteration


def a_lambda_draws():
    return (lambda: next(iter(())))()


def a_helper_draws_from_a_list():
    return drawn(Loader().rest[5:].__iter__())


OWN = [c_iterator, generator, python_iterator, explicit, in_a_comprehension, asks_to_exit,
       asks_to_quit, behind_a_decorator, Trainer().step, partial(Trainer.step, Trainer(), 3),
       Trainer()]  # fmt: skip
DEEPER = [a_helper_draws, a_helper_exits, calls_itself, a_lambda_draws, a_helper_draws_from_a_list]


def plain_error(step: Callable[..., Any]) -> BaseException:
    try:
        step()
    except BaseException as error:
        return error
    raise AssertionError("it did not raise")


def name_of(step: Any) -> str:
    return getattr(step, "__qualname__", type(step).__name__)


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "plain"])
@pytest.mark.parametrize("step", [*OWN, *DEEPER], ids=name_of)
def test_the_end_is_what_the_step_itself_raises(step, recorded):
    if isinstance(step, partial) or name_of(step) == "Trainer.step":  # with data of its own
        step = partial(Trainer.step, Trainer(), 3) if isinstance(step, partial) else Trainer().step
        own = True
    else:
        own = step in OWN
    if recorded:
        trace = Recorder(step, [], {}).record()
        assert trace.error is not None
        assert trace.raised_in_step == trace.ends_the_run == own
        error = trace.error
    else:
        error = plain_error(step)
    assert raised_in_step(step, error) == ends_the_run(step, error) == own


def divides():
    return 1 / 0


def interrupts():
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", [divides, interrupts])
def test_any_other_exception_is_one_of_the_batch(step):
    trace = Recorder(step, [], {}).record()
    assert type(trace.error) is type(plain_error(step))
    assert trace.raised_in_step and not trace.ends_the_run
    assert of_the_code(trace.error) and not of_the_code(CtrlC())


def test_a_batch_without_an_exception_ends_nothing():
    trace = Recorder(drawn, [], {}).record(iter([2.0]))
    assert trace.result == 2.0
    assert not trace.raised_in_step and not trace.ends_the_run


def returns_early(it=None):
    return sum(batches())


def test_the_exception_of_another_function_is_not_the_steps():
    assert not raised_in_step(returns_early, plain_error(explicit))
