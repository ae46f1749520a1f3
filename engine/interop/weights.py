"""Export weights as an `.npz` file, which numpy and many other programs can open.

An `.npz` is a zip archive with a `.npy` file for each array; format: numpy.lib.format. The file is
written completely or not at all.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import files
from engine.errors import WeightsNotWritten

Arrays = Mapping[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, slots=True)
class SavedArray:
    """One array of a written file."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class SavedWeights:
    """A written file, for the message to the user.

    Attributes:
        path: the file, as an absolute path.
        arrays: in the order of the parameters.
        nbytes: size of the file.
    """

    path: Path
    arrays: tuple[SavedArray, ...]
    nbytes: int


def save_npz(path: str | os.PathLike[str], parameters: Arrays) -> SavedWeights:
    """Write parameters as plain arrays under their names: `numpy.load(path)["Affine1.W"]`.

    The file gets exactly the given name. The same parameters make the same bytes.

    Raises:
        WeightsNotWritten: the system refuses. An existing file is unchanged.
        TypeError: an array has Python objects, which only a pickle could hold.
    """
    for name, array in parameters.items():
        if array.dtype.hasobject:
            raise TypeError(f"{name} holds Python objects ({array.dtype}); only numbers are saved")
    check_target(path)  # before the work
    content = _archive(parameters)
    target = files.write_whole(path, content, WeightsNotWritten)
    arrays = tuple(
        SavedArray(name, array.shape, str(array.dtype)) for name, array in parameters.items()
    )
    return SavedWeights(target, arrays, len(content))


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a file that weights can be written to.

    Raises:
        WeightsNotWritten: as `save_npz`, as far as can be checked beforehand.
    """
    return files.check_target(path, WeightsNotWritten)


def _archive(parameters: Arrays) -> bytes:
    # np.savez(**parameters) would take a parameter named "file" as its own argument, and would
    # write the time of day.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in parameters.items():
            # 64-bit sizes, as in numpy: a single array may exceed 2 GiB.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.save(member, array, allow_pickle=False)
    return buffer.getvalue()
