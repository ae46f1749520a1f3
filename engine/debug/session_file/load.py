"""Opening a session file: its trainer, branches, breakpoints, bookmarks and cursor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.references import find_dataset
from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.breakpoints.files import from_rows
from engine.debug.session_file.branch_builder import BranchBuilder
from engine.debug.session_file.content import SessionContent, checked_step
from engine.debug.session_file.environment import environment_changes, run_environment
from engine.debug.session_file.fields import bookmark_of, check_descent
from engine.debug.session_file.first_state import trainer_at_start
from engine.debug.session_file.format import read
from engine.debug.session_file.opening import (
    Likeness,
    Loaded,
    Opening,
    OpeningProgress,
    OpeningStage,
    T,
)
from engine.debug.session_file.picture import Picture
from engine.debug.session_file.rebuild import NetworkBranchBuilder
from engine.debug.session_file.save import digest
from engine.debug.session_file.step_content import StepContent, checked_content, trainer_of_step
from engine.debug.session_file.step_rebuild import StepBranchBuilder
from engine.debug.session_file.step_save import parameters_digest
from engine.debug.travel.trainer import Trainer
from engine.errors import Described, OpeningCancelled, SessionNotRead, StepFailed, clipped
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer


def load(
    path: Path,
    make: Callable[..., T],
    make_of_step: Callable[..., T],
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
        make: the class of the trainer to build, called like `Session`.
        make_of_step: makes a trainer of a step, called like `Session.from_step`.
        network: your own network as it was before the first batch, where the session has layers or
            an optimizer of your own. Every batch then runs again.
        dataset: your own dataset, where the file cannot name it.
        optimizer: your own optimizer, likewise.
        step: your own step, where the session was trained with one, as it was before the first
            batch. The source of the code that it calls, and the plain values that this code reads,
            must equal those of the step that trained the session.
        progress: receives the progress every 50 ms.
        cancel: asked as often; True cancels.

    Raises:
        SessionNotRead: the file is broken, foreign or newer, the dataset is missing or another one,
            or a part of your own is missing.
        StepNotGiven, StepDiffers: kinds of `SessionNotRead`: the step is missing or another one.
        OpeningCancelled: `cancel` returned True.
    """
    report = OpeningProgress(path, progress, cancel)
    document, arrays = read(path, lambda done, size: report.tell(OpeningStage.READING, done, size))
    try:
        if "program" in document:
            of_step = checked_content(path, document, arrays, step)
            return _opened_step(of_step, make_of_step, report)
        step = checked_step(path, document, network, optimizer, step)
        found = find_dataset(document["dataset"], dataset)
        content = SessionContent(path, document, arrays, network, optimizer, found, step)
        return _opened(content, make, report)
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


def _opened(content: SessionContent, make: Callable[..., T], report: OpeningProgress) -> Loaded[T]:
    trainer = trainer_at_start(content, make)
    changes = _changes(content.document, trainer)
    builder = NetworkBranchBuilder(content, trainer, not changes, report)
    rest = _rebuilt(content.document, trainer, builder)
    run = trainer._run
    with run.engine():
        builder.arrive(run.branch.position.batch)
    trainer._stand_at(run.branch.position)
    exact = builder.exact and content.document["digest"] in (None, digest(trainer))
    return Loaded(trainer, *rest, Likeness(exact, changes))


def _opened_step(
    content: StepContent, make: Callable[..., T], report: OpeningProgress
) -> Loaded[T]:
    document = content.document
    trainer = trainer_of_step(content, make)
    changes = _changes(document, trainer)
    builder = StepBranchBuilder(content, trainer, not changes, report)
    rest = _rebuilt(document, trainer, builder)
    run = trainer._run
    position = run.branch.position = builder.reachable(run.branch.position)
    with run.engine():
        builder.arrive(position.batch)
        whole = document["whole"]
        known = whole is None or whole == Picture(run.state(position.batch), content.step).digest
    trainer._stand_at(position)
    exact = builder.exact and document["digest"] in (None, parameters_digest(trainer))
    if not exact or np.isfinite(trainer.losses).any():
        return Loaded(trainer, *rest, Likeness(exact, changes))
    return Loaded(trainer, *rest, Likeness(known, changes))


def _changes(document: dict[str, Any], trainer: Trainer) -> tuple[str, ...]:
    """How the environment has changed since the session was saved."""
    saved = {str(k): str(v) for k, v in document["surroundings"].items()}
    return environment_changes(saved, run_environment(trainer.blas_threads))


def _rebuilt(
    document: dict[str, Any], trainer: Trainer, builder: BranchBuilder
) -> tuple[tuple[Breakpoint, ...], tuple[Bookmark, ...], dict[str, Any]]:
    """Build the branches; return breakpoints, bookmarks and what was saved beside the session."""
    breakpoints = from_rows(document["breakpoints"])
    extra = document["extra"]
    if not isinstance(extra, dict):
        raise ValueError("what was saved beside it is no dictionary")
    branches = [builder.branch(row) for row in document["branches"]]
    ids = [branch.id for branch in branches]
    if len(set(ids)) < len(ids) or document["current"] not in ids or not ids:
        raise ValueError("its branches do not fit together")
    check_descent({branch.id: branch.parent for branch in branches})
    bookmarks = tuple(bookmark_of(row, ids) for row in document["bookmarks"])
    run = trainer._run
    run.branches.restore(branches, document["current"])
    run.live = None
    return tuple(breakpoints), bookmarks, extra
