"""Notices about a run that are not errors, and the check that refuses unusable steps."""

from __future__ import annotations

import inspect
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from engine.debug.instrument.swaps import swaps
from engine.errors import BadStep, NoParameters, StatesTooLarge, StepNotRead, Worded


def check_step(step: Any) -> None:
    """Raise BadStep for a step that can never be recorded."""
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
    """The notices about a step that has a recorder."""
    if swaps.adopt(step):
        return ()
    return (StepNotRead(name_of(step), function_of(step).__code__.co_filename),)


def notices_of_network(network: Any) -> tuple[Worded, ...]:
    """The notices about a network in its current state."""
    return () if network.parameters() else (NoParameters.of(network),)


def notices_of_states(largest: int, budget: int) -> tuple[Worded, ...]:
    """The notices about the budget of stored states. The first state is stored regardless."""
    return (StatesTooLarge(largest, budget),) if 2 * largest > budget else ()


def function_of(step: Any) -> Any:
    """The Python function that a callable finally runs, or the callable if there is none."""
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
    """The name by which the user knows a step."""
    named = step.func if isinstance(step, partial) else step
    return str(getattr(named, "__qualname__", type(named).__name__))
