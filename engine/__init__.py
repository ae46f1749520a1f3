"""Retrograd's engine: the network and its debugger, without a window.

Importing it sets BLAS to one thread, for the whole process: the last bits of a matrix product
depend on their number, and a plain loop over `train_step` is to agree bit for bit with a session.
(At the sizes of these networks a second thread would slow them down.) `Session(blas_threads=...)`
asks for another number where it runs; `threadpoolctl` sets it anywhere else.
"""

from __future__ import annotations

from threadpoolctl import threadpool_limits

from engine.data import load_idx, load_mnist, tiny_digits
from engine.debug import Event, Kind, Phase, Position, Session, Verb
from engine.debug.breakpoints import places
from engine.debug.breakpoints.places import *  # noqa: F403 (a new kind is exported by its module)
from engine.debug.travel.edits import (
    How,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SetSeed,
    SilenceUnit,
)
from engine.errors import BadValue, Described, RetrogradError, StepFailed
from engine.nn.models import one_layer_net, three_layer_net, tiny_net, two_layer_net
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.nn.training import train_step

threadpool_limits(limits=1, user_api="blas")

__all__ = [
    "SGD",
    "BadValue",
    "Described",
    "Event",
    "How",
    "Kind",
    "Network",
    "Phase",
    "Position",
    "RetrogradError",
    "Session",
    "SetCells",
    "SetLearningRate",
    "SetOptimizer",
    "SetSeed",
    "SilenceUnit",
    "StepFailed",
    "Verb",
    "load_idx",
    "load_mnist",
    "one_layer_net",
    "three_layer_net",
    "tiny_digits",
    "tiny_net",
    "train_step",
    "two_layer_net",
]
__all__ += places.__all__
