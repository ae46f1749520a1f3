"""Numerical differentiation, and what it says of a network's backpropagation."""

from __future__ import annotations

from engine.numeric.gradient import (
    NumericalGradient,
    Witness,
    differentiate,
    gradient_pieces,
    numerical_gradient,
)
from engine.numeric.pieces import Method, Piece, Progress
from engine.numeric.working_copy import sample_elements

__all__ = [
    "Method",
    "NumericalGradient",
    "Piece",
    "Progress",
    "Witness",
    "differentiate",
    "gradient_pieces",
    "numerical_gradient",
    "sample_elements",
]
