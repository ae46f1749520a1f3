"""What a person has declared about a program: its facets as expressions, checked before they hold.

The loss is needed after every batch, recorded or not. So at full speed the end of the step is
watched while a loss is declared, and the expression is evaluated there.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import numpy as np

from engine.debug.facets.declared import Declared
from engine.debug.facets.facets import ParameterFacet
from engine.debug.instrument.endings import ending
from engine.debug.program.evaluation import loss_value
from engine.debug.reach.paths import Path, follow, function_of, path_of
from engine.debug.record.trace import Trace
from engine.errors import BadFacet

Expressions = Mapping[str, "str | Mapping[str, str]"]
AT_END = ("loss", "predictions", "labels", "samples")
NAMED = ("parameters", "gradients")


class Declarations:
    """The declared facets of a step.

    Attributes:
        texts: all declarations as they were made, to be saved.
        at_end: the facets that are values at the end of the step's frame, by name.
        parameters: the declared parameters; None if they are not declared.
        gradients: by parameter, its gradient at the end of the step's frame.
        learning_rate: the place of the learning rate, if it is declared.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        self._step = step
        self.texts: dict[str, str | dict[str, str]] = {}
        self.at_end: dict[str, Declared] = {}
        self.parameters: dict[str, ParameterFacet] | None = None
        self.gradients: dict[str, Declared] = {}
        self.learning_rate: Path | None = None

    def declare(self, expressions: Expressions, check: bool = True) -> None:
        """Add declarations; an empty text takes one back.

        Without `check`, a place may be empty as yet, since a later batch makes what is there.

        Raises:
            BadFacet: one does not fit; nothing has changed.
        """
        fresh = Declarations(self._step)
        fresh.texts = {**self.texts, **{k: _copied(v) for k, v in expressions.items()}}
        fresh.texts = {name: text for name, text in fresh.texts.items() if text}
        for name, text in fresh.texts.items():
            fresh._take(name, text, check)
        vars(self).update(vars(fresh))

    def _take(self, name: str, text: str | Mapping[str, str], check: bool) -> None:
        if name in NAMED:
            if isinstance(text, str):
                raise BadFacet(name, text, 'they need names: {"W1": "params[\'W1\']"}')
            if name == "gradients":
                self.gradients = {key: Declared(name, one) for key, one in text.items()}
            else:
                self.parameters = {
                    key: self._parameter(key, one, check) for key, one in text.items()
                }
            return
        if not isinstance(text, str):
            raise BadFacet(name, str(text), "it is one expression, not several")
        if name == "learning_rate":
            self.learning_rate = self._rate(text, check)
        elif name in AT_END:
            self.at_end[name] = Declared(name, text)
        else:
            known = ", ".join((*AT_END, *NAMED, "learning_rate"))
            raise BadFacet(name, text, f"there is no such facet to declare; there are {known}")

    def _parameter(self, name: str, text: str, check: bool) -> ParameterFacet:
        path = path_of(self._step, text)
        value = None if path is None else follow(self._step, path)
        fits = isinstance(value, np.ndarray) and value.dtype.kind == "f"
        if path is None or (check and not fits):
            found = "no place" if path is None else type(value).__name__
            raise BadFacet(f"parameter {name}", text, f"it is {found}, not an array of floats")
        return ParameterFacet(name, path)

    def _rate(self, text: str, check: bool) -> Path:
        path = path_of(self._step, text)
        value = None if path is None else follow(self._step, path)
        if path is None or (check and not isinstance(value, (int, float, np.number))):
            found = "no place" if path is None else type(value).__name__
            raise BadFacet("learning rate", text, f"it is {found}, not a number")
        return path

    # Values at the end of the step

    def run(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, Any]:
        """Run the step at full speed; return what it returned, and the declared loss or None."""
        declared = self.at_end.get("loss")
        seen: list[Any] = []
        if declared is None:
            return call(self._step, *arguments), None

        def at_end(frame: FrameType) -> None:
            variables = ChainMap(frame.f_locals, frame.f_globals)
            seen[:] = [declared.value(variables)]

        with ending(function_of(self._step), at_end):
            result = call(self._step, *arguments)
        return result, seen[0] if seen else None

    def value_in(self, declared: Declared, trace: Trace) -> Any:
        """The value of a declared facet in a trace; the live objects are at its end.

        Raises:
            BadFacet: it cannot be evaluated there.
        """
        return declared.value(variables_at_end(self._step, trace))

    def loss_in(self, trace: Trace) -> float | None:
        """The declared loss of a recorded batch; None if it is not declared."""
        declared = self.at_end.get("loss")
        return None if declared is None else loss_value(self.value_in(declared, trace))


def variables_at_end(step: Callable[..., Any], trace: Trace) -> Mapping[str, Any]:
    """The variables of the step's frame at the end of a batch, and those of its module."""
    frame = trace.frame(0)
    last = trace.last_event_of(frame, len(trace) - 1)
    return ChainMap(trace.locals_at(last, frame), function_of(step).__globals__)


def _copied(value: str | Mapping[str, str]) -> str | dict[str, str]:
    return value if isinstance(value, str) else dict(value)
