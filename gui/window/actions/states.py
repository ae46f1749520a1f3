"""The states of the actions: enabled or not and why, ticked or not, and their changing texts."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.debug.events import Verb
from engine.options import Options
from gui.dialogs.wording import to_translate
from gui.session.bridge import Bridge
from gui.session.playback import Playback, PlayDirection
from gui.window.actions.actions import translated
from gui.window.actions.of_programs import DECLARED, blocked_in_programs
from gui.window.actions.qactions import Actions
from gui.words.datasets import shows_digits


class ActionStates(QObject):
    """Updates the actions to the state of the bridge and of the playback.

    Args:
        actions: the window's.
        bridge: knows what is possible.
        playback: knows whether it plays.
        parent: the window.
    """

    def __init__(
        self, actions: Actions, bridge: Bridge, playback: Playback, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._actions, self._bridge, self._playback = actions, bridge, playback
        self._undo_labels = ("", "")
        self._epochs = 1  # to train at once
        self._until_95 = actions["train_until_95"].text()  # of images of any kind
        bridge.opened.connect(self._on_opened)
        bridge.held_up.connect(self.update)
        bridge.undo_changed.connect(self._on_undo_changed)
        bridge.state_changed.connect(self.update)
        playback.changed.connect(self._on_playback)

    def update(self) -> None:
        """Enable the actions that will be possible after the queued commands."""
        bridge = self._bridge
        self._offer_training()
        running, held_up = bridge.running, bridge.holding_up is not None
        self._name_the_goal()
        runs_on = running is not None and (held_up or not bridge.pausing)
        self._actions.update_state(
            stopped=bridge.snapshot is not None and not runs_on,
            running=running,
            playing=self._playback.direction is not None,
            blocked=self._blocked(),
            held_up=held_up,
        )
        asked = bridge.snapshot is not None and bool(bridge.snapshot.setup.input_gradient)
        self._actions["input_gradient"].setChecked(asked)

    def _offer_training(self) -> None:
        """Offer epochs where they are known, and else to train until the person stops it."""
        snapshot, actions = self._bridge.snapshot, self._actions
        has_epochs = snapshot is None or bool(snapshot.history.batches_per_epoch)
        for id in ("train_until_95", "train_until_paused"):
            actions[id].setVisible(has_epochs)
        if has_epochs:
            one, several = self.tr("Train one epoch"), self.tr("Train {0} epochs")
            actions.rename("continue", one if self._epochs == 1 else several.format(self._epochs))
        else:
            hint = self.tr("Run at full speed to a breakpoint, or until you press Pause")
            actions.rename("continue", self.tr("Train until I stop"), hint)

    def _name_the_goal(self) -> None:
        """Call the images of the test set digits where they are."""
        snapshot = self._bridge.snapshot
        digits = snapshot is not None and shows_digits(snapshot.setup)
        text = translated(_UNTIL_95_OF_DIGITS) if digits else self._until_95
        self._actions["train_until_95"].setText(text)

    def _blocked(self) -> dict[str, str]:
        """Why actions are impossible, by id: the step verbs, going to the beginning, undo and redo.

        The last snapshot knows this only while no command is queued. A verb that is impossible when
        its turn comes leaves the cursor where it is.
        """
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return {}
        blocked: dict[str, str] = {} if self._bridge.moving else {**snapshot.blocked}
        for id, label in zip(("undo", "redo"), self._undo_labels, strict=True):
            if not label and not self._bridge.busy:
                blocked[id] = _NOTHING[id]
        if not snapshot.setup.test_images:
            blocked["train_until_95"] = _NO_TEST_SET
        if snapshot.facets:
            blocked.update(blocked_in_programs(snapshot))
        else:
            blocked["facets"] = DECLARED
        if Verb.BACK_INTO in blocked:
            blocked["restart"] = blocked["reverse_continue"] = blocked[Verb.BACK_INTO]
        return blocked

    def _on_opened(self, options: Options | None) -> None:
        self._epochs = 1 if options is None else options.epochs
        self.update()

    def _on_undo_changed(self, undo: str, redo: str) -> None:
        self._undo_labels = (undo, redo)
        for id, words, label in (
            ("undo", self.tr("Undo"), undo),
            ("redo", self.tr("Redo"), redo),
        ):
            self._actions[id].setText(f"{words}: {label}" if label else words)
        self.update()

    def _on_playback(self) -> None:
        """Tick the action of the playing direction."""
        direction = self._playback.direction
        self._actions["play"].setChecked(direction is PlayDirection.FORWARDS)
        self._actions["play_back"].setChecked(direction is PlayDirection.BACKWARDS)
        self.update()


_UNTIL_95_OF_DIGITS = to_translate("actions", "Train until 95 % of the test digits are right")
_NO_TEST_SET = to_translate("actions", "This dataset has no test set to measure.")
# In the context `actions`, in which a reason is translated.
_NOTHING = {
    "undo": to_translate("actions", "You have changed nothing yet."),
    "redo": to_translate("actions", "Nothing was undone."),
}
