"""Answers about a whole run: its history, settings, notices and test predictions."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

from engine.debug.memory.buffers import read_only
from engine.debug.memory.contents import answer_of, look_up
from engine.debug.record.notices import notices_of_network, notices_of_states
from engine.debug.snapshots.snapshot import RunHistory, Setup, TestPredictions
from engine.debug.travel.run import Run
from engine.errors import Worded

DEEP = 4  # equal layers in a row that are counted in a network's title, not listed


def test_predictions_of(run: Run, batch: int) -> TestPredictions | None:
    """The predictions of the last measurement of the test set at or before a batch."""
    test, found = run.dataset.test, run.measured.predicted_before(batch)
    if test is None or found is None or found.predictions is None:
        return None
    classes = max(run.dataset.classes, int(found.predictions.max(initial=0)) + 1)
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
        batches_per_epoch=run.order.batches_per_epoch,
        stored=run.checkpoints.batches,
        test_parts=run.measured.parts(),
    )


def setup_of(run: Run) -> Setup:
    """The settings of the run, read from the live objects."""
    rate = look_up(run.optimizer, "lr")
    return Setup(
        network=_title_of(run.network),
        dataset=run.dataset.name,
        optimizer=type(run.optimizer).__name__,
        dtype=run.dtype,
        batch_size=run.order.batch_size,
        learning_rate=None if rate is None else float(rate),
        seed=run.order.seed,
        input_gradient=bool(look_up(run.network, "input_gradient", False)),
        test_images=0 if run.dataset.test is None else len(run.dataset.test),
    )


def notices_of(run: Run) -> tuple[Worded, ...]:
    """Notices about the run for the user."""
    return (
        *notices_of_network(run.network),
        *run.notices_of_step,
        *notices_of_states(run.checkpoints.largest, run.branches.budget),
    )


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
