"""A session from its file.

The run is built as it came about: from the beginning, edit by edit, with the written states put in
on the way. A state that was written has what is learnt; what the batch before has left on the
layers comes by running that batch: so a written state gives the exact one a batch later.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.references import find
from engine.debug.bookmarks import Bookmark
from engine.debug.branches import LONGEST_NOTE, Branch
from engine.debug.breakpoint_files import from_rows
from engine.debug.checkpoints import Checkpoints
from engine.debug.edits import Edit, edit_from_json
from engine.debug.events import Position
from engine.debug.examination import Measurement
from engine.debug.names import checked_name
from engine.debug.saving import digest
from engine.debug.session import Session
from engine.debug.session_file import read
from engine.debug.state import State
from engine.debug.surroundings import surroundings, unlike
from engine.debug.unchanged import Unchanged
from engine.errors import Described, SessionNotRead, StepFailed
from engine.nn import layers as layer_kinds
from engine.nn import losses as loss_kinds
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS, Optimizer

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A session that was opened.

    Attributes:
        unlike: what is other here than where it was saved, so that the last digits may differ.
        exact: whether the parameters at the cursor are bit for bit those that were saved.
        extra: what was given to `save`.
    """

    session: Session
    unlike: tuple[str, ...]
    exact: bool
    extra: dict[str, Any]


def load(
    path: Path,
    network: Network | None = None,
    dataset: Dataset | None = None,
    optimizer: Optimizer | None = None,
) -> Loaded:
    """Open a session.

    Args:
        path: the file.
        network: for a session with layers or an optimizer of your own, freshly made as it was; all
            that has run is run again.
        dataset: where the file cannot name it.
        optimizer: likewise.

    Raises:
        SessionNotRead: the file is broken, foreign or newer, the dataset is not there or another
            one, or a part of your own is missing.
    """
    document, arrays = read(path)
    try:
        return _Loading(document, arrays, network, dataset, optimizer)()
    except SessionNotRead:
        raise
    except StepFailed as error:
        raise SessionNotRead(path, f"its run does not go as it went: {error}") from error
    except Described as error:
        raise SessionNotRead(path, str(error).rstrip(".")) from error
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
        reason = f"it is damaged ({type(error).__name__}: {error})"
        raise SessionNotRead(path, reason) from error


class _Loading:
    def __init__(
        self,
        document: dict[str, Any],
        arrays: dict[str, Array],
        network: Network | None,
        dataset: Dataset | None,
        optimizer: Optimizer | None,
    ) -> None:
        self.document, self.arrays = document, arrays
        self.given = network, optimizer
        self.dataset = find(document["dataset"], dataset)
        self.states: list[dict[str, Any]] = document["states"]
        self.own = bool(document["network"]["own"])
        # The exact states that were made so far, by the edits before them and the batch.
        self.made: dict[tuple[tuple[tuple[int, Edit], ...], int], State] = {}

    def __call__(self) -> Loaded:
        document = self.document
        breakpoints = from_rows(document["breakpoints"])
        session = self.session = self._fresh_session()
        first = session._run.checkpoints.states[0]
        self.made[(), 0] = first
        branches = [self._branch(row) for row in document["branches"]]
        ids = [one.id for one in branches]
        if len(set(ids)) < len(ids) or document["current"] not in ids or not ids:
            raise ValueError("its branches do not fit together")
        _check_descent({one.id: one.parent for one in branches})
        run = session._run
        run.branches.restore(branches, document["current"])
        run.live = None
        session._stand_at(run.branch.position)
        session.breakpoints.restore(breakpoints)
        session.bookmarks.restore(map(_bookmark, document["bookmarks"]))
        then = {str(k): str(v) for k, v in document["surroundings"].items()}
        now = surroundings(session.blas_threads)
        exact = document["digest"] in (None, digest(session))
        return Loaded(session, unlike(then, now), exact, dict(document["extra"]))

    # The beginning

    def _fresh_session(self) -> Session:
        document, (network, optimizer) = self.document, self.given
        if self.own and (network is None or optimizer is None):
            raise ValueError("it has layers or an optimizer of somebody's own, to be given to load")
        if network is None:
            network = self._network()
        if optimizer is None:
            optimizer = self._optimizer(self.states[0]["optimizer"])
            self._put_optimizer(optimizer, 0)
        begun = {f"state0.parameters.{n}": array for n, array in network.parameters().items()}
        if begun.keys() != {name for name in self.arrays if name.startswith("state0.parameters.")}:
            raise ValueError("the network has other parameters")
        for name, array in begun.items():
            there = self.arrays[name]
            if array.shape != there.shape or array.tobytes() != there.tobytes():
                raise ValueError(f"the network does not begin as it did: {name} is another one")
        network.input_gradient = bool(document["network"]["input_gradient"])
        return Session(
            network, self.dataset, optimizer, int(document["batch_size"]), int(document["seed"]),
            int(document["memory_budget"]), document["blas_threads"],
        )  # fmt: skip

    def _network(self) -> Network:
        description = self.document["network"]
        made = []
        names = iter(self._layer_names())
        for row in description["layers"]:
            kind = getattr(layer_kinds, str(row["kind"]))
            if getattr(kind, "__module__", "") != layer_kinds.__name__:
                raise ValueError(f"there is no layer {row['kind']}")
            name = next(names)
            given = [self.arrays[f"state0.parameters.{name}.{P}"].copy() for P in row["arrays"]]
            made.append(kind(*given))
        loss = getattr(loss_kinds, str(description["loss"]))
        if getattr(loss, "__module__", "") != loss_kinds.__name__:
            raise ValueError(f"there is no loss {description['loss']}")
        return Network(made, loss())

    def _layer_names(self) -> list[str]:
        count: dict[str, int] = {}
        found = []
        for row in self.document["network"]["layers"]:
            kind = str(row["kind"])
            count[kind] = count.get(kind, 0) + 1
            found.append(f"{kind}{count[kind]}")
        return found

    def _optimizer(self, description: dict[str, Any]) -> Optimizer:
        return OPTIMIZERS[str(description["kind"])]()

    def _put_optimizer(self, optimizer: Any, number: int) -> None:
        """Give an optimizer all that a written state says of it."""
        description = self.states[number]["optimizer"]
        if type(optimizer) is not OPTIMIZERS[description["kind"]]:
            raise ValueError("its optimizer is another one")
        for name, value in description["numbers"].items():
            if type(value) is not type(getattr(optimizer, name)):
                raise ValueError(f"its {name} is {value!r}")
            setattr(optimizer, name, value)
        for name, keys in description["arrays"].items():
            if not isinstance(getattr(optimizer, name), dict):
                raise ValueError(f"its {name} is no dictionary")
            there = {k: self.arrays[f"state{number}.optimizer.{name}.{k}"].copy() for k in keys}
            setattr(optimizer, name, there)

    # The branches

    def _branch(self, row: dict[str, Any]) -> Branch:
        """Build a branch: its edits are made where they were, on the states before them."""
        run = self.session._run
        per_epoch = run.order.batches_per_epoch
        budget = run.branches.budget
        branch = Branch(
            int(row["id"]), checked_name(row["name"]), Checkpoints(budget), Unchanged(per_epoch),
            None if row["parent"] is None else int(row["parent"]), int(row["batch"]),
            tuple((int(batch), edit_from_json(data)) for batch, data in row["edits"]),
            str(row["note"])[:LONGEST_NOTE],
        )  # fmt: skip
        losses = self.arrays[f"branch{branch.id}.losses"]
        if losses.ndim != 1 or losses.dtype != np.float64:
            raise ValueError("its losses are no list of numbers")
        for batch, loss in enumerate(losses.tolist()):
            branch.losses.put(batch, loss)
        for batch, accuracy, loss in row["measured"]:
            predictions = self.arrays.get(f"branch{branch.id}.predictions{batch}")
            branch.measured.put(Measurement(int(batch), float(accuracy), float(loss), predictions))
        branch.position = _position(row["position"])
        if branch.position.batch > branch.reach or any(b > branch.reach for b, _ in branch.edits):
            raise ValueError("its branch goes further than it has run")
        branch.checkpoints.keep(self.made[(), 0])
        run.branches.current = branch  # as long as it is built
        run.live = None
        with run.engine():
            self._build(branch, [] if self.own else [int(n) for n in row["states"]])
        return branch

    def _build(self, branch: Branch, numbers: list[int]) -> None:
        """Put the exact states into a branch, in the order of the batches."""
        run = self.session._run
        written = {int(self.states[number]["batch"]): number for number in numbers}
        edited = {batch for batch, _ in branch.edits}
        for batch in sorted({*written, *edited}):
            past = tuple(one for one in branch.edits if one[0] < batch)
            if batch in edited:
                now = tuple(one for one in branch.edits if one[0] <= batch)
                known = self.made.get((now, batch))
                if known is None:
                    run.arrive(batch)
                    for at, edit in branch.edits:
                        if at == batch:
                            edit.apply(run.rig, run.units_of)
                    known = self.made[now, batch] = run.state(batch)
                branch.checkpoints.pin(known)
                run.live = None
                past = now
            if batch in written and batch < branch.reach:
                self._keep_after(branch, past, batch, written[batch])

    def _keep_after(
        self, branch: Branch, past: tuple[tuple[int, Edit], ...], batch: int, number: int
    ) -> None:
        """Keep the exact state a batch after a written one."""
        if (batch + 1) in branch.checkpoints.states or any(b == batch + 1 for b, _ in branch.edits):
            return
        run = self.session._run
        known = self.made.get((past, batch + 1))
        if known is None:
            # The objects of that time, which the last edit before it may have exchanged.
            branch.checkpoints.before(batch).restore()
            run.live = None
            for name, array in run.network.parameters().items():
                there = self.arrays[f"state{number}.parameters.{name}"]
                if (there.shape, there.dtype) != (array.shape, array.dtype):
                    raise ValueError(f"its {name} does not fit")
                array[...] = there
            self._put_optimizer(run.optimizer, number)
            run.live = batch
            run.step_plainly(batch)
            known = self.made[past, batch + 1] = run.state(batch + 1)
        branch.checkpoints.keep(known)
        run.live = None


def _check_descent(parents: dict[int, int | None]) -> None:
    """Refuse a branch that comes from one that is not there, or in the end from itself."""
    for id in parents:
        there: int | None = id
        for _ in parents:
            there = None if there is None else parents.get(there, id)
        if there is not None:
            raise ValueError(f"branch {id} comes from none of the others")


def _bookmark(row: dict[str, Any]) -> Bookmark:
    name, position = checked_name(row["name"]), _position(row["position"])
    return Bookmark(int(row["id"]), name, position, int(row["branch"]))


def _position(pair: Any) -> Position:
    batch, event = (int(number) for number in pair)
    if batch < 0 or event < 0:
        raise ValueError("a position is below 0")
    return Position(batch, event)
