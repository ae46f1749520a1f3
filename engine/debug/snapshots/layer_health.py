"""The health of a layer: the size of its arrays and updates, and its saturated and dead units.

RMS, the root mean square, is per cell, so that layers of different sizes can be compared. A
saturated or dead unit passes back almost no gradient, and does not learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.health.activations import measure_dead, measure_saturated, rule_for
from engine.debug.health.arrays import health_of
from engine.debug.health.measured_arrays import cached
from engine.debug.snapshots.snapshot import LayerState

Array = np.ndarray[Any, Any]
# A typical update is a thousandth of the weights. Far above, training is unstable; far below, it is
# slow. (A. Karpathy's notes on babysitting the learning process, CS231n.)
USUAL_UPDATE_RATIO = 1e-3
UPDATE_RATIO_RANGE = (1e-5, 1e-1)


@dataclass(frozen=True, slots=True)
class ParameterHealth:
    """RMS of a parameter, of its gradient, and of its last change.

    Attributes:
        rms: at the cursor.
        gradient_rms: None before this batch's backward has set the gradient.
        update_ratio: RMS(W_after − W_before) / RMS(W_before); None before the update, and if
            W_before is all 0.
        update_warning: the ratio lies outside `UPDATE_RATIO_RANGE`. Never set for parameters with
            one axis, such as biases, which begin at 0 and so change by large ratios.
    """

    rms: float | None
    gradient_rms: float | None
    update_ratio: float | None
    update_warning: bool = False


@dataclass(frozen=True, slots=True)
class LayerHealth:
    """The health of a layer; a number is None if it is unknown so far, or does not apply.

    RMS values are of the finite cells.

    Attributes:
        output_rms: of the output of this batch's forward.
        dout_rms: of the gradient by that output.
        parameters: by the parameter's name.
        saturated_share: share (0..1) of the output's cells within `SATURATED_MARGIN` of an end of
            the activation's range; None if the range has no ends.
        dead_share: share of units (columns) that are 0 for every sample of the batch; None if the
            activation cannot die.
        zero_share: share of the output's cells that are 0; likewise.
        saturated_warning, dead_warning: the share is at least the rule's threshold.
    """

    output_rms: float | None
    dout_rms: float | None
    parameters: Mapping[str, ParameterHealth]
    saturated_share: float | None = None
    dead_share: float | None = None
    zero_share: float | None = None
    saturated_warning: bool = False
    dead_warning: bool = False


def layer_health(layer: LayerState) -> LayerHealth:
    """The health of a layer at the cursor. Each array is measured only once."""
    rule = rule_for(layer.kind)
    output = layer.output if _is_measurable(layer.output) else None
    saturated = dead = zero = None
    if rule is not None and output is not None:
        if rule.range is not None:
            saturated = _saturated(output, *rule.range)
        if rule.can_die:
            dead, zero = _dead(output), _zero(output)
    return LayerHealth(
        output_rms=_rms(layer.output),
        dout_rms=_rms(layer.dout),
        parameters={name: _parameter(layer, name) for name in layer.parameters},
        saturated_share=saturated,
        dead_share=dead,
        zero_share=zero,
        saturated_warning=rule is not None and _reaches(saturated, rule.saturated_warning),
        dead_warning=rule is not None and _reaches(dead, rule.dead_warning),
    )


def _parameter(layer: LayerState, name: str) -> ParameterHealth:
    now, before = layer.parameters[name], layer.before.get(name)
    ratio = None if before is None or before is now else _update_ratio(now, before)
    low, high = UPDATE_RATIO_RANGE
    return ParameterHealth(
        rms=_rms(now),
        gradient_rms=_rms(layer.gradients.get(name)),
        update_ratio=ratio,
        update_warning=ratio is not None and now.ndim > 1 and not low <= ratio <= high,
    )


def _is_measurable(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.size > 0


def _reaches(share: float | None, threshold: float) -> bool:
    return share is not None and share >= threshold


def _rms(value: object) -> float | None:
    health = health_of(value)
    return None if health is None else health.rms


def _update_ratio(now: Array, before: Array) -> float | None:
    if now.shape != before.shape or not _is_measurable(now):
        return None
    return cached(_measure_update_ratio, now, before)


def _measure_update_ratio(now: Array, before: Array) -> float | None:
    size = _rms(before)
    with np.errstate(all="ignore"):
        change = np.subtract(now, before, dtype=np.float64)
        if not size or not np.isfinite(change).all():
            return None
        return float(np.sqrt(np.mean(np.square(change)))) / size


def _saturated(output: Array, low: float, high: float) -> float | None:
    return cached(measure_saturated, output, low, high)


def _dead(output: Array) -> float | None:
    return cached(measure_dead, output)


def _zero(output: Array) -> float | None:
    health = health_of(output)
    return None if health is None else health.zero / health.count
