"""One sample of the minibatch: image, probabilities as bars, its path through the layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.data.hand_drawn import is_hand_drawn
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import HeatMap, MapKind, Scale
from gui.paint.scales import Coloured, Scales
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.tiles.note import NoteLink, paint_note, told
from gui.paint.values import number_text, taken_text
from gui.widgets.parameters import own_layers

Array = np.ndarray[Any, Any]
PIXELS = Scale(MapKind.PIXELS, 0.0, 255.0)
PADDING, LINE = 12.0, 18.0
RIGHT = Qt.AlignmentFlag.AlignRight


class SampleDetail(QWidget):
    """Draws a sample large."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._snapshot: Snapshot | None = None
        self._row = 0
        self._scales = Scales()
        self._maps: dict[str, HeatMap] = {}
        self._notes: list[NoteLink] = []
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("The pinned sample"))

    def sizeHint(self) -> QSize:
        """Room for the image, the bars and the layers."""
        return QSize(240, 320)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_sample(self, snapshot: Snapshot, row: int) -> None:
        """Draw this row of the minibatch."""
        self._scales.at((snapshot.identity, snapshot.position.batch))
        self._snapshot, self._row = snapshot, row
        self.setAccessibleDescription("\n".join(self.lines()))
        self.update()

    def lines(self) -> list[str]:
        """The description of the sample, as text."""
        snapshot, row = self._snapshot, self._row
        if snapshot is None:
            return []
        batch = snapshot.minibatch
        index, label = int(batch.indices[row]), int(batch.labels[row])
        if is_hand_drawn(index):
            found = [self.tr("row {0}: drawn, a {1}").format(row, label)]
        else:
            words = self.tr("row {0}: training image {1}, a {2}")
            found = [words.format(row, index, label)]
        if batch.predictions is not None:
            prediction = int(batch.predictions[row])
            words = self.tr("taken for a {0}").format(prediction)
            found.append(
                words if label == prediction else f"{taken_text(label, prediction)}, {words}"
            )
        if batch.losses is not None:
            loss = float(batch.losses[row])
            share = self.tr("loss {0}, {1} % of the batch's")
            total = float(batch.losses.sum()) or 1.0
            found.append(share.format(number_text(loss, 3), f"{100 * loss / total:.1f}"))
        if batch.probabilities is not None:
            found += [
                f"{digit}: {number_text(float(share), 3)}"
                for digit, share in enumerate(batch.probabilities[row])
            ]
        return found

    def path(self) -> list[tuple[str, Array | None]]:
        """The sample's row of each layer's output; None before the layer has run."""
        snapshot = self._snapshot
        if snapshot is None:
            return []
        found: list[tuple[str, Array | None]] = []
        count = len(snapshot.minibatch.labels)
        for layer in own_layers(snapshot):
            output = layer.output
            usable = isinstance(output, np.ndarray) and output.ndim > 1 and len(output) == count
            found.append((layer.name, np.ravel(output[self._row]) if usable else None))
        return found

    def note_of(self, name: str) -> QRectF:
        """The rectangle of the link for the scale of a layer's strip."""
        return next((note.rect for note in self._notes if note.key == name), QRectF())

    def _note_under(self, at: QPointF) -> NoteLink | None:
        return next((note for note in self._notes if note.rect.contains(at)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand and a tooltip over a link."""
        note = self._note_under(event.position())
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.setCursor(hand if note is not None else arrow)
        tip = note.tip if note is not None else ""
        if tip != self.toolTip():
            self.setToolTip(tip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link: the earlier scale, or a new one."""
        note = self._note_under(event.position())
        if note is not None and event.button() is Qt.MouseButton.LeftButton:
            (self._scales.back if note.back else self._scales.forget)(note.key)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw image, words, bars and path, from top to bottom."""
        painter = QPainter(self)
        theme = self.theme
        painter.fillRect(self.rect(), QColor(theme.panel))
        self._notes = []
        if self._snapshot is None:
            return
        batch = self._snapshot.minibatch
        room = QRectF(self.rect()).adjusted(px(PADDING), 4, -px(PADDING), -6)
        side = min(0.42 * room.width(), 0.45 * room.height(), px(280))
        rows, columns = batch.images.shape[1:]
        image = QRectF(room.left(), room.top(), side, side * rows / columns)
        heat_map = self._maps.setdefault("image", HeatMap())
        heat_map.paint(painter, image, batch.images[self._row], PIXELS, theme)
        painter.setPen(QColor(theme.strong))
        painter.drawRect(image)
        self._paint_words(painter, QRectF(image.right() + 12, room.top(), 0, 0), room.right())
        top = image.bottom() + 10
        path = self.path()
        below = min(len(path) * px(34), 0.34 * room.height())
        if batch.probabilities is not None:
            bars = QRectF(room.left(), top, room.width(), room.bottom() - top - below - 6)
            self._paint_bars(painter, bars, batch.probabilities[self._row])
        else:
            text = self.tr("Probabilities: not yet, the loss layer makes them")
            line = QRectF(room.left(), top, room.width(), px(LINE))
            draw_text(painter, line, text, ui_face(11), theme.text3)
        self._paint_path(painter, QRectF(room.left(), room.bottom() - below, room.width(), below))

    def _paint_words(self, painter: QPainter, corner: QRectF, right: float) -> None:
        theme = self.theme
        for number, line in enumerate(self.lines()[:3]):
            box = QRectF(
                corner.left(), corner.top() + number * px(LINE), right - corner.left(), px(LINE)
            )
            face = ui_face(12, QFont.Weight.DemiBold) if number == 0 else ui_face(12)
            draw_text(painter, box, line, face, theme.text if number == 0 else theme.text2)

    def _paint_bars(self, painter: QPainter, room: QRectF, shares: Array) -> None:
        theme = self.theme
        assert self._snapshot is not None
        label = int(self._snapshot.minibatch.labels[self._row])
        height = min(room.height() / max(len(shares), 1), px(24))
        if height < 9:
            return
        face = code_face(11)
        best = int(np.argmax(shares))
        for digit, share in enumerate(shares):
            y = room.top() + digit * height
            line = QRectF(room.left(), y, room.width(), height)
            ink = theme.text if digit in (label, best) else theme.text2
            mark = "✓" if digit == label else "←" if digit == best else ""
            draw_text(painter, line, f"{digit} {mark}", face, ink)
            track = line.adjusted(px(30), height * 0.22, -px(48), -height * 0.22)
            painter.fillRect(track, QColor(theme.raised))
            wrong = digit == best and digit != label
            colour = theme.error if wrong else theme.ok if digit == label else theme.strong
            painter.fillRect(
                QRectF(track.left(), track.top(), track.width() * float(share), track.height()),
                QColor(colour),
            )
            draw_text(painter, line, number_text(float(share), 2), face, ink, RIGHT)

    def _paint_path(self, painter: QPainter, room: QRectF) -> None:
        theme, path = self.theme, self.path()
        if not path:
            return
        height = room.height() / len(path)
        face = code_face(11)
        names = max(face.width(name) for name, _ in path) + 10
        note = ui_face(11).width(self.tr("rescaled Back"))
        names = max(names, note + 14)  # room for a note on a scale
        for number, (name, values) in enumerate(path):
            line = QRectF(room.left(), room.top() + number * height, room.width(), height - 4)
            strip = line.adjusted(names, 2, 0, -2)
            if values is None:
                draw_text(painter, line, name, face, theme.text2)
                painter.setPen(QPen(QColor(theme.strong), 1, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(strip)
                draw_text(painter, strip.adjusted(6, 0, 0, 0), self.tr("not yet"), ui_face(11),
                          theme.text3)  # fmt: skip
                continue
            shown = self._scales.show(name, values)
            note_text = told((Coloured(name, name, shown),))
            if note_text is not None:
                foot = QRectF(line.left(), line.center().y(), names - 6, line.height() / 2)
                made = paint_note(painter, note_text, QRectF(), foot, theme)
                if made is not None:
                    self._notes.append(made[0])
                    line = QRectF(line.left(), line.top(), line.width(), line.height() / 2)
            draw_text(painter, line, name, face, theme.text2)
            self._maps.setdefault(name, HeatMap()).paint(
                painter, strip, np.atleast_2d(values), shown.scale, theme
            )
