"""Commands that move the run: step, train, pause, go to a position, and breakpoints at lines."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine import AtLine
from engine.debug.breakpoints.breakpoints import Breakpoints
from engine.debug.events import Position, Verb
from gui.dialogs.numbers import GoToDialog
from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.session.playback import Playback
from gui.views.source.view import SourceView
from gui.window.commands.held_keys import HeldKeys

GOAL_SHARE, GOAL_EPOCHS = 0.95, 10


class RunControl(QObject):
    """Turns keys and buttons into commands for the bridge.

    Args:
        bridge: takes the commands.
        playback: is stopped by a pause.
        source: has the line for breakpoints and `run_to_line`.
        keys: detects held keys.
        appearance: the theme of the dialog.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        playback: Playback,
        source: SourceView,
        keys: HeldKeys,
        appearance: Appearance,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._playback, self._source = bridge, playback, source
        self._keys, self._appearance, self._window = keys, appearance, parent

    def step(self, verb: Verb) -> None:
        """Move the cursor; a held key waits until the last step is on the screen."""
        self._bridge.step(verb, self._keys.take())

    def pause(self) -> None:
        """Stop playback and the current run."""
        self._playback.stop()
        if self._bridge.running is not None:
            self._bridge.pause()

    def train_epoch(self) -> None:
        """Train for an epoch, for the options' number of epochs, or until it is paused."""
        options, snapshot = self._bridge.options, self._bridge.snapshot
        epochs = options.epochs if options is not None else 1
        if snapshot is not None:  # without epochs until the person stops it
            self._bridge.train(epochs * snapshot.history.batches_per_epoch or None)

    def train_to_accuracy(self) -> None:
        """Train until most of the test images are right, or for a number of epochs."""
        self._bridge.train_to_accuracy(GOAL_SHARE, GOAL_EPOCHS)

    def toggle_breakpoint(self) -> None:
        """Set or remove a breakpoint at the line of the text cursor."""
        line = self._source.chosen_line()
        if self._means_future_cursor():
            self._bridge.edit_breakpoints_at_cursor(_toggle)
        elif line is not None:
            self.toggle_line(*line)

    def toggle_line(self, file: str, line: int) -> None:
        """Set or remove a breakpoint at a line."""
        self._bridge.edit_breakpoints(partial(_toggle, place=AtLine(file, line)))

    def run_to_line(self) -> None:
        """Train until the line of the text cursor runs."""
        line = self._source.chosen_line()
        if self._means_future_cursor():
            self._bridge.run_to(None)
        elif line is not None:
            self._bridge.run_to(AtLine(*line))

    def _means_future_cursor(self) -> bool:
        """Whether the keys mean the cursor's line after the queued steps."""
        bridge = self._bridge
        return bridge.moving and bridge.running is None and not self._source.has_caret()

    def go_to(self) -> None:
        """Ask for a position, counted as the window counts its stops, and go there."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        every = self._playback.every_stop
        batch, event = snapshot.position
        dialog = GoToDialog(
            Position(batch, snapshot.stop_number(event, every)),
            snapshot.history.reach,
            self._appearance.theme,
            self._window,
        )
        dialog.accepted.connect(lambda: self._bridge.goto(dialog.position, not every))
        dialog.open()

    def toggle_input_gradient(self) -> None:
        """Switch the computation of the gradient by the input on or off."""
        snapshot = self._bridge.snapshot
        if snapshot is not None:
            self._bridge.set_input_gradient(not snapshot.setup.input_gradient)


def _toggle(breakpoints: Breakpoints, place: AtLine) -> None:
    """Set a breakpoint at a line, or at the next line that runs; or remove it."""
    placed = place.placed()
    existing = breakpoints.at(place) or breakpoints.at(placed)
    if existing is not None:
        breakpoints.remove(existing.id)
    else:
        breakpoints.add(placed)
