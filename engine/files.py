"""A file that is written whole or not at all: beside its place, then renamed."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from engine.errors import FileNotWritten


def write_whole(
    path: str | os.PathLike[str], content: bytes, error: type[FileNotWritten] = FileNotWritten
) -> Path:
    """Write a file under the very name that was asked for; return its absolute path.

    Raises:
        FileNotWritten: (or the kind of it that was given) if the system refuses. A file that was
            there before is unchanged.
    """
    target = check_target(path, error)
    try:
        # A link stays one, and the file that it leads to is replaced.
        _replace(Path(os.path.realpath(target)), content)
    except OSError as refusal:
        raise error(target, _reason(refusal)) from refusal
    return target


def check_target(
    path: str | os.PathLike[str], error: type[FileNotWritten] = FileNotWritten
) -> Path:
    """Return the absolute path of a file that can be written, as far as one can tell beforehand.

    Raises:
        FileNotWritten: if its folder does not exist or is not ours to write in, or if what is
            there is write-protected, or a folder or a device.
    """
    target = Path(path).absolute()
    folder = target.parent
    if not folder.is_dir():
        raise error(target, f"the folder {folder} does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise error(target, f"the folder {folder} is write-protected")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except (OSError, ValueError) as refusal:  # a ValueError is a null character in the path
        raise error(target, _reason(refusal)) from refusal
    # Renaming would replace a device, as root even /dev/null, and a file that is write-protected.
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise error(target, f"it is {what}")
    if not os.access(target, os.W_OK):
        raise error(target, "it is write-protected")
    return target


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
