"""What a run runs: a step, the objects that it reaches, and what is known about them.

The debugger asks a program for its facets (parameters, gradients, layers, the loss), and does
without those that it does not have. A network with an optimizer and a dataset is a program whose
facets are declared (`network_program.py`).
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug.events import Phase
from engine.debug.memory.parameter_places import ParameterPlaces
from engine.debug.memory.state import Redrawn
from engine.debug.program.evaluation import Evaluation, loss_value
from engine.debug.program.live_objects import Live
from engine.debug.reach.contents import answer_of
from engine.debug.record.trace import Trace
from engine.debug.snapshots.layers import LayerSource
from engine.debug.snapshots.samples import NO_SAMPLES, Samples
from engine.debug.snapshots.trace_index import TraceIndex
from engine.errors import Worded
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer

Array = np.ndarray[Any, Any]


class Program(ABC):
    """A step and everything that it reaches. What a program does not know has a default here.

    Attributes:
        step: runs one minibatch, and returns its loss where that is known.
        live: the objects that edits change.
        network, dataset: declared objects; None without them.
        input_gradient: whether the gradient by the input is computed; None if that is no choice.
    """

    network: Network | None = None
    dataset: Dataset | None = None
    input_gradient: bool | None = None

    def __init__(self, step: Callable[..., Any], live: Live) -> None:
        self.step = step
        self.live = live

    @property
    @abstractmethod
    def title(self) -> str:
        """The program's name in the window."""

    @property
    def dtype(self) -> str:
        """The widest float type of the parameters."""
        kinds = {array.dtype for array in self.parameters().values() if array.dtype.kind == "f"}
        return str(max(kinds, key=lambda kind: kind.itemsize)) if kinds else "float32"

    @property
    def optimizer(self) -> Optimizer | None:
        """The live optimizer, if it is declared."""
        return None

    @property
    def order(self) -> BatchOrder | None:
        """The live order of the samples, if it is declared."""
        return None

    @property
    def batches_per_epoch(self) -> int | None:
        """The number of batches in an epoch, if it is known."""
        return None

    @property
    def epoch_length(self) -> int:
        """The same; without epochs, more batches than will ever run."""
        return self.batches_per_epoch or sys.maxsize

    # A batch

    @abstractmethod
    def arguments(self, batch: int) -> tuple[Any, ...]:
        """The arguments of the step for a batch."""

    def prepare(self) -> None:
        """Apply the caller's settings, which are no state, before a batch."""
        return

    def loss_of(self, result: Any) -> float:
        """The loss of a batch, from what the step returned; raises TypeError if it is no number."""
        return loss_value(result)

    def loss_in(self, trace: Trace) -> float:
        """The loss of a batch that was just recorded, so that the live objects are at its end."""
        return self.loss_of(trace.result)

    def run_plainly(self, call: Callable[..., Any], batch: int) -> Any:
        """Run a batch at full speed, by `call(step, *arguments)`; return what the step returned."""
        return call(self.step, *self.arguments(batch))

    def places(self, trace: Trace, first: Mapping[str, Array]) -> ParameterPlaces:
        """Where a batch that was just recorded has its parameters.

        `first` are the parameters before it; the live objects are at its end.
        """
        last = answer_of(self.parameters, {})
        return ParameterPlaces(trace.history, self.parts, first, last, len(trace))

    def phases_in(self, trace: Trace) -> Sequence[Phase] | None:
        """The pass of each event of a recorded batch; None: those of the names that it calls."""
        return None

    def note_layers(self, trace: Trace) -> None:
        """Give a recorded batch the calls of its layers, if their owners do not tell."""
        return

    # What it reaches

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objects whose methods a batch calls, as far as they are known beforehand."""
        return ()

    @property
    @abstractmethod
    def roots(self) -> tuple[Any, ...]:
        """The objects from which everything is reached that a batch may change."""

    def keeps(self, thing: Any) -> bool:
        """Whether an object lives from batch to batch, as far as that is known."""
        return any(thing is part for part in (*self.layers.values(), *self.parts))

    def redrawn(self, batch: int) -> Redrawn | None:
        """The arrays before a batch that are not stored, because they can be made again."""
        return None

    # What is known about it

    @property
    def layers(self) -> dict[str, Any]:
        """The live layers and the loss by name, in order."""
        return {}

    @abstractmethod
    def layer_source(self, trace_index: TraceIndex) -> LayerSource:
        """What is known of the layers in a recorded batch, where the cursor is."""

    def parameters(self) -> dict[str, Array]:
        """The live parameters by name."""
        return self.live.parameters()

    def gradients(self) -> Mapping[str, Array] | None:
        """The live gradients, by the names of the parameters; None: only a trace can tell."""
        return None

    def traced_gradients(self, trace: Trace) -> Mapping[str, tuple[int, Any]] | None:
        """Of a recorded batch, the moment at which each gradient was made, and the gradient.

        None where they are attributes of the layers, with names of their own.
        """
        return None

    @property
    def learning_rate(self) -> float | None:
        """The live learning rate; None if it is unknown."""
        return None

    def samples(self, batch: int) -> Samples:
        """The samples of a batch, as far as they are known before it runs."""
        return NO_SAMPLES

    @property
    def kept(self) -> Iterable[Any]:
        """The objects whose arrays show whether a batch went wrong: layers and the optimizer."""
        return ()

    def units_of(self, name: str, batch: int) -> int:
        """The number of outputs of a layer, found by running a batch up to it."""
        return 0

    def evaluation(
        self, batch: int, future: int, part: int | None, aside: bool
    ) -> Evaluation | None:
        """A measurement on the test set, as a job; None if there is none.

        Args:
            batch: the batch before which the live objects are.
            future: of the branch.
            part: the number of test images; None: all.
            aside: the job is to run on another thread, and needs a copy of its own.
        """
        return None

    def notices(self) -> tuple[Worded, ...]:
        """Notices about the program for the user, that are no errors."""
        return ()
