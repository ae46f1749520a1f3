"""The dataset of the tiny network: the digits 0 to 2, drawn in 4 × 4 pixels of six shades."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.data.dataset import Array, Dataset

SHADES = 6  # 0, 0.2, … 1: few enough that a pixel is a number of one decimal
# Rows of pixels, each a shade; every turn and mirror image of every glyph is another picture.
GLYPHS = (
    ("0550", "0505", "0505", "0555"),
    ("0050", "0550", "0050", "0555"),
    ("5550", "0005", "0550", "5555"),
)
BLOTS = 2  # pixels of each image that get any shade
TRAIN, TEST = (3000, 1), (600, 2)  # number of images, seed


@cache
def drawn_digits() -> Dataset:
    """Make 3000 images, and 600 to test with, of the digits 0, 1 and 2.

    Handwriting averaged down to 4 × 4 pixels is not legible: its 0 and 2 are the same blot, and
    look alike when turned. So these are made, not written: each image is the glyph of its digit,
    where one pixel in two is a shade lighter or darker (none beyond black and white), and two
    blots at random pixels have any shade. No turn or mirror image of a glyph is near a glyph: it
    differs from its own by two pixels or more from black to white, from the others by five.

    The random bits come from PCG64 alone, whose stream numpy keeps from release to release: a
    session file finds the same images again.
    """
    test = _draw("Digits 4×4, test", *TEST)
    return _draw("Digits 4×4", *TRAIN, test)


def glyphs() -> Array:
    """The glyphs as shades: (digits, 4, 4)."""
    return np.array([[[int(shade) for shade in row] for row in glyph] for glyph in GLYPHS])


def _draw(name: str, count: int, seed: int, test: Dataset | None = None) -> Dataset:
    drawn = glyphs()
    classes, pixels = len(drawn), drawn[0].size
    # The upper half of each 64 bits, so that the remainders below are those of good bits.
    random = (np.random.PCG64(seed).random_raw(count * (pixels + 2 * BLOTS)) >> 32).astype(np.int64)
    change, blots = np.split(random, [count * pixels])
    labels = np.arange(count) % classes
    shift = np.array([-1, 1, 0, 0])[change % 4].reshape(count, pixels)
    shades = np.clip(drawn[labels].reshape(count, pixels) + shift, 0, SHADES - 1)
    where, shade = blots.reshape(2, count, BLOTS)
    for blot in range(BLOTS):
        shades[np.arange(count), where[:, blot] % pixels] = shade[:, blot] % SHADES
    images = (shades * (255 // (SHADES - 1))).astype(np.uint8).reshape(count, *drawn.shape[1:])
    return Dataset(name, images, labels, classes, test)
