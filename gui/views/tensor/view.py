"""Shows an array as a heat map, pictures or numbers: the array at the cursor, or a chosen one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QWidget,
)

from engine.debug.snapshots.snapshot import Group, Snapshot, Variable
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.paint.cell_pointer import ZOOM_STEP
from gui.paint.heatmap import Scale, as_matrix
from gui.paint.matrix import MatrixCanvas
from gui.paint.mosaic import Mosaic, best_across, make_mosaic, picture_axis
from gui.paint.scales import Scales
from gui.paint.values import brief, is_drawable, is_scalar, scalar_text
from gui.views.tensor.array_table import ArrayTable
from gui.views.tensor.mode_buttons import PICTURES, TABLE, ModeButtons
from gui.views.tensor.shown_variable import (
    parameter_of,
    scale_key,
    variable_at_cursor,
    variable_named,
)
from gui.views.tensor.side_column import SideColumn
from gui.views.tensor.words import (
    no_array,
    not_in_scope,
    nothing_in_scope,
    nothing_yet,
    subtitle_of,
)
from gui.widgets.chosen_cell import place_in
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.past_note import PastNote, when
from gui.widgets.view import Table, View, network_of

Array = np.ndarray[Any, Any]
Label = Callable[[int, int], str]
MARGIN = 8


class TensorView(View):
    """Shows the value at the cursor, or a chosen variable.

    Signals:
        chosen_changed: the name of the pinned variable, or "".
        menu_asked: a variable's name, its cell (`300, 7`, or "") and a point of the screen.
    """

    view_id = "tensor"
    chosen_changed = Signal(str)
    menu_asked = Signal(str, str, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._pending = False
        self._chosen: str | None = None
        self._variable: Variable | None = None
        self._last: tuple[Snapshot, Variable] | None = None  # the last array drawn
        self._scales = Scales()
        self._mosaic: Mosaic | None = None
        self._label_of: Label = lambda row, column: ""
        self.canvas = MatrixCanvas(theme)
        self.table = ArrayTable()
        self._empty = EmptyState(theme)
        self._pages = QStackedWidget()
        for page in (self.canvas, self.table, self._empty):
            self._pages.addWidget(page)
        self.past = PastNote(theme, self)
        self.past.hide()
        self._make_controls()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 12, 8)
        layout.setSpacing(12)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._side)
        self._say_empty(*nothing_yet())

    # The interface of every view

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Tensor")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "Each cell is one number of the array: blue is negative, red positive; the wheel zooms "
            "until the numbers can be read, a double-click fits. The colour scale is kept, so that "
            "an array that fades really is fading; it is widened, with a note, where it would clip "
            "more than a fiftieth of the cells. Arrow ends mark values beyond it."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch of map, pictures and numbers, and the zoom buttons."""
        return [self._modes.frame, *self._zoom_buttons]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        for part in (self.canvas, self._side, self._empty, self.past):
            part.set_theme(theme)
        self._set_icons()
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the chosen variable, or the value at the cursor."""
        if self._snapshot is not None and network_of(self._snapshot) != network_of(snapshot):
            self._scales.clear()
        if self._snapshot is not None and self._snapshot.identity.session != (
            snapshot.identity.session
        ):
            self._last = None  # another session: its arrays are gone
        self._scales.at((snapshot.identity, snapshot.position.batch))
        self._snapshot = snapshot
        self._pending = not self.isVisible()
        if not self._pending:
            self._refresh()

    def choose(self, name: str | None) -> None:
        """Show the variable of this name from now on; None or "" follows the cursor."""
        name = name or None
        if name != self._chosen:
            self._chosen = name
            self.chosen_changed.emit(name or "")
        self._refresh()

    def pointed(self) -> tuple[str, str]:
        """The name of the variable on the screen, and the cell pointed at, `300, 7`, or "".

        A chosen variable that is out of scope has its name; the cursor's value has none.
        """
        variable = self._variable
        if variable is None or not self.past.isHidden():
            return self._chosen or "", ""
        if variable.group is Group.CURSOR:
            return "", ""
        label, page = "", self._pages.currentWidget()
        if page is self.canvas:
            label = self.canvas.cell_label()
        elif page is self.table and (index := self.table.currentIndex()).isValid():
            label = self._label_of(index.row(), index.column())
        return variable.name, label.strip("[]")

    def tables(self) -> Sequence[Table]:
        """The array on the screen; for a deeper array the slice."""
        if self._variable is None:
            return ()
        value = self._variable.value
        if not is_drawable(value):
            return ()
        if value.ndim > 2:
            value, _ = self._slice(value)
        return [Table(self._variable.name, value)]

    def parameter_cell(self) -> tuple[str, str] | None:
        """The parameter on the screen, and the cell pointed at, `66, 18`, or ""."""
        variable, snapshot = self._variable, self._snapshot
        if variable is None or snapshot is None or not is_drawable(variable.value):
            return None
        parameter = parameter_of(snapshot, variable)
        return None if parameter is None else (parameter, self.canvas.cell_label().strip("[]"))

    def rescale(self) -> None:
        """Choose a new colour scale for the tensor on the screen."""
        if self._snapshot is not None and self._variable is not None:
            self._scales.forget(scale_key(self._snapshot, self._variable))
            self._refresh()

    def scale_back(self) -> None:
        """Restore the scale that the tensor on the screen had before it was widened."""
        if self._snapshot is not None and self._variable is not None:
            self._scales.back(scale_key(self._snapshot, self._variable))
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the snapshot that arrived while hidden."""
        super().showEvent(event)
        if self._pending:
            self._pending = False
            self._refresh()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu for the cell under the mouse or at the keyboard's cell."""
        page, place = self._pages.currentWidget(), event.globalPos()
        if page is self.canvas and event.reason() is QContextMenuEvent.Reason.Mouse:
            self.canvas.point_at(QPointF(self.canvas.mapFromGlobal(place)))
        name, cell = self.pointed()
        inside = page is not None and page.rect().contains(page.mapFromGlobal(place))
        if name and self._variable is not None and inside:
            self.menu_asked.emit(name, cell, place)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the pictures out again."""
        super().resizeEvent(event)
        if self._mosaic is not None or not self.past.isHidden():
            self._refresh()

    # Controls

    def _make_controls(self) -> None:
        self._modes = ModeButtons(self)
        self._modes.changed.connect(self._refresh)
        self._zoom_buttons = [
            make_icon_button(self.tr("Zoom in (+)"), lambda: self.canvas.zoom(ZOOM_STEP**2)),
            make_icon_button(self.tr("Zoom out (−)"), lambda: self.canvas.zoom(ZOOM_STEP**-2)),
            make_icon_button(self.tr("Fit (0)"), self.canvas.fit),
        ]
        self._set_icons()
        self._side = SideColumn(self.theme)
        self._side.chooser.chosen.connect(self.choose)
        self._side.note.rescale_asked.connect(self.rescale)
        self._side.note.back_asked.connect(self.scale_back)
        self._side.slices.changed.connect(self._refresh)

    def _set_icons(self) -> None:
        for button, name in zip(
            self._zoom_buttons, ("zoom-in", "zoom-out", "screen-full"), strict=True
        ):
            button.setIcon(icon(name, self.theme))

    # Drawing

    def _refresh(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            self._say_empty(*nothing_yet())
            return
        self._fill_names(snapshot)
        if self._chosen is None:
            variable = variable_at_cursor(snapshot)
        else:
            variable = variable_named(snapshot.variables, self._chosen)
        self._variable = variable
        if variable is None:
            self.past.hide()
            phase = snapshot.event.phase
            name = self._chosen
            self._say_empty(*(nothing_in_scope(phase) if name is None else not_in_scope(name)))
            return
        self.subtitle_changed.emit(subtitle_of(snapshot, variable))
        value = variable.value
        value_text = f"{variable.name}: {scalar_text(value) if is_scalar(value) else brief(value)}"
        self.past.setVisible(self._keeps_earlier(variable) and self._last is not None)
        if is_drawable(value):
            self._last = snapshot, variable
            self._draw(snapshot, variable, value)
        elif self._chosen is not None:
            self._say_empty(*no_array(variable))
        elif self._last is None:
            self._say_empty(value_text, self.tr("No array; the next stop that makes one is drawn."))
        else:
            earlier, kept = self._last
            self._draw(earlier, kept, kept.value)
            self.past.say(value_text, f"{kept.name}, {when(earlier, snapshot, self.counts_events)}")
            self._place_past()

    def _keeps_earlier(self, variable: Variable) -> bool:
        """Whether an earlier array stays, because the value at the cursor is no array."""
        return self._chosen is None and not is_drawable(variable.value)

    def _place_past(self) -> None:
        """Place the note on the earlier array over the lower edge."""
        room = self._pages.geometry()
        width = room.width() - MARGIN
        height = self.past.height_for(width)
        self.past.setGeometry(room.left(), room.bottom() - height, width, height)
        self.past.raise_()

    def _draw(self, snapshot: Snapshot, variable: Variable, value: Array) -> None:
        if value.dtype.kind == "c":
            value = np.abs(value)
        self._show_side(True)
        matrix, prefix = self._slice(value)
        image = (int(snapshot.minibatch.images.shape[1]), int(snapshot.minibatch.images.shape[2]))
        axis = picture_axis(matrix.shape, image)
        shown = self._scales.show(scale_key(snapshot, variable), value, image[0] * image[1])
        scale = shown.scale
        self._side.show_scale(value, shown)
        self._mosaic = None
        mode = self._modes.offer(value, axis, image)
        flat = value.ndim == 1

        def label_of(row: int, column: int) -> str:
            return f"[{', '.join([*prefix, *([] if flat else [str(row)]), str(column)])}]"

        self._label_of = label_of
        if mode == TABLE:
            self.table.array_model.show_matrix(matrix)
            self._pages.setCurrentWidget(self.table)
            return
        if axis is not None and mode == PICTURES:
            self._draw_pictures(matrix, scale, axis, image, label_of)
        else:
            axes = ("" if flat else str(matrix.shape[0]), str(matrix.shape[1]))
            self.canvas.show_matrix(matrix, scale, label_of, axes)
        self._mark_chosen(snapshot, variable, prefix)
        self._pages.setCurrentWidget(self.canvas)

    def _mark_chosen(self, snapshot: Snapshot, variable: Variable, prefix: list[str]) -> None:
        """Mark the chosen cell if it is drawn."""
        made = variable.group is Group.CURSOR
        found = place_in(self.chosen_cell, snapshot, variable.name, variable.value, made)
        cell = None
        if found is not None and [str(i) for i in found[:-2]] == prefix:
            row, column = found[-2:] if len(found) > 1 else (0, found[0])
            cell = row, column
            if self._mosaic is not None:
                cell = self._mosaic.place(row, column)
        self.canvas.mark(cell, not self.past.isHidden())

    def _draw_pictures(
        self, matrix: Array, scale: Scale, axis: int, image: tuple[int, int], label_of: Label
    ) -> None:
        size = self.canvas.size()
        count = matrix.shape[1 - axis]
        across = best_across(count, size.width(), size.height())
        mosaic = self._mosaic = make_mosaic(matrix, axis, image, across)

        def label(row: int, column: int) -> str:
            source = mosaic.source(row, column)
            return label_of(*source) if source else ""

        down = -(-count // across)
        axes = (str(down), self.tr("{0} pictures, {1} across").format(count, across))
        self.canvas.show_matrix(mosaic.matrix, scale, label, axes, image)

    def _slice(self, value: Array) -> tuple[Array, list[str]]:
        """The matrix of an array's last two axes, and the leading indices, set by spin boxes."""
        at = self._side.slices.indices(value.shape[:-2])
        return as_matrix(value[at]), [str(i) for i in at]

    def _show_side(self, shown: bool) -> None:
        for widget in (self._side.bar, self._side.note):
            widget.setVisible(shown)
        self._modes.set_enabled(shown)
        for button in self._zoom_buttons:
            button.setEnabled(shown)
        if not shown:
            self._slice(np.zeros((1, 1)))
            self._mosaic = None

    def _fill_names(self, snapshot: Snapshot) -> None:
        arrays = [v for v in snapshot.variables if is_drawable(v.value)]
        names = [v.name for v in arrays if v.group is not Group.CURSOR]
        self._side.chooser.show_names(names, self._chosen)

    def _say_empty(self, title: str, text: str) -> None:
        self._show_side(False)
        self._empty.say(title, text)
        self._pages.setCurrentWidget(self._empty)
        self.subtitle_changed.emit("")
