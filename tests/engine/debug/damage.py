"""Session files whose document was changed, and what a bare loop makes of what they say."""

from __future__ import annotations

import gzip
import os
import struct
from copy import deepcopy
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine import (
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
    Session,
    load_idx,
    train_step,
)
from engine.data import Dataset
from engine.data.order import BatchOrder, minibatch_of
from engine.debug.events import Phase
from engine.debug.program.live_objects import LiveObjects
from engine.debug.reach.paths import follow
from engine.debug.travel.edits import (
    DrawSample,
    SetCells,
    SetLearningRate,
    SetOptimizer,
    SetSeed,
    SilenceUnit,
    edit_from_json,
)
from engine.nn import layers, losses
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS
from engine.options import Options
from tests.programs.loading import load, undisturbed

SAMPLES, SIDE, CLASSES = 40, 3, 3


def write_data(folder: Path) -> Dataset:
    """A small dataset in IDX files."""
    rng = np.random.default_rng(0)
    paths = []
    for name, count in (("train", SAMPLES), ("test", 10)):
        images = rng.integers(0, 256, (count, SIDE, SIDE), dtype=np.uint8)
        labels = rng.integers(0, CLASSES, count, dtype=np.uint8)
        for part, array in (("images", images), ("labels", labels)):
            head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            paths.append(folder / f"{name}-{part}.gz")
            paths[-1].write_bytes(gzip.compress(head + array.tobytes()))
    return load_idx(*paths)


def traps(folder: Path) -> list[str]:
    """Paths that are no file to be read."""
    pipe, large, link = folder / "pipe", folder / "large.py", folder / "link"
    if not pipe.exists():
        os.mkfifo(pipe)
        link.symlink_to(pipe)
        large.write_bytes(b"x = 1  # a line that does nothing\n" * 600_000)
    return [
        "/dev/zero", "/dev/stdin", "/proc/self/environ", "/proc/kmsg", "/proc/self/mem",
        str(pipe), str(link), str(large), str(folder), str(folder / "none"),
    ]  # fmt: skip


def make(dataset: Dataset, optimizer: str) -> Session:
    """A session with all that a file can hold: branches, edits, breakpoints, bookmarks."""
    rng = np.random.default_rng(1)
    W1 = rng.normal(0, 0.5, (SIDE * SIDE, 4)).astype("float32")
    W2 = rng.normal(0, 0.5, (4, CLASSES)).astype("float32")
    made = [Affine(W1, np.zeros(4, "float32")), Sigmoid(), Affine(W2)]
    session = Session(Network(made, SoftmaxWithLoss()), dataset, OPTIMIZERS[optimizer](), 7, 2)
    session.run(14, accuracy_every=5)
    session.goto(6)
    session.edit(SetCells("Affine1.W", "0, :2", 0.25), SetLearningRate(0.2), note="one")
    session.run(9)
    session.goto(8)
    drawn = DrawSample.of(np.eye(SIDE, dtype=np.uint8) * 90, 1)
    session.edit(SetOptimizer("Adam", 0.05), SilenceUnit("Sigmoid1", 1), SetSeed(5), drawn)
    session.run(5)
    session.measure()
    for place in (
        AtLine(layers.__file__, 40), AtLayer("Affine1", Phase.BACKWARD), AtPass(Phase.UPDATE),
        AtBatch(7), AtEpoch(1), NotFinite(), AtData("Affine1.W", "0, 0", Change.CROSSES, 0.5),
        Named(Quantity.GRADIENT_RMS, "Affine1.W", 1e-9, 3.0), Named(Quantity.LOSS_RISE, above=0.5),
    ):  # fmt: skip
        condition = "batch > 3" if isinstance(place, AtLine) else ""
        session.breakpoints.add(place, condition)
    session.bookmarks.add("here", session.position, 1)
    session.switch(1)
    session.goto(11, 9)
    return session


EXTRA = {"options": Options(network="16-4-3").to_json(), "layout": {"version": 5}, "path": "a"}


def places(document: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a document."""
    found = []
    items = (
        document.items() if isinstance(document, dict)
        else enumerate(document) if isinstance(document, list) else ()
    )  # fmt: skip
    for key, value in items:
        found += [(*before, key), *places(value, (*before, key))]
    return found


def other_values(paths: list[str]) -> st.SearchStrategy[Any]:
    """What may stand in the place of anything."""
    return st.one_of(
        st.sampled_from([
            -1, -5, 0, 1, 2, 7, 10**9, 2**31, 2**63, 10**400, -(10**400), 0.5, -0.5, 1e308, 1e-308,
            float("nan"), float("inf"), -float("inf"), True, False, None, "", "x", "SGD", "Adam",
            "main", "9" * 5000, "0, 0", "::0", "(" * 5000, "\ud800", "a\0b", [], {}, [0], {"a": 1},
            [[[[]]]], {"$float": "x"}, {"$float": []}, {"$float": "nan"},
        ]),
        st.sampled_from(paths),
        st.integers(-3, 30),
        st.floats(),
    )  # fmt: skip


def at(document: Any, place: tuple[Any, ...]) -> Any:
    """What is at a path."""
    for key in place:
        document = document[key]
    return document


@st.composite
def changes(draw: Any, document: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """The document with one to three things in it that are other."""
    changed = deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        how = draw(st.sampled_from(["set", "near", "near", "remove", "twice", "copy"]))
        there = places(changed)
        if how == "near":  # a number by another one, or by one like it
            numbers = [one for one in there if type(at(changed, one)) in (int, float)]
            *inner, last = draw(st.sampled_from(numbers or there))
            value = draw(st.sampled_from([at(changed, one) for one in numbers or there]))
            value += draw(st.sampled_from([-1, 0, 1])) if numbers else 0
        else:
            *inner, last = draw(st.sampled_from(there))
            value = at(changed, draw(st.sampled_from(there))) if how == "copy" else None
        holder = at(changed, tuple(inner))
        if how == "remove":
            del holder[last]
        elif how == "twice" and isinstance(holder, list):
            holder.append(deepcopy(holder[last]))
        elif how in ("near", "copy"):
            holder[last] = deepcopy(value)
        else:
            holder[last] = deepcopy(draw(other_values(paths)))
    return changed


def replay(document: dict[str, Any], arrays: Any, dataset: Dataset, branch: int) -> list[Any]:
    """The parameters before each batch of a branch and its loss, by a plain loop over the step."""
    names: dict[str, int] = {}
    made = []
    for row in document["network"]["layers"]:
        names[row["kind"]] = names.get(row["kind"], 0) + 1
        name = f"{row['kind']}{names[row['kind']]}"
        given = [arrays[f"state0.parameters.{name}.{one}"].copy() for one in row["arrays"]]
        made.append(getattr(layers, row["kind"])(*given))
    network = Network(made, getattr(losses, document["network"]["loss"])())
    described = document["states"][0]["optimizer"]
    optimizer = OPTIMIZERS[described["kind"]]()
    for name, value in described["numbers"].items():
        setattr(optimizer, name, type(getattr(optimizer, name))(value))
    order = BatchOrder(len(dataset), document["batch_size"], document["seed"])
    rig = LiveObjects(network, optimizer, order)
    row = next(one for one in document["branches"] if one["id"] == branch)
    reach = len(arrays[f"branch{branch}.losses"])
    dtype = str(next(iter(network.parameters().values())).dtype)
    found = []
    for batch in range(reach + 1):
        for at, edit in row["edits"]:
            if at == batch:
                run = SimpleNamespace(
                    live=batch, dataset=dataset, units_of=partial(_units, network)
                )
                edit_from_json(edit).apply(rig, run)
        parameters = {name: array.tobytes() for name, array in network.parameters().items()}
        if batch == reach:
            found.append((parameters, None))
            break
        x, t = minibatch_of(dataset, rig.order, batch, dtype)
        found.append((parameters, float(train_step(network, rig.optimizer, x, t))))
    return found


def _units(network: Network, name: str) -> int:
    """The outputs of a layer: those of the last product before it."""
    there = network.layers[: network.layer_names.index(name) + 1]
    return [layer.W.shape[1] for layer in there if isinstance(layer, Affine)][-1]


STEPS = "caches"  # of tests.programs


def make_of_step() -> Session:
    """A session of a step, with branches, edits, breakpoints, bookmarks and declarations."""
    with load(STEPS) as program:
        session = Session.from_step(program.step)
        session.facets.declare(learning_rate="learning_rate")
        session.run(140)
        session.goto(70)
        session.edit(SetCells("W1", "0, :2", 0.25), SetLearningRate(0.2), note="one")
        session.run(90)
        session.goto(80)
        session.edit(SetCells("b2", "", 0.0))
        session.run(5)
        session.breakpoints.add(AtLine(layers.__file__, 40), "batch > 3")
        for place in (AtBatch(7), AtPass(Phase.UPDATE), NotFinite()):
            session.breakpoints.add(place)
        session.bookmarks.add("here", session.position, 1)
        session.switch(1)
        session.goto(135, 9)
        return session


def replay_of_step(session: Session, branch: int) -> list[Any]:
    """The parameters before each batch of a branch and its loss, by a plain loop over the step."""
    facets = session.program.live.parameter_facets
    row, found = session.branches[branch], []
    with undisturbed(), load(STEPS) as program:
        live = SimpleNamespace(
            parameters=lambda: {n: follow(program.step, one.path) for n, one in facets.items()},
            set_learning_rate=partial(setattr, program.module, "learning_rate"),
        )
        for batch in range(row.reach + 1):
            for at, edit in row.edits:
                if at == batch:
                    edit.apply(live, SimpleNamespace(live=batch))
            parameters = {name: array.tobytes() for name, array in live.parameters().items()}
            found.append((parameters, program.loss(batch) if batch < row.reach else None))
    return found
