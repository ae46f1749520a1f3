"""Numerical differentiation, and checks of a network's backpropagation against it."""

from __future__ import annotations

from engine.numeric.checks.check import check_gradients
from engine.numeric.checks.findings import (
    Cause,
    Finding,
    Misfit,
    NotExamined,
    OtherTerm,
    Overwritten,
    Scaled,
    Uses,
    Why,
)
from engine.numeric.checks.judge import ParameterCheck
from engine.numeric.checks.ladder import AgreementLimit, Element
from engine.numeric.checks.layer_check import LayerCheck
from engine.numeric.checks.summary import GradientCheck
from engine.numeric.checks.verdict import Verdict
from engine.numeric.gradient import (
    NumericalGradient,
    Witness,
    differentiate,
    gradient_pieces,
    numerical_gradient,
)
from engine.numeric.pieces import Method, Piece, Progress
from engine.numeric.studies.contest import Contestant, contest
from engine.numeric.studies.counts import CountTerm, ExpectedEvaluations, expected_evaluations
from engine.numeric.working_copy import sample_elements

__all__ = [
    "AgreementLimit",
    "Cause",
    "Contestant",
    "CountTerm",
    "Element",
    "ExpectedEvaluations",
    "Finding",
    "GradientCheck",
    "LayerCheck",
    "Method",
    "Misfit",
    "NotExamined",
    "NumericalGradient",
    "OtherTerm",
    "Overwritten",
    "ParameterCheck",
    "Piece",
    "Progress",
    "Scaled",
    "Uses",
    "Verdict",
    "Why",
    "Witness",
    "check_gradients",
    "contest",
    "differentiate",
    "expected_evaluations",
    "gradient_pieces",
    "numerical_gradient",
    "sample_elements",
]
