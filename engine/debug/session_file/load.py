"""Opening a session file: its trainer, branches, breakpoints, bookmarks and cursor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.data.dataset import Dataset
from engine.data.references import find_dataset
from engine.debug.breakpoints.files import from_rows
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
from engine.debug.session_file.rebuild import BranchBuilder
from engine.debug.session_file.save import digest
from engine.errors import Described, OpeningCancelled, SessionNotRead, StepFailed, clipped
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer


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
        make: the class of the trainer to build, called like `Trainer`.
        network: your own network as it was before the first batch, where the session has layers or
            an optimizer of your own. Every batch then runs again.
        dataset: your own dataset, where the file cannot name it.
        optimizer: your own optimizer, likewise.
        step: your own step, where the session was trained with one. Every batch then runs again.
            The source of the code that it calls, and the plain values that this code reads, must
            equal those of the step that trained the session.
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
    document = content.document
    breakpoints = from_rows(document["breakpoints"])
    extra = document["extra"]
    if not isinstance(extra, dict):
        raise ValueError("what was saved beside it is no dictionary")
    trainer = trainer_at_start(content, make)
    saved = {str(k): str(v) for k, v in document["surroundings"].items()}
    changes = environment_changes(saved, run_environment(trainer.blas_threads))
    builder = BranchBuilder(content, trainer, not changes, report)
    branches = [builder.branch(row) for row in document["branches"]]
    ids = [branch.id for branch in branches]
    if len(set(ids)) < len(ids) or document["current"] not in ids or not ids:
        raise ValueError("its branches do not fit together")
    check_descent({branch.id: branch.parent for branch in branches})
    bookmarks = tuple(bookmark_of(row, ids) for row in document["bookmarks"])
    run = trainer._run
    run.branches.restore(branches, document["current"])
    run.live = None
    with run.engine():
        builder.arrive(run.branch.position.batch)
    trainer._stand_at(run.branch.position)
    exact = builder.exact and document["digest"] in (None, digest(trainer))
    return Loaded(trainer, tuple(breakpoints), bookmarks, extra, Likeness(exact, changes))
