"""Changes of settings: what each resets, and the options of the new run."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.debug.bookmarks import stations_of
from engine.debug.snapshots.snapshot import Setup, Snapshot
from engine.nn.optimizers import OPTIMIZERS
from engine.options import Options
from engine.presets import PRESETS
from gui.paint.values import network_text


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
        if self.field == "network":
            return network_text(str(self.value))
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


def what_it_resets(change: SettingChange, snapshot: Snapshot) -> str:
    """What a change does to the run, in words; "" if nothing is lost."""
    if change.field == "learning_rate":
        return ""  # if later batches ran, it makes a branch
    if not snapshot.setup.optimizer:  # a program, which only its own code could open again
        words = _tr("This opens another run in place of the program {0}. {1} {2}")
        back = _tr("Edit, Undo brings the program back.")
        lost = " ".join(_dropped(snapshot))
        return words.format(snapshot.setup.network, lost, back).replace("  ", " ")
    if is_untouched(snapshot):
        return ""
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
    lost = " ".join((*_dropped(snapshot), _tr("Undo brings all of it back.")))
    return _tr("This starts a new run at batch 0. {0} {1}").format(lost, fresh)


def is_untouched(snapshot: Snapshot) -> bool:
    """Whether the run is as a new one would be: in its first batch, and nothing was added to it.

    Breakpoints do not count: a new run has them, too.
    """
    in_first_batch = snapshot.position.batch == 0 and snapshot.history.reach <= 1
    return in_first_batch and len(snapshot.branches) == 1 and not snapshot.bookmarks


def _dropped(snapshot: Snapshot) -> Iterator[str]:
    """What a new run has no longer, a sentence each."""
    reach, branches = snapshot.history.reach, len(snapshot.branches)
    stations = stations_of(snapshot.bookmarks)
    if reach == 1:
        yield _tr("The batch that has run, with its loss and the weights after it, is dropped.")
    elif reach:
        words = _tr("The run of {0} batches, with its losses and weights, is dropped.")
        yield words.format(reach)
    if branches > 1:
        yield _tr("All {0} branches are dropped.").format(branches)
    if len(stations) < len(snapshot.bookmarks):
        yield _tr("The bookmarks are dropped.")
    if stations:
        yield _tr("The stations of your walk are dropped.")


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
