"""Stops of small real sessions, for the sums over images."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from engine.data import load_mnist, tiny_digits
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.nn.optimizers import SGD
from engine.presets import PRESETS

DW, DB = "self.x.T @ dout", "dout.sum(axis=0)"


@cache
def session_of(preset: str = "784-50-10", batch_size: int | None = None) -> Session:
    chosen = PRESETS[preset]
    data = load_mnist() if chosen.dataset == "mnist" else tiny_digits()
    size = chosen.batch_size if batch_size is None else batch_size
    session = Session(chosen.build(seed=0), data, SGD(lr=0.1), size, seed=0)
    session.run(batches=2)
    return session


@cache
def stop(
    source: str = DW,
    layer: str = "Affine1",
    preset: str = "784-50-10",
    batch_size: int | None = None,
) -> Snapshot:
    session = session_of(preset, batch_size)
    session.goto(batch=1)
    event = next(e.index for e in session.trace if (e.source, e.layer) == (source, layer))
    session.goto(batch=1, event=event)
    return session.snapshot()


def with_values(snapshot: Snapshot, *values, result=None) -> Snapshot:
    """The same stop with other operands, and another result."""
    operation = snapshot.operation
    operands = tuple(
        operand if value is None else replace(operand, value=value)
        for operand, value in zip(operation.operands, values, strict=True)
    )
    result = operation.result if result is None else result
    return replace(snapshot, operation=replace(operation, operands=operands, result=result))
