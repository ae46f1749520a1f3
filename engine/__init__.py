"""Retrograd's engine: the network and its debugger, without a window.

Importing it sets BLAS to one thread for the whole process. The last bits of a matrix product depend
on the number of threads, and a plain loop over `train_step` must agree bit for bit with a session.
(For networks of this size a second thread is slower.) `Session(blas_threads=...)` sets another
number while a session runs; `threadpoolctl` sets it elsewhere.
"""

from __future__ import annotations

from threadpoolctl import threadpool_limits

from engine.data import drawn_digits, load_idx, load_mnist, tiny_digits
from engine.debug import Event, Kind, Phase, Position, Session, Verb
from engine.debug.breakpoints import places
from engine.debug.breakpoints.places import *  # noqa: F403 (a new kind is exported by its module)
from engine.debug.travel.edits import (
    DrawSample,
    How,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SetSeed,
    SilenceUnit,
)
from engine.debug.travel.goal import TestAccuracy
from engine.errors import BadValue, Described, RetrogradError, StepFailed
from engine.nn.models import (
    deep_relu_net,
    deep_sigmoid_net,
    one_layer_net,
    three_layer_net,
    tiny_net,
    two_layer_net,
)
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.nn.training import train_step

threadpool_limits(limits=1, user_api="blas")

__all__ = [
    "SGD",
    "BadValue",
    "Described",
    "DrawSample",
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
    "TestAccuracy",
    "Verb",
    "deep_relu_net",
    "deep_sigmoid_net",
    "drawn_digits",
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
