"""Saving a session: its JSON document and its arrays; `step_save` has those of any other step.

Parameters and optimizer are written for the first batch and for some of the stored states. Opening
the file runs the batches between again. Arrays that a batch leaves on the layers are not written;
opening the file runs that batch again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.references import reference_to
from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.breakpoints.files import to_rows
from engine.debug.memory.state import State
from engine.debug.program.network_program import NetworkProgram
from engine.debug.program.step_program import StepProgram
from engine.debug.reach.contents import look_up
from engine.debug.session_file.branch_rows import branch_row, chosen_states
from engine.debug.session_file.environment import run_environment
from engine.debug.session_file.format import to_bytes, write
from engine.debug.session_file.step_save import pack_step
from engine.debug.travel.branches import Branch
from engine.debug.travel.checkpoints import parameters_then
from engine.debug.travel.trainer import Trainer
from engine.nn.optimizers import OPTIMIZERS

Array = np.ndarray[Any, Any]


def save(path: Path, document: dict[str, Any], arrays: dict[str, Array]) -> Path:
    """Write the result of `pack` to a file; raises SessionNotWritten."""
    return write(path, to_bytes(document, arrays))


def pack(
    trainer: Trainer,
    breakpoints: Iterable[Breakpoint],
    bookmarks: Iterable[Bookmark],
    extra: dict[str, Any] | None = None,
    in_batch: bool = False,
) -> tuple[dict[str, Any], dict[str, Array]]:
    """The document and copies of the arrays of a trainer, to be written on any thread.

    The cursor stays. `extra` is a JSON object of the caller's own, which `load` returns. With
    `in_batch` another thread is in a batch that does not return; the state before it is saved.
    """
    if isinstance(trainer.program, StepProgram):
        return pack_step(trainer, trainer.program, breakpoints, bookmarks, extra, in_batch)
    program = network_program(trainer)
    arrays: dict[str, Array] = {}
    states = _States(trainer, arrays)
    states.put(trainer.first_state)  # number 0
    document = {
        "surroundings": run_environment(trainer.blas_threads),
        "network": _network_of(trainer),
        "step": trainer.step_note.to_json() if trainer.step_note is not None else None,
        "dataset": reference_to(program.dataset),
        "batch_size": program.order.batch_size,
        "seed": trainer.first_seed,
        "memory_budget": trainer.memory_budget,
        "blas_threads": trainer.blas_threads,
        "breakpoints": to_rows(breakpoints),
        "bookmarks": [asdict(bookmark) for bookmark in bookmarks],
        "branches": [
            branch_row(trainer, branch, states.of(branch), arrays) for branch in trainer.branches
        ],
        "states": states.written,
        "current": trainer.branches.current.id,
        # Unknown within a batch: the parameters before it are not available.
        "digest": None if in_batch else digest(trainer),
        "extra": extra or {},
    }
    return document, arrays


def network_program(trainer: Trainer) -> NetworkProgram:
    """The program of a session of a network."""
    program = trainer.program
    assert isinstance(program, NetworkProgram)
    return program


def digest(trainer: Trainer) -> str:
    """SHA-256 of the parameters before the cursor's batch, in hex."""
    found = sha256()
    for name, array in trainer.stored_parameters(trainer.position.batch).items():
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def is_ours(part: Any) -> bool:
    """Whether an object can be made again from the name of its class and its arrays."""
    return type(part).__module__.startswith("engine.nn.")


def has_own_parts(trainer: Trainer) -> bool:
    """Whether any part is the caller's own, so that a file cannot make it again."""
    program = network_program(trainer)
    network = program.network
    parts = (network, *trainer.first_layers, network.loss, program.optimizer)
    return not all(map(is_ours, parts))


def has_own_state(trainer: Trainer) -> bool:
    """Whether the caller's own code may keep state, which a file cannot hold."""
    return has_own_parts(trainer) or trainer.step_note is not None


def _network_of(trainer: Trainer) -> dict[str, Any]:
    own, network = has_own_parts(trainer), network_program(trainer).network
    return {
        "own": own,
        "layers": [
            {"kind": type(layer).__name__, "arrays": [] if own else _arrays_of(layer)}
            for layer in trainer.first_layers
        ],
        "loss": type(network.loss).__name__,
        "input_gradient": bool(look_up(network, "input_gradient", False)),
    }


def _arrays_of(layer: Any) -> list[str]:
    """The names of a layer's parameters, in the order of its constructor."""
    return list(layer.parameter_names) if hasattr(layer, "parameter_names") else []


class _States:
    """The states that are written. States that branches share are written once."""

    def __init__(self, trainer: Trainer, arrays: dict[str, Array]) -> None:
        self._trainer, self._arrays = trainer, arrays
        self._numbers: dict[int, int] = {}
        self.written: list[dict[str, Any]] = []

    def put(self, state: State) -> int:
        """Write a stored state unless it is written already, and return its number."""
        if id(state) not in self._numbers:
            number = self._numbers[id(state)] = len(self.written)
            parameters = parameters_then(state, self._trainer.parameters())
            for name, array in (parameters or {}).items():
                self._arrays[f"state{number}.parameters.{name}"] = array
            self.written.append({"batch": state.batch, "optimizer": self._optimizer(state, number)})
        return self._numbers[id(state)]

    def of(self, branch: Branch) -> list[int]:
        """Write the states of a branch, and return their numbers."""
        own = has_own_state(self._trainer)
        return [] if own else [self.put(one) for one in chosen_states(self._trainer, branch)]

    def _optimizer(self, state: State, number: int) -> dict[str, Any]:
        live = network_program(self._trainer).live
        optimizer = state.attributes_then(live)["optimizer"]
        if type(optimizer) not in OPTIMIZERS.values():
            return {}  # the optimizer is the caller's own
        found: dict[str, Any] = {"kind": type(optimizer).__name__, "numbers": {}, "arrays": {}}
        for name, value in state.attributes_then(optimizer).items():
            if isinstance(value, dict):
                found["arrays"][name] = list(value)
                for key, array in value.items():
                    self._arrays[f"state{number}.optimizer.{name}.{key}"] = array
            else:
                found["numbers"][name] = value
        return found
