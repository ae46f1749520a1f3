"""A derivation in short steps, each with its numbers and with what makes it true."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """Two numbers that a step says are equal, each computed in its own way.

    Attributes:
        tolerance: the greatest difference, as a part of the larger magnitude.
    """

    left: float
    right: float
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a derivation. Code stands between backticks.

    Attributes:
        words: one or two short sentences.
        numbers: the same with this minibatch's numbers: "0.953 × −0.1257 = −0.1198".
        about: what the numbers are of: "image 88"; or "".
        claims: what makes the step true; a test computes each.
        term: the row of the card's list that has the step's numbers, or None.
    """

    words: str
    numbers: str = ""
    about: str = ""
    claims: tuple[Claim, ...] = ()
    term: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A change of one number that can be tried: the loss is computed again with it.

    Attributes:
        array: the parameter's name ("Affine1.W"), or a layer whose output is changed ("Affine1").
        index: of the cell.
        step: what is added to it.
        predicted: the change of the loss, by the derivation.
    """

    array: str
    index: tuple[int, ...]
    step: float
    predicted: float


@dataclass(frozen=True, slots=True)
class Tried:
    """The measured change of the loss beside the predicted one.

    Attributes:
        allowance: how far apart the two may be if the derivation is right: the loss is no straight
            line, and numbers are rounded.
    """

    trial: Trial
    measured: float
    allowance: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the measured change is the predicted one, as far as the loss is straight."""
        return abs(self.measured - self.trial.predicted) <= self.allowance


@dataclass(frozen=True, slots=True)
class Derivation:
    """Why an expression computes its result.

    Attributes:
        title: "Why xᵀ?"
        about: "one weight first, then all 39,200".
        steps: the single number first, then the row, then the matrix.
        trial: what shows it, or None.
    """

    title: str
    about: str
    steps: tuple[Step, ...]
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class NoDerivation:
    """There is no derivation, and why."""

    reason: str
