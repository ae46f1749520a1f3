"""Answers about a whole run: its history, settings, notices and test predictions."""

from __future__ import annotations

from engine.debug.reach.buffers import read_only
from engine.debug.reach.contents import look_up
from engine.debug.record.notices import notices_of_states
from engine.debug.snapshots.snapshot import RunHistory, Setup, TestPredictions
from engine.debug.travel.run import Run
from engine.errors import Worded


def test_predictions_of(run: Run, batch: int) -> TestPredictions | None:
    """The predictions of the last measurement of the test set at or before a batch."""
    dataset, found = run.program.dataset, run.measured.predicted_before(batch)
    test = None if dataset is None else dataset.test
    if dataset is None or test is None or found is None or found.predictions is None:
        return None
    classes = max(dataset.classes, int(found.predictions.max(initial=0)) + 1)
    return TestPredictions(found.batch, test.images, test.labels, found.predictions, classes)


def history_of(run: Run) -> RunHistory:
    """The run so far: losses and measurements."""
    test_batches, accuracies, losses = run.measured.arrays()
    return RunHistory(
        losses=read_only(run.losses.array()),
        test_batches=test_batches,
        test_accuracies=accuracies,
        test_losses=losses,
        reach=run.reach,
        batches_per_epoch=run.program.batches_per_epoch or 0,
        stored=run.checkpoints.batches,
        test_parts=run.measured.parts(),
    )


def setup_of(run: Run) -> Setup:
    """The settings of the run, read from the live objects."""
    program = run.program
    dataset, order, optimizer = program.dataset, program.order, program.optimizer
    test = None if dataset is None else dataset.test
    return Setup(
        network=program.title,
        dataset="" if dataset is None else dataset.name,
        optimizer="" if optimizer is None else type(optimizer).__name__,
        dtype=program.dtype,
        batch_size=0 if order is None else order.batch_size,
        learning_rate=program.learning_rate,
        seed=0 if order is None else order.seed,
        input_gradient=bool(look_up(program.network, "input_gradient", False)),
        test_images=0 if test is None else len(test),
    )


def notices_of(run: Run) -> tuple[Worded, ...]:
    """Notices about the run for the user."""
    return (
        *run.program.notices(),
        *run.notices_of_step,
        *run.notices_of_memory(),
        *notices_of_states(run.checkpoints.largest, run.branches.budget),
    )
