"""Errors of datasets and their files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors.base import Described

__all__ = [
    "BytesLeftOver",
    "CannotBeDrawn",
    "CorruptGzip",
    "CountsDisagree",
    "DatasetDamaged",
    "DatasetError",
    "DatasetFileEmpty",
    "DatasetFileMissing",
    "DatasetTooLarge",
    "DatasetTruncated",
    "DatasetUnreadable",
    "ImageSizesDisagree",
    "ImagesDoNotFit",
    "LabelBeyondOutputs",
    "NoSamples",
    "NotIdx",
    "WrongDimensions",
    "WrongElementType",
]


@dataclass(eq=False)
class DatasetError(Described):
    """A dataset that cannot be used as it is.

    Attributes:
        path: the file, or the folder.
        offset: the place in the (decompressed) file, in bytes; 0 for the whole file.
        expected: what should be there.
        found: what is there.
    """

    path: Path
    offset: int
    expected: Any
    found: Any


@dataclass(eq=False)
class DatasetUnreadable(DatasetError):
    """A file or folder that is missing, of the wrong kind, or not readable."""

    sentence = "{path} cannot be read: expected {expected}, found: {found}."
    advice = "Check the path and its permissions."


@dataclass(eq=False)
class DatasetFileMissing(DatasetError):
    """A folder that lacks a file of a dataset; `expected` has the names looked for."""

    sentence = "{path} has no {expected}; found: {found}."
    advice = (
        "Put the files there under MNIST's names, gzipped or not: train-images-idx3-ubyte, "
        "train-labels-idx1-ubyte, and if there is a test set t10k-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte."
    )


@dataclass(eq=False)
class DatasetFileEmpty(DatasetError):
    """A file without a byte, or a gzip stream that holds none. Sizes in bytes."""

    sentence = "{path} is empty: expected a header of {expected} bytes, found {found}."
    advice = "Get the file again."


@dataclass(eq=False)
class NotIdx(DatasetError):
    """A magic number that does not begin with two zero bytes. Both are the four bytes in hex."""

    sentence = (
        "{path} is not an IDX file: expected the magic number {expected} at byte {offset}, "
        "found {found}."
    )
    advice = "Give an IDX file of unsigned bytes, such as those of MNIST, gzipped or not."


@dataclass(eq=False)
class WrongElementType(DatasetError):
    """An IDX file whose elements are not unsigned bytes."""

    sentence = "{path} holds {found}: expected {expected} (the type at byte {offset})."
    advice = "Convert the data to unsigned bytes, 0 to 255."


@dataclass(eq=False)
class WrongDimensions(DatasetError):
    """An IDX file with another number of dimensions than its role needs."""

    sentence = (
        "{path} has {found} dimensions: expected {expected} (the count at byte {offset}; "
        "images have 3, labels 1)."
    )
    advice = "Check that images and labels were not swapped."


@dataclass(eq=False)
class NoSamples(DatasetError):
    """A header with a zero in it: no images, or images without a pixel. The sizes are tuples."""

    sentence = (
        "{path} holds no data: expected sizes of at least {expected}, found {found} "
        "in its header at byte {offset}."
    )
    advice = "Give a file with at least one sample."


@dataclass(eq=False)
class DatasetTooLarge(DatasetError):
    """A header that promises more bytes than any dataset for this app has."""

    sentence = (
        "{path} promises {found:,} bytes in its header at byte {offset}: expected at most "
        "{expected:,}."
    )
    advice = "If the header is right, give a smaller part of the dataset."


@dataclass(eq=False)
class DatasetTruncated(DatasetError):
    """A file that ends before what its header promises. Sizes in bytes from `offset`."""

    sentence = (
        "{path} ends too early: expected {expected:,} bytes from byte {offset} on, found {found:,}."
    )
    advice = "Get the file again: the download or the copy was cut short."


@dataclass(eq=False)
class BytesLeftOver(DatasetError):
    """A file that goes on after what its header promises.

    `expected` is the size that the header promises. `found` is the size of the file. A gzipped file
    is unpacked only one byte further, so `found` is one byte more.
    """

    sentence = (
        "{path} goes on after its end: expected {expected:,} bytes by its header, "
        "found at least {found:,}."
    )
    advice = "Get the file again: its header or its end is wrong."


@dataclass(eq=False)
class CorruptGzip(DatasetError):
    """A gzip stream that cannot be unpacked, or whose checksum is wrong; `offset` is unpacked."""

    sentence = "{path} is damaged: expected {expected} at byte {offset:,}, found: {found}."
    advice = "Get the file again."


@dataclass(eq=False)
class CountsDisagree(DatasetError):
    """Images and labels that differ in number.

    Attributes:
        images_path: the file of the images, which has `expected` of them; `path` is the labels'.
    """

    images_path: Path

    sentence = (
        "{path} has {found:,} labels: expected {expected:,}, as many as there are images in "
        "{images_path}."
    )
    advice = "Check that both files belong to the same set."


@dataclass(eq=False)
class ImageSizesDisagree(DatasetError):
    """Test images of another size than the training images. Sizes are (rows, columns)."""

    sentence = (
        "{path} has images of {found[0]}×{found[1]} pixels: expected {expected[0]}×{expected[1]}, "
        "as in the training set (the sizes at byte {offset})."
    )
    advice = "Check that both files belong to the same dataset."


@dataclass(eq=False)
class LabelBeyondOutputs(DatasetError):
    """A label without an output; `expected` is the number of outputs."""

    sentence = (
        "{path} has the label {found} at byte {offset:,}: expected one below {expected}, "
        "the number of outputs."
    )
    advice = "Give a dataset with fewer classes, or a network with more outputs."


@dataclass(eq=False)
class ImagesDoNotFit(DatasetError):
    """Images with another number of pixels than the network has inputs."""

    sentence = "{path} has images of {found} pixels: expected {expected}, the network's inputs."
    advice = "Choose another network, or images of that size."


@dataclass(eq=False)
class DatasetDamaged(DatasetError):
    """A bundled file whose content is not the one that was shipped. Both are CRC-32 in hex."""

    sentence = "{path} is damaged: expected the checksum {expected}, found {found}."
    advice = "Install Retrograd again."


@dataclass(eq=False)
class CannotBeDrawn(Described):
    """A dataset whose images a person cannot draw.

    Attributes:
        name: of the dataset.
        size: of its images, (rows, columns).
        classes: their number.
    """

    name: str
    size: tuple[int, int]
    classes: int

    sentence = "{name} has images of {size[0]} × {size[1]} pixels in {classes} classes."
    advice = "Drawn are digits, in ten classes at most: squares of 28 × 28 pixels or fewer."
