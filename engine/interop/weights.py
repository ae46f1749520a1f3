"""Weights for other programs: an `.npz`, which numpy and much else can open.

An `.npz` is a zip archive with a `.npy` file for each array; format: numpy.lib.format. It is
written beside its place and then renamed, so that there is the old file or the new one, whole,
whatever happens in between.
"""

from __future__ import annotations

import io
import os
import secrets
import stat
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format

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
    """What was written, so that it can be said.

    Attributes:
        path: the file, as an absolute path.
        arrays: in the order of the parameters.
        nbytes: size of the file.
    """

    path: Path
    arrays: tuple[SavedArray, ...]
    nbytes: int


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a file that can be written, as far as one can tell beforehand.

    Raises:
        WeightsNotWritten: if its folder does not exist or is not ours to write in, or if what is
            there is write-protected, or a folder or a device.
    """
    target = Path(path).absolute()
    folder = target.parent
    if not folder.is_dir():
        raise WeightsNotWritten(target, f"the folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WeightsNotWritten(target, f"the folder {folder} is write-protected")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except (OSError, ValueError) as error:  # a ValueError is a null character in the path
        raise WeightsNotWritten(target, _reason(error)) from error
    # Renaming would replace a device, as root even /dev/null, and a file that is write-protected.
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise WeightsNotWritten(target, f"it is {what}")
    if not os.access(target, os.W_OK):
        raise WeightsNotWritten(target, "it is write-protected")
    return target


def save_npz(path: str | os.PathLike[str], parameters: Arrays) -> SavedWeights:
    """Write parameters as plain arrays under their names: `numpy.load(path)["Affine1.W"]`.

    The file gets the very name that was asked for. The same parameters make the same bytes.

    Raises:
        WeightsNotWritten: if the system refuses. A file that was there before is unchanged.
        TypeError: for an array of Python objects, which only a pickle could hold.
    """
    for name, array in parameters.items():
        if array.dtype.hasobject:
            raise TypeError(f"{name} holds Python objects ({array.dtype}); only numbers are saved")
    target = check_target(path)
    content = _archive(parameters)
    try:
        # A link stays one, and the file that it leads to is replaced.
        _replace(Path(os.path.realpath(target)), content)
    except OSError as error:
        raise WeightsNotWritten(target, _reason(error)) from error
    arrays = tuple(
        SavedArray(name, array.shape, str(array.dtype)) for name, array in parameters.items()
    )
    return SavedWeights(target, arrays, len(content))


def _archive(parameters: Arrays) -> bytes:
    # np.savez(**parameters) would have a parameter called "file" for its own argument, and would
    # write the time of day. Weights fit into memory twice.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in parameters.items():
            # With 64-bit sizes, which a single array over 2 GiB needs, as numpy does.
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                npy_format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()


def _replace(place: Path, content: bytes) -> None:
    # In the same folder, since a file can only be renamed within its file system.
    temporary = place.with_name(f".retrograd-{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(place.stat().st_mode))
        temporary.replace(place)
    except BaseException:  # Ctrl+C included: nothing half-written stays
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too, where the system can be asked for that."""
    with suppress(OSError):  # Windows cannot open a folder; some network drives cannot sync it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
