"""The measurements of the test set during a run, in the order of their batches."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import replace
from typing import Any

import numpy as np

from engine.debug.program.evaluation import Measurement

Array = np.ndarray[Any, Any]
PREDICTIONS_BUDGET = 4 * 2**20  # bytes: 400 measurements of 10,000 test images


class Measurements:
    """Measurements by batch. Their predictions stay within a byte budget.

    Over budget, the predictions whose neighbours are nearest are dropped, so that the rest are
    spread evenly over the run. The first and the last predictions always stay.
    """

    def __init__(self, budget: int = PREDICTIONS_BUDGET) -> None:
        self.budget = budget
        self.nbytes = 0  # of the predictions
        self._by_batch: dict[int, Measurement] = {}
        self._batches: list[int] = []  # in order
        self._predicted: list[int] = []  # the batches with predictions, in order
        self._arrays: tuple[Array, Array, Array] | None = None
        self._parts: tuple[tuple[int, int], ...] | None = None

    def __getitem__(self, batch: int) -> Measurement:
        return self._by_batch[batch]

    def all(self) -> list[Measurement]:
        """All measurements, in the order of their batches."""
        return [self._by_batch[batch] for batch in self._batches]

    def put(self, measurement: Measurement) -> None:
        """Add or replace the measurement of a batch; a part never replaces a whole measurement."""
        before = self._by_batch.get(measurement.batch)
        if measurement.images is not None and before is not None and before.images is None:
            return
        self._drop(measurement.batch)
        self._arrays = self._parts = None
        self._by_batch[measurement.batch] = measurement
        insort(self._batches, measurement.batch)
        if measurement.predictions is not None:
            insort(self._predicted, measurement.batch)
            self.nbytes += measurement.predictions.nbytes
            while self.nbytes > self.budget and len(self._predicted) > 2:
                self._thin_out()

    def until(self, batch: int) -> Measurements:
        """A copy of the measurements up to and including a batch."""
        found = Measurements(self.budget)
        for measurement in self.all():
            if measurement.batch <= batch:
                found.put(measurement)
        return found

    def predicted_before(self, batch: int) -> Measurement | None:
        """The latest measurement with predictions at or before a batch."""
        place = bisect_right(self._predicted, batch)
        return self._by_batch[self._predicted[place - 1]] if place else None

    def arrays(self) -> tuple[Array, Array, Array]:
        """(k,) batches, accuracies and losses, read-only; the same arrays until the next `put`."""
        if self._arrays is None:
            found = self.all()
            self._arrays = (
                np.array([m.batch for m in found], dtype=np.int64),
                np.array([m.accuracy for m in found], dtype=np.float64),
                np.array([m.loss for m in found], dtype=np.float64),
            )
            for array in self._arrays:
                array.flags.writeable = False
        return self._arrays

    def parts(self) -> tuple[tuple[int, int], ...]:
        """The batches with partial measurements, each with its number of images."""
        if self._parts is None:
            self._parts = tuple((m.batch, m.images) for m in self.all() if m.images is not None)
        return self._parts

    def _drop(self, batch: int) -> None:
        measurement = self._by_batch.pop(batch, None)
        if measurement is None:
            return
        self._arrays = self._parts = None
        self._batches.remove(batch)
        if measurement.predictions is not None:
            self._predicted.remove(batch)
            self.nbytes -= measurement.predictions.nbytes

    def _thin_out(self) -> None:
        """Drop the predictions whose two neighbours are nearest to each other."""
        kept = self._predicted
        place = min(range(1, len(kept) - 1), key=lambda i: kept[i + 1] - kept[i - 1])
        batch = kept.pop(place)
        measurement = self._by_batch[batch]
        assert measurement.predictions is not None
        self.nbytes -= measurement.predictions.nbytes
        self._by_batch[batch] = replace(measurement, predictions=None)
