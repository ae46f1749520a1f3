"""The timeline: the batches of the run with their loss, and the events of one batch in bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from engine.debug.bookmarks import Bookmark
from engine.debug.events import Verb
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.plots.curves import same_run
from gui.paint.text import ui_face
from gui.paint.track import BatchTrack, EventTrack
from gui.views.timeline.batch_row import BatchRow
from gui.views.timeline.event_row import EventRow
from gui.views.timeline.help_button import SIDE, HelpButton
from gui.views.timeline.marks import (
    flags_of,
    names_of,
    paint_cursor,
    paint_dots,
    paint_flag,
    paint_name,
    paint_row_texts,
)
from gui.views.timeline.words import (
    batch_text,
    bookmark_text,
    description_of,
    epoch_words,
    event_text,
    phase_name,
    stop_numbers,
)
from gui.widgets.view import Table, View

PAD, GAP = 6.0, 6.0
LABELS = 172.0  # pixels of the texts beside the "?"
EVENT_ROW = 26.0  # the largest height of the lower row

KEYS = {
    Qt.Key.Key_Right: Verb.INTO,
    Qt.Key.Key_Left: Verb.BACK_INTO,
    Qt.Key.Key_Down: Verb.OVER,
    Qt.Key.Key_Up: Verb.BACK_OVER,
    Qt.Key.Key_PageDown: Verb.BATCH,
    Qt.Key.Key_PageUp: Verb.BACK_BATCH,
}
BY_OPERATION = {Verb.INTO: Verb.OPERATION, Verb.BACK_INTO: Verb.BACK_OPERATION}


class TimelineView(View):
    """Two rows: the run, batch by batch, and below it the batch of the cursor, event by event."""

    view_id = "timeline"
    verb_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._history: RunHistory | None = None
        self._bands = EventRow(lambda phase: phase_name(phase)[:1])
        self._track: tuple[tuple[object, ...], EventTrack] | None = None
        self._run = BatchRow()
        self._running: int | None = None  # the batch that training has reached, while it runs
        self._spare = False  # whether the texts on the left are left out
        self._dragged: str = ""  # the row that the mouse drags in
        self._wanted: tuple[str, int] | None = None  # to go to when the event loop is free
        self._stepping = False  # a step was asked for, and its snapshot has not arrived
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setMinimumSize(360, 60)
        self.setAccessibleName(self.title())
        self._help = HelpButton(theme, self.title(), self)
        self._help.clicked.connect(self.help_asked)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Timeline")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "Above are the batches of the run with their loss, below the stops of this batch: "
            "forward (F), backward (B), update (U), and what is in none of them (O). Click or drag "
            "to go to any moment; with the keyboard, Left and Right step, Up and Down step over. "
            "Flags with a name are bookmarks, dots are breakpoints. A layer is framed while the "
            "cursor is in it."
        )

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._help.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the "?" half-way up."""
        super().resizeEvent(event)
        self._help.move(int(PAD), (self.height() - self._help.height()) // 2)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the cursor, its batch and the run."""
        self._snapshot = snapshot
        self._stepping = False
        self._running = None
        self._take_history(snapshot.history)
        self._describe(snapshot)
        self.update()

    def set_every_stop(self, on: bool) -> None:
        """Count and step by events, or by operation stops only."""
        super().set_every_stop(on)
        if self._snapshot is not None:
            self._describe(self._snapshot)
        self.update()

    def set_spare(self, spare: bool) -> None:
        """Leave the texts on the left out, where they stand large elsewhere; the bands get it."""
        self._spare = spare
        self.update()

    def tables(self) -> Sequence[Table]:
        """Pass, layer or parameter, first and last event of each band."""
        if self._snapshot is None:
            return ()
        rows = [(b.phase.value, b.label, b.first, b.last) for b in self._snapshot.bands]
        names = [self.tr("pass"), self.tr("part"), self.tr("first stop"), self.tr("last stop")]
        return [Table(self.title(), np.array(rows, dtype=object), names)]

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw the run so far; the cursor stays, or moves to the running batch."""
        self._running = running
        self._take_history(history)
        if self._snapshot is not None:
            self._describe(self._snapshot)
        self.update()

    def batch(self) -> int:
        """The marked batch: the running batch, else the cursor's."""
        if self._running is not None:
            return self._running
        return self._snapshot.position.batch if self._snapshot is not None else 0

    def _take_history(self, history: RunHistory) -> None:
        """Take another history; keep the picture if it draws the same."""
        if not same_run(history, self._history):
            self._history = history

    def batches(self) -> BatchTrack:
        """The upper row's scale."""
        left, width = self._span()
        history = self._history
        if history is None:
            return BatchTrack(left, width, 1)
        return BatchTrack.of(left, width, history.reach, self.batch(), history.batches_per_epoch)

    def events(self) -> EventTrack:
        """The lower row's scale."""
        snapshot = self._snapshot
        count, bands = (snapshot.event_count, snapshot.bands) if snapshot else (1, ())
        stops = snapshot.operation_stops if snapshot and not self.counts_events else None
        key = (*self._span(), count, bands, SCALE.factor, stops, self._spare)
        if self._track is None or self._track[0] != key:
            self._track = key, EventTrack(*key)
        return self._track[1]

    def batch_row(self) -> QRectF:
        """The rectangle of the run."""
        left, width = self._span()
        return QRectF(left, PAD, width, max(8.0, self.event_row().top() - GAP - PAD))

    def event_row(self) -> QRectF:
        """The rectangle of the batch."""
        left, width = self._span()
        height = min(px(EVENT_ROW), (self.height() - 2 * PAD - GAP) / 2)
        return QRectF(left, self.height() - PAD - height, width, height)

    def _span(self) -> tuple[float, float]:
        left = PAD + px(SIDE) + 4 + (0 if self._spare else px(LABELS) + 8)
        return left, max(1.0, self.width() - left - 14)

    def _describe(self, snapshot: Snapshot) -> None:
        text = description_of(snapshot, self._running, self.counts_events)
        self.setAccessibleDescription(text)

    # Input; the names are Qt's

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrows; Home and End go to the batch's ends."""
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._snapshot is None:
            super().keyPressEvent(event)
        elif key in KEYS and not control:
            # A key that is held down waits until its last step is on the screen.
            if not (event.isAutoRepeat() and self._stepping):
                self._stepping = True
                verb = KEYS[key]
                if not self.counts_events:
                    verb = BY_OPERATION.get(verb, verb)
                self.verb_chosen.emit(verb.value)
        elif key is Qt.Key.Key_Home and not control:
            self.event_chosen.emit(0)
        elif key is Qt.Key.Key_End and not control:
            self.event_chosen.emit(self._snapshot.event_count - 1)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            reach = self._history.reach if self._history else 0
            self.batch_chosen.emit(0 if key is Qt.Key.Key_Home else reach)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place under the mouse, except to a batch that has not run."""
        if event.button() is not Qt.MouseButton.LeftButton or self._snapshot is None:
            return
        bookmark = self.bookmark_at(event.position())
        if bookmark is not None:
            self.position_chosen.emit(bookmark.position)
            return
        self._dragged = self._row_at(event.position())
        reach = self._history.reach if self._history else 0
        if self._dragged == "batch" and self.batches().batch(event.position().x()) > reach:
            self._dragged = ""
        self._go_towards(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow a drag; show a hand where a click acts."""
        if self._dragged:
            self._go_towards(event.position())
        elif self._row_at(event.position()):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._dragged = ""

    def flags(self) -> list[tuple[QRectF, Bookmark]]:
        """The flags of reachable bookmarks: all in the upper row, this batch's also below."""
        snapshot, history = self._snapshot, self._history
        if snapshot is None or history is None or self._running is not None:
            return []
        tops = self.batch_row().top(), self.event_row().top()
        return flags_of(snapshot, history.reach, self.batches(), self.events(), tops)

    def flag_names(self) -> list[tuple[QRectF, str, Bookmark]]:
        """The names beside the upper flags, one a batch, which leads to its latest bookmark."""
        row = self.batch_row()
        flags = [(flag, bookmark) for flag, bookmark in self.flags() if self._is_above(flag)]
        return names_of(flags, row.left(), self.width() - 2.0)

    def _is_above(self, flag: QRectF) -> bool:
        """Whether a flag is one of the upper row."""
        return flag.top() == self.batch_row().top()

    def bookmark_at(self, position: QPointF) -> Bookmark | None:
        """The bookmark whose flag or name is under a point."""
        places = [(flag.adjusted(-2, -2, 2, 2), bookmark) for flag, bookmark in self.flags()]
        places = [(place, bookmark) for place, _, bookmark in self.flag_names()] + places
        return next(
            (bookmark for place, bookmark in reversed(places) if place.contains(position)), None
        )

    def _row_at(self, position: QPointF) -> str:
        left, width = self._span()
        if not left - 4 <= position.x() <= left + width + 4:
            return ""
        return "event" if position.y() >= self.event_row().top() - GAP / 2 else "batch"

    def _go_towards(self, position: QPointF) -> None:
        """Ask for the place under the mouse, at most once per turn of the event loop."""
        if not self._dragged or self._snapshot is None:
            return
        if self._dragged == "event":
            place = self.events().event(position.x())
        else:
            reach = self._history.reach if self._history else 0
            place = min(self.batches().batch(position.x()), reach)
        waiting = self._wanted is not None
        self._wanted = (self._dragged, place)
        if not waiting:
            QTimer.singleShot(0, self, self._go)

    def _go(self) -> None:
        if self._wanted is None or self._snapshot is None:
            return
        (row, place), self._wanted = self._wanted, None
        here = self._snapshot.position
        if row == "event" and place != here.event:
            self.event_chosen.emit(place)
        elif row == "batch" and place != here.batch:
            self.batch_chosen.emit(place)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip about the place under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tooltip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tooltip_at(self, position: QPointF) -> str:
        """The text about a point: `Forward, Affine1, stop 6`; `Batch 312, loss 1.72`."""
        row = self._row_at(position)
        if self._snapshot is None or self._history is None or not row:
            return ""
        bookmark = self.bookmark_at(position)
        if bookmark is not None:
            return bookmark_text(bookmark, self._snapshot, self.counts_events)
        if row == "batch":
            return batch_text(self._history, self.batches().batch(position.x()))
        track, event = self.events(), self.events().event(position.x())
        return event_text(self._snapshot, track.starts, event, self.counts_events)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both rows, their texts and cursors."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        self._paint_batches(painter)
        if self._snapshot is not None:
            if not self._spare:
                self._paint_texts(painter, self._snapshot)
            self._paint_events(painter, self._snapshot)
            self._paint_marks(painter, self._snapshot)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def _paint_marks(self, painter: QPainter, snapshot: Snapshot) -> None:
        row, track = self.event_row(), self.events()
        dots = [track.middle(event) for event in snapshot.breakpoint_events]
        edge = row.top() + 2  # of the bands, above their names
        paint_dots(painter, dots, edge, self.theme)
        for flag, _ in self.flags():
            foot = self.batch_row().bottom() if self._is_above(flag) else edge
            paint_flag(painter, flag, foot, self.theme)
        for place, name, _ in self.flag_names():
            paint_name(painter, place, name, self.theme)

    def _paint_texts(self, painter: QPainter, snapshot: Snapshot) -> None:
        theme, batch, reach = self.theme, self.batch(), snapshot.history.reach
        at_end = self._running is not None or batch == reach  # there is no later batch to name
        bold = ui_face(12, QFont.Weight.DemiBold)
        phase = snapshot.event.phase
        below = (
            (phase_name(phase), bold, theme.phase(phase),
             self.tr("stop"), "{} / {}".format(*stop_numbers(snapshot, self.counts_events)))
            if self._running is None
            else (self.tr("Training"), bold, theme.text2, "", "")
        )  # fmt: skip
        rows = (
            (self.batch_row(), epoch_words(snapshot, batch), ui_face(12), theme.text2,
             self.tr("batch"), f"{batch}" if at_end else f"{batch} / {reach}"),
            (self.event_row(), *below),
        )  # fmt: skip
        for row, head, face, colour, unit, number in rows:
            place = QRectF(PAD + px(SIDE) + 4, row.top(), px(LABELS), row.height())
            paint_row_texts(painter, place, head, face, colour, unit, number, theme)

    def _paint_batches(self, painter: QPainter) -> None:
        row, track = self.batch_row(), self.batches()
        marks = [flag for flag, _ in self.flags() if self._is_above(flag)]
        marks += [place for place, _, _ in self.flag_names()]
        names_end = max((mark.right() for mark in marks), default=0.0)
        ratio, words = self.devicePixelRatioF(), self.tr("not trained yet")
        unknown = self._snapshot is not None and bool(self._snapshot.facets)
        self._run.paint(
            painter, row, track, self._history, self.theme, ratio, words, names_end, unknown
        )
        if self._snapshot is not None:
            paint_cursor(painter, track.x(self.batch()), row, self.theme)

    def _paint_events(self, painter: QPainter, snapshot: Snapshot) -> None:
        track, row = self.events(), self.event_row()
        ratio, runs = self.devicePixelRatioF(), self._running is not None
        label = self._bands.paint(painter, row, track, snapshot, self.theme, ratio, runs)
        if runs:  # the cursor is in none of these events
            return
        at = track.middle(snapshot.position.event)
        paint_cursor(painter, at, row, self.theme, below=True, label=label)
