"""What the images of a dataset are, as far as its name tells."""

from __future__ import annotations

from engine.debug.snapshots.snapshot import Setup

_OF_DIGITS = ("MNIST", "Digits")  # the names of the bundled datasets begin so


def shows_digits(setup: Setup) -> bool:
    """Whether the dataset's images are digits, in ink."""
    return setup.dataset.startswith(_OF_DIGITS)
