"""Builds the trainer of a session file again, as it was before the first batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.debug.session_file.content import SessionContent
from engine.debug.session_file.fields import boolean, check_settings, class_of, integer, real_number
from engine.debug.session_file.opening import T
from engine.errors import SessionNotRead
from engine.nn import layers as layer_kinds
from engine.nn import losses as loss_kinds
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS

MOST_BYTES = 2**50  # of a memory budget
MOST_THREADS = 1024


def trainer_at_start(content: SessionContent, make: Callable[..., T]) -> T:
    """A new trainer with the network, the optimizer and the settings of the file.

    Raises:
        SessionNotRead: a part of the caller's own is missing, or begins with other parameters.
    """
    _check_own_parts_given(content)
    document, optimizer = content.document, content.optimizer
    network = content.network if content.network is not None else _network(content)
    description = content.states[0]["optimizer"]
    if optimizer is None:
        optimizer = OPTIMIZERS[str(description["kind"])]()
        content.put_optimizer(optimizer, 0, network)
    elif description:
        check_settings(optimizer, description, 0)
    _check_first_parameters(content, network)
    network.input_gradient = boolean(document["network"]["input_gradient"], "input_gradient")
    threads = document["blas_threads"]
    if threads is not None:
        threads = integer(threads, "number of BLAS threads", 1, MOST_THREADS)
    budget = real_number(document["memory_budget"], "memory budget")
    if not 0 <= budget <= MOST_BYTES:
        raise ValueError(f"its memory budget is {budget}")
    if type(document["seed"]) is not int:
        raise ValueError("its seed is no whole number")
    return make(
        network, content.dataset, optimizer, integer(document["batch_size"], "batch size"),
        document["seed"], int(budget), threads, content.step,
    )  # fmt: skip


def _check_own_parts_given(content: SessionContent) -> None:
    given = (("network=", content.network), ("optimizer=", content.optimizer))
    missing = " and ".join(name for name, part in given if part is None)
    if content.has_own_parts and missing:
        reason = (
            "it has layers or an optimizer of somebody's own. Open it in Python, with "
            f"Session.load(path, network=..., optimizer=...), both as they began: {missing} "
            "is missing"
        )
        raise SessionNotRead(content.path, reason)


def _check_first_parameters(content: SessionContent, network: Network) -> None:
    prefix = "state0.parameters."
    parameters = network.parameters()
    whose = "the network" if content.network is None else "the network that was given"
    if {f"{prefix}{name}" for name in parameters} != {
        name for name in content.arrays if name.startswith(prefix)
    }:
        raise SessionNotRead(content.path, f"{whose} has other parameters")
    for name, array in parameters.items():
        stored = content.arrays[f"{prefix}{name}"]
        if array.shape != stored.shape or array.tobytes() != stored.tobytes():
            reason = f"{whose} does not begin as it did: {name} is another"
            raise SessionNotRead(content.path, reason)


def _network(content: SessionContent) -> Network:
    """The network that the file describes, made of our own layers."""
    description = content.document["network"]
    layers: list[Any] = []
    counts: dict[str, int] = {}
    for row in description["layers"]:
        kind = str(row["kind"])
        counts[kind] = counts.get(kind, 0) + 1
        name = f"{kind}{counts[kind]}"
        arrays = [content.arrays[f"state0.parameters.{name}.{P}"].copy() for P in row["arrays"]]
        if any(array.dtype.kind != "f" for array in arrays):
            raise ValueError(f"{name} has weights of {', '.join(str(a.dtype) for a in arrays)}")
        layers.append(class_of(layer_kinds, row["kind"])(*arrays))
    return Network(layers, class_of(loss_kinds, description["loss"])())
