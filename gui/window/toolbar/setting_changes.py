"""Changes of a setting: what each resets, and the options of the run that follows."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import Setup, Snapshot
from engine.nn.optimizers import OPTIMIZERS
from engine.options import Options
from engine.presets import PRESETS


@dataclass(frozen=True)
class SettingChange:
    """A field of the options, and the value that a person wants it to have."""

    field: str
    value: object

    def title(self) -> str:
        """The change as a question."""
        return {
            "network": _tr("Change the network to {0}?"),
            "dataset": _tr("Read {0}?"),
            "weight_init": _tr("Change the initial weights to {0}?"),
            "dtype": _tr("Change the numbers to {0}?"),
            "optimizer": _tr("Change the optimizer to {0}?"),
            "seed": _tr("Change the seed to {0}?"),
            "batch_size": _tr("Change the batch size to {0}?"),
            "learning_rate": _tr("Change the learning rate to {0}?"),
        }[self.field].format(self._said())

    def _said(self) -> str:
        if self.field == "dataset":
            return _tr("the bundled data") if self.value is None else f"“{self.value}”"
        if self.field == "weight_init":
            return weight_init_name(self.value)
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


def what_it_resets(change: SettingChange, snapshot: Snapshot) -> str:
    """Say what a change does to the run; "" when there is nothing to lose."""
    reach = snapshot.history.reach
    if change.field == "learning_rate":
        return ""  # where more has run it goes its own way, on a branch
    if reach == 0:
        return ""
    lost = _tr("The run of {0} batches, with its losses and weights, is dropped.").format(reach)
    if reach == 1:
        lost = _tr("The batch that has run, with its loss and the weights after it, is dropped.")
    fresh = {
        "network": _tr(
            "New weights are drawn from the seed. The learning rate becomes the network's own, and "
            "so do batch size, initial weights and data where you chose none."
        ),
        "dataset": _tr("New weights are drawn from the same seed."),
        "weight_init": _tr("New weights are drawn from the same seed, in their new spread."),
        "dtype": _tr("The same weights are drawn again from the seed, as {0}.").format(
            change.value
        ),
        "optimizer": _tr(
            "The same weights are drawn again from the seed; the learning rate becomes this "
            "optimizer's own."
        ),
        "seed": _tr("Other weights are drawn, and the samples come in another order."),
        "batch_size": _tr(
            "The same weights are drawn again from the seed; the samples are dealt out anew."
        ),
    }[change.field]
    return _tr("This starts a new run at batch 0. {0} {1}").format(lost, fresh)


def changed(options: Options | None, change: SettingChange, setup: Setup) -> Options:
    """Return the options of the run with the change made.

    `options` are those that the run was built from; None for a session that was made by hand,
    whose options are gathered from its setup.
    """
    options = replace(options or options_of(setup), learning_rate=setup.learning_rate)
    if change.field in ("network", "optimizer"):
        options = replace(options, learning_rate=None)  # each has its own good rate
    if change.field == "batch_size" and change.value == options.preset.batch_size:
        return replace(options, batch_size=None)  # and so does the next network have its own
    made: dict[str, Any] = {change.field: change.value}
    return replace(options, **made)


def options_of(setup: Setup) -> Options:
    """Gather the options of a session that was made without any; its data becomes the preset's."""
    network = setup.network if setup.network in PRESETS else Options().network
    own = setup.batch_size == PRESETS[network].batch_size
    return Options(
        network=network,
        dtype=setup.dtype,
        optimizer=setup.optimizer if setup.optimizer in OPTIMIZERS else None,
        batch_size=None if own else setup.batch_size,
        seed=setup.seed,
    )


def weight_init_of(options: Options) -> object:
    """How the network's weights are drawn: the options' choice, or else the preset's own."""
    if options.weight_init is not None:
        return options.weight_init
    return inspect.signature(options.preset.build).parameters["weight_init"].default


def weight_init_name(value: object) -> str:
    """A weight initialisation as people call it."""
    return {"xavier": "Xavier", "he": "He"}.get(str(value)) or f"N(0, {value:g})"


def _tr(text: str) -> str:
    return QCoreApplication.translate("changes", text)
