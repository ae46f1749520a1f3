"""Facets that a person or a program declares, as expressions over the step's variables at its end.

A chain of attributes and items (`self.net.losses[-1]`) is followed without running any code of the
program. Anything else is evaluated as a condition is: with numpy's arithmetic, and nothing more.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.debug.conditions.condition import Condition
from engine.debug.reach.contents import attributes_of, is_a
from engine.errors import BadFacet, Described

_CONTAINERS = (dict, list, tuple, np.ndarray)
_Part = tuple[bool, Any]  # whether it is an item, and the name or key


class Declared:
    """A declared facet.

    Args:
        facet: its name: `loss`.
        text: the expression.

    Raises:
        BadFacet: the expression does not parse, or may not be used.
    """

    def __init__(self, facet: str, text: str) -> None:
        self.facet, self.text = facet, text.strip()
        self._condition: Condition | None = None
        self._name = ""
        self._parts: tuple[_Part, ...] = ()
        chain = _chain_of(self.text)
        if chain is not None:
            self._name, self._parts = chain
            return
        try:
            self._condition = Condition(self.text)
        except Described as error:
            raise BadFacet(facet, self.text, str(error).rstrip(".")) from error

    def value(self, variables: Mapping[str, Any]) -> Any:
        """Its value for these variables, `self` among them.

        Raises:
            BadFacet: a name is missing, or the evaluation fails.
        """
        if self._condition is None:
            return self._followed(variables)
        given = {}
        for name in self._condition.names:
            head, _, attribute = name.partition(".")
            if head not in variables:
                raise BadFacet(self.facet, self.text, f"{head} is not in scope there")
            value = variables[head]
            given[name] = self._part(value, (False, attribute)) if attribute else value
        try:
            return self._condition.value(given)
        except Described as error:
            raise BadFacet(self.facet, self.text, str(error).rstrip(".")) from error

    def _followed(self, variables: Mapping[str, Any]) -> Any:
        if self._name not in variables:
            raise BadFacet(self.facet, self.text, f"{self._name} is not in scope there")
        value = variables[self._name]
        for part in self._parts:
            value = self._part(value, part)
        return value

    def _part(self, value: Any, part: _Part) -> Any:
        is_item, key = part
        try:
            if is_item:
                return value[key] if is_a(value, _CONTAINERS) else {}[key]
            held: Any = vars(value) if is_a(value, type) else attributes_of(value)
            return held[key]
        except (LookupError, TypeError, ValueError):
            what = f"an item {key!r}" if is_item else f"an attribute {key}"
            reason = f"there is no {what.removeprefix('an ')} in {type(value).__name__}"
            raise BadFacet(self.facet, self.text, reason) from None


def _chain_of(text: str) -> tuple[str, tuple[_Part, ...]] | None:
    """The name and the parts of a chain of attributes and items; None for any other expression."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _parts_of(node)


def _parts_of(node: ast.expr) -> tuple[str, tuple[_Part, ...]] | None:
    parts: list[_Part] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            parts.append((False, node.attr))
        elif isinstance(node, ast.Subscript):
            try:
                parts.append((True, ast.literal_eval(node.slice)))
            except ValueError:
                return None
        else:
            return None
        node = node.value
    return node.id, tuple(reversed(parts))
