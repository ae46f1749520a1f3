"""How many evaluations of the loss a method needs, explained with the network's own numbers.

784 × 50 × 2 + 50 × 10 × 2 = 79,400 for the weights of the book's network, 79,520 with its biases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.numeric.pieces import Method


class HasParameters(Protocol):
    """A network, or what is known of one: its parameters suffice to count."""

    def parameters(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """The parameters by name."""


@dataclass(frozen=True, slots=True)
class CountTerm:
    """What one parameter adds: the product of its sizes, times the evaluations for each element."""

    name: str
    shape: tuple[int, ...]
    per_element: int

    @property
    def elements(self) -> int:
        """The number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def evaluations(self) -> int:
        """The evaluations for all of them."""
        return self.elements * self.per_element

    @property
    def is_weight(self) -> bool:
        """Whether it has two dimensions or more, as a bias has not."""
        return len(self.shape) > 1

    @property
    def formula(self) -> str:
        """As in "784 × 50 × 2"; the factor 1 is left out."""
        factors = (*self.shape, self.per_element) if self.per_element > 1 else self.shape
        return " × ".join(str(factor) for factor in factors)


@dataclass(frozen=True, slots=True)
class ExpectedEvaluations:
    """The evaluations of the loss that a method needs for the whole gradient of a network.

    Attributes:
        method: of them.
        terms: one for each parameter.
        once: made whatever the number of parameters: the one of L(w) in forward differences, the
            one forward pass of backpropagation.

    """

    method: Method
    terms: tuple[CountTerm, ...]
    once: int

    @property
    def of_weights(self) -> int:
        """Without the biases: 79,400 of the book's network, by central differences."""
        return sum(term.evaluations for term in self.terms if term.is_weight)

    @property
    def total(self) -> int:
        """All of them: 79,520."""
        return sum(term.evaluations for term in self.terms) + self.once

    @property
    def weights_formula(self) -> str:
        """As in "784 × 50 × 2 + 50 × 10 × 2"."""
        return " + ".join(term.formula for term in self.terms if term.is_weight)

    @property
    def formula(self) -> str:
        """The same with the biases, and with what is made once."""
        parts = [term.formula for term in self.terms if term.per_element]
        return " + ".join(parts + ([str(self.once)] if self.once else []))


def expected_evaluations(network: HasParameters, method: str = "central") -> ExpectedEvaluations:
    """What the method needs for this network: central 2 an element, forward 1 and 1, complex 1.

    The incremental method works out the loss of as many configurations as the central one, though
    none of them from the start. Backpropagation makes one forward pass, and one back.
    """
    way = Method(method)
    terms = tuple(
        CountTerm(name, array.shape, way.evaluations)
        for name, array in network.parameters().items()
    )
    return ExpectedEvaluations(way, terms, int(way in (Method.FORWARD, Method.BACKPROP)))
