"""Opens what a walk begins with: its network at batch 0, and its layout.

A walk with a network of its own says what numbers are to be seen. So the person's own breakpoints
rest while it is played, and are as they were when it has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from engine.debug.breakpoints.not_finite import NotFinite
from engine.debug.events import Position
from engine.debug.snapshots.snapshot import Snapshot
from engine.options import Options
from gui.session.bridge import Bridge
from gui.walks.walk import Walk
from gui.window.commands.session_files import SessionFiles
from gui.window.walk.expecting import options_at


class WalkStart(QObject):
    """Begins walks, and puts back at their end what was aside meanwhile.

    Args:
        bridge: the way to the session.
        files: asks before a session that is not saved is replaced.
        open_session: builds a session on the worker's thread.
        choose_layout: by its id.
        say: shows a line for a while.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        files: SessionFiles,
        open_session: Callable[[Options], None],
        choose_layout: Callable[[str], None],
        say: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._files = bridge, files
        self._open_session, self._choose_layout, self._say = open_session, choose_layout, say
        self._then: Callable[[], None] | None = None
        self._waits_for_session = False
        bridge.opened.connect(self._on_opened)
        bridge.stopped.connect(self._on_stopped)
        bridge.failed.connect(self._on_failed)

    def begin(self, walk: Walk, before: Callable[[], None], then: Callable[[], None]) -> None:
        """Open what a walk begins with, unless the person would rather not.

        `before` is called once that is sure, and `then` when all is open.
        """
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        options = options_at(walk, 0)
        if options is None or _is_fresh(snapshot, self._bridge.options, options):
            before()
            self._settle(walk)
            if options is not None:
                self._then = lambda: self._begin(then)
                self._bridge.rest_breakpoints()
                self._bridge.goto(Position(0, 0))
            else:
                self._then = None
                then()
            return

        def settle_and_open() -> None:
            before()
            self._settle(walk)
            self._open(options, lambda: self._begin(then))

        self._ask(settle_and_open)

    def open_again(self, options: Options, then: Callable[[], None]) -> None:
        """Open a session that a station is about, then call back; not if the person says no."""
        self._ask(lambda: self._open(options, then))

    def end(self) -> None:
        """Make the breakpoints active again that have rested."""
        self._bridge.wake_breakpoints()

    def _ask(self, then: Callable[[], None]) -> None:
        self._files.if_saved(
            self.tr("Start the walk without saving this run?"),
            self.tr("Start without saving"),
            self.tr("Save and start"),
            then,
        )

    def _open(self, options: Options, then: Callable[[], None]) -> None:
        self._waits_for_session, self._then = True, then
        self._open_session(options)

    def _settle(self, walk: Walk) -> None:
        if walk.layout:
            self._choose_layout(walk.layout)

    def _begin(self, then: Callable[[], None]) -> None:
        """Begin, and say that the person's own breakpoints rest, if there are any."""
        then()
        snapshot = self._bridge.snapshot
        resting = () if snapshot is None else snapshot.resting
        # The first session brings one for NaN, which nobody has set.
        if any(one.enabled and one.place != NotFinite() for one in resting):
            self._say(self.tr("Your breakpoints rest until the walk ends."))

    def _on_opened(self, options: Options | None, path: Path | None) -> None:
        if self._waits_for_session:
            self._waits_for_session = False
            self._bridge.rest_breakpoints()

    def _on_stopped(self, snapshot: Snapshot) -> None:
        if self._then is None or self._waits_for_session or self._bridge.moving:
            return
        then, self._then = self._then, None
        then()

    def _on_failed(self, error: object) -> None:
        if self._waits_for_session:  # the data could not be read, which a dialog says
            self._then, self._waits_for_session = None, False


def _is_fresh(snapshot: Snapshot, built_from: Options | None, wanted: Options) -> bool:
    """Whether the session of now is as a new one would be."""
    untouched = snapshot.history.reach <= 1 and len(snapshot.branches) == 1
    return untouched and built_from == wanted
