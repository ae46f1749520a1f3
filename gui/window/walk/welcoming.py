"""Welcomes whoever starts the app for the first time, and does what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings

from engine.debug.events import Verb
from gui.session.bridge import Bridge
from gui.settings import WELCOMED, one_of
from gui.window.commands.recent import RecentSessions
from gui.window.commands.session_files import SessionFiles
from gui.window.walk.walks import Walks
from gui.window.walk.welcome import Welcome

FIRST_WALK = "1-first-minibatch"
_YES = "yes"


class Welcoming(QObject):
    """Opens the welcome.

    Args:
        welcome: what is shown.
        bridge: makes the first step.
        recent: the sessions of before.
        files: opens one of them.
        walks: plays the first walk.
        settings: where it is remembered that the welcome has been seen.
        parent: the window.
    """

    def __init__(
        self,
        welcome: Welcome,
        bridge: Bridge,
        recent: RecentSessions,
        files: SessionFiles,
        walks: Walks,
        settings: QSettings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.welcome, self._bridge, self._recent = welcome, bridge, recent
        self._files, self._walks, self._settings = files, walks, settings
        self._wanted: Callable[[], object] | None = None  # until the data has been read
        welcome.walk_asked.connect(self._on_walk)
        welcome.step_asked.connect(self._on_step)
        welcome.session_asked.connect(self._on_session)
        welcome.left.connect(self._on_left)
        bridge.move_asked.connect(welcome.leave)  # a key of the window that is in sight
        bridge.stopped.connect(self._on_stopped)

    def open(self) -> None:
        """Show the welcome."""
        self.welcome.open(self._recent.found())

    def open_if_new(self) -> None:
        """Show the welcome unless it has been seen."""
        if one_of(self._settings, WELCOMED, (_YES,), "") != _YES:
            self.open()

    def _on_left(self) -> None:
        self._settings.setValue(WELCOMED, _YES)

    def _on_walk(self) -> None:
        self._wanted = partial(self._walks.start_shipped, FIRST_WALK)
        self._on_stopped()

    def _on_step(self) -> None:
        self._wanted = partial(self._bridge.step, Verb.OPERATION)
        self._on_stopped()

    def _on_stopped(self, *_: object) -> None:
        if self._wanted is not None and self._bridge.snapshot is not None:
            wanted, self._wanted = self._wanted, None
            wanted()

    def _on_session(self, path: Path) -> None:
        self._files.open_if_saved(path)
