"""What a layer keeps, as a scene: the array, and the lines of the backward pass that read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.debug.events import Kind, Phase
from engine.debug.explain.operation import Form
from engine.debug.reach.placeholders import FadedArray
from engine.debug.snapshots.snapshot import CacheEntry, Snapshot
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale
from gui.paint.mosaic import LEAST_PICTURE
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.paint.values import array_text, bytes_text, is_drawable, is_whole_vector
from gui.views.equation.scenes.framed import (
    BOLD,
    CENTRE,
    Frames,
    arrow,
    matrix_of,
    outline,
    range_of,
    scale_of,
    title,
)
from gui.views.equation.scenes.scene import PaintedScene
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
ASIDE = 0.42  # of the width, for the readers
MOST_READERS = 3


class KeptScene(PaintedScene):
    """The array that has been stored on a layer, what it is used for now, and who reads it later.

    A click on a line of the backward pass, or Enter, goes to the event that reads.
    """

    least = (620, 200)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._entry: CacheEntry | None = None
        self._array: Array = np.zeros(1)
        self._images: Array | None = None
        self._frames = Frames()
        self._chosen = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Kept for the backward pass"))

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the line before has stored an array on a layer."""
        return entry_of(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Kept")

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw what has been stored."""
        entry = entry_of(snapshot)
        assert entry is not None and snapshot.operation is not None
        self._snapshot, self._entry, self._chosen = snapshot, entry, -1
        self._array = np.asarray(snapshot.operation.result)
        self._images = _images_in(self._array, snapshot)
        self.setAccessibleDescription(self._spoken())
        self.update()

    def map_of_result(self, snapshot: Snapshot) -> MapKind | None:
        """The colours of what is kept; labels are written as numbers."""
        if self._images is not None:
            return MapKind.PIXELS
        if is_whole_vector(self._array):
            return None
        return self._scale(snapshot).kind

    def _scale(self, snapshot: Snapshot) -> Scale:
        pixels = int(np.prod(snapshot.minibatch.images.shape[1:]))
        return scale_of(matrix_of(self._array), pixels)

    def tables(self) -> Sequence[Table]:
        """The array that is kept."""
        name = self._entry.name if self._entry is not None else ""
        return [Table(name, matrix_of(self._array))] if name else ()

    def _spoken(self) -> str:
        entry = self._entry
        assert entry is not None
        lines = [f"{source} ({event})" for event, source in self._readers()]
        return f"{entry.name} {array_text(entry.shape)}. {self._use()} " + "; ".join(lines)

    def _readers(self) -> list[tuple[int, str]]:
        """(event, source) of the reads, each source once; the event is that of a stop."""
        entry, snapshot = self._entry, self._snapshot
        assert entry is not None and snapshot is not None
        found: dict[str, int] = {}
        for event, source in zip(entry.reads, entry.readers, strict=False):
            stop = next((stop for stop in snapshot.operation_stops if stop >= event), event)
            found.setdefault(source, stop)
        return [(event, source) for source, event in found.items()][:MOST_READERS]

    def _use(self) -> str:
        entry = self._entry
        assert entry is not None
        if not entry.reads:
            return self.tr("No line of this minibatch's backward pass reads it.")
        return self.tr("The backward pass reads it here:")

    # Mouse and keys

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the line that reads it."""
        for number, place in enumerate(self.reader_places()):
            if place.contains(event.position()):
                self.event_chosen.emit(self._readers()[number][0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose a reader, Enter goes there."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        readers = self._readers() if self._entry is not None else []
        if step is not None and readers:
            self._chosen = min(max(self._chosen + step, 0), len(readers) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen >= 0:
            self.event_chosen.emit(readers[self._chosen][0])
        else:
            super().keyPressEvent(event)

    # Painting

    def _aside(self) -> QRectF:
        """Where the words and the readers are."""
        width = min(max(ASIDE * self.width(), px(300)), px(560))
        return QRectF(self.width() - width - px(12), px(8), width, self.height() - px(16))

    def reader_places(self) -> list[QRectF]:
        """Where each line of the backward pass is."""
        if self._entry is None:
            return []
        aside = self._aside()
        top, found = self._readers_top(aside), []
        for _ in self._readers():
            if top + px(46) > aside.bottom() + 1:
                break
            found.append(QRectF(aside.left() + px(40), top, aside.width() - px(40), px(44)))
            top += px(52)
        return found

    def _readers_top(self, aside: QRectF) -> float:
        return aside.top() + px(136)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the array at the left, its two uses at the right."""
        if self._entry is None or self._snapshot is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        aside = self._aside()
        left = QRectF(px(12), px(4), aside.left() - px(28), self.height() - px(10))
        self._paint_array(painter, left)
        self._paint_uses(painter, aside)
        self._dim_past(painter)

    def _paint_array(self, painter: QPainter, room: QRectF) -> None:
        entry, theme, array = self._entry, self.theme, self._array
        assert entry is not None and self._snapshot is not None
        head = QRectF(room.left(), room.top(), room.width(), px(20))
        operation = self._snapshot.operation
        assert operation is not None
        size = f"{array_text(array.shape)}   {range_of(array)}"
        title(painter, head, operation.name, size, theme)
        area = room.adjusted(0, px(24), 0, -px(22))
        foot = QRectF(room.left(), area.bottom() + px(3), room.width(), px(18))
        if self._images is not None:
            found = self._frames.digits(painter, "images", area, self._images, theme, 100)
            outline(painter, found, theme.phase(Phase.FORWARD), 2)
            text = self.tr("{0} images, a row of the array each").format(len(self._images))
            foot.moveTop(found.bottom() + px(3))
        elif is_whole_vector(array):
            self._paint_whole(painter, area)
            each = len(array) == len(self._snapshot.minibatch.labels)
            text = self.tr("a whole number for each row of the minibatch") if each else ""
        else:
            matrix = matrix_of(array)
            colour = theme.phase(Phase.FORWARD)
            scale = self._scale(self._snapshot)
            self._frames.paint(painter, "array", area, matrix, scale, theme, colour)
            text = self.tr("a row for each of {0} images").format(len(matrix))
            if len(matrix) != len(self._snapshot.minibatch.labels):
                text = ""
        draw_text(painter, foot, text, ui_face(12), theme.text2, CENTRE)

    def _paint_whole(self, painter: QPainter, area: QRectF) -> None:
        """Labels: the numbers in rows, as many as fit."""
        face, theme = code_face(15), self.theme
        least = max(face.width(str(int(value))) for value in self._array[:200]) + px(12)
        across = max(int((len(self._array) * area.width() / area.height()) ** 0.5), 1)
        wide = max(area.width() / across, least)
        across = max(int(area.width() / wide + 0.01), 1)
        high = max(area.height() / -(-len(self._array) // across), px(20))
        down = max(int(area.height() / high + 0.01), 1)
        for number, value in enumerate(self._array[: across * down]):
            y, x = divmod(number, across)
            cell = QRectF(area.left() + x * wide, area.top() + y * high, wide, high)
            draw_text(painter, cell, str(int(value)), face, theme.text, CENTRE)

    def _paint_uses(self, painter: QPainter, aside: QRectF) -> None:
        """Now: the next line. Later: the lines that read the array."""
        theme, snapshot, entry = self.theme, self._snapshot, self._entry
        assert snapshot is not None and entry is not None
        forward, backward = theme.phase(Phase.FORWARD), theme.phase(Phase.BACKWARD)
        left, x = aside.left() + px(40), aside.left()
        now = QRectF(left, aside.top() + px(22), aside.width() - px(40), px(44))
        words = QRectF(left, aside.top(), aside.width() - px(40), px(20))
        if snapshot.ahead is not None:
            draw_text(painter, words, self.tr("Now it goes on:"), ui_face(13, BOLD), theme.text)
            method = snapshot.ahead.function.rpartition(".")[2]
            where = f"{snapshot.ahead.layer}.{method}" if snapshot.ahead.layer else method
            self._paint_line(painter, now, snapshot.ahead.source, where, forward, False)
            y = now.center().y()
            arrow(painter, QPointF(x, y), QPointF(left - px(6), y), forward)
        head = QRectF(left, now.bottom() + px(14), aside.width() - px(40), px(20))
        draw_text(painter, head, self._use(), ui_face(13, BOLD), theme.text)
        below = head.translated(0, px(20))
        small = ui_face(12)
        draw_text(painter, below, self._memory(small, below.width()), small, theme.text2)
        for number, place in enumerate(self.reader_places()):
            source = self._readers()[number][1]
            where = entry.read_by[0] if entry.read_by else ""
            self._paint_line(painter, place, source, where, backward, number == self._chosen)
            y = place.center().y()
            arrow(painter, QPointF(x, y), QPointF(left - px(6), y), backward, dashed=True)

    def _memory(self, face: Face, width: float) -> str:
        """How much memory it holds until then, or whose memory it is; shorter in a small room."""
        entry = self._entry
        assert entry is not None
        if entry.shared_with:
            whole = self.tr("It is the same memory as {0}, not a copy.").format(entry.shared_with)
            short = self.tr("The same memory as {0}.").format(entry.shared_with)
            return whole if face.width(whole) <= width else short
        if not entry.reads:
            return self.tr("It holds {0}.").format(bytes_text(entry.nbytes))
        return self.tr("Until then it holds {0}.").format(bytes_text(entry.nbytes))

    def _paint_line(
        self, painter: QPainter, place: QRectF, source: str, where: str, colour: str, chosen: bool
    ) -> None:
        """A line of code in a box, with the function it is in."""
        theme = self.theme
        painter.setBrush(mix(colour, theme.panel, 0.14))
        painter.setPen(QColor(theme.accent if chosen and self.hasFocus() else colour))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        inner = place.adjusted(px(10), px(3), -px(10), -px(3))
        upper = QRectF(inner.left(), inner.top(), inner.width(), px(20))
        draw_text(painter, upper, source, code_face(14), theme.text)
        lower = QRectF(inner.left(), inner.top() + px(19), inner.width(), px(17))
        draw_text(painter, lower, where, ui_face(12), theme.text2)


def entry_of(snapshot: Snapshot) -> CacheEntry | None:
    """The entry of the forward cache that the line before the cursor has written, or None."""
    event, operation = snapshot.event, snapshot.operation
    if operation is None or operation.form is not Form.ASSIGNMENT or event.kind is not Kind.LINE:
        return None
    value = operation.result
    if event.phase is not Phase.FORWARD or isinstance(value, FadedArray) or not is_drawable(value):
        return None
    if value.dtype.kind not in "biuf":
        return None
    attribute = operation.name.rpartition(".")[2]
    name = f"{event.layer}.{attribute}"
    return next((entry for entry in snapshot.cache if entry.name == name), None)


def _images_in(array: Array, snapshot: Snapshot) -> Array | None:
    """The rows of an array as images, where they are the minibatch's; else None."""
    images = snapshot.minibatch.images
    pixels = int(images.shape[1] * images.shape[2])
    if array.shape != (len(images), pixels) or pixels < LEAST_PICTURE:
        return None
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        return None
    return array.reshape(images.shape)
