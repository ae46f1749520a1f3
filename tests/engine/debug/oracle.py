"""What the debugger should say, found out without it.

`picture` turns objects into plain values that can be compared bit for bit. `PlainRun` trains in a
bare loop. `watched_step` runs one plain step under `sys.settrace`, which stops at every line and
takes pictures: slow, and with nothing in common with the recorder.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.nn.training import train_step
from tests.engine.debug import networks
from tests.engine.debug.networks import BATCH_SIZE, DATASET, Recipe
from tests.engine.debug.watcher import global_variables

SCALARS = (int, float, complex, str, bytes, bool, type(None))


def picture(thing: Any, around: tuple[int, ...] = ()) -> Any:
    """A value that equals another's if and only if all that can be asked of both is the same."""
    if isinstance(thing, SCALARS):
        return (type(thing).__name__, repr(thing))
    if isinstance(thing, np.ndarray):
        return ("array", thing.dtype.str, thing.shape, thing.tobytes())
    if isinstance(thing, np.generic):
        return ("scalar", thing.dtype.str, thing.tobytes())
    if id(thing) in around:
        return "..."
    around = (*around, id(thing))
    if isinstance(thing, dict):
        return ("dict", [(repr(key), picture(value, around)) for key, value in thing.items()])
    if isinstance(thing, (list, tuple, deque)):
        return (type(thing).__name__, [picture(item, around) for item in thing])
    if isinstance(thing, np.random.Generator):
        return ("generator", repr(thing.bit_generator.state))
    if isinstance(thing, FunctionType):
        cells = [picture(cell.cell_contents, around) for cell in thing.__closure__ or ()]
        return ("function", thing.__qualname__, cells)
    if isinstance(thing, (type, MethodType)) or callable(thing):
        return ("name", getattr(thing, "__qualname__", repr(type(thing))))
    found = {name: picture(value, around) for name, value in sorted(stored(thing).items())}
    return (type(thing).__name__, found)


def stored(thing: Any) -> dict[str, Any]:
    """An object's attributes, in its `__dict__` and its slots."""
    found = dict(getattr(thing, "__dict__", {}))
    for slot in getattr(type(thing), "__slots__", ()):
        name = f"_{type(thing).__name__}{slot}" if slot.startswith("__") else slot
        if hasattr(thing, name):
            found[name] = getattr(thing, name)
    return found


def whole(network: Any, optimizer: Any) -> dict[str, Any]:
    """All that is kept from one batch to the next or within one, in sight or not."""
    return {
        "network": picture(network),
        "optimizer": picture(optimizer),
        "shared": picture([networks.Shared.means, networks.Shared.count]),
        "module": picture([networks.MODULE_RNG, networks.module_count]),
    }


def in_sight(network: Any, optimizer: Any) -> dict[str, Any]:
    """What the cursor takes along in a batch: attributes, and what they hold."""
    return without_hidden(whole(network, optimizer))


def without_hidden(state: dict[str, Any]) -> dict[str, Any]:
    """A whole picture but for generators and closures, which are true at batch borders only."""

    def without(value: Any) -> Any:
        if isinstance(value, tuple) and value and value[0] in ("generator", "function"):
            return value[0]
        if isinstance(value, (list, tuple)):
            return [without(item) for item in value]
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items()}
        return value

    return {"network": without(state["network"]), "optimizer": without(state["optimizer"])}


class PlainRun:
    """A bare training loop; afterwards, what was true before each batch.

    Attributes:
        states: [batch] everything, as `whole` tells it.
        parameters: [batch] {name: array}.
        gradients: [batch] {name: array} after the batch's backward.
        losses: [batch]
    """

    def __init__(
        self,
        recipe: Recipe,
        batches: int,
        dataset: Dataset = DATASET,
        rates: dict[int, float] | None = None,
    ) -> None:
        self.states: list[Any] = []
        self.parameters: list[dict[str, np.ndarray]] = []
        self.gradients: list[dict[str, np.ndarray]] = []
        self.losses: list[float] = []
        outside = np.random.get_state(), random.getstate()
        network, optimizer = recipe.build()
        order = BatchOrder(len(dataset), BATCH_SIZE, recipe.seed)
        for batch in range(batches + 1):
            if rates and batch in rates:
                optimizer.lr = rates[batch]
            self.states.append(whole(network, optimizer))
            self.parameters.append({n: p.copy() for n, p in network.parameters().items()})
            if batch < batches:
                x, t = dataset.batch(order.indices(batch), recipe.dtype)
                self.losses.append(float(train_step(network, optimizer, x, t)))
                self.gradients.append({n: g.copy() for n, g in network.gradients().items()})
        np.random.set_state(outside[0])
        random.setstate(outside[1])


@dataclass
class Stop:
    """A moment of a watched step: just before a line, on entry to a call, on its return."""

    kind: str
    function: str
    line: int
    locals: dict[str, Any]
    globals: dict[str, Any]
    owner: dict[str, Any]
    sight: dict[str, Any]


def watched_step(recipe: Recipe, batch: int, dataset: Dataset = DATASET) -> list[Stop]:
    """Run the plain code up to `batch`, and that one under `sys.settrace`."""
    network, optimizer = recipe.build()
    order = BatchOrder(len(dataset), BATCH_SIZE, recipe.seed)
    for earlier in range(batch):
        train_step(network, optimizer, *dataset.batch(order.indices(earlier), recipe.dtype))
    x, t = dataset.batch(order.indices(batch), recipe.dtype)
    stops: list[Stop] = []

    def watched(code: CodeType) -> bool:
        file, name = code.co_filename, code.co_name
        return ("engine/nn" in file or file.endswith("networks.py")) and name[0] != "<"

    def stop(frame: FrameType, kind: str, _: Any) -> Any:
        if not watched(frame.f_code):
            return None
        names = frame.f_locals
        visible = {*frame.f_code.co_varnames, *frame.f_code.co_freevars} - {"__class__"}
        own = {n: shown(v) for n, v in names.items() if n in visible}
        owner = {n: shown(v) for n, v in stored(names["self"]).items()} if "self" in names else {}
        sight = in_sight(network, optimizer)
        around = {n: shown(v) for n, v in global_variables(frame).items()}
        function = frame.f_code.co_qualname
        stops.append(Stop(kind, function, frame.f_lineno, own, around, owner, sight))
        return stop

    before = sys.gettrace()
    sys.settrace(stop)
    try:
        train_step(network, optimizer, x, t)
    finally:
        sys.settrace(before)
    return stops


def shown(value: Any) -> Any:
    """A variable's value; objects only by their type, since they are looked at elsewhere."""
    if isinstance(value, (*SCALARS, np.ndarray, np.generic)):
        return picture(value)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [shown(item) for item in value])
    if isinstance(value, dict):
        return ("dict", [(key, shown(item)) for key, item in value.items()])
    return type(value).__name__
