"""Closes the window without ever hanging, even if the running batch does not return.

In that case a dialog offers to wait, to stop the batch or to end the app. Only Ctrl+C ends the app
without a question.
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
ASKED_MS = 1000  # before the dialog opens
LAST_SAVE_MS = 3000  # for a last copy of the session, before the process ends
INTERRUPTED = 130


class Closing(QObject):
    """Decides whether a window may close, and closes it later if it may not yet.

    Args:
        window: closes.
        bridge: ends its thread.
        files: asks about unsaved changes.
        appearance: the theme of the dialog.
        chip: shows that the window is closing.
        remember: saves the layout if the process ends without closing the window.
        end: ends the process with a status.

    Signals:
        last_save_asked: a last copy is to be written before the app ends; the bridge's
            `last_saved` passes this token once it is written.
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
        self._last_save: object = None  # the token of the awaited copy

    def may_close(self) -> bool:
        """Ask about unsaved changes and a running batch; return whether the thread has ended."""
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
        """Handle Ctrl+C: close without a question; the second time, end at once.

        An unsaved run is kept as a copy, which is offered at the next start.
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
        """Close the window, or end the process if that takes long."""
        self._leaves = True
        if self._bridge.end(AT_ONCE):
            self._window.close()
        else:
            self._remember()
            self._end(status)

    def _ask(self) -> None:
        """Ask what to do about a batch that does not return."""
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
        """End the app after a last copy of the run, as it was before the batch."""
        self.keeps_copy = True
        self._remember()
        self._save_last(lambda: self._end(0))

    def _save_last(self, then: Callable[[], object]) -> None:
        """Write the copy that the next start offers; then call `then`, even if that fails."""
        self._then = then
        self._last_save = last = object()
        self.last_save_asked.emit(last)
        QTimer.singleShot(LAST_SAVE_MS, self, lambda: self._go_on(last))

    def _go_on(self, last: object) -> None:
        """Continue if this was the awaited copy."""
        if last is self._last_save:
            self._last_save = None
            self._then()

    def _on_answered(self) -> None:
        self._dialog = None

    def _on_held_up(self, held_up: HeldUp | None) -> None:
        if self._dialog is not None:
            self._dialog.show_held_up(held_up)

    def _on_ended(self) -> None:
        """Handle the end of the thread: the batch has returned, or was stopped."""
        if self._dialog is not None:
            self._dialog.reject()
        if self._leaves:
            self._window.close()


class HeldUpDialog(Dialog):
    """Offers to wait for a batch that does not return, to stop it, or to end the app."""

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
        """Describe the batch; None: it is only known that it runs."""
        said = held_up_text(held_up) if held_up is not None else self.tr("It is still running.")
        words = self.tr(
            "The window closes as soon as it returns. If you end the app now, the batches before "
            "this one are kept in a copy, which is offered at the next start."
        )
        self.text.setText(f"{said}\n\n{words}")
        self.stop.setEnabled(held_up is not None and (held_up.deaf or not held_up.asked))
        self.adjustSize()
