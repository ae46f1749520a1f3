"""The buttons beside the tree of branches; a disabled button says why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.debug.snapshots.snapshot import BranchState
from engine.debug.travel.branches import MAIN
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.run_kind import RunKind, busy_text
from gui.widgets.icon_button import make_icon_button


class BranchButtons(QWidget):
    """New branch, switch, compare, remove.

    Signals:
        new_asked, switch_asked, compare_asked, remove_asked: the button was pressed.
    """

    new_asked = Signal()
    switch_asked = Signal()
    compare_asked = Signal()
    remove_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.new = make_icon_button(self.tr("New branch here"), self.new_asked.emit)
        self.switch = make_icon_button(self.tr("Switch to the branch"), self.switch_asked.emit)
        self.compare = make_icon_button(self.tr("Compare"), self.compare_asked.emit)
        self.remove = make_icon_button(self.tr("Remove the branch"), self.remove_asked.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for button in (self.new, self.switch, self.compare, self.remove):
            column.addWidget(button)
        column.addStretch(1)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colour the icons."""
        for button, name in (
            (self.new, "git-branch-create"), (self.switch, "arrow-swap"),
            (self.compare, "git-compare"), (self.remove, "trash"),
        ):  # fmt: skip
            button.setIcon(icon(name, theme))

    def show_possible(
        self, chosen: Sequence[BranchState], pair: bool, running: RunKind | None
    ) -> None:
        """Enable the buttons whose action is possible.

        Args:
            chosen: the selected branches.
            pair: whether two branches can be compared.
            running: the kind of run in progress, or None.
        """
        busy = busy_text(running)
        switch = "" if len(chosen) == 1 else self.tr("Select one branch.")
        if not switch and chosen[0].current:
            switch = self.tr("The cursor is on this branch.")
        compare = "" if pair else self.tr(
            "Select two branches, or one to compare with the present one."
        )  # fmt: skip
        for button, does, why in (
            (self.new, self.tr("Starts a branch before the cursor's batch"), busy),
            (self.switch, self.tr("Goes to the cursor's last position on it (Enter)"), switch),
            (self.compare, self.tr("Loss, accuracy, parameters, first difference"),
             busy or compare),
            (self.remove, self.tr("It can be undone (Del)"), self.why_not_removed(chosen)),
        ):  # fmt: skip
            button.setEnabled(not why)
            button.setToolTip(f"{button.accessibleName()}\n{why or does}")

    def why_not_removed(self, chosen: Sequence[BranchState]) -> str:
        """The reason why the selected branch cannot be removed, or ""."""
        if len(chosen) != 1:
            return self.tr("Select one branch.")
        if chosen[0].id == MAIN or chosen[0].parent is None:
            return self.tr("The first branch stays: the others come from it.")
        if chosen[0].current:
            return self.tr("The cursor is on this branch; switch to another one first.")
        return ""
