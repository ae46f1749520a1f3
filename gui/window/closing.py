"""Closing the window, which never hangs: the running batch is waited for, stopped, or ended.

If the batch does not come back, a dialog asks. Only Ctrl+C ends the app without a question.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from gui.dialogs.dialog import Dialog
from gui.look.appearance import Appearance
from gui.look.theme import Theme
from gui.platform import end_process
from gui.session.bridge import Bridge
from gui.session.held_up_watch import HeldUp
from gui.window.commands.session_files import SessionFiles
from gui.window.notices.held_up import held_up_text
from gui.window.toolbar.parts import PositionChip

AT_ONCE = 0.2  # seconds in which most batches end, so that the window closes at once
ASKED_MS = 1000  # before the dialog asks
LAST_SAVE_MS = 3000  # for a last copy of the session, before the process is ended
INTERRUPTED = 130


class Closing(QObject):
    """Says whether a window may close, and has it close later where it may not yet.

    Args:
        window: closes.
        bridge: whose thread ends.
        files: asks about what was not saved.
        appearance: the theme of the question.
        chip: says that it closes.
        remember: keeps the layout, where the process is ended without closing the window.
        end: ends the process with a status.

    Signals:
        last_save_asked: the app is going to end; now is the time for a last copy, which the bridge
            tells of by this token.
    """

    last_save_asked = Signal(object)

    def __init__(
        self,
        window: QWidget,
        bridge: Bridge,
        files: SessionFiles,
        appearance: Appearance,
        chip: PositionChip,
        remember: Callable[[], None],
        end: Callable[[int], object] = end_process,
    ) -> None:
        super().__init__(window)
        self._window, self._bridge, self._files = window, bridge, files
        self._appearance, self._chip, self._remember = appearance, chip, remember
        self._end = end
        self._leaves = False  # the window closes as soon as the thread has ended
        self._dialog: HeldUpDialog | None = None
        self.status = 0  # of the process
        self.keeps_copy = False  # the autosaved copy is to be offered at the next start
        self._asks = QTimer(self, interval=ASKED_MS, singleShot=True)
        self._asks.timeout.connect(self._ask)
        bridge.ended.connect(self._on_ended)
        bridge.held_up.connect(self._on_held_up)
        bridge.last_saved.connect(self._go_on)
        self._last_save: object = None  # the token of the copy that is waited for

    def may_close(self) -> bool:
        """Ask the questions that are due, and end the thread; True: it has ended."""
        bridge = self._bridge
        if bridge.finished:
            return True
        if self._leaves:
            self._ask()
            return False
        if not self._files.may_close():
            return False
        self._leaves = True
        if bridge.holding_up is not None:
            self._ask()
            return False
        if bridge.end(AT_ONCE):
            return True
        self._chip.show_message(self.tr("Closing…"))
        self._asks.start()
        return False

    def interrupt(self) -> None:
        """Ctrl+C: close without a question; pressed again, end at once.

        What was not saved is kept as a copy, which is offered at the next start.
        """
        if self.status == INTERRUPTED:
            self._end(INTERRUPTED)
            return
        self.status = INTERRUPTED
        if self._files.lost:
            self.keeps_copy = True
            self._save_last(lambda: self._leave(INTERRUPTED))
        else:
            self._leave(INTERRUPTED)

    def _leave(self, status: int) -> None:
        """Close, or end the process where that takes its time."""
        self._leaves = True
        if self._bridge.end(AT_ONCE):
            self._window.close()
        else:
            self._remember()
            self._end(status)

    def _ask(self) -> None:
        """Ask what to do with the batch that does not come back."""
        bridge = self._bridge
        bridge.end(0)
        held_up = bridge.holding_up
        if self._dialog is None:
            dialog = self._dialog = HeldUpDialog(self._appearance.theme, self._window)
            dialog.stop.clicked.connect(bridge.stop_in_it)
            dialog.end.clicked.connect(self._end_app)
            dialog.finished.connect(self._on_answered)
            dialog.open()
        self._dialog.show_held_up(held_up)

    def _end_app(self) -> None:
        """End the app, after a last copy of the run as it was before the batch."""
        self.keeps_copy = True
        self._remember()
        self._save_last(lambda: self._end(0))

    def _save_last(self, then: Callable[[], object]) -> None:
        """Have the copy written that is offered at the next start; go on with it or without."""
        self._then = then
        self._last_save = last = object()
        self.last_save_asked.emit(last)
        QTimer.singleShot(LAST_SAVE_MS, self, lambda: self._go_on(last))

    def _go_on(self, last: object) -> None:
        """Go on, if that was the copy that is waited for."""
        if last is self._last_save:
            self._last_save = None
            self._then()

    def _on_answered(self) -> None:
        self._dialog = None

    def _on_held_up(self, held_up: HeldUp | None) -> None:
        if self._dialog is not None:
            self._dialog.show_held_up(held_up)

    def _on_ended(self) -> None:
        """The batch has come back after all, or was stopped."""
        if self._dialog is not None:
            self._dialog.reject()
        if self._leaves:
            self._window.close()


class HeldUpDialog(Dialog):
    """Wait for a batch that does not come back, stop inside it, or end the app."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", "", theme, parent)
        self.setObjectName("held_up_dialog")
        self.set_mark("warning", theme.warning)
        title = self.tr("Close while a batch is running?")
        self.setWindowTitle(title)
        self.headline.setText(title)
        self.text.show()
        role = QDialogButtonBox.ButtonRole
        self.end = self.add_button(self.tr("End the app"), role.DestructiveRole)
        self.stop = self.add_button(self.tr("Stop inside the batch"), role.ActionRole)
        self.add_button(self.tr("Wait"), role.RejectRole, "primary")

    def show_held_up(self, held_up: HeldUp | None) -> None:
        """Say where the batch is; None: all that is known is that it runs."""
        said = held_up_text(held_up) if held_up is not None else self.tr("It is still running.")
        words = self.tr(
            "The window closes as soon as it comes back. If the app is ended now, what has run "
            "before this batch is kept in a copy, which is offered at the next start."
        )
        self.text.setText(f"{said}\n\n{words}")
        self.stop.setEnabled(held_up is not None and (held_up.deaf or not held_up.asked))
        self.adjustSize()
