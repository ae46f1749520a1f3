"""Numerical differentiation, and what it says of a network's backpropagation."""

from __future__ import annotations

from engine.numeric.check import GradientCheck, ParameterCheck, Verdict, check_gradients
from engine.numeric.contest import Contestant, contest
from engine.numeric.counts import ExpectedEvaluations, Term, expected_evaluations
from engine.numeric.gradient import (
    NumericalGradient,
    Witness,
    differentiate,
    gradient_pieces,
    numerical_gradient,
)
from engine.numeric.ladder import Element, Reason
from engine.numeric.layer_check import LayerCheck
from engine.numeric.pieces import Method, Piece, Progress
from engine.numeric.working_copy import sample_elements

__all__ = [
    "Contestant",
    "Element",
    "ExpectedEvaluations",
    "GradientCheck",
    "LayerCheck",
    "Method",
    "NumericalGradient",
    "ParameterCheck",
    "Piece",
    "Progress",
    "Reason",
    "Term",
    "Verdict",
    "Witness",
    "check_gradients",
    "contest",
    "differentiate",
    "expected_evaluations",
    "gradient_pieces",
    "numerical_gradient",
    "sample_elements",
]
