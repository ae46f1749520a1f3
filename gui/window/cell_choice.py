"""The chosen cell, which all panels mark: from a breakpoint hit, a search or a person's choice."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.breakpoints.cell_changes import largest_change
from engine.debug.cells import parse_index
from engine.debug.events import Position
from engine.debug.run_control import StopReason
from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import BadValue
from gui.session.bridge import Bridge
from gui.widgets.chosen_cell import ChosenCell
from gui.widgets.parameters import owner_of
from gui.window.commands.questions import Question, QuestionKind
from gui.window.panels.group import PanelGroup


class CellChoice(QObject):
    """Sets the chosen cell of every view; it stays until another is chosen.

    Args:
        bridge: reports the breakpoints that were hit, and the results of searches.
        panels: the panels of the window.
        parent: the window.
    """

    def __init__(self, bridge: Bridge, panels: PanelGroup, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._panels = bridge, panels
        self._session: int | None = None
        self._hits: list[Breakpoint] = []  # until the snapshot arrives
        self._found: tuple[Question, Position, str] | None = None
        self.cell: ChosenCell | None = None
        bridge.halted.connect(self._on_halted)
        bridge.found.connect(self._on_found)
        for view in panels.views:
            view.cell_chosen.connect(self.choose)

    def is_made(self) -> bool:
        """Whether a cell is chosen."""
        return self.cell is not None

    def choose(self, cell: ChosenCell | None) -> None:
        """Set the cell that a person chose, or None, and redraw."""
        if cell != self.cell and self._bridge.snapshot is not None:
            self._set(cell)
            self._panels.show_again()

    def arrive(self, snapshot: Snapshot) -> None:
        """Set the cell of the breakpoint or search that led here, before the views draw."""
        if snapshot.identity.session != self._session:
            self._session = snapshot.identity.session
            self._set(None)
        hits, self._hits = self._hits, []
        found, self._found = self._found, None
        for breakpoint in hits:
            hit = snapshot.last_hits.get(breakpoint.id)
            if hit is not None and hit.cell:
                self._set(ChosenCell(breakpoint.place.array, hit.cell, snapshot.position))
                return
        if found is not None and found[1] == snapshot.position:
            cell = _cell_of(found[0], snapshot, found[2])
            if cell is not None:
                self._set(cell)

    def _set(self, cell: ChosenCell | None) -> None:
        self.cell = cell
        for view in self._panels.views:
            view.chosen_cell = cell

    def _on_halted(self, reason: StopReason, hits: list[tuple[Breakpoint, str]]) -> None:
        self._hits = [breakpoint for breakpoint, _ in hits]

    def _on_found(self, question: Question, position: Position) -> None:
        before = self._bridge.snapshot
        function = before.stack[0].function if before is not None and before.stack else ""
        if self.cell is not None and self.cell.name == question.subject.full:
            function = self.cell.function or function  # asked again, from the place of the write
        self._found = question, position, function


def _cell_of(question: Question, snapshot: Snapshot, function: str) -> ChosenCell | None:
    """The cell of the question; of several cells, the cell that changed most."""
    name = question.subject.full
    local = "" if "." in name else function
    try:
        index = parse_index(question.subject.cells)
    except BadValue:  # the question was about the whole variable
        return None
    parts = index if isinstance(index, tuple) else (index,)
    if all(isinstance(part, int) and part >= 0 for part in parts):
        return ChosenCell(name, parts, snapshot.position, local)
    owner = owner_of(snapshot.layers, name)
    if question.kind is not QuestionKind.CHANGED or owner is None:
        return None
    state, own = owner
    if own not in state.before:
        return None
    before, now = state.before[own], state.parameters[own]
    asked = np.zeros(np.shape(now), dtype=bool)
    asked[index] = True
    most = largest_change(before, now, asked & (before != now))
    return ChosenCell(name, most, snapshot.position) if most else None
