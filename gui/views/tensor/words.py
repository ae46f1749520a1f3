"""The texts of the tensor view: its subtitle, and the messages when no array is drawn."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.events import Phase
from engine.debug.health.arrays import health_of
from engine.debug.snapshots.snapshot import Snapshot, Variable
from gui.paint.values import (
    brief,
    is_drawable,
    is_scalar,
    number_text,
    scalar_text,
    shape_text,
    type_text,
)
from gui.widgets.members import members_of


def _tr(text: str) -> str:
    return QCoreApplication.translate("TensorView", text)


def subtitle_of(snapshot: Snapshot, variable: Variable) -> str:
    """`self.W   784 × 50   float32   mean 0.0012   RMS 0.1`."""
    value = variable.value
    parts = [variable.name]
    if is_drawable(value):
        parts += [shape_text(value.shape), type_text(value)]
        health = health_of(value)
        if health is not None and health.mean is not None and health.rms is not None:
            parts.append(_tr("mean {0}").format(number_text(health.mean)))
            parts.append(_tr("RMS {0}").format(number_text(health.rms)))
    else:
        parts.append(type_text(value))
    if variable.stale and snapshot.position.batch > 0:
        parts.append(_tr("from batch {0}").format(snapshot.position.batch - 1))
    return "   ".join(parts)


def nothing_yet() -> tuple[str, str]:
    """Title and text before the first snapshot."""
    return _tr("No tensor yet"), _tr("Step into a layer to see its arrays.")


def nothing_in_scope(phase: Phase) -> tuple[str, str]:
    """Title and text if no array is in scope: how to reach one in this pass."""
    text = {
        Phase.FORWARD: _tr("Step into a layer's forward to see its arrays (F11)."),
        Phase.BACKWARD: _tr("Step into a layer's backward to see its gradients (F11)."),
        Phase.UPDATE: _tr(
            "Step on into the optimizer's loop to see parameters and gradients (F11)."
        ),
        Phase.OTHER: _tr("Step on until an array is computed (F11)."),
    }[phase]
    return _tr("No array in scope here"), text


def not_in_scope(name: str) -> tuple[str, str]:
    """Title and text if a chosen name is not in scope."""
    text = _tr("It is shown again where it is in scope; the list has the arrays in scope here.")
    return _tr("{0}: not in scope here").format(name), text


def no_array(variable: Variable) -> tuple[str, str]:
    """Title and text if the value of a chosen name is no array."""
    name, value = variable.name, variable.value
    back = _tr("It is drawn again where it is an array; the list has the arrays in scope here.")
    if value is None:
        return _tr("{0} is None here").format(name), back
    if is_scalar(value):
        title = _tr("{0} is {1}").format(name, scalar_text(value))
        words = _tr("One number ({0}), no array.").format(type_text(value))
        return title, f"{words} {back}"
    if isinstance(value, np.ndarray):
        title = _tr("{0} is an array of {1}").format(name, shape_text(value.shape))
        words = _tr("It has no numbers to draw ({0}).").format(type_text(value))
        return title, f"{words} {back}"
    title = _tr("{0} is no array here: {1}").format(name, brief(value))
    items = _tr("Its items can be chosen in Variables.")
    return title, f"{items} {back}" if members_of(value) else back
