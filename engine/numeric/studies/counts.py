"""The number of evaluations of the loss that a method needs, as a formula.

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
    """The evaluations for one parameter: the product of its sizes times those per element."""

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
        """The evaluations for all elements."""
        return self.elements * self.per_element

    @property
    def is_weight(self) -> bool:
        """Whether it has two dimensions or more; a bias has one."""
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
        method: the method.
        terms: a term for each parameter.
        once: evaluations independent of the number of parameters: L(w) in forward differences, the
            forward pass of backpropagation.

    """

    method: Method
    terms: tuple[CountTerm, ...]
    once: int

    @property
    def of_weights(self) -> int:
        """The evaluations without the biases: 79,400 for the book's network (central)."""
        return sum(term.evaluations for term in self.terms if term.is_weight)

    @property
    def total(self) -> int:
        """All evaluations: 79,520 for the same."""
        return sum(term.evaluations for term in self.terms) + self.once

    @property
    def weights_formula(self) -> str:
        """As in "784 × 50 × 2 + 50 × 10 × 2"."""
        return " + ".join(term.formula for term in self.terms if term.is_weight)

    @property
    def formula(self) -> str:
        """The formula with the biases, and with the evaluations made once."""
        parts = [term.formula for term in self.terms if term.per_element]
        return " + ".join(parts + ([str(self.once)] if self.once else []))


def expected_evaluations(network: HasParameters, method: str = "central") -> ExpectedEvaluations:
    """The evaluations that a method needs: per element central 2, forward 1 (plus 1), complex 1.

    The incremental method computes as many losses as the central method, but none of them from the
    start. Backpropagation needs one forward pass and one backward pass.
    """
    way = Method(method)
    terms = tuple(
        CountTerm(name, array.shape, way.evaluations)
        for name, array in network.parameters().items()
    )
    return ExpectedEvaluations(way, terms, int(way in (Method.FORWARD, Method.BACKPROP)))
