"""Shows a notice when a change has made a branch, with links to it and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject

from engine import NotFinite
from engine.debug.snapshots.snapshot import BranchState, Snapshot
from gui.session.bridge import Bridge
from gui.window.notices.notice import Notice


class BranchNotice(QObject):
    """Compares each snapshot with the previous one.

    Args:
        bridge: emits the snapshots.
        notice: shows the text.
        show_branches: brings the panel of the branches to the front.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        notice: Notice,
        show_branches: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._notice, self._show_branches = bridge, notice, show_branches
        self._before: Snapshot | None = None
        self._undone = (
            False  # the next snapshot comes from an undo or redo, which has its own notice
        )
        bridge.stopped.connect(self._on_stopped)
        bridge.undone.connect(self._on_undone)

    def _on_undone(self) -> None:
        self._undone = True

    def _on_stopped(self, snapshot: Snapshot) -> None:
        before, self._before = self._before, snapshot
        undone, self._undone = self._undone, False
        if undone or before is None or before.identity.session != snapshot.identity.session:
            return
        known = {one.id for one in before.branches}
        now = next((one for one in snapshot.branches if one.current), None)
        if now is not None and now.id not in known:
            self._say_new(now, snapshot)
        elif _branch_of(before) is not None and _branch_of(before) == _branch_of(snapshot):
            self._say_rate(before, snapshot)

    def _say_new(self, branch: BranchState, snapshot: Snapshot) -> None:
        """Announce a branch that begins at the cursor's batch."""
        parent = next((one for one in snapshot.branches if one.id == branch.parent), None)
        text = self.tr("New branch “{0}” from batch {1} on").format(branch.name, branch.batch)
        links = [(self.tr("Show branches"), self._show_branches)]
        if parent is not None:
            text = self.tr("{0}; {1} is kept").format(text, parent.name)
            back = self.tr("Back to {0}").format(parent.name)
            links.append((back, lambda: self._bridge.switch(parent.id)))
        if _begins_bad(snapshot) and any(
            isinstance(one.place, NotFinite) and one.enabled for one in snapshot.breakpoints
        ):
            text += "\n" + self.tr(
                "The breakpoint for NaN or infinity does not stop at values that you set. It waits "
                "for one that appears in a batch that began without any."
            )
        self._notice.say(text, links)

    def _say_rate(self, before: Snapshot, snapshot: Snapshot) -> None:
        """Announce a new rate at the end of the run, where no branch is needed."""
        rate = snapshot.setup.learning_rate
        same_place = before.position.batch == snapshot.position.batch
        if same_place and rate is not None and rate != before.setup.learning_rate:
            text = self.tr("The learning rate is {0} from batch {1} on.")
            self._notice.say(text.format(f"{rate:g}", snapshot.position.batch))


def _branch_of(snapshot: Snapshot) -> int | None:
    return next((one.id for one in snapshot.branches if one.current), None)


def _begins_bad(snapshot: Snapshot) -> bool:
    """Whether a parameter had a NaN or an infinity before the cursor's batch."""
    return any(
        not np.isfinite(layer.before.get(name, array)).all()
        for layer in snapshot.layers
        for name, array in layer.parameters.items()
    )
