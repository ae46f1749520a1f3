"""What a changed setting resets, and the options of the run that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from engine.debug.snapshot import Setup, Snapshot
from engine.nn.presets import PRESETS
from engine.options import OPTIMIZERS, Options


@dataclass(frozen=True)
class Change:
    """A field of the setup, and the value that a person wants it to have."""

    field: str
    value: object

    def title(self) -> str:
        """The change as a question."""
        return {
            "network": _tr("Change the network to {0}?"),
            "dataset": _tr("Read the data {0}?"),
            "dtype": _tr("Change the numbers to {0}?"),
            "optimizer": _tr("Change the optimizer to {0}?"),
            "seed": _tr("Change the seed to {0}?"),
            "batch_size": _tr("Change the batch size to {0}?"),
            "learning_rate": _tr("Change the learning rate to {0}?"),
        }[self.field].format(self._said())

    def _said(self) -> str:
        if self.field == "dataset":
            return _tr("of the bundled MNIST") if self.value is None else f"“{self.value}”"
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


def what_it_resets(change: Change, snapshot: Snapshot) -> str:
    """Say what a change does to the run; "" when there is nothing to lose."""
    reach, batch = snapshot.history.reach, snapshot.position.batch
    if change.field == "learning_rate":
        future = reach - batch
        if future <= 1:  # at most the batch that is open, which runs again
            return ""
        return _tr(
            "From batch {0} on the run goes another way: the {1} batches that have run from there "
            "on, with their losses, are cut off. What came before stays."
        ).format(batch, future)
    lost = _tr("The run of {0} batches, with its losses and weights, is dropped.").format(reach)
    fresh = {
        "network": _tr(
            "New weights are drawn from the seed, with the network's own learning rate."
        ),
        "dataset": _tr("New weights are drawn from the same seed."),
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


def changed(options: Options | None, change: Change, setup: Setup) -> Options:
    """Return the options of the run with the change made.

    `options` are those that the run was built from; None for a session that was made by hand,
    whose options are gathered from its setup.
    """
    options = replace(options or options_of(setup), learning_rate=setup.learning_rate)
    if change.field in ("network", "optimizer"):
        options = replace(options, learning_rate=None)  # each has its own good rate
    return replace(options, **{change.field: change.value})


def options_of(setup: Setup) -> Options:
    """Gather the options of a session that was made without any; its data becomes the preset's."""
    return Options(
        network=setup.network if setup.network in PRESETS else Options().network,
        dtype=setup.dtype,
        optimizer=setup.optimizer if setup.optimizer in OPTIMIZERS else None,
        batch_size=setup.batch_size,
        seed=setup.seed,
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("changes", text)
