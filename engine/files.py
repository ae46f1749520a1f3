"""Safe files: written completely or not at all, and read only if regular and of bounded size.

A file is written to a temporary file in the same folder, which then replaces it. The writer holds a
lock on the temporary file. The system releases the lock when the process ends, however it ends. A
later writer therefore knows the temporary files of killed processes, and removes them.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO

from engine.errors import FileNotRead, FileNotWritten

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed
    fcntl = None

LARGEST_TEXT = 10 * 2**20  # bytes of a source file, or of a file of breakpoints
_BESIDE = re.compile(r"\.retrograd-[0-9a-f]{16}\.new")
_SURE_SECONDS = 3600.0  # the age of a temporary file that was certainly left, even without locks
# Opening does not wait for a pipe, and does not make a terminal the process's own.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


# Reading


def open_regular(
    path: str | os.PathLike[str],
    most: int,
    error: Callable[[Path, str], Exception] = FileNotRead,
) -> IO[bytes]:
    """Open a regular file of at most `most` bytes for reading.

    Links are followed. The call never waits: pipes, devices and folders are refused unopened. A
    file whose size is 0 is read as empty, because files in /proc have that size, and some of them
    wait or never end.

    Args:
        path: the file.
        most: bytes.
        error: makes the exception from the path and a reason.

    Raises:
        FileNotRead: (or the result of `error`) the file is missing, no regular file, too large, or
            not readable.
    """
    where = Path(path)
    try:
        _check_regular(where, os.stat(where), most, error)
        handle = os.open(where, _FLAGS)
        try:
            # Check the opened file again: the name may lead elsewhere by now.
            status = os.fstat(handle)
            _check_regular(where, status, most, error)
        except BaseException:
            os.close(handle)
            raise
        if status.st_size:
            return os.fdopen(handle, "rb")
        os.close(handle)
        return io.BytesIO()
    except (OSError, ValueError) as refusal:  # a ValueError is a null character in the path
        raise error(where, _reason(refusal)) from refusal


def read_regular(
    path: str | os.PathLike[str],
    most: int,
    error: Callable[[Path, str], Exception] = FileNotRead,
) -> bytes:
    """The content of a file, if `open_regular` opens it.

    Raises:
        FileNotRead: (or the result of `error`) as `open_regular`, or the file has grown too large.
    """
    where = Path(path)
    with open_regular(where, most, error) as file:
        try:
            # A read asks for memory for all that it may return, however short the file is.
            size = os.fstat(file.fileno()).st_size
            content = file.read(min(size, most) + 1)
            if len(content) > size:  # it has grown meanwhile
                content += file.read(max(most + 1 - len(content), 0))
        except OSError as refusal:
            raise error(where, _reason(refusal)) from refusal
    if len(content) > most:
        raise error(where, _too_large(len(content), most))
    return content


def _check_regular(
    where: Path, status: os.stat_result, most: int, error: Callable[[Path, str], Exception]
) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise error(where, kind_in_words(status.st_mode))
    if status.st_size > most:
        raise error(where, _too_large(status.st_size, most))


def kind_in_words(mode: int) -> str:
    """A folder, device or pipe in words: "it is a folder"."""
    return "it is a folder" if stat.S_ISDIR(mode) else "it is a device or a pipe"


def _too_large(size: int, most: int) -> str:
    return f"it has {size:,} bytes, where at most {most:,} are read"


# Writing


def write_whole(
    path: str | os.PathLike[str], content: bytes, error: type[FileNotWritten] = FileNotWritten
) -> Path:
    """Write a file with exactly the given name; return its absolute path.

    Temporary files that killed writers left in its folder are removed.

    Raises:
        FileNotWritten: (or the class `error`) the system refuses. An existing file is unchanged.
    """
    target = check_target(path, error)
    try:
        # A link stays one, and the file that it leads to is replaced.
        place = Path(os.path.realpath(target))
        remove_left_overs(place.parent)
        _replace(place, content)
    except OSError as refusal:
        raise error(target, _reason(refusal)) from refusal
    return target


def check_target(
    path: str | os.PathLike[str], error: type[FileNotWritten] = FileNotWritten
) -> Path:
    """Check beforehand that a file can be written; return its absolute path.

    Raises:
        FileNotWritten: the folder does not exist or is write-protected, or the path is a
            write-protected file, a folder or a device.
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
    # Renaming would replace a device (as root even /dev/null), or a write-protected file.
    if not stat.S_ISREG(mode):
        raise error(target, kind_in_words(mode))
    if not os.access(target, os.W_OK):
        raise error(target, "it is write-protected")
    return target


def _replace(place: Path, content: bytes) -> None:
    temporary, file = _open_beside(place)
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(place.stat().st_mode))
            if fcntl is not None:  # rename while locked, so that no other process removes it
                temporary.replace(place)
        if fcntl is None:  # Windows cannot rename an open file
            temporary.replace(place)
    except BaseException:  # including Ctrl+C: no partial file stays
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(place.parent)


def _open_beside(place: Path) -> tuple[Path, IO[bytes]]:
    """A new, locked file in the same folder: renaming works only within a file system.

    If another process removed it as a leftover before it was locked, another file is made.
    """
    while True:
        temporary = place.with_name(f".retrograd-{secrets.token_hex(8)}.new")
        file = temporary.open("xb")
        if fcntl is None:
            return temporary, file
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(file.fileno(), fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), temporary.stat()):
                    return temporary, file
        except BaseException:
            file.close()
            with suppress(OSError):
                temporary.unlink()
            raise
        file.close()


def remove_left_overs(folder: Path) -> None:
    """Remove the temporary files that killed writers have left in a folder.

    A file that a living process writes is locked, even from another machine, and stays. Files of
    other users, and files with other names, stay, too.
    """
    with suppress(OSError):  # a folder that cannot be listed stays as it is
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if _BESIDE.fullmatch(entry.name)]
        for path in found:
            with suppress(OSError):  # it has gone meanwhile, or is another user's
                _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    if fcntl is None:
        # Windows does not remove an open file. Between closing and renaming it is not open.
        if time.time() - path.stat().st_mtime > _SURE_SECONDS:
            path.unlink()
        return
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its writer lives
        path.unlink()
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Write the folder's new entry to the disk, where the system supports that."""
    with suppress(OSError):  # Windows cannot open a folder; some network drives cannot sync it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
