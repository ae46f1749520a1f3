"""Labelled images, and minibatches of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from engine.errors import ImagesDoNotFit, LabelBeyondOutputs

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images of one size, stored as bytes; minibatches are scaled when drawn.

    Attributes:
        name: for the user: `MNIST`.
        images: (N, rows, columns) uint8, read-only.
        labels: (N,) int64, read-only, each from 0 to below `classes`.
        classes: the number of classes.
        test: the set to measure accuracy with, or None; a test set has no test set.
        images_path, labels_path: the files, for errors that name them, or None.
        labels_offset: byte offset of the first label in its file.
    """

    name: str
    images: Array
    labels: Array
    classes: int
    test: Dataset | None = None
    images_path: Path | None = None
    labels_path: Path | None = None
    labels_offset: int = 0

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 3:
            found = f"{self.images.dtype} {self.images.shape}"
            raise ValueError(f"images are uint8 (N, rows, columns), not {found}")
        if self.labels.shape != self.images.shape[:1] or self.labels.dtype.kind not in "iu":
            found = f"{self.labels.dtype} {self.labels.shape} for images {self.images.shape}"
            raise ValueError(f"labels are integers, one an image, not {found}")
        if self.labels.min(initial=0) < 0:
            raise ValueError(f"labels count from 0, not from {self.labels.min()}")
        # All users share these arrays, so they are read-only. The caller's own arrays stay
        # writeable.
        images, labels = self.images.view(), self.labels.astype(np.int64)
        images.flags.writeable = labels.flags.writeable = False
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", labels)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def features(self) -> int:
        """Pixels in an image: rows × columns."""
        return int(np.prod(self.images.shape[1:]))

    @cached_property
    def _rows(self) -> Array:
        return self.images.reshape(len(self.images), self.features)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of all images, labels and sizes, including the test set's, in hex."""
        digest = sha256(repr((self.images.shape, self.classes)).encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        if self.test is not None:
            digest.update(self.test.checksum.encode())
        return digest.hexdigest()

    def batch(
        self, indices: Sequence[int] | Array, dtype: DTypeLike = "float32"
    ) -> tuple[Array, Array]:
        """Draw samples in new arrays.

        Args:
            indices: (n,) integers, the samples to draw.
            dtype: of the pixels; float32 or float64.

        Returns:
            x (n, features) of `dtype`, the pixels divided by 255 and correctly rounded, so 0..1;
            t (n,) int64, the labels.
        """
        # Gathering bytes and dividing in the target dtype makes one big array instead of three:
        # 27 us for 100 digits. `images[indices].astype(dtype) / 255` takes 34 us or more.
        pixels = self._rows.take(indices, axis=0)
        x: Array = np.true_divide(pixels, 255, dtype=dtype)
        return x, self.labels.take(indices)

    def check_fits(self, inputs: int, outputs: int) -> None:
        """Check that a network's inputs and outputs fit this dataset.

        Raises:
            ImagesDoNotFit: an image has another number of pixels than the network has inputs.
            LabelBeyondOutputs: a label, here or in the test set, has no output.
        """
        if self.features != inputs:
            where = self.images_path or Path(self.name)
            raise ImagesDoNotFit(path=where, offset=4, expected=inputs, found=self.features)
        self.check_labels(outputs)

    def check_labels(self, outputs: int) -> None:
        """Raise `LabelBeyondOutputs` for the first label not below `outputs`, test set included."""
        beyond = np.flatnonzero(self.labels >= outputs)
        if beyond.size:
            first = int(beyond[0])
            raise LabelBeyondOutputs(
                path=self.labels_path or Path(self.name),
                offset=self.labels_offset + first,
                expected=outputs,
                found=int(self.labels[first]),
            )
        if self.test is not None:
            self.test.check_labels(outputs)
