"""Retrograd's engine: the network and its debugger, without a window.

Importing it sets BLAS to one thread, for the whole process: the last bits of a matrix product
depend on their number, and a plain loop over `train_step` is to agree bit for bit with a session.
(At the sizes of these networks a second thread would slow them down.) `Session(blas_threads=...)`
asks for another number where it runs; `threadpoolctl` sets it anywhere else.
"""

from __future__ import annotations

from threadpoolctl import threadpool_limits

from engine.data import load_idx, load_mnist
from engine.debug import Position, Session
from engine.debug.breakpoints.breakpoints import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtLine,
    AtPass,
    Change,
    Named,
    NotFinite,
    Quantity,
)
from engine.debug.travel.edits import (
    How,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SetSeed,
    SilenceUnit,
)
from engine.nn.models import one_layer_net, two_layer_net
from engine.nn.optimizers import SGD
from engine.nn.training import train_step

threadpool_limits(limits=1, user_api="blas")

__all__ = [
    "SGD",
    "AtBatch",
    "AtData",
    "AtEpoch",
    "AtLayer",
    "AtLine",
    "AtPass",
    "Change",
    "How",
    "Named",
    "NotFinite",
    "Position",
    "Quantity",
    "Session",
    "SetCells",
    "SetLearningRate",
    "SetOptimizer",
    "SetSeed",
    "SilenceUnit",
    "load_idx",
    "load_mnist",
    "one_layer_net",
    "train_step",
    "two_layer_net",
]
