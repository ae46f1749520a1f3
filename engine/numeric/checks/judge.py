"""The check of the gradient by one parameter: right, as right as can be told, or wrong.

The relative error of an element is |a − n| / max(|a|, |n|, floor). The floor is a thousandth of the
largest element of the parameter's gradient: an element near zero has the absolute error of all the
others, and would look wrong relative to itself. The floor is never below the round-off of 0, so
that a gradient of zeros has no errors of 100 %.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.numeric.checks.fits import backpropagated
from engine.numeric.checks.floor import without_floor
from engine.numeric.checks.ladder import AgreementLimit, Element, climb_down
from engine.numeric.checks.layer_check import LayerCheck
from engine.numeric.checks.verdict import Undecided, Verdict
from engine.numeric.gradient import NumericalGradient, round_off
from engine.numeric.pieces import Method
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]

AGREEMENT = 1e-6  # a relative error below it needs no explanation
FLOOR = 1e-3  # of the largest element of a parameter's gradient
UNEXPLAINED = 1e-3  # a relative error above it needs an explanation, even if every layer is right
EXAMINED = 6  # of the worst elements of each parameter, and of its other suspicious elements


@dataclass(frozen=True, slots=True, eq=False)
class ParameterCheck(Undecided):
    """The check of the gradient by one parameter.

    Attributes:
        name: of the parameter.
        verdict: on its gradient.
        reason: why it agrees only as far as can be; else None.
        layer: the layer or loss with the mistake, if it disagrees; else "". Also "" if each layer
            is right and the network combines them wrongly.
        errors: the relative error of each element, in the parameter's shape; NaN if not compared,
            infinite if the gradient of backpropagation is not finite.
        largest, median: of the errors; NaN if nothing was compared.
        worst: the index of the largest error.
        analytic, numeric: both values there.
        floor: the floor in the formula of the relative error.
        examined: the elements that were examined with smaller steps.
        compared: the number of compared elements.

    """

    name: str
    verdict: Verdict
    reason: AgreementLimit | None
    layer: str
    errors: Array
    largest: float
    median: float
    worst: tuple[int, ...]
    analytic: float
    numeric: float
    floor: float
    examined: tuple[Element, ...]
    compared: int


def relative_errors(analytic: Array, numeric: Array, floor: float) -> Array:
    """|a − n| / max(|a|, |n|, floor) for each element; 0 if both are 0."""
    difference = np.abs(analytic.astype(np.float64) - numeric)
    size = np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), floor)
    errors: Array = np.divide(difference, size, out=np.zeros_like(difference), where=size > 0)
    errors[np.isnan(numeric)] = np.nan
    return errors


class Movable(Protocol):
    """A loss whose parameters can be moved: a working copy of a network, or that of a session."""

    parameters: dict[str, Array]

    @property
    def eps(self) -> float:
        """Distance from 1 to the next number of the coarsest dtype in use."""

    def loss(self) -> Any:
        """The loss with the parameters as they are."""


class Judge:
    """Checks one parameter after another.

    Args:
        exact: its loss decides; in float64, if the program allows it.
        gradients: by backpropagation of `exact`.
        numerical: the numerical gradient to compare with.
        unit: the largest round-off error of a central difference of `exact` with step 1.
        poll: called between two elements; may raise.
        seed: of the elements that are examined.
    """

    def __init__(
        self, exact: Movable, gradients: Mapping[str, Array], numerical: NumericalGradient,
        unit: float, poll: Callable[[], None], seed: int,
    ) -> None:  # fmt: skip
        self.exact, self.gradients, self.numerical = exact, gradients, numerical
        self.unit, self.poll = unit, poll
        self.rng = np.random.default_rng(seed)
        self.is_near = False  # whether backward is only known to be nearly right

    def noise(self, largest: float) -> float:
        """The largest round-off error of a numerical gradient with this largest element."""
        return self.numerical.round_off + 16 * self.exact.eps * largest

    def culprit_of(self, name: str) -> str:
        """The layer whose mistake enters a parameter's gradient; "" if none is known."""
        return ""

    def _unfloored(self, name: str, elements: list[Element]) -> Iterator[Element]:
        """The same elements by the loss without its floor; unchanged if it has no floor."""
        yield from elements

    def parameter(self, name: str, analytic: Array) -> ParameterCheck:
        """Check the gradient by one parameter, which has the parameter's shape."""
        numeric = self.numerical.gradients[name]
        compared = np.isfinite(numeric)
        if not np.any(compared):
            return _not_examined(name, analytic.shape)
        sizes = np.abs(analytic[np.isfinite(analytic)])
        largest = max(float(sizes.max(initial=0)), float(np.abs(numeric[compared]).max(initial=0)))
        noise = self.noise(largest)
        floor = max(FLOOR * largest, noise)
        errors = relative_errors(analytic, numeric, floor)
        errors[~compared] = np.nan
        errors[compared & ~np.isfinite(analytic)] = np.inf
        worst = int(np.nanargmax(errors))
        verdict, reason, layer, examined = self._verdict(name, analytic, numeric, errors, noise)
        return ParameterCheck(
            name=name,
            verdict=verdict,
            reason=reason,
            layer=layer,
            errors=errors,
            largest=float(errors.flat[worst]),
            median=float(np.nanmedian(errors)),
            worst=tuple(int(place) for place in np.unravel_index(worst, errors.shape)),
            analytic=float(analytic.flat[worst]),
            numeric=float(numeric.flat[worst]),
            floor=floor,
            examined=tuple(examined),
            compared=int(np.count_nonzero(compared)),
        )

    def _verdict(
        self, name: str, analytic: Array, numeric: Array, errors: Array, noise: float
    ) -> tuple[Verdict, AgreementLimit | None, str, list[Element]]:
        suspicious = np.flatnonzero(errors > AGREEMENT)
        if not len(suspicious):
            return Verdict.AGREES, None, "", []
        culprit = self.culprit_of(name)
        if culprit or np.any(np.isinf(errors)):
            return Verdict.DISAGREES, None, culprit, []
        difference = np.abs(analytic - numeric).reshape(-1)
        beyond = suspicious[difference[suspicious] > noise]
        elements = list(self._examine(name, errors, beyond if len(beyond) else suspicious))
        unexplained = [element for element in elements if not element.consistent]
        wrong = [
            element for element in self._unfloored(name, unexplained) if not element.consistent
        ]
        if any(not element.error(self.least(name)) <= UNEXPLAINED for element in wrong):
            return Verdict.DISAGREES, None, "", elements
        if not len(beyond):
            return Verdict.AGREES_AS_FAR_AS_CAN_BE, AgreementLimit.ROUND_OFF, "", elements
        if (unexplained and not wrong) or (wrong and self.is_near):
            return Verdict.AGREES_AS_FAR_AS_CAN_BE, AgreementLimit.LOSS_FLOOR, "", elements
        reasons = [element.reason for element in elements]
        reason = (
            AgreementLimit.KINK if AgreementLimit.KINK in reasons else AgreementLimit.TRUNCATION
        )
        return Verdict.AGREES_AS_FAR_AS_CAN_BE, reason, "", elements

    def least(self, name: str) -> float:
        """The floor of relative errors in float64.

        If backward belongs to a slightly different loss, its error enters all gradients. It may
        cancel in a parameter's own gradient, which is then no measure of it.
        """
        measured = self.gradients.values() if self.is_near else [self.gradients[name]]
        largest = max(float(np.abs(array).max(initial=0)) for array in measured)
        return largest if self.is_near else FLOOR * largest

    def _examine(self, name: str, errors: Array, beyond: Array) -> Iterator[Element]:
        """Examine the worst elements, and some others, in float64, which is decisive."""
        order = beyond[np.argsort(-errors.reshape(-1)[beyond], kind="stable")]
        rest = order[EXAMINED:]
        drawn = self.rng.choice(rest, min(EXAMINED, len(rest)), replace=False)
        array = self.exact.parameters[name]
        for index in [*order[:EXAMINED].tolist(), *drawn.tolist()]:
            self.poll()
            h = max(self.numerical.h, 1e-4)  # below a smaller h, round-off would dominate
            value = float(self.gradients[name].flat[index])
            yield climb_down(self.exact.loss, array, index, value, h, self.unit)


class NetworkJudge(Judge):
    """Checks one parameter of a network after another, using the checks of the layers."""

    def __init__(
        self,
        copy: WorkingCopy,
        exact: WorkingCopy,
        numerical: NumericalGradient,
        layers: list[LayerCheck],
        poll: Callable[[], None],
        seed: int,
    ) -> None:
        unit = round_off(exact, 1.0)  # of a central difference in float64 with step 1
        exact.loss()
        exact.backward()
        super().__init__(exact, backpropagated(exact), numerical, unit, poll, seed)
        self.copy, self.network, self.layers = copy, exact, layers
        self.floorless = self._without_floor() if any(check.floor for check in layers) else None
        # If the floor of a loss cannot be removed, its backward is only known to be nearly right.
        self.is_near = any(check.is_near and not check.floor for check in layers)

    def _without_floor(self) -> WorkingCopy:
        """The same network with the loss to which its backward belongs."""
        copy = deepcopy(self.network)
        loss: Any = copy.network.loss
        copy.network.loss = without_floor(loss, copy.inputs()[-1], copy.t) or loss
        return copy

    def noise(self, largest: float) -> float:
        """The largest round-off error of a numerical gradient with this largest element."""
        if self.numerical.method is Method.COMPLEX:
            return 16 * self.copy.eps * largest
        return round_off(self.copy, self.numerical.h) + 16 * self.copy.eps * largest

    def culprit_of(self, name: str) -> str:
        """The first layer, in backward's order, whose mistake enters a parameter's gradient."""
        if not self.layers:
            return ""
        owner, attribute = self.copy.place(name)
        for check in self.layers:
            if check.holds:
                continue
            if check.is_loss:
                return check.layer
            number = self.copy.layer_names.index(check.layer)
            if number > owner and check.gradient == "dx":
                return check.layer
            if number == owner and check.gradient == "d" + attribute:
                return check.layer
        return ""

    def _unfloored(self, name: str, elements: list[Element]) -> Iterator[Element]:
        """The same elements by the loss without its floor; unchanged if it has no floor."""
        bare = self.floorless
        if bare is None:
            yield from elements
            return
        unit, h = round_off(bare, 1.0), max(self.numerical.h, 1e-4)
        for element in elements:
            self.poll()
            array = bare.parameters[name]
            yield climb_down(bare.loss, array, element.index, element.analytic, h, unit)


def _not_examined(name: str, shape: tuple[int, ...]) -> ParameterCheck:
    """The check of a parameter without any numerical derivative."""
    nan = float("nan")
    return ParameterCheck(
        name, Verdict.NOT_EXAMINED, None, "", np.full(shape, np.nan), nan, nan, (0,) * len(shape),
        nan, nan, 0.0, (), 0,
    )  # fmt: skip
