"""The strip in which a walk is recorded: what a station says, and the stations so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from engine.debug.bookmarks import Bookmark
from engine.debug.names import LONGEST_TEXT
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.widgets.arrow_box import ArrowBox
from gui.widgets.elided_label import ElidedLabel
from gui.window.walk.strip import paint_ground

ITEM = 170.0  # pixels of a station in the list at a type scale of 1
_ID = Qt.ItemDataRole.UserRole
_PICK = "\npick"  # no name of a widget


@dataclass(frozen=True, slots=True)
class Said:
    """The fields of a station, as in `Bookmark`."""

    text: str = ""
    look: str = ""
    point: str = ""


class RecordStrip(QWidget):
    """Asks for the text of a station, and lists those that were recorded.

    Signals:
        put_asked: add a station at the cursor, or change the chosen one.
        pick_asked: point at the next thing that is clicked.
        chosen: another station, by its id, or None for a new one.
        move_asked: the chosen station is to be played earlier (-1) or later (1).
        visit_asked, delete_asked: go to the chosen station; remove it.
        left: the recording is done.
    """

    put_asked = Signal()
    pick_asked = Signal()
    chosen = Signal(object)
    move_asked = Signal(int)
    visit_asked = Signal()
    delete_asked = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("record_strip")
        self.setAccessibleName(self.tr("Record a walk"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._point = ""
        self._running = self._editing = False
        rows = QGridLayout(self)
        rows.setContentsMargins(px(18), px(8), px(18), px(8))
        rows.setVerticalSpacing(px(6))
        rows.addLayout(self._make_head(), 0, 0)
        rows.addLayout(self._make_fields(theme), 1, 0)
        self.show_stations((), None)
        self.hide()

    def _make_head(self) -> QHBoxLayout:
        """Which station it is, the stations so far, and where the cursor is, in one row."""
        self.heading, self.where = QLabel(self), ElidedLabel()
        self.heading.setFont(ui_font(13, QFont.Weight.DemiBold))
        self.heading.setObjectName("record_heading")
        self.where.setFont(ui_font(13))
        self.where.setProperty("role", "secondary")
        self.where.setObjectName("record_where")
        self.done = QPushButton(self.tr("Done"), self)
        self.done.setObjectName("record_done")
        self.done.setToolTip(self.tr("The stations stay in the session; save it to keep them"))
        self.done.clicked.connect(self.left)
        row = QHBoxLayout()
        row.setSpacing(px(12))
        row.addWidget(self.heading)
        row.addLayout(self._make_list(), 4)
        row.addWidget(self.where, 1)
        row.addWidget(self.done)
        return row

    def _make_fields(self, theme: Theme) -> QHBoxLayout:
        self.say, self.look = QLineEdit(self), QLineEdit(self)
        self.box = ArrowBox(theme, self)
        self.box.setMinimumContentsLength(10)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.box.setSizeAdjustPolicy(policy)
        self.box.view().setMinimumWidth(px(230))  # the titles are longer than the box
        self.put = QPushButton(self)
        self.put.setProperty("role", "primary")
        self.put.setObjectName("record_put")
        self.put.clicked.connect(self.put_asked)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        named: tuple[tuple[str, QWidget, str, int], ...] = (
            (self.tr("Say"), self.say, "record_say", 4),
            (self.tr("Look for"), self.look, "record_look", 3),
            (self.tr("Point at"), self.box, "record_point", 0),
        )
        for title, field, name, stretch in named:
            label = QLabel(title, self)
            label.setFont(ui_font(13))
            label.setBuddy(field)
            field.setObjectName(name)
            field.setAccessibleName(title)
            field.setFont(ui_font(13))
            row.addWidget(label)
            row.addWidget(field, stretch)
        for line in (self.say, self.look):
            line.setMaxLength(LONGEST_TEXT)
            line.setMinimumWidth(px(120))
            line.returnPressed.connect(self.put.click)
        self.say.setPlaceholderText(self.tr("what there is, or what to do"))
        self.look.setPlaceholderText(self.tr("optional; code between `backticks`"))
        self.say.textChanged.connect(self._update_put)
        self.box.activated.connect(self._on_point)
        row.addWidget(self.put)
        return row

    def _make_list(self) -> QHBoxLayout:
        self.list = QListWidget(self)
        self.list.setObjectName("record_list")
        self.list.setAccessibleName(self.tr("Stations"))
        self.list.setFlow(QListWidget.Flow.LeftToRight)
        self.list.setFont(ui_font(13))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(px(32))
        self.list.setMinimumWidth(px(ITEM))
        self.list.currentItemChanged.connect(self._on_chosen)
        self.list.horizontalScrollBar().rangeChanged.connect(self._keep_in_sight)
        self.list.itemActivated.connect(lambda _: self.visit_asked.emit())
        self.earlier = self._link(self.tr("Earlier"), "record_earlier")
        self.later = self._link(self.tr("Later"), "record_later")
        self.visit = self._link(self.tr("Go there"), "record_visit")
        self.delete = self._link(self.tr("Delete"), "record_delete")
        self.fresh = self._link(self.tr("New station"), "record_new")
        self.earlier.clicked.connect(lambda: self.move_asked.emit(-1))
        self.later.clicked.connect(lambda: self.move_asked.emit(1))
        self.visit.clicked.connect(self.visit_asked)
        self.delete.clicked.connect(self.delete_asked)
        self.fresh.clicked.connect(lambda: self.chosen.emit(None))
        row = QHBoxLayout()
        row.setSpacing(px(4))
        row.addWidget(self.list, 1)
        for button in (self.earlier, self.later, self.visit, self.delete, self.fresh):
            row.addWidget(button)
        return row

    def _link(self, text: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setFont(ui_font(13))
        button.setProperty("role", "link")
        button.setObjectName(name)
        return button

    # What is in the fields

    @property
    def said(self) -> Said:
        """What is in the fields."""
        return Said(self.say.text(), self.look.text(), self._point)

    def show_said(self, said: Said) -> None:
        """Fill the fields."""
        self.say.setText(said.text)
        self.look.setText(said.look)
        self.show_point(said.point)

    def set_things(self, things: Iterable[tuple[str, str]]) -> None:
        """Offer things to point at, each as its id and its title."""
        self.box.clear()
        self.box.addItem(self.tr("nothing"), "")
        self.box.addItem(self.tr("Pick it in the window…"), _PICK)
        for id, title in things:
            self.box.addItem(title, id)

    def show_point(self, name: str, title: str = "") -> None:
        """Choose what to point at, by its name; `title`: of a thing that is not offered yet."""
        self._point = name
        if self.box.findData(name) < 0:
            self.box.addItem(title or name, name)
        self.box.setCurrentIndex(self.box.findData(name))

    # The stations

    def show_stations(self, stations: Sequence[Bookmark], chosen: int | None) -> None:
        """List the stations, of which the fields show one, or none: then a new one is made."""
        ids = [station.id for station in stations]
        number = ids.index(chosen) if chosen in ids else -1
        self._list(stations, number)
        editing, count = number >= 0, len(stations)
        self._editing = editing
        for button in (self.earlier, self.later, self.visit, self.delete, self.fresh):
            button.setVisible(editing)
        self.earlier.setEnabled(number > 0)
        self.later.setEnabled(number + 1 < count)
        self.heading.setText(
            self.tr("Station {0} of {1}").format(number + 1, count)
            if editing
            else self.tr("Recording station {0}").format(count + 1)
        )
        self.put.setText(self.tr("Change station") if editing else self.tr("Add station"))
        self._update_put()

    def _list(self, stations: Sequence[Bookmark], current: int) -> None:
        """List the stations; items stay, since one of them may be under a click."""
        self.list.blockSignals(True)
        while self.list.count() > len(stations):
            self.list.takeItem(self.list.count() - 1)
        for number, station in enumerate(stations, start=1):
            if number > self.list.count():
                QListWidgetItem(self.list).setSizeHint(QSize(px(ITEM), px(26)))
            item = self.list.item(number - 1)
            item.setText(f"{number}  {station.name}")
            item.setData(_ID, station.id)
            item.setToolTip(station.text)
        # Even without a current item it has to be set: else the list chooses one at the focus.
        self.list.setCurrentIndex(self.list.model().index(current, 0))
        self.list.blockSignals(False)
        self.list.setMaximumWidth(px(ITEM) * len(stations) + 2 * self.list.frameWidth())
        self.list.setVisible(bool(stations))

    def show_where(self, where: str) -> None:
        """Say where the cursor is, or what to do now."""
        self.where.setText(where)

    def set_running(self, running: bool) -> None:
        """During a run no station can be added."""
        if running is not self._running:
            self._running = running
            self._update_put()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme's colours."""
        self.theme = self.box.theme = theme
        self.update()

    def _update_put(self) -> None:
        can_add = self._editing or not self._running
        self.put.setEnabled(can_add and bool(self.say.text().strip()))
        self.put.setToolTip("" if can_add else self.tr("Pause the run first"))

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_ID))

    def _keep_in_sight(self) -> None:
        """Keep the chosen station in sight when the list becomes narrower."""
        if (item := self.list.currentItem()) is not None:
            self.list.scrollToItem(item)

    def _on_point(self, index: int) -> None:
        name = self.box.itemData(index)
        if name == _PICK:
            self.show_point(self._point)  # until something is picked
            self.pick_asked.emit()
        else:
            self._point = name

    # Qt's events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On Escape give the keys back to the window, whose verbs they are."""
        if event.key() == Qt.Key.Key_Escape:
            self.window().setFocus()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of a strip."""
        paint_ground(self, self.theme)
