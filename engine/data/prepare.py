"""Drawings made into images as MNIST's were made.

Y. LeCun describes it at http://yann.lecun.com/exdb/mnist/: "The original black and white (bilevel)
images from NIST were size normalized to fit in a 20x20 pixel box while preserving their aspect
ratio. The resulting images contain grey levels as a result of the anti-aliasing technique used by
the normalization algorithm. The images were centered in a 28x28 image by computing the center of
mass of the pixels, and translating the image so as to position this point at the center of the
28x28 field."
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.mnist import DIGITS, TINY_NAME, pool
from engine.errors import CannotBeDrawn

Array = np.ndarray[Any, Any]
FIELD, BOX = 28, 20  # pixels of a side: of the image, and of the box that the digit fits in
_LOOKED_AT = 100  # images whose shades are looked at
_FAINT = 0.5 / 255  # ink below it would be no grey level


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a drawing becomes an image like those of a dataset.

    Attributes:
        side: of the image in pixels.
        as_mnist: fitted and centred as MNIST's digits were; below 28, each pixel is then the mean
            of a block. Otherwise each pixel is the mean of its part of the sheet, as it is.
        step: between the shades that the images have; 255 is a multiple of it.
    """

    side: int
    as_mnist: bool
    step: int = 1

    def image(self, ink: Array) -> Array:
        """The image (side, side) uint8 of a drawing, floats from 0 for the paper to 1."""
        if self.as_mnist:
            return prepared(ink, self.side)
        means = _shares(self.side, ink.shape[0]) @ ink @ _shares(self.side, ink.shape[1]).T
        shades = np.rint(np.clip(means, 0, 1) * (255 / self.step))
        image: Array = (shades * self.step).astype(np.uint8)
        return image


def preparation_of(dataset: Dataset) -> Preparation:
    """How drawings become images of a dataset.

    Raises:
        CannotBeDrawn: its images are not square or larger than 28 × 28, or it has more classes
            than there are digits.
    """
    rows, columns = dataset.images.shape[1:]
    if rows != columns or not 1 <= rows <= FIELD or dataset.classes > DIGITS:
        raise CannotBeDrawn(dataset.name, (rows, columns), dataset.classes)
    if rows == FIELD or dataset.name == TINY_NAME:
        return Preparation(rows, as_mnist=True)
    shades = int(np.gcd.reduce(dataset.images[:_LOOKED_AT], axis=None))
    return Preparation(rows, as_mnist=False, step=shades if shades and 255 % shades == 0 else 1)


def prepared(ink: Array, side: int = FIELD) -> Array:
    """The image of a drawing.

    Args:
        ink: (height, width) floats, from 0 for the paper to 1.
        side: of the image; below 28, each pixel is the mean of a block of the image of 28 × 28,
            as in `tiny_digits`.

    Returns:
        (side, side) uint8; 0 everywhere for a drawing without ink.
    """
    field = _centred(_fitted(ink))
    image: Array = np.clip(np.rint(field * 255), 0, 255).astype(np.uint8)
    return image if side == FIELD else pool(image[np.newaxis], FIELD // side)[0]


def _fitted(ink: Array) -> Array:
    """The inked part, scaled so that its longer side has 20 pixels; (0, 0) without ink."""
    down, across = (np.flatnonzero((ink > _FAINT).any(axis=axis)) for axis in (1, 0))
    if not down.size:
        return np.zeros((0, 0))
    part = ink[down[0] : down[-1] + 1, across[0] : across[-1] + 1].astype(np.float64)
    longer = max(part.shape)
    rows, columns = (max(1, round(size * BOX / longer)) for size in part.shape)
    scaled: Array = _shares(rows, part.shape[0]) @ part @ _shares(columns, part.shape[1]).T
    return scaled


def _shares(pixels: int, size: int) -> Array:
    """(pixels, size): of each of `size` old pixels, its share in the mean that a new pixel is."""
    edges = np.arange(pixels + 1) * (size / pixels)
    old = np.arange(size)
    low = np.maximum(edges[:-1, np.newaxis], old)
    high = np.minimum(edges[1:, np.newaxis], old + 1)
    covered: Array = np.maximum(high - low, 0) * (pixels / size)
    return covered


def _centred(part: Array) -> Array:
    """A field of 28 × 28 with the part's centre of mass in the pixel right of and below its centre.

    So it is in MNIST: a test finds each of its digits again. Where ink would leave the field, the
    part is moved less.
    """
    field = np.zeros((FIELD, FIELD))
    total = part.sum()
    if total <= 0:
        return field
    rows, columns = part.shape
    down = float(part.sum(axis=1) @ (np.arange(rows) + 0.5) / total)
    across = float(part.sum(axis=0) @ (np.arange(columns) + 0.5) / total)
    top = min(max(ceil(FIELD / 2 - down), 0), FIELD - rows)
    left = min(max(ceil(FIELD / 2 - across), 0), FIELD - columns)
    field[top : top + rows, left : left + columns] = part
    return field
