"""What is needed to open a session: the content of its file, and the objects that a caller gave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.debug.program.own_step import StepNote, note_of
from engine.debug.session_file.fields import boolean, check_fits, numbers_of
from engine.debug.session_file.save import is_ours
from engine.errors import SessionNotRead, StepDiffers, StepNotGiven, clipped
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS, Optimizer
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class SessionContent:
    """A session file and the objects that were given to open it.

    Attributes:
        path: the file.
        document, arrays: its JSON document and its arrays.
        network, optimizer: of the caller's own, as before the first batch; None if not given.
        dataset: the dataset that the file names, or the caller's own.
        step: the step that trained the session.
    """

    path: Path
    document: dict[str, Any]
    arrays: dict[str, Array]
    network: Network | None
    optimizer: Optimizer | None
    dataset: Dataset
    step: Callable[..., Any]

    @property
    def is_old(self) -> bool:
        """Whether the file has version 1, which is laxer."""
        return _is_old(self.document)

    @property
    def has_own_parts(self) -> bool:
        """Whether layers, loss or optimizer are the caller's own."""
        return _has_own_parts(self.document)

    @property
    def runs_again(self) -> bool:
        """Whether every batch runs again: the caller's own code may keep state that no file has."""
        return self.has_own_parts or self.step is not train_step

    @property
    def states(self) -> list[dict[str, Any]]:
        """The rows of the stored states, by number."""
        states: list[dict[str, Any]] = self.document["states"]
        return states

    def put_optimizer(self, optimizer: Any, number: int, network: Any) -> None:
        """Set an optimizer to the stored state of this number."""
        description = self.states[number]["optimizer"]
        kind = OPTIMIZERS[description["kind"]]
        if type(optimizer) is not kind:
            raise ValueError("its optimizer is another one")
        settings, updates = numbers_of(optimizer, description)
        kind(**settings)  # raises ValueError for settings that the optimizer refuses
        for name, value in (settings | updates).items():
            setattr(optimizer, name, value)
        parameters = network.parameters()
        for name, keys in description["arrays"].items():
            if not isinstance(getattr(optimizer, name), dict):
                raise ValueError(f"its {name} is no dictionary")
            stored = {k: self.arrays[f"state{number}.optimizer.{name}.{k}"].copy() for k in keys}
            for key, array in stored.items():
                check_fits(f"{name} of {key}", array, parameters[key])
            setattr(optimizer, name, stored)

    def different_run(self, difference: str) -> Exception:
        """The error of a run that differs from the saved run: damage, or other code."""
        if self.step is not train_step:
            return step_differs(self.path, (difference,))
        if self.has_own_parts:
            return SessionNotRead(self.path, f"its run does not go as it went: {difference}")
        return ValueError(difference)


def _is_old(document: dict[str, Any]) -> bool:
    """Whether a document has version 1."""
    return bool(document["version"] == 1)


def _has_own_parts(document: dict[str, Any]) -> bool:
    """Whether a document has layers, a loss or an optimizer of the caller's own."""
    return boolean(document["network"]["own"], "own")


def checked_step(
    path: Path,
    document: dict[str, Any],
    network: Network | None,
    optimizer: Optimizer | None,
    step: Callable[..., Any] | None,
) -> Callable[..., Any]:
    """The step that trained a session: the given step, or `train_step`.

    Raises:
        StepNotGiven, StepDiffers: the session was trained by a step of the caller's own, which is
            missing or another one.
    """
    data = None if _is_old(document) else document["step"]
    # Files of version 1 do not name the step. They only say that some part is the caller's own.
    unnamed = _is_old(document) and _has_own_parts(document)
    if data is None and not unnamed:
        if step is None or step is train_step:
            return train_step
        raise step_differs(path, (f"it is {note_of(step).name}, and not train_step",))
    if step is None:
        if data is not None:
            note = StepNote.from_json(data)
            raise StepNotGiven(path, f"it has a step of its own, {note.name} of {note.file}")
        if network is not None and optimizer is not None:
            given = (network, optimizer, *network.layers, network.loss)
            if all(map(is_ours, given)):
                raise StepNotGiven(path, "it has a step of its own, whose name it does not say")
        return train_step
    if data is not None and (differences := StepNote.from_json(data).differences(note_of(step))):
        raise step_differs(path, differences)
    return step


def step_differs(path: Path, differences: tuple[str, ...]) -> StepDiffers:
    """The error of a step that is not the step of the session."""
    return StepDiffers(
        path,
        f"the step that was given is another one: {clipped('; '.join(differences))}",
        differences,
    )
