"""A network with an optimizer and a dataset, as a program with declared facets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder, minibatch_of
from engine.debug.events import Phase
from engine.debug.facets.facets import FoundFacets
from engine.debug.facets.find import find
from engine.debug.facets.passes import passes_of
from engine.debug.memory.minibatch_reference import reference_before
from engine.debug.memory.state import Redrawn
from engine.debug.program.evaluation import Evaluation
from engine.debug.program.live_objects import LiveObjects
from engine.debug.program.program import Program
from engine.debug.reach.buffers import read_only
from engine.debug.reach.contents import answer_of, look_up
from engine.debug.record.interruption import of_the_code
from engine.debug.record.notices import notices_of_network
from engine.debug.record.trace import Trace
from engine.debug.snapshots.layers import LayerSource, NetworkLayers
from engine.debug.snapshots.samples import Samples
from engine.debug.snapshots.trace_index import TraceIndex
from engine.errors import Worded
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]
DEEP = 4  # equal layers in a row that are counted in a network's title, not listed


class NetworkProgram(Program):
    """The training of a network: its facets are those of its objects.

    Args:
        live: the network, the optimizer and the order of the samples.
        dataset: the source of the minibatches.
        step: `step(network, optimizer, x, t) -> loss`.
    """

    network: Network
    dataset: Dataset
    live: LiveObjects

    def __init__(self, live: LiveObjects, dataset: Dataset, step: Callable[..., Any]) -> None:
        super().__init__(step, live)
        self.network = live.network
        self.dataset = dataset
        # The caller's setting, which stored states do not change; None: this network has none.
        self.input_gradient = look_up(live.network, "input_gradient")
        self._dtype = super().dtype  # the minibatches have it, whatever an edit does
        self._found: FoundFacets | None = None
        self._layers: tuple[tuple[int, ...] | None, dict[str, Any]] = (None, {})

    @property
    def title(self) -> str:
        """`784-50-10`: inputs and outputs of the products in a network, or its class's name."""
        return _title_of(self.network)

    @property
    def dtype(self) -> str:
        """The float type of the parameters and the minibatches."""
        return self._dtype

    @property
    def optimizer(self) -> Optimizer:
        """The live optimizer."""
        return self.live.optimizer

    @property
    def order(self) -> BatchOrder:
        """The live order of the samples."""
        return self.live.order

    @property
    def batches_per_epoch(self) -> int:
        """The number of batches in an epoch."""
        return self.order.batches_per_epoch

    def minibatch(self, batch: int) -> tuple[Array, Array]:
        """The images x (n, features) and labels t (n,) of a batch."""
        return minibatch_of(self.dataset, self.order, batch, self.dtype)

    def arguments(self, batch: int) -> tuple[Any, ...]:
        """The network, the optimizer, the images and the labels."""
        return (self.network, self.optimizer, *self.minibatch(batch))

    def prepare(self) -> None:
        """Let the network compute the gradient by its input, or not."""
        if self.input_gradient is not None:
            self.network.input_gradient = self.input_gradient

    @property
    def parts(self) -> tuple[Any, ...]:
        """The network, the optimizer, the layers and the loss."""
        return (self.network, self.optimizer, *self.layers.values())

    @property
    def roots(self) -> tuple[Any, ...]:
        """All live objects, and the step."""
        return (*self.live.parts, *self.layers.values(), self.step, self.live)

    def redrawn(self, batch: int) -> Redrawn | None:
        """The minibatch before, which the first layer still holds."""
        return reference_before(self.dataset, self.order, batch, self.dtype)

    @property
    def layers(self) -> dict[str, Any]:
        """The live layers and the loss by name, in order."""
        key = tuple(map(id, getattr(self.network, "layers", ())))
        if self._layers[0] != key:
            self._layers = key, self.live.layers
        return self._layers[1]

    def phases_in(self, trace: Trace) -> Sequence[Phase] | None:
        """With a step of the caller's own, the pass of each event by data flow.

        None for `train_step`, whose calls are named after the passes, and where none are found.
        """
        if self.step is train_step:
            return None
        if self._found is None and trace.error is None and len(trace):
            reached = partial(self.step, self.network, self.optimizer)
            self._found = find([trace], reached)
        if self._found is None or not self._found.passes.losses:
            return None
        return passes_of(trace, self._found).phases

    def layer_source(self, trace_index: TraceIndex) -> LayerSource:
        """The layers of the network."""
        return NetworkLayers(trace_index, self)

    def gradients(self) -> Mapping[str, Array]:
        """The live gradients, by the names of the parameters."""
        return self.network.gradients()

    @property
    def learning_rate(self) -> float | None:
        """The optimizer's `lr`."""
        rate = look_up(self.optimizer, "lr")
        return None if rate is None else float(rate)

    def samples(self, batch: int) -> Samples:
        """The samples of a batch; a drawn sample has an index below 0."""
        indices, drawn = self.order.indices(batch), self.order.drawn.get(batch)
        if drawn is not None:
            images, labels = drawn.images, drawn.labels
        else:
            images, labels = self.dataset.images[indices], self.dataset.labels[indices]
        return Samples(read_only(indices), read_only(images), read_only(labels))

    @property
    def kept(self) -> Iterable[Any]:
        """The layers and the optimizer."""
        return (*self.layers.values(), self.optimizer)

    def units_of(self, name: str, batch: int) -> int:
        """The number of outputs of a layer, found by running a batch up to it."""
        output: Any = self.minibatch(batch)[0]
        for layer_name, layer in self.layers.items():
            output = layer.forward(output)
            if layer_name == name:
                break
        return int(output.shape[-1]) if output.ndim == 2 else 0

    def evaluation(
        self, batch: int, future: int, part: int | None, aside: bool
    ) -> Evaluation | None:
        """A measurement on the test set; `aside`, None with layers that are not from `engine.nn`.

        A copy of other layers may share a random generator or a dictionary with the network, so
        that another thread would change the run.
        """
        test, network = self.dataset.test, self.network
        if test is None:
            return None
        if aside:
            if not all(type(x).__module__.startswith("engine.nn.") for x in self.layers.values()):
                return None
            try:
                network = deepcopy(network)
            except BaseException as error:
                if not of_the_code(error):
                    raise
                return None  # a layer may keep a lock or an open file
        return Evaluation(batch, future, network, test, self.dtype, part)

    def notices(self) -> tuple[Worded, ...]:
        """Whether the network has no parameters."""
        return notices_of_network(self.network)


def _title_of(network: Any) -> str:
    """`784-50-10`: inputs and outputs of the products in a network, or its class's name.

    A deep network of equal layers is `784-30x5-10-relu`: it would be too long in full.
    """
    shapes = [a.shape for a in network.parameters().values() if a.ndim == 2]
    if shapes and all(first[1] == second[0] for first, second in pairwise(shapes)):
        widths = (shapes[0][0], *(shape[1] for shape in shapes))
        runs = [(width, len(list(run))) for width, run in groupby(widths)]
        if all(count < DEEP for _, count in runs):
            return "-".join(str(width) for width in widths)
        sizes = "-".join(f"{width}x{count}" if count > 1 else str(width) for width, count in runs)
        named = answer_of(lambda: {type(layer).__name__.lower() for layer in network.layers}, set())
        kinds = named - {"affine"}
        return f"{sizes}-{kinds.pop()}" if len(kinds) == 1 else sizes
    return type(network).__name__
