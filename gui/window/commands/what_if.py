"""What-if changes: forms for changes at the cursor, each on a new branch."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.debug.names import checked_name
from engine.debug.snapshots.snapshot import LayerState, Snapshot
from engine.debug.travel.branches import LONGEST_NOTE
from engine.debug.travel.edits import (
    Edit,
    How,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SetSeed,
    SilenceUnit,
)
from engine.errors import BadValue
from engine.nn.optimizers import OPTIMIZERS
from engine.silence import Silence
from gui.dialogs.form_dialog import Asked, FormDialog, cells, whole
from gui.look.appearance import Appearance
from gui.paint.values import number_text
from gui.session.bridge import Bridge
from gui.views.hidden_units.view import HiddenUnitsView
from gui.views.tensor.view import TensorView
from gui.widgets.parameters import own_layers, owner_of
from gui.window.commands.pointed_at import PointedAt

Array = np.ndarray[Any, Any]
_VALUE = re.compile(r"\s*(=|\+=|-=|\*=|/=)?\s*(.+?)\s*", re.DOTALL)


def value(text: str) -> tuple[How, float]:
    """Parse a change of cells: `0.5` (or `= 0.5`), `+= 0.1`, `-= 0.1`, `*= 2`, `/= 2`.

    Raises ValueError for anything else.
    """
    found = _VALUE.fullmatch(text.replace("−", "-").replace("×=", "*="))
    if found is None:
        raise ValueError(text)
    how, number = found[1] or "=", float(found[2])
    if how == "-=":
        return How.ADD, -number
    if how == "/=":
        if number == 0:
            raise ValueError(text)
        return How.MULTIPLY, 1 / number
    return How(how), number


def rate(text: str) -> float:
    """A learning rate; raises ValueError for any other text."""
    number = float(text)
    if not isfinite(number) or number <= 0:
        raise ValueError(text)
    return number


def rate_or_none(text: str) -> float | None:
    """A learning rate, or nothing for an empty text."""
    return rate(text) if text.strip() else None


def note(text: str) -> str:
    """A note; raises BadValue if it is too long."""
    if len(text) > LONGEST_NOTE:
        raise BadValue("note", f"{text[:20]}…", f"of {LONGEST_NOTE} characters at most")
    return text.strip()


class WhatIf(QObject):
    """Opens the forms.

    Args:
        bridge: the way to the session.
        appearance: the theme of the forms.
        pointed_at: the suggested variable or cell.
        tensor: has a parameter's cell if nothing is pointed at.
        hidden_units: has the suggested unit to silence.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        appearance: Appearance,
        pointed_at: PointedAt,
        tensor: TensorView,
        hidden_units: HiddenUnitsView,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._appearance, self._pointed_at = bridge, appearance, pointed_at
        self._tensor, self._hidden_units, self._window = tensor, hidden_units, parent

    def change_value(self, parameter: str = "", index: str = "") -> None:
        """Ask for new values of cells of a parameter."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        before = parameters_before(snapshot)
        if not parameter:
            pointed = self._pointed_at.subject()
            if pointed is not None and pointed.full in before:
                parameter, index = pointed.full, pointed.cells
            else:
                there = self._tensor.parameter_cell()
                parameter, index = there or (next(iter(before), ""), "")
        if not index and parameter in before:
            index = _visible_cell(snapshot, parameter, before[parameter])
        example = self.tr("0.5, or += 0.1, or *= 2")
        asked = [
            Asked(self.tr("Parameter"), ", ".join(before), str.strip, parameter, tuple(before)),
            Asked(self.tr("Cells"), self.tr("300, 7 or :, 3; empty: all"), cells, index),
            Asked(self.tr("New value"), example, value, "0"),
        ]

        def make(name: str, at: str, what: tuple[How, float]) -> SetCells:
            edit = SetCells(name, at, what[1], what[0])
            edit.cells_in(before)
            return edit

        dialog = self._ask(
            self.tr("Change a value"), asked, make, lambda edit: self._change_text(edit, before)
        )
        dialog.lines[2].selectAll()
        dialog.lines[2].setFocus()

    def silence_unit(self) -> None:
        """Ask for a unit whose output is 0 from here on."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        layers = [layer for layer in own_layers(snapshot) if layer.kind != Silence.__name__]
        if not layers:
            return
        first = next((layer for layer in layers if not layer.parameters), layers[0])
        by_name = {layer.name: layer for layer in layers}
        asked = [
            Asked(self.tr("Layer"), ", ".join(by_name), str.strip, first.name, tuple(by_name)),
            Asked(
                self.tr("Unit"), self.tr("a whole number, from 0"), whole,
                str(self._hidden_units.unit),
            ),
        ]  # fmt: skip

        def make(layer: str, unit: int) -> SilenceUnit:
            if layer not in by_name:
                raise BadValue("layer", layer, f"one of {', '.join(by_name)}")
            units = _units_of(by_name[layer])
            if units is not None and unit >= units:
                raise BadValue("unit", unit, f"0 to {units - 1}, the units of {layer}")
            return SilenceUnit(layer, unit)

        dialog = self._ask(self.tr("Silence a unit"), asked, make)
        dialog.lines[1].selectAll()
        dialog.lines[1].setFocus()

    def another_rate(self) -> None:
        """Ask for another learning rate."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        now = snapshot.setup.learning_rate
        hint = self.tr("a number above 0")
        asked = [Asked(self.tr("Learning rate"), hint, rate, "" if now is None else f"{now:g}")]
        self._ask(self.tr("Another learning rate from here"), asked, SetLearningRate)

    def another_optimizer(self) -> None:
        """Ask for another optimizer."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        other = next(kind for kind in OPTIMIZERS if kind != snapshot.setup.optimizer)
        kinds = ", ".join(OPTIMIZERS)

        def kind(text: str) -> str:
            if text.strip() not in OPTIMIZERS:
                raise BadValue("optimizer", text, f"one of {kinds}")
            return text.strip()

        asked = [
            Asked(self.tr("Optimizer"), kinds, kind, other, tuple(OPTIMIZERS)),
            Asked(
                self.tr("Learning rate"), self.tr("a number above 0; empty: its own"), rate_or_none
            ),
        ]
        self._ask(self.tr("Another optimizer from here"), asked, SetOptimizer)

    def another_seed(self) -> None:
        """Ask for another order of the samples."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        hint = self.tr("a whole number, from 0")
        asked = [Asked(self.tr("Seed"), hint, whole, str(snapshot.setup.seed + 1))]
        self._ask(self.tr("Another order of the samples from here"), asked, SetSeed)

    def new_branch(self) -> None:
        """Ask for the name of a branch without changes."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        taken = {branch.name for branch in snapshot.branches}

        def name(text: str) -> str:
            found = checked_name(text)
            if found in taken:
                raise BadValue("name", found, "a name that no other branch has")
            return found

        free = (self.tr("branch {0}").format(n) for n in range(len(taken) + 1, 10**6))
        asked = [
            Asked(
                self.tr("Name"), self.tr("a name"), name, next(n for n in free if n not in taken)
            ),
            Asked(self.tr("Note"), self.tr("its purpose; may be empty"), note),
        ]
        dialog = self._open(
            self.tr("New branch here"), asked, lambda *made: made,
            lambda made: self._bridge.edit(name=made[0], note=made[1]), None,
        )  # fmt: skip
        dialog.lines[0].selectAll()

    def _ask(
        self,
        title: str,
        asked: Sequence[Asked],
        make: Callable[..., Edit],
        tell: Callable[[Any], str] | None = None,
    ) -> FormDialog:
        dialog = self._open(title, asked, make, self._bridge.edit, tell)
        dialog.lines[0].selectAll()
        return dialog

    def _open(
        self,
        title: str,
        asked: Sequence[Asked],
        make: Callable[..., Any],
        then: Callable[[Any], object],
        tell: Callable[[Any], str] | None,
    ) -> FormDialog:
        dialog = FormDialog(
            title, self._effect(), asked, make, then, self._appearance.theme, self._window,
            self.tr("Continue from here"), tell,
        )  # fmt: skip
        dialog.open()
        return dialog

    def _effect(self) -> str:
        """The text about when the change takes effect, and about the current branch."""
        snapshot = self._bridge.snapshot
        assert snapshot is not None
        current = next((branch.name for branch in snapshot.branches if branch.current), "")
        return self.tr(
            "It takes effect before batch {0}, which runs again on a new branch; the current "
            "branch, {1}, stays as it is."
        ).format(snapshot.position.batch, current)

    def _change_text(self, edit: SetCells, before: Mapping[str, Array]) -> str:
        """The current and the new value of the cells."""
        found = edit.cells_in(before)
        count = int(np.size(found))
        if count > 1:
            return self.tr("{0:,} cells of {1}").format(count, edit.parameter)
        old = float(np.ravel(found)[0])
        with np.errstate(all="ignore"):
            new = {
                How.SET: edit.value, How.ADD: old + edit.value, How.MULTIPLY: old * edit.value
            }[edit.how]  # fmt: skip
        return f"{number_text(old, 4)} → {number_text(new, 4)}"


def parameters_before(snapshot: Snapshot) -> dict[str, Array]:
    """The parameters as they were before the cursor's batch, by name."""
    return {
        layer.full(name): layer.before.get(name, array)
        for layer in snapshot.layers
        for name, array in layer.parameters.items()
    }


def _visible_cell(snapshot: Snapshot, parameter: str, array: Array) -> str:
    """The cell with the largest gradient, or else value: changing it has a visible effect."""
    owner = owner_of(snapshot.layers, parameter)
    gradient = array if owner is None else owner[0].gradients.get(owner[1], array)
    weight = np.abs(np.nan_to_num(gradient))
    return ", ".join(map(str, np.unravel_index(int(weight.argmax()), array.shape)))


def _units_of(layer: LayerState) -> int | None:
    """The number of a layer's outputs; None if it is not known."""
    return int(np.prod(layer.out_shape[1:])) if len(layer.out_shape) > 1 else None
