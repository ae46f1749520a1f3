"""The writer of session files: it packs a session, and writes it on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.debug.session import Session
from engine.debug.session_file.format import to_bytes, write

Packed = tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]


@dataclass(frozen=True, eq=False)
class SessionCopy:
    """A session to write to a file.

    Attributes:
        extra: is stored beside the session.
        quiet: nobody asked for the copy; it is an autosave.
        token: identifies a last copy, which is announced separately.
        content: identifies the state of the session; a changed session has another.
    """

    session: Session
    path: Path
    extra: dict[str, Any]
    quiet: bool = False
    token: object = None
    content: object = None


class SessionWriter:
    """Writes copies in order.

    Args:
        on_written: called with each written copy, on the writing thread.
        on_failed: called with the copy and the error, on the thread where packing or writing
            failed.
    """

    def __init__(
        self,
        on_written: Callable[[SessionCopy], None],
        on_failed: Callable[[SessionCopy, BaseException], None],
    ) -> None:
        self._on_written, self._on_failed = on_written, on_failed
        self._thread = ThreadPoolExecutor(1, "writing")  # the disk may be slow
        self._autosaved: object = None  # the content of the last autosaved copy

    def write(self, copy: SessionCopy) -> None:
        """Pack the session now, on the caller's thread, and write it on the writing thread."""
        try:
            packed = copy.session.pack(copy.extra)
        except BaseException as error:  # packing asks the person's network for its parameters
            self._on_failed(copy, error)
        else:
            self._thread.submit(self._write, copy, lambda: packed)

    def write_if_changed(self, copy: SessionCopy) -> None:
        """Write a copy unless the session is as it was in the last autosaved copy."""
        session = copy.session
        reaches = [(id(branch), branch.reach) for branch in session.branches]
        content = (
            id(session), session.position, reaches, session.breakpoints.version,
            tuple(session.bookmarks), copy.extra,
        )  # fmt: skip
        if content != self._autosaved:
            self.write(replace(copy, content=content))

    def write_in_batch(self, copy: SessionCopy, no_batch: Callable[[], None]) -> None:
        """Write the session as it was before the batch that is running (on any thread).

        The batch continues meanwhile. If no batch is running, `no_batch` is called on the writing
        thread instead.
        """

        def packed() -> Packed | None:
            with copy.session.interruption.held() as held:
                if held:
                    return copy.session.pack(copy.extra, in_batch=True)
            no_batch()
            return None

        self._thread.submit(self._write, copy, packed)

    def close(self) -> None:
        """Wait until all copies are written, and end the thread."""
        self._thread.shutdown()

    def _write(self, copy: SessionCopy, pack: Callable[[], Packed | None]) -> None:
        try:
            packed = pack()
            if packed is None:
                return
            write(copy.path, to_bytes(*packed))
        except BaseException as error:  # packing asks the person's network for its parameters
            self._on_failed(copy, error)
            return
        if copy.content is not None:
            self._autosaved = copy.content
        self._on_written(copy)
