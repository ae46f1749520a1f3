"""Changes of settings: what each resets, and the options of the new run."""

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
    """A field of the options and its new value."""

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
    """What a change does to the run, in words; "" if nothing is lost."""
    reach, setup = snapshot.history.reach, snapshot.setup
    if change.field == "learning_rate":
        return ""  # if later batches ran, it makes a branch
    is_program = not setup.optimizer
    if reach == 0 and not is_program:
        return ""
    lost = _tr("The run of {0} batches, with its losses and weights, is dropped.").format(reach)
    if reach == 1:
        lost = _tr("The batch that has run, with its loss and the weights after it, is dropped.")
    if is_program:
        words = _tr("This opens another run in place of the program {0}. {1} {2}")
        back = _tr("Edit, Undo brings the program back.")
        return words.format(setup.network, lost if reach else "", back).replace("  ", " ")
    fresh = {
        "network": _tr(
            "New weights are drawn from the seed. The learning rate is reset to the network's own, "
            "and so are batch size, initial weights and data unless you have chosen them."
        ),
        "dataset": _tr("New weights are drawn from the same seed."),
        "weight_init": _tr("New weights are drawn from the same seed, with their new spread."),
        "dtype": _tr("The same weights are drawn again from the seed, as {0}.").format(
            change.value
        ),
        "optimizer": _tr(
            "The same weights are drawn again from the seed; the learning rate is reset to this "
            "optimizer's own."
        ),
        "seed": _tr("Different weights are drawn, and the samples come in another order."),
        "batch_size": _tr(
            "The same weights are drawn again from the seed; the samples form new batches."
        ),
    }[change.field]
    return _tr("This starts a new run at batch 0. {0} {1}").format(lost, fresh)


def changed(options: Options | None, change: SettingChange, setup: Setup) -> Options:
    """Return the options of the run with the change made.

    `options`: the options that the run was built from; None for a session made by a script, whose
    options are taken from its setup.
    """
    if not setup.optimizer:  # a program has none of the settings
        return replace(Options(), **{change.field: change.value})  # type: ignore[arg-type]
    options = replace(options or options_of(setup), learning_rate=setup.learning_rate)
    if change.field in ("network", "optimizer"):
        options = replace(
            options, learning_rate=None
        )  # each network or optimizer has its own good rate
    if change.field == "batch_size" and change.value == options.preset.batch_size:
        return replace(options, batch_size=None)  # each network has its own
    made: dict[str, Any] = {change.field: change.value}
    return replace(options, **made)


def options_of(setup: Setup) -> Options:
    """The options of a session that was made without any; its data becomes the preset's."""
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
    """The weight initialisation: the options' choice, or else the preset's own."""
    if options.weight_init is not None:
        return options.weight_init
    return inspect.signature(options.preset.build).parameters["weight_init"].default


def weight_init_name(value: object) -> str:
    """The usual name of a weight initialisation."""
    return {"xavier": "Xavier", "he": "He"}.get(str(value)) or f"N(0, {value:g})"


def _tr(text: str) -> str:
    return QCoreApplication.translate("changes", text)
