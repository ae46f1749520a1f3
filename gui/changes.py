"""What a changed setting resets, and the options of the run that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from engine.options import Options, build_session
from PySide6.QtCore import QCoreApplication

from engine.debug.snapshot import Setup, Snapshot

__all__ = ["Change", "Options", "build_session", "changed", "what_it_resets"]


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
        "optimizer": _tr("The same weights are drawn again from the seed."),
        "seed": _tr("Other weights are drawn, and the samples come in another order."),
        "batch_size": _tr(
            "The same weights are drawn again from the seed; the samples are dealt out anew."
        ),
    }[change.field]
    return _tr("This starts a new run at batch 0. {0} {1}").format(lost, fresh)


def changed(options: Options | None, change: Change, setup: Setup) -> Options:
    """Return the options of the run with the change made."""
    options = options or options_of(setup)
    new: dict[str, Any] = {_OPTION.get(change.field, change.field): change.value}
    if change.field == "network":
        new["lr"] = None
    elif setup.learning_rate is not None:
        new["lr"] = setup.learning_rate
    return replace(options, **new)


def options_of(setup: Setup) -> Options:
    """Gather the options of a session that was made without any; its data becomes the bundled."""
    known = {field.name for field in fields(Options)}
    found = {
        "network": setup.network,
        "dtype": setup.dtype,
        "optimizer": setup.optimizer,
        "lr": setup.learning_rate,
        "batch_size": setup.batch_size,
        "seed": setup.seed,
    }
    return Options(**{name: value for name, value in found.items() if name in known})


_OPTION = {"learning_rate": "lr"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("changes", text)
