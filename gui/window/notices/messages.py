"""The messages about a run: in the chip at the top, in notices and in error dialogs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.run_control import StopReason
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from engine.errors import BatchStopped, NotDeterministic, NotReachable
from gui.dialogs.breakpoint_kinds import place_words
from gui.dialogs.dialog import ErrorDialog, error_text, worded_text
from gui.look.appearance import Appearance
from gui.run_kind import RunKind, run_name
from gui.session.bridge import Bridge
from gui.session.held_up_watch import HeldUp
from gui.session.worker_commands import TrainingProgress
from gui.window.notices.notice import Link, Notice
from gui.window.toolbar.parts import PositionChip


class Messages(QObject):
    """Shows messages about the session's events.

    Args:
        bridge: emits the events.
        appearance: the theme of the dialogs.
        notice: a line over the panels that disappears by itself.
        chip: shows the position of the run.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        appearance: Appearance,
        notice: Notice,
        chip: PositionChip,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._appearance = bridge, appearance
        self._notice, self._chip, self._window = notice, chip, parent
        self._noticed: set[tuple[int, type]] = set()  # session and kind of what was said
        self._before: Snapshot | None = None
        self._ended = False  # the step itself has ended the run
        self._opened: tuple[str, Sequence[Link]] = ("", ())  # to be said of an opened session
        bridge.run_started.connect(self._on_run_started)
        bridge.progressed.connect(self._on_progressed)
        bridge.searched.connect(self._on_searched)
        bridge.halted.connect(self._on_halted)
        bridge.failed.connect(self._on_failed)
        bridge.held_up.connect(self._on_held_up)
        bridge.undone.connect(self._on_undone)
        bridge.outdated.connect(self._on_outdated)
        bridge.other_saved.connect(self._on_other_saved)

    def say_when_opened(self, text: str, links: Sequence[Link]) -> None:
        """Show a line with links beside the warnings of a session that is being opened."""
        self._opened = text, links

    def say_of(self, snapshot: Snapshot) -> None:
        """Show once the warnings of a run, and of a batch whose recording ends early."""
        before, self._before = self._before, snapshot
        session = snapshot.identity.session
        new = [one for one in snapshot.notices if (session, type(one)) not in self._noticed]
        self._noticed.update((session, type(one)) for one in new)
        said = [*map(worded_text, new)]
        links = [self._link(one) for one in new if isinstance(one, NotDeterministic) and one.file]
        if snapshot.too_long is not None and not _same_batch(before, snapshot):
            said.append(worded_text(snapshot.too_long))
        (opened, opened_links), self._opened = self._opened, ("", ())
        if opened:
            said.append(opened)
            links = [*links, *opened_links]
        if self._ended:
            self._ended = False
            said.append(self._ended_text(snapshot))
        if said:
            self._notice.say("\n".join(said), links)

    def _link(self, notice: NotDeterministic) -> Link:
        """The link to the line that a notice is about."""
        return self.tr("Show the line"), lambda: self._bridge.goto_line(notice.file, notice.line)

    def _ended_text(self, snapshot: Snapshot) -> str:
        if not snapshot.position.batch:
            return self.tr("The run has ended: the program has no data for a first batch.")
        words = self.tr("The run has ended: the program's data are used up after batch {0}.")
        return words.format(snapshot.position.batch - 1)

    def show_error(self, error: BaseException) -> None:
        """Show an error in a dialog; the window continues."""
        if self._bridge.snapshot is None:
            self._chip.show_message(self.tr("No data"))
        ErrorDialog(error, self._appearance.theme, self._window).open()

    def _on_run_started(self, kind: RunKind) -> None:
        self._notice.say("")
        self._chip.show_message(f"{run_name(kind)}…")

    def _on_progressed(self, progress: TrainingProgress, history: RunHistory) -> None:
        place = self.tr("batch {0}").format(progress.batch)
        if progress.total is not None:  # the training has an end, before this batch
            place += f" / {progress.batch - progress.done + progress.total}"
        self._chip.show_message(run_name(RunKind.TRAINING), place)

    def _on_searched(self, batch: int) -> None:
        kind = self._bridge.running
        assert kind is not None
        self._chip.show_message(run_name(kind), self.tr("batch {0}").format(batch))

    def _on_halted(self, reason: StopReason, hits: list[tuple[Breakpoint, str]]) -> None:
        """Show why a run has stopped, unless the person paused it."""
        if reason is StopReason.START:
            self._notice.say(self.tr("No breakpoint was hit earlier: this is the beginning."))
        if reason is StopReason.ENDED:
            self._ended = True  # said with the snapshot, which has the batch
        for one, problem in hits[:1]:
            words = self.tr("Stopped at {0}, {1}") if one.condition else self.tr("Stopped at {0}")
            text = words.format(place_words(one.place), one.condition)
            self._notice.say(f"{text}: {problem}" if problem else text)

    def _on_failed(self, error: BaseException) -> None:
        """Show an error; a batch that was stopped as requested gets a notice."""
        if isinstance(error, (BatchStopped, NotReachable)):
            self._notice.say(error_text(error))
        else:
            self.show_error(error)

    def _on_held_up(self, held_up: HeldUp | None) -> None:
        if held_up is not None:  # None would hide the notice about the end of the batch
            self._notice.say("")

    def _on_undone(self, label: str, again: bool) -> None:
        words = self.tr("Redone: {0}") if again else self.tr("Undone: {0}")
        self._notice.say(words.format(label))

    def _on_outdated(self) -> None:
        text = self.tr("Not done: another run was opened meanwhile.")
        self._notice.say(text)

    def _on_other_saved(self, path: Path) -> None:
        self._notice.say(self.tr("The previous run was saved to {0}").format(path))


def _same_batch(before: Snapshot | None, now: Snapshot) -> bool:
    """Whether two snapshots are of the same recording."""
    if before is None or before.too_long is None:
        return False
    return (before.identity, before.position.batch) == (now.identity, now.position.batch)
