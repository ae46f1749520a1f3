"""Saves a copy of the session every minute, and offers to continue from it after a crash.

Each process has its own copy, and a lock file that names the process. Closing the window removes
the copy, so that a copy without its process was left by a crash.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QSettings, QStandardPaths, QTimer
from PySide6.QtWidgets import QDialogButtonBox

from engine.debug.session_file.format import SUFFIX, extra_of
from engine.errors import SessionNotRead
from engine.files import remove_left_overs
from gui.dialogs.dialog import Dialog
from gui.settings import AUTOSAVE, number
from gui.window.main_window import MainWindow

SECONDS = 60
ENDED = "ended"  # key in the file: whether this is the last copy, made as the app ended
LEAST_SECONDS, MOST_SECONDS = 1.0, 24 * 3600.0


def seconds_of(settings: QSettings) -> float:
    """The time between two copies, from the settings."""
    return number(settings, AUTOSAVE, LEAST_SECONDS, MOST_SECONDS, SECONDS)


def default_folder() -> Path:
    """The folder of the copies."""
    where = QStandardPaths.StandardLocation.AppDataLocation
    return Path(QStandardPaths.writableLocation(where)) / "autosave"


class Autosave(QObject):
    """Keeps a copy of a window's session; the session's writing thread writes it.

    Args:
        window: has the session.
        folder: holds the copies.
        seconds: the time between two copies.
    """

    def __init__(self, window: MainWindow, folder: Path, seconds: float = SECONDS) -> None:
        super().__init__(window)
        self._window = window
        self._folder = folder
        self.path = folder / f"{os.urandom(16).hex()}{SUFFIX}"
        self._lock: QLockFile | None = None
        self._going_on: tuple[Path, QLockFile] | None = None  # the copy that is being opened
        self._told_failure = False
        self._offer_due = False
        self._timer = QTimer(self, interval=round(seconds * 1000))
        self._timer.timeout.connect(lambda: self.save())
        window.bridge.saved.connect(self._on_saved)
        window.bridge.autosave_failed.connect(self._on_failed)
        window.bridge.loaded.connect(self._on_loaded)
        window.bridge.failed.connect(self._on_not_loaded)
        window.bridge.opening_cancelled.connect(self._on_not_loaded)
        for signal in (
            window.bridge.stopped, window.bridge.failed, window.bridge.opening_cancelled,
        ):  # fmt: skip
            signal.connect(self._on_drawn)
        window.closed.connect(self._on_closed)
        window.closing.last_save_asked.connect(self.save)
        self._timer.start()

    def save(self, token: object = None) -> None:
        """Write a copy if anything has changed since the last copy.

        With a `token` the copy is written at once and in any case; `last_saved` passes the token.
        """
        if self._window.snapshot is None or not self._take_lock():
            return
        extra = {**self._window.session_files.extra(), ENDED: token is not None}
        self._window.bridge.autosave(self.path, extra, token)

    def left_behind(self) -> list[tuple[Path, QLockFile]]:
        """The copies whose process has ended, newest first, each with its lock, now held."""
        found = []
        with suppress(OSError):
            for path in self._folder.glob(f"*{SUFFIX}"):
                lock = _lock_of(path)
                if path != self.path and lock.tryLock(0):
                    found.append((path, lock))
            remove_left_overs(self._folder)
            for left in self._folder.glob("*.lock"):
                # The lock of a process that ended before its first copy.
                lock = _lock_of(left)
                if not left.with_suffix(SUFFIX).exists() and lock.tryLock(0):
                    lock.unlock()
        return sorted(found, key=lambda copy: _written(copy[0]), reverse=True)

    def offer_once_drawn(self) -> None:
        """Offer the copy once the first picture of a run is drawn, or cannot be."""
        self._offer_due = True

    def _on_drawn(self) -> None:
        if self._offer_due:
            self._offer_due = False
            QTimer.singleShot(0, self, self.offer)

    def offer(self) -> bool:
        """Offer to continue from the newest copy that a crash has left; False without a copy."""
        found = self.left_behind()
        for _, lock in found[1:]:
            lock.unlock()
        if not found:
            return False
        path, lock = found[0]
        dialog = _Offer(self, path, len(found) - 1)
        dialog.go_on.clicked.connect(lambda: self._go_on(path, lock))
        dialog.delete.clicked.connect(lambda: _delete(path, lock))
        dialog.later.clicked.connect(lock.unlock)
        dialog.open()
        return True

    def _go_on(self, path: Path, lock: QLockFile) -> None:
        self._going_on = path, lock
        self._window.session_files.open_copy(path)

    def _on_loaded(self, path: Path) -> None:
        """Save at once: the old copy is removed only when this process has its own."""
        if self._going_on is not None and self._going_on[0] == path:
            self.save()

    def _on_not_loaded(self) -> None:
        if self._going_on is not None:
            self._going_on[1].unlock()
            self._going_on = None

    def _on_saved(self, path: Path, quiet: bool) -> None:
        if quiet:
            self._told_failure = False
            if self._going_on is not None:
                _delete(*self._going_on)
                self._going_on = None

    def _on_failed(self, error: Exception) -> None:
        """Report once that the copy could not be written; later attempts continue."""
        if not self._told_failure:
            self._told_failure = True
            self._window.messages.show_error(error)

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._on_failed(error)
            return False
        lock = _lock_of(self.path)
        if lock.tryLock(0):
            self._lock = lock
        return self._lock is not None

    def _on_closed(self) -> None:
        """Remove the copy after a normal close; keep it after an interrupt."""
        self._timer.stop()
        if self._lock is not None and self._window.closing.keeps_copy:
            self._lock.unlock()
        elif self._lock is not None:
            _delete(self.path, self._lock)
            self._lock = None


class _Offer(Dialog):
    """Offers to continue, to delete the copy, or to decide later."""

    def __init__(self, autosave: Autosave, path: Path, others: int) -> None:
        window = autosave._window
        super().__init__("", "", window.appearance.theme, window)
        self.setObjectName("autosave_dialog")
        self.set_mark("warning", window.appearance.theme.warning)
        title = self.tr("Continue where it ended?")
        self.setWindowTitle(title)
        self.headline.setText(title)
        written = time.localtime(_written(path))
        day, at = time.strftime("%Y-%m-%d", written), time.strftime("%H:%M", written)
        if _is_last(path):
            words = self.tr(
                "Retrograd ended with an unsaved run. This copy was made as it ended, on {0} at "
                "{1}, and contains all batches that had run."
            )
        else:
            words = self.tr(
                "Retrograd ended without being closed. A copy of its session was saved on {0} at "
                "{1}. Changes in the minute after that are lost."
            )
        words = words.format(day, at)
        if others:
            words += " " + self.tr("Older copies: {0}; they are offered next time.").format(others)
        self.text.setText(words)
        self.text.show()
        role = QDialogButtonBox.ButtonRole
        self.delete = self.add_button(self.tr("Delete the copy"), role.DestructiveRole)
        self.later = self.add_button(self.tr("Later"), role.RejectRole)
        self.go_on = self.add_button(self.tr("Continue"), role.AcceptRole, "primary")
        self.delete.clicked.connect(self.reject)


def _is_last(path: Path) -> bool:
    """Whether a copy was made as the app ended; False if it cannot be read."""
    try:
        return extra_of(path).get(ENDED) is True
    except SessionNotRead:
        return False


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # a lock is stale only once its process has ended
    return lock


def _delete(path: Path, lock: QLockFile) -> None:
    with suppress(OSError):
        path.unlink()
    lock.unlock()


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
