"""The variable or cell that a person points at, which is the subject of questions and changes."""

from __future__ import annotations

from dataclasses import dataclass

from engine.debug.snapshots.snapshot import Snapshot
from gui.session.bridge import Bridge
from gui.views.tensor.view import TensorView
from gui.views.variables.view import VariablesView


@dataclass(frozen=True)
class Subject:
    """A variable, or cells of it.

    Attributes:
        name: the name in the panel, `self.W`.
        full: the name that is valid wherever the cursor is, `Affine1.W`; else the same name.
        cells: an index, `300, 7`, or empty.
    """

    name: str
    full: str
    cells: str = ""

    def __str__(self) -> str:
        return f"{self.full}[{self.cells}]" if self.cells else self.full


class PointedAt:
    """The subject of the keys: the row with the focus, else the array or cell on the screen.

    Attributes:
        asked: the subject of the last question, which its name still means when out of scope.
    """

    def __init__(self, bridge: Bridge, tensor: TensorView, variables: VariablesView) -> None:
        self._bridge = bridge
        self.tensor, self.variables = tensor, variables
        self.asked: Subject | None = None

    def subject(self) -> Subject | None:
        """The variable or cell, or None."""
        name, chosen = self._place()
        return self.subject_of(name, chosen) if name else None

    def at_any_rate(self) -> Subject:
        """The variable or cell, or a subject without a name."""
        return self.subject_of(*self._place())

    def subject_of(self, name: str, chosen: str) -> Subject:
        """The subject of a name at the cursor; out of scope, its subject when it was last asked."""
        snapshot, known = self._bridge.snapshot, self.asked
        assert snapshot is not None
        if not is_in_sight(snapshot, name):
            if known is not None and known.name == name:
                return known
            return Subject(name, name, chosen)
        layer = snapshot.stack[0].function.rpartition(".")[0]
        is_layer = any(state.name == layer for state in snapshot.layers)
        own = name.removeprefix("self.")
        return Subject(name, f"{layer}.{own}" if own != name and is_layer else name, chosen)

    def _place(self) -> tuple[str, str]:
        """A name and cells: of the row with the focus, else of the array on the screen."""
        name, chosen = self.tensor.pointed()
        row = self.variables.current()
        if row and self.variables.has_keyboard():
            return row, chosen if row == name else ""
        return name or row, chosen if name else ""


def is_in_sight(snapshot: Snapshot, name: str) -> bool:
    """Whether a name, or the variable that it indexes, is among the variables."""
    head = name.split("[")[0]
    return any(variable.name == head for variable in snapshot.variables)
