"""Files: written whole or not at all, and read only where they are files of a bounded size.

A file is written beside its place, then renamed. Its writer holds a lock on it meanwhile, which
the system takes away when the process ends, however it ends: so whoever writes into the folder next
knows which of such files a killed process has left, and removes them.
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
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None

LARGEST_TEXT = 10 * 2**20  # bytes of a source file, or of a file of breakpoints
_BESIDE = re.compile(r"\.retrograd-[0-9a-f]{16}\.new")
_SURE_SECONDS = 3600.0  # after which a file that nobody has open was left, without locks too
# A pipe is not waited for, and a terminal does not become ours.
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
    """Open a file to read it, if it is an ordinary one of at most so many bytes.

    What is behind a link counts. Nothing waits: a pipe, a device or a folder is refused unopened.
    A file that says it has 0 bytes is read as an empty one: those of /proc say so, and some of them
    wait, or never end.

    Args:
        path: the file.
        most: bytes.
        error: makes of the path and a reason what is raised.

    Raises:
        FileNotRead: (or what `error` makes) it is missing, no file, too large, or not ours to read.
    """
    where = Path(path)
    try:
        _refuse_what_is_no_file(where, os.stat(where), most, error)
        handle = os.open(where, _FLAGS)
        try:
            # Asked again of what is open now: the name may lead elsewhere meanwhile.
            status = os.fstat(handle)
            _refuse_what_is_no_file(where, status, most, error)
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
        FileNotRead: (or what `error` makes) as `open_regular`, or it has grown beyond `most`.
    """
    where = Path(path)
    with open_regular(where, most, error) as file:
        try:
            content = file.read(most + 1)
        except OSError as refusal:
            raise error(where, _reason(refusal)) from refusal
    if len(content) > most:
        raise error(where, _too_large(len(content), most))
    return content


def _refuse_what_is_no_file(
    where: Path, status: os.stat_result, most: int, error: Callable[[Path, str], Exception]
) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise error(where, what_it_is(status.st_mode))
    if status.st_size > most:
        raise error(where, _too_large(status.st_size, most))


def what_it_is(mode: int) -> str:
    """What is in the place of a file, in words that follow "it is"."""
    return "it is a folder" if stat.S_ISDIR(mode) else "it is a device or a pipe"


def _too_large(size: int, most: int) -> str:
    return f"it has {size:,} bytes, where at most {most:,} are read"


# Writing


def write_whole(
    path: str | os.PathLike[str], content: bytes, error: type[FileNotWritten] = FileNotWritten
) -> Path:
    """Write a file under the very name that was asked for; return its absolute path.

    What earlier writers into its folder have left behind, because they were killed, goes.

    Raises:
        FileNotWritten: (or the kind of it that was given) if the system refuses. A file that was
            there before is unchanged.
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
        raise error(target, what_it_is(mode))
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
            if fcntl is not None:  # renamed while it is locked, so that nobody takes it for left
                temporary.replace(place)
        if fcntl is None:  # Windows renames no file that is open
            temporary.replace(place)
    except BaseException:  # Ctrl+C included: nothing half-written stays
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(place.parent)


def _open_beside(place: Path) -> tuple[Path, IO[bytes]]:
    """A new file in the same folder, since one can only be renamed within its file system.

    It is locked. Between its making and its locking another process may have taken it for left
    behind, and removed it: then there is another one.
    """
    while True:
        temporary = place.with_name(f".retrograd-{secrets.token_hex(8)}.new")
        file = temporary.open("xb")
        if fcntl is None:
            return temporary, file
        try:
            with suppress(OSError):  # a file system without locks, where nobody gets one
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
    """Remove the files in a folder that writers which were killed have left beside their places.

    One that a living process writes is locked by it, on another machine too, and stays; so does
    what belongs to another person or has another kind of name.
    """
    with suppress(OSError):  # a folder that cannot be listed keeps what is in it
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if _BESIDE.fullmatch(entry.name)]
        for path in found:
            with suppress(OSError):  # it has gone meanwhile, or is another person's
                _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    if fcntl is None:
        # Windows does not remove what is open. Between closing and renaming it is not.
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
    """Have the new name on the disk too, where the system can be asked for that."""
    with suppress(OSError):  # Windows cannot open a folder; some network drives cannot sync it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
