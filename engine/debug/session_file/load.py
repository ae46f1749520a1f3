"""A session from its file.

The run is built as it came about: from the beginning, edit by edit, with the written states put in
on the way. A state that was written has what is learnt; what the batch before has left on the
layers comes by running that batch: so a written state gives the exact one a batch later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from numbers import Real
from pathlib import Path
from time import perf_counter
from typing import Any, Generic, TypeVar

import numpy as np

from engine.data.dataset import Dataset
from engine.data.references import find
from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.breakpoints.files import MOST, from_rows
from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.events import Position
from engine.debug.memory.state import State
from engine.debug.names import checked_name
from engine.debug.session_file.environment import surroundings, unlike
from engine.debug.session_file.format import read
from engine.debug.session_file.save import digest, is_ours
from engine.debug.travel.branches import LONGEST_NOTE, Branch
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit, edit_from_json
from engine.debug.travel.evaluation import Measurement, number
from engine.debug.travel.own_step import StepNote, note_of
from engine.debug.travel.trainer import Trainer
from engine.errors import (
    Described,
    OpeningCancelled,
    SessionNotRead,
    StepDiffers,
    StepFailed,
    StepNotGiven,
    clipped,
)
from engine.nn import layers as layer_kinds
from engine.nn import losses as loss_kinds
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS, Optimizer
from engine.nn.training import train_step
from engine.own_code import of_the_code

Array = np.ndarray[Any, Any]
T = TypeVar("T", bound=Trainer)
REPORT_SECONDS = 0.05  # between two calls of `progress` and of `cancel`
MOST_BYTES = 2**50  # of a memory budget
MOST_THREADS = 1024
ROUND_OFF = 0.01  # by how much of it the loss of one batch from a written state may be another


class OpeningStage(StrEnum):
    """What is done to open a session."""

    READING = "reading"  # and checking, in bytes
    RUNNING = "running"  # batches, again


@dataclass(frozen=True, slots=True)
class Opening:
    """How far the opening of a session is; `done` of `total` in what its stage counts."""

    stage: OpeningStage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a session that was opened compares with the one that was saved.

    Attributes:
        exact: whether the parameters at the cursor are bit for bit those that were saved.
        unlike: what is other here than where it was saved, so that the last digits may differ.
    """

    exact: bool
    unlike: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loaded(Generic[T]):
    """What a file holds.

    Attributes:
        trainer: of the class that was asked for, where its cursor was.
        breakpoints, bookmarks: as data; none of them is in the trainer.
        extra: what was given to `save` beside it.
        likeness: how it compares with the one that was saved.
    """

    trainer: T
    breakpoints: tuple[Breakpoint, ...]
    bookmarks: tuple[Bookmark, ...]
    extra: dict[str, Any]
    likeness: Likeness


def load(
    path: Path,
    make: Callable[..., T],
    network: Network | None = None,
    dataset: Dataset | None = None,
    optimizer: Optimizer | None = None,
    step: Callable[..., Any] | None = None,
    progress: Callable[[Opening], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Loaded[T]:
    """Open a session.

    Args:
        path: the file.
        make: the class of the trainer to build, called as `Trainer` is.
        network: for a session with layers or an optimizer of your own, freshly made as it was; all
            that has run is run again.
        dataset: where the file cannot name it.
        optimizer: likewise.
        step: for a session with a step of your own, that one; all that has run is run again. The
            source of what it calls, and the plain values that it is made with, have to be those of
            the one by which the session was trained.
        progress: told how far it is, every 50 ms.
        cancel: asked as often; True calls it off.

    Raises:
        SessionNotRead: the file is broken, foreign or newer, the dataset is not there or another
            one, or a part of your own is missing.
        StepNotGiven, StepDiffers: kinds of it that are about the step.
        OpeningCancelled: it was called off.
    """
    watch = _Progress(path, progress, cancel)
    document, arrays = read(path, lambda done, size: watch.tell(OpeningStage.READING, done, size))
    try:
        return _Loading(path, make, document, arrays, network, dataset, optimizer, step, watch)()
    except (SessionNotRead, OpeningCancelled):
        raise
    except StepFailed as error:
        raise SessionNotRead(path, f"its run does not go as it went: {error}") from error
    except Described as error:
        raise SessionNotRead(path, clipped(str(error).rstrip("."))) from error
    except (
        ArithmeticError, AttributeError, IndexError, KeyError, MemoryError, RecursionError,
        StopIteration, TypeError, ValueError,
    ) as error:  # fmt: skip
        reason = f"it is damaged ({type(error).__name__}: {clipped(str(error))})"
        raise SessionNotRead(path, reason) from error


class _Progress:
    """Tells how far it is, and asks whether to go on."""

    def __init__(
        self,
        path: Path,
        progress: Callable[[Opening], None] | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self._path, self._progress, self._cancel = path, progress, cancel
        self._due = 0.0
        self._stage: OpeningStage | None = None

    def tell(self, stage: OpeningStage, done: int, total: int) -> None:
        """So much is done; raises OpeningCancelled."""
        now = perf_counter()
        if now < self._due and stage is self._stage:
            return
        self._due, self._stage = now + REPORT_SECONDS, stage
        if self._cancel is not None and self._cancel():
            raise OpeningCancelled(self._path)
        if self._progress is not None:
            self._progress(Opening(stage, done, total))


class _Loading(Generic[T]):
    def __init__(
        self,
        path: Path,
        make: Callable[..., T],
        document: dict[str, Any],
        arrays: dict[str, Array],
        network: Network | None,
        dataset: Dataset | None,
        optimizer: Optimizer | None,
        step: Callable[..., Any] | None,
        watch: _Progress,
    ) -> None:
        self.path, self.document, self.arrays, self.watch = path, document, arrays, watch
        self.make = make
        self.is_old = document["version"] == 1
        self.given = network, optimizer
        self.states: list[dict[str, Any]] = document["states"]
        self.own = _truth(document["network"]["own"], "own")
        self.step = self._checked_step(step)
        self.dataset = find(document["dataset"], dataset)
        self.exact = True
        # The exact states that were made so far, by the edits before them and the batch.
        self.made: dict[tuple[tuple[tuple[int, Edit], ...], int], State] = {}

    def __call__(self) -> Loaded[T]:
        document = self.document
        breakpoints = from_rows(document["breakpoints"])
        extra = document["extra"]
        if not isinstance(extra, dict):
            raise ValueError("what was saved beside it is no dictionary")
        trainer = self.trainer = self._fresh_trainer()
        then = {str(k): str(v) for k, v in document["surroundings"].items()}
        self.unlike = unlike(then, surroundings(trainer.blas_threads))
        first = trainer._run.checkpoints.states[0]
        self.made[(), 0] = first
        branches = [self._branch(row) for row in document["branches"]]
        ids = [one.id for one in branches]
        if len(set(ids)) < len(ids) or document["current"] not in ids or not ids:
            raise ValueError("its branches do not fit together")
        _check_descent({one.id: one.parent for one in branches})
        bookmarks = [_bookmark(row, ids) for row in document["bookmarks"]]
        run = trainer._run
        run.branches.restore(branches, document["current"])
        run.live = None
        with run.engine():
            self._arrive(run.branch.position.batch)
        trainer._stand_at(run.branch.position)
        exact = self.exact and document["digest"] in (None, digest(trainer))
        return Loaded(
            trainer, tuple(breakpoints), tuple(bookmarks), extra, Likeness(exact, self.unlike)
        )

    # The beginning

    def _checked_step(self, step: Callable[..., Any] | None) -> Callable[..., Any]:
        """The step to go on with, if it is the one that it was trained by."""
        data = None if self.is_old else self.document["step"]
        # An older file names no step of somebody's own; all that it says is that something is.
        unnamed = self.is_old and self.own
        if data is None and not unnamed:
            if step is None or step is train_step:
                return train_step
            name = note_of(step).name
            raise _differs(self.path, (f"it is {name}, and not train_step",))
        if step is None:
            if data is not None:
                note = StepNote.from_json(data)
                raise StepNotGiven(
                    self.path,
                    f"it has a step of its own, {note.name} of {note.file}",
                )
            network, optimizer = self.given
            given: list[Any] = [network, optimizer]
            if network is not None:
                given += [*network.layers, network.loss]
            if None not in (network, optimizer) and all(map(is_ours, given)):
                reason = "it has a step of its own, whose name it does not say"
                raise StepNotGiven(self.path, reason)
            return train_step
        if data is not None and (other := StepNote.from_json(data).differences(note_of(step))):
            raise _differs(self.path, other)
        return step

    def _fresh_trainer(self) -> T:
        document, (network, optimizer) = self.document, self.given
        if self.own and (network is None or optimizer is None):
            given = (("network=", network), ("optimizer=", optimizer))
            missing = " and ".join(name for name, part in given if part is None)
            reason = (
                "it has layers or an optimizer of somebody's own. Open it in Python, with "
                f"Session.load(path, network=..., optimizer=...), both as they began: {missing} "
                "is missing"
            )
            raise SessionNotRead(self.path, reason)
        if network is None:
            network = self._network()
        description = self.states[0]["optimizer"]
        if optimizer is None:
            optimizer = OPTIMIZERS[str(description["kind"])]()
            self._put_optimizer(optimizer, 0, network)
        elif description:
            self._check_settings(optimizer, description, 0)
        begun = {f"state0.parameters.{n}": array for n, array in network.parameters().items()}
        whose = "the network" if self.given[0] is None else "the network that was given"
        if begun.keys() != {name for name in self.arrays if name.startswith("state0.parameters.")}:
            raise SessionNotRead(self.path, f"{whose} has other parameters")
        for name, array in begun.items():
            there = self.arrays[name]
            if array.shape != there.shape or array.tobytes() != there.tobytes():
                begins = name.removeprefix("state0.parameters.")
                reason = f"{whose} does not begin as it did: {begins} is another"
                raise SessionNotRead(self.path, reason)
        network.input_gradient = _truth(document["network"]["input_gradient"], "input_gradient")
        threads = document["blas_threads"]
        if threads is not None:
            threads = _whole(threads, "number of BLAS threads", 1, MOST_THREADS)
        budget = _real(document["memory_budget"], "memory budget")
        if not 0 <= budget <= MOST_BYTES:
            raise ValueError(f"its memory budget is {budget}")
        if type(document["seed"]) is not int:
            raise ValueError("its seed is no whole number")
        return self.make(
            network, self.dataset, optimizer, _whole(document["batch_size"], "batch size"),
            document["seed"], int(budget), threads, self.step,
        )  # fmt: skip

    def _network(self) -> Network:
        description = self.document["network"]
        made = []
        names = iter(self._layer_names())
        for row in description["layers"]:
            kind = _class_of(layer_kinds, row["kind"])
            name = next(names)
            given = [self.arrays[f"state0.parameters.{name}.{P}"].copy() for P in row["arrays"]]
            if any(array.dtype.kind != "f" for array in given):
                raise ValueError(f"{name} has weights of {', '.join(str(a.dtype) for a in given)}")
            made.append(kind(*given))
        return Network(made, _class_of(loss_kinds, description["loss"])())

    def _layer_names(self) -> list[str]:
        count: dict[str, int] = {}
        found = []
        for row in self.document["network"]["layers"]:
            kind = str(row["kind"])
            count[kind] = count.get(kind, 0) + 1
            found.append(f"{kind}{count[kind]}")
        return found

    def _put_optimizer(self, optimizer: Any, number: int, network: Any) -> None:
        """Give an optimizer all that a written state says of it."""
        description = self.states[number]["optimizer"]
        kind = OPTIMIZERS[description["kind"]]
        if type(optimizer) is not kind:
            raise ValueError("its optimizer is another one")
        settings, updates = _numbers_of(optimizer, description)
        kind(**settings)  # raises ValueError for what an optimizer refuses
        for name, value in (settings | updates).items():
            setattr(optimizer, name, value)
        parameters = network.parameters()
        for name, keys in description["arrays"].items():
            if not isinstance(getattr(optimizer, name), dict):
                raise ValueError(f"its {name} is no dictionary")
            there = {k: self.arrays[f"state{number}.optimizer.{name}.{k}"].copy() for k in keys}
            for key, array in there.items():
                _check_fits(f"{name} of {key}", array, parameters[key])
            setattr(optimizer, name, there)

    def _check_settings(self, optimizer: Any, description: dict[str, Any], since: int) -> None:
        """Refuse an optimizer that is not the one that is described, `since` updates earlier."""
        if type(optimizer) is not OPTIMIZERS[description["kind"]]:
            raise ValueError("its optimizer is another one")
        settings, updates = _numbers_of(optimizer, description)
        for name, value in settings.items():
            if getattr(optimizer, name) != value:
                raise ValueError(f"its {name} is {value}, and {getattr(optimizer, name)} before")
        for name, count in updates.items():
            if getattr(optimizer, name) + since != count:
                raise ValueError(f"its number of updates is {count}")

    # The branches

    def _branch(self, row: dict[str, Any]) -> Branch:
        """Build a branch: its edits are made where they were, on the states before them."""
        run = self.trainer._run
        id = _whole(row["id"], "number of a branch")
        losses = self.arrays[f"branch{id}.losses"]
        if losses.ndim != 1 or losses.dtype != np.float64:
            raise ValueError("its losses are no list of numbers")
        reach = len(losses)
        batch = _whole(row["batch"], "batch of a branch", 0, MOST if self.is_old else reach)
        branch = Branch(
            id, checked_name(row["name"]), Checkpoints(run.branches.budget),
            FrozenParameters(run.order.batches_per_epoch),
            None if row["parent"] is None else _whole(row["parent"], "parent of a branch"),
            # One that was cut off before its first batch kept the number, in an older file.
            min(batch, reach),
            tuple(
                (_whole(at, "batch of an edit", 0, reach), edit_from_json(data))
                for at, data in row["edits"]
            ),
            str(row["note"])[:LONGEST_NOTE],
        )  # fmt: skip
        if [at for at, _ in branch.edits] != sorted(at for at, _ in branch.edits):
            raise ValueError("its edits are not in the order of their batches")
        for at, loss in enumerate(losses.tolist()):
            branch.losses.put(at, loss)
        parts = dict(row.get("measured_parts", ()))
        for at, accuracy, loss in row["measured"]:
            found = self._measurement(id, _whole(at, "batch", 0, reach), accuracy, loss)
            if at in parts:  # of the test set; a part has no predictions
                images = _whole(parts[at], "number of test images", 1)
                found = replace(found, predictions=None, images=images)
            branch.measured.put(found)
        branch.position = _position(row["position"])
        if branch.position.batch > reach:
            raise ValueError("its branch goes further than it has run")
        branch.checkpoints.keep(self.made[(), 0])
        run.branches.current = branch  # as long as it is built
        run.live = None
        with run.engine():
            self._build(branch, [] if self._all_runs_again else row["states"])
        return branch

    @property
    def _all_runs_again(self) -> bool:
        """Whether somebody's own code keeps what no file has."""
        return self.own or self.step is not train_step

    def _measurement(self, id: int, batch: int, accuracy: Any, loss: Any) -> Measurement:
        """What was measured before a batch."""
        test, predictions = self.dataset.test, self.arrays.get(f"branch{id}.predictions{batch}")
        share = _real(accuracy, "accuracy", self.is_old)
        if not 0 <= share <= 1:
            raise ValueError(f"its accuracy is {share}")
        if predictions is not None:
            # No class has a higher number than there are outputs; the network has them last.
            parameters = self.trainer.network.parameters().values()
            outputs = max([self.dataset.classes, *(size for a in parameters for size in a.shape)])
            count = 0 if test is None else len(test)
            if predictions.shape != (count,) or predictions.dtype.kind != "u":
                raise ValueError(f"its predictions are {predictions.dtype} {predictions.shape}")
            if predictions.max(initial=0) >= outputs:
                raise ValueError(f"its predictions have class {predictions.max()}")
        return Measurement(batch, share, _real(loss, "loss", self.is_old), predictions)

    def _arrive(self, batch: int) -> None:
        """Bring the live objects before a batch, one by one, as far as they have to be run again.

        Raises:
            SessionNotRead: a batch fails; and as `_Progress.tell`.
        """
        run = self.trainer._run
        state = run.checkpoints.before(batch)
        near = run.live is not None and state.batch <= run.live <= batch
        first = run.live if near and run.live is not None else state.batch
        for there in range(first, batch + 1):
            self.watch.tell(OpeningStage.RUNNING, there, batch)
            if self._all_runs_again and there > first:  # only by the losses can it be told
                self._run_from(run.branch, there - 1, strictly=not self.unlike)
            with self._running(there - 1):
                run.arrive(there)

    @contextmanager
    def _running(self, batch: int) -> Iterator[None]:
        """Any layer, or somebody's own step, may raise what it likes; raises SessionNotRead."""
        try:
            yield
        except BaseException as error:
            if not of_the_code(error):
                raise
            reason = f"batch {batch} failed: {type(error).__name__}: {error}"
            reason = f"its run does not go as it went: {clipped(reason)}"
            raise SessionNotRead(self.path, reason) from error

    def _run_from(self, branch: Branch, batch: int, strictly: bool = True) -> None:
        """Run the batch that the live objects are before, and compare its loss with what it was.

        Where other numerics run, round-off grows from batch to batch: after many of them a loss may
        be far off, so that not `strictly` more is asked than whether it is finite.

        Raises:
            SessionNotRead: the batch fails, or code of one's own gives it another loss, by far
                more than round-off.
            StepDiffers: a kind of it, where the step is one's own.
            ValueError: its loss is another one without any such code.
        """
        run = self.trainer._run
        run.live = batch
        was = float(branch.losses.array()[batch])
        with self._running(batch):
            loss = number(run.step_plainly(batch))
        run.live = batch + 1
        if (
            np.float64(was).tobytes() != np.float64(loss).tobytes()
            and not was != was != loss != loss
        ):
            self.exact = False
            off = abs(loss - was) > ROUND_OFF * max(abs(was), 1e-3)
            if isfinite(was) != isfinite(loss) or (off and strictly):
                raise self._other_run(f"batch {batch} has the loss {loss:g}, and had {was:g}")

    def _other_run(self, what: str) -> Exception:
        """What to raise of a run that goes otherwise: damage, or code that is another one."""
        if self.step is not train_step:
            return _differs(self.path, (what,))
        if self.own:
            return SessionNotRead(self.path, f"its run does not go as it went: {what}")
        return ValueError(what)

    def _build(self, branch: Branch, numbers: Iterable[Any]) -> None:
        """Put the exact states into a branch, in the order of the batches."""
        run = self.trainer._run
        written = {}
        for one in numbers:
            number = _whole(one, "number of a state", 0, len(self.states) - 1)
            written[_whole(self.states[number]["batch"], "batch of a state")] = number
        edited = {batch for batch, _ in branch.edits}
        for batch in sorted({*written, *edited}):
            past = tuple(one for one in branch.edits if one[0] < batch)
            if batch in edited:
                now = tuple(one for one in branch.edits if one[0] <= batch)
                known = self.made.get((now, batch))
                if known is None:
                    self._arrive(batch)
                    for at, edit in branch.edits:
                        if at == batch:
                            edit.apply(run.rig, run.units_of)
                    known = self.made[now, batch] = run.state(batch)
                    if batch < branch.reach and not self._all_runs_again:
                        self._run_from(branch, batch)
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
        run = self.trainer._run
        known = self.made.get((past, batch + 1))
        if known is None:
            self.watch.tell(OpeningStage.RUNNING, batch, branch.reach)
            # The objects of that time, which the last edit before it may have exchanged.
            before = branch.checkpoints.before(batch)
            before.restore()
            run.live = None
            for name, array in run.network.parameters().items():
                there = self.arrays[f"state{number}.parameters.{name}"]
                _check_fits(name, there, array)
                array[...] = there
            since = batch - before.batch
            self._check_settings(run.optimizer, self.states[number]["optimizer"], since)
            self._put_optimizer(run.optimizer, number, run.network)
            self._run_from(branch, batch)
            known = self.made[past, batch + 1] = run.state(batch + 1)
        branch.checkpoints.keep(known)
        run.live = None


def _differs(path: Path, differences: tuple[str, ...]) -> StepDiffers:
    return StepDiffers(
        path,
        f"the step that was given is another one: {clipped('; '.join(differences))}",
        differences,
    )


def _check_descent(parents: dict[int, int | None]) -> None:
    """Refuse a branch that comes from one that is not there, or in the end from itself."""
    sound: set[int] = set()
    for id in parents:
        there: int | None = id
        on_the_way: set[int] = set()
        while there is not None and there not in sound:
            if there in on_the_way or there not in parents:
                raise ValueError(f"branch {id} comes from none of the others")
            on_the_way.add(there)
            there = parents[there]
        sound |= on_the_way


def _class_of(module: Any, name: Any) -> Any:
    kind = getattr(module, str(name), None)
    if not isinstance(kind, type) or kind.__module__ != module.__name__:
        raise ValueError(f"there is no {name} in {module.__name__}")
    return kind


def _check_fits(name: str, array: Array, parameter: Array) -> None:
    if (array.shape, array.dtype) != (parameter.shape, parameter.dtype):
        raise ValueError(f"its {name} does not fit: it is {array.dtype} {array.shape}")


def _numbers_of(
    optimizer: Any, description: dict[str, Any]
) -> tuple[dict[str, float], dict[str, int]]:
    """The settings of an optimizer that a file describes, and its counts of updates."""
    settings, updates = {}, {}
    for name, value in description["numbers"].items():
        if type(getattr(optimizer, name)) is int:
            updates[name] = _whole(value, name)
        else:
            settings[name] = _real(value, name)
    return settings, updates


def _whole(value: Any, name: str, least: int = 0, most: int = MOST) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"its {name} is {clipped(repr(value))}")
    return value


def _real(value: Any, name: str, as_text: bool = False) -> float:
    """A number; in an older file some are texts."""
    if isinstance(value, bool) or not isinstance(value, (Real, str) if as_text else Real):
        raise ValueError(f"its {name} is {clipped(repr(value))}")
    return float(value)


def _truth(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"its {name} is {clipped(repr(value))}")
    return value


def _bookmark(row: dict[str, Any], branches: list[int]) -> Bookmark:
    name, position = checked_name(row["name"]), _position(row["position"])
    branch = _whole(row["branch"], "branch of a bookmark")
    if branch not in branches:
        raise ValueError(f"a bookmark is on branch {branch}, which is not there")
    return Bookmark(_whole(row["id"], "number of a bookmark"), name, position, branch)


def _position(pair: Any) -> Position:
    batch, event = pair
    return Position(_whole(batch, "batch of a position"), _whole(event, "event of a position"))
