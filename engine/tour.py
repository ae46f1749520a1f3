"""A tour in the terminal: the events of one minibatch as a table, then training."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.debug.session import Session
from engine.debug.travel.observers import RunProgress
from engine.errors import RetrogradError
from engine.event_table import event_table
from engine.interop import save_npz

Array = np.ndarray[Any, Any]

PIPE_WIDTH = 120
DONE, FAILED, INTERRUPTED = 0, 1, 130


def run_tour(session: Session, epochs: int = 1, export: Path | None = None) -> int:
    """Show the cursor's minibatch, train, measure, and export; return the process's exit status.

    Training continues from the end of the run. Output goes to stdout, an error to stderr as one
    sentence. Only terminals get colours and a moving progress bar; a pipe gets plain text.

    Args:
        session: its cursor's minibatch is shown.
        epochs: to train.
        export: the file for the weights, if they are to be exported.
    """
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    try:
        _introduce(console, session)
        unicode = console.encoding.startswith("utf")
        console.print(event_table(session, console.width, unicode), soft_wrap=False)
        console.print()
        _train(console, session, epochs)
        if export is not None:
            _export(console, session, export)
    except KeyboardInterrupt:
        lost = "" if export is None else " The weights were not exported."
        print(f"Interrupted after {session.reach:,} minibatches.{lost}", file=sys.stderr)
        return INTERRUPTED
    except RetrogradError as error:
        print(error, file=sys.stderr)
        return FAILED
    return DONE


def _introduce(console: Console, session: Session) -> None:
    setup, test = session.setup(), session.dataset.test
    console.print(
        f"Network {setup.network}, {setup.dtype}, on {setup.dataset}: "
        f"{len(session.dataset):,} images to train on, {len(test) if test else 0:,} to test with."
    )
    console.print(
        f"{setup.optimizer} with learning rate {setup.learning_rate:g}, minibatches of "
        f"{setup.batch_size:,}, seed {setup.seed}."
    )
    for notice in session.notices:
        console.print(f"{notice}")
    console.print()
    if session.reach:
        batch, event = session.position
        console.print(
            f"Opened after {session.reach:,} minibatches, at event {event} of minibatch {batch:,}."
        )
        console.print()
    batch, events = session.position.batch, len(session.trace)
    console.print(f"Minibatch {batch:,}, its {events:,} events in the order in which they run:")
    console.print()


def _train(console: Console, session: Session, epochs: int) -> None:
    batches, before = session.order.batches_per_epoch, session.reach
    session.goto(before)
    console.print(f"Training, {batches:,} minibatches an epoch:")
    console.print()
    began = time.perf_counter()
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=epochs * batches, epoch=1, loss=float("nan"))
        for epoch in range(epochs):

            def show(progress: RunProgress, ran: int = epoch * batches) -> None:
                bar.update(task, completed=ran + progress.done, loss=progress.loss)

            bar.update(task, epoch=epoch + 1)
            session.run(batches=batches, progress=show)
            bar.console.print(_result(session, epoch + 1, before))
    console.print()
    seconds = time.perf_counter() - began
    console.print(f"{epochs * batches:,} minibatches in {seconds:.1f} s, measuring included.")


def _result(session: Session, epochs: int, before: int) -> str:
    """A line with the losses and the accuracy after so many epochs.

    `before` is the number of minibatches that had run before these epochs.
    """
    loss = session.losses[-session.order.batches_per_epoch :].mean()
    after = f"minibatch {session.reach:,}" if before else f"epoch {epochs}"
    said = f"After {after}: mean training loss of the epoch {loss:.4f}, "
    measured = session.measure()
    if measured is None:
        return said + "no test set to measure with."
    return said + f"test loss {measured.loss:.4f}, test accuracy {measured.accuracy:.2%}."


def _export(console: Console, session: Session, path: Path) -> None:
    saved = save_npz(path, session.network.parameters())
    console.print()
    console.print(f"Wrote {saved.nbytes:,} bytes to {saved.path}:")
    for array in saved.arrays:
        console.print(f"  {array.name}  {array.shape}  {array.dtype}")
