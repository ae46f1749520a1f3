"""What a person should know of a run although it is no error, and which steps are refused."""

from __future__ import annotations

import inspect
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from engine.debug.instrument.swaps import swaps
from engine.errors import BadStep, NoParameters, StatesTooLarge, StepNotRead, Worded


def check_step(step: Any) -> None:
    """Raise BadStep for a step of which nothing could ever be recorded."""
    if not callable(step):
        raise BadStep(repr(step), "not a function")
    function = function_of(step)
    if not isinstance(function, FunctionType):
        raise BadStep(name_of(step), "not written in Python")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise BadStep(name_of(step), "a generator, which runs only as far as it is asked")
    if inspect.iscoroutinefunction(function):
        raise BadStep(name_of(step), "a coroutine, which runs only when it is awaited")


def notices_of_step(step: Any) -> tuple[Worded, ...]:
    """What there is to be said of a step that a recorder has been made for."""
    if swaps.adopt(step):
        return ()
    return (StepNotRead(name_of(step), function_of(step).__code__.co_filename),)


def notices_of_network(network: Any) -> tuple[Worded, ...]:
    """What there is to be said of a network as it is by now."""
    return () if network.parameters() else (NoParameters.of(network),)


def notices_of_states(largest: int, budget: int) -> tuple[Worded, ...]:
    """What there is to be said of the room for stored states; of the first one there always is."""
    return (StatesTooLarge(largest, budget),) if 2 * largest > budget else ()


def function_of(step: Any) -> Any:
    """The Python function that a callable runs in the end; where there is none, the callable."""
    while True:
        if isinstance(step, partial):
            step = step.func
        elif isinstance(step, MethodType):
            step = step.__func__
        elif isinstance(step, (FunctionType, type)):
            return step
        else:
            kinds = type(step).__mro__
            call = next(
                (vars(kind)["__call__"] for kind in kinds if "__call__" in vars(kind)), None
            )
            if not isinstance(call, FunctionType):
                return step
            step = call


def name_of(step: Any) -> str:
    """By which a person knows it."""
    named = step.func if isinstance(step, partial) else step
    return str(getattr(named, "__qualname__", type(named).__name__))
