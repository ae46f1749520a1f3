"""The list of breakpoints: set, enable, edit, remove, export and import them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QToolButton, QWidget

from engine.debug.breakpoints.breakpoints import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtPass,
    Change,
    Named,
    NotFinite,
    Place,
    Quantity,
)
from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import Snapshot
from gui.form_dialog import Asked, FormDialog, cells, number_or_none, whole
from gui.icons import icon
from gui.parts.breakpoint_model import LAST
from gui.parts.breakpoint_table import BreakpointTable
from gui.parts.empty import EmptyState
from gui.parts.icon_button import make_icon_button
from gui.theme import Theme
from gui.view import Table, View


class BreakpointsView(View):
    """Lists the breakpoints.

    Signals:
        changed: a function of the session's `Breakpoints` that makes the change.
        export_asked, import_asked: to and from a file.
    """

    view_id = "breakpoints"
    changed = Signal(object)
    export_asked = Signal()
    import_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self.table = BreakpointTable(theme)
        self.table.breakpoints.edited.connect(self._on_edited)
        self.table.visit_asked.connect(self.position_chosen)
        self.table.remove_asked.connect(self.remove_chosen)
        self._empty = EmptyState(theme)
        self._empty.say(
            self.tr("No breakpoints"),
            self.tr("Click beside a line of the source, press F9, or use + above."),
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self._add = self._button("add", self.tr("Add a breakpoint"))
        self._add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_menu = QMenu(self._add)
        self.add_menu.aboutToShow.connect(self._fill_menu)
        self._add.setMenu(self.add_menu)
        self._remove = self._button("trash", self.tr("Remove the selected breakpoint (Del)"))
        self._remove.clicked.connect(self.remove_chosen)

    def _button(self, name: str, text: str) -> QToolButton:
        button = make_icon_button(text)
        button.setIcon(icon(name, self.theme))
        return button

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Breakpoints")

    def help_text(self) -> str:
        """What one sees, and what to look for."""
        return self.tr(
            "Where a run stops, forwards (F5) and backwards (Shift+C) alike: a dot stops, a "
            "diamond notes a message in the log, a hexagon waits for cells to change, a ring is "
            "disabled. Double-click a row to give a condition such as abs(dout).max() > 1, a hit "
            "count such as % 100, or a message with {expression}s. A click on the last hit goes "
            "there."
        )

    def title_widgets(self) -> list[QWidget]:
        """Add and remove."""
        return [self._add, self._remove]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self.table.set_theme(theme)
        self._add.setIcon(icon("add", theme))
        self._remove.setIcon(icon("trash", theme))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List them."""
        self._snapshot = snapshot
        self.table.breakpoints.show_rows(snapshot.breakpoints, snapshot.last_hits)
        self._stack.setCurrentWidget(self.table if snapshot.breakpoints else self._empty)
        on = sum(one.enabled for one in snapshot.breakpoints)
        self.subtitle_changed.emit(self.tr("{0} of {1}").format(on, len(snapshot.breakpoints)))

    def tables(self) -> Sequence[Table]:
        """The rows."""
        model = self.table.breakpoints
        if not model.rows:
            return ()
        columns = [str(model.headerData(n, Qt.Orientation.Horizontal)) for n in range(LAST + 1)]
        cells = [
            [model.data(model.index(row, n)) for n in range(LAST + 1)]
            for row in range(model.rowCount())
        ]
        return [Table(self.title(), np.array(cells, dtype=object), columns)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the selected one."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        else:
            super().keyPressEvent(event)

    def remove_chosen(self) -> None:
        """Take the selected one away."""
        one = self.table.chosen()
        if one is not None:
            # Pressed twice before the list is drawn anew, it is gone already.
            self.changed.emit(lambda points: one.id in points and points.remove(one.id))

    def _on_edited(self, id: int, fields: dict[str, Any]) -> None:
        self.changed.emit(lambda points: points.change(id, **fields))

    # What can be added

    def _fill_menu(self) -> None:
        menu, snapshot = self.add_menu, self._snapshot
        menu.clear()
        if snapshot is None:
            return
        for phase, title in (
            (Phase.FORWARD, self.tr("Forward of a layer")),
            (Phase.BACKWARD, self.tr("Backward of a layer")),
        ):
            inner = menu.addMenu(title)
            for layer in snapshot.layers:
                inner.addAction(layer.name, self._adder(AtLayer(layer.name, phase)))
        inner = menu.addMenu(self.tr("Where a pass begins"))
        for phase in Phase:
            inner.addAction(str(phase), self._adder(AtPass(phase)))
        menu.addAction(self.tr("Batch…"), partial(self._ask_number, self.tr("Batch"), AtBatch))
        menu.addAction(self.tr("Epoch…"), partial(self._ask_number, self.tr("Epoch"), AtEpoch))
        menu.addSeparator()
        menu.addAction(self.tr("NaN or infinity appears"), self._adder(NotFinite()))
        parameters = [f"{la.name}.{name}" for la in snapshot.layers for name in la.parameters]
        layers = [layer.name for layer in snapshot.layers[:-1]]
        gradients = [f"{la.name}.d{name}" for la in snapshot.layers for name in la.parameters]
        kept = [*gradients, *(entry.name for entry in snapshot.cache)]
        menu.addAction(self.tr("Loss rises…"), self._ask_rise)
        for quantity, title, tensors in (
            (Quantity.GRADIENT_RMS, self.tr("Gradient RMS leaves a range…"), parameters),
            (Quantity.UPDATE_RATIO, self.tr("Update-to-weight ratio leaves a range…"), parameters),
            (Quantity.SATURATED, self.tr("Saturated share leaves a range…"), layers),
            (Quantity.DEAD, self.tr("Dead share leaves a range…"), layers),
        ):
            inner = menu.addMenu(title)
            inner.addAction(self.tr("any"), partial(self._ask_range, quantity, title, ""))
            for name in tensors:
                inner.addAction(name, partial(self._ask_range, quantity, title, name))
        inner = menu.addMenu(self.tr("Parameter unchanged in a whole epoch"))
        for name in ("", *parameters):
            place = Named(Quantity.UNCHANGED, name)
            inner.addAction(name or self.tr("any"), self._adder(place))
        menu.addSeparator()
        for change, title in (
            (Change.CHANGES, self.tr("A cell changes…")),
            (Change.SIGN, self.tr("A cell changes its sign…")),
            (Change.CROSSES, self.tr("A cell crosses a value…")),
        ):
            inner = menu.addMenu(title)
            for full in parameters:
                inner.addAction(full, partial(self._ask_cells, full, change))
            inner.addSeparator()
            inner.addAction(
                self.tr("Of another tensor…"), partial(self._ask_cells, "", change, kept)
            )
        menu.addSeparator()
        menu.addAction(self.tr("Export…"), self.export_asked.emit)
        menu.addAction(self.tr("Import…"), self.import_asked.emit)

    def _adder(self, place: Place) -> Callable[[], None]:
        return lambda: self.changed.emit(lambda points: points.add(place))

    def _ask(
        self, title: str, text: str, asked: Sequence[Asked], make: Callable[..., Place | None]
    ) -> None:
        dialog = FormDialog(
            title, text, asked, make, lambda place: self._adder(place)(), self.theme, self
        )
        dialog.open()

    def _ask_number(self, title: str, make: Callable[[int], Place]) -> None:
        asked = [Asked(self.tr("Number"), self.tr("a whole number, from 0"), whole)]
        self._ask(title, "", asked, make)

    def _ask_cells(self, parameter: str, change: Change, kept: Sequence[str] = ()) -> None:
        """Ask for cells of a parameter, or of one of the tensors that layers keep."""
        asked = [Asked(self.tr("Cells"), self.tr("300, 7 or :, 3; empty: all"), cells)]
        if change is Change.CROSSES:
            asked.append(Asked(self.tr("Value"), self.tr("a number"), float))
        if kept:
            hint = self.tr("such as {0}").format(kept[0])
            asked.insert(0, Asked(self.tr("Tensor"), hint, _named, kept[0], tuple(kept)))

        def place(*values: Any) -> Place:
            name, chosen, *rest = values if kept else (parameter, *values)
            return AtData(name, chosen, change, *rest)

        self._ask(parameter or self.tr("Another tensor"), "", asked, place)

    def _ask_range(self, quantity: Quantity, title: str, tensor: str) -> None:
        hint = self.tr("a number, or empty")
        asked = [
            Asked(self.tr("Stop below"), hint, number_or_none),
            Asked(self.tr("Stop above"), hint, number_or_none),
        ]

        def make(below: float | None, above: float | None) -> Place | None:
            nothing = below is None and above is None
            return None if nothing else Named(quantity, tensor, below, above)

        self._ask(title.rstrip("…"), tensor, asked, make)

    def _ask_rise(self) -> None:
        asked = [
            Asked(self.tr("Rises by more than"), self.tr("a number"), float, "0.5"),
            Asked(self.tr("in so many batches"), self.tr("a whole number"), whole, "10"),
        ]
        self._ask(
            self.tr("Loss rises"), "", asked,
            lambda rise, batches: (
                Named(Quantity.LOSS_RISE, "", None, rise, batches) if batches else None
            ),
        )  # fmt: skip


def _named(text: str) -> str:
    """`Affine1.dW`: a layer and what it keeps; raises ValueError for anything else."""
    layer, _, attribute = text.strip().rpartition(".")
    if not layer or not attribute.isidentifier():
        raise ValueError(text)
    return text.strip()
