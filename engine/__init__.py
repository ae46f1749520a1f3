"""Retrograd's engine: the network and its debugger, without a window.

Importing it sets BLAS to one thread for the whole process. The last bits of a matrix product depend
on the number of threads, and a plain loop over `train_step` must agree bit for bit with a session.
(For networks of this size a second thread is slower.) `Session(blas_threads=...)` sets another
number while a session runs; `threadpoolctl` sets it elsewhere.
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
