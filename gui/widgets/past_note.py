"""A line over a dimmed picture of an earlier stop: which stop, and the value at the cursor."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text, ui_face

HEIGHT, LINE = 26, 20  # of the note, and of a line that it has more; at a scale of 1
ASIDE, BETWEEN = 10, 14  # pixels beside the text, and between its halves


class PastNote(QWidget):
    """Shows the value at the cursor, and the stop of the dimmed picture."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._here = self._then = self._short = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def say(self, here: str, then: str) -> None:
        """Set both halves: the value at this stop, and the stop of the picture."""
        self._here = here
        self._then = self.tr("no array here; the dimmed picture is from {0}").format(then)
        # Where there is less room.
        self._short = self.tr("dimmed: {0}").format(then)
        self.setAccessibleName(f"{self._here}: {self._then}")
        self.update()

    def texts(self) -> tuple[str, str]:
        """The two halves of the line."""
        return self._here, self._then

    def height_for(self, width: int) -> int:
        """Pixels: of one line, or of two where both halves do not fit side by side."""
        room = width - 2 * ASIDE - BETWEEN - 4
        here, then = self._faces()
        fits = here.width(self._here) + then.width(self._short) <= room
        return px(HEIGHT) if fits else px(HEIGHT + LINE)

    def _faces(self) -> tuple[Face, Face]:
        return code_face(13, QFont.Weight.Bold), ui_face(12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line on a ground of its own."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.strong))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        room = QRectF(self.rect()).adjusted(ASIDE, 0, -ASIDE, 0)
        here, then = self._faces()
        first = QRectF(room)
        if self.height() > px(HEIGHT):
            first.setHeight(room.height() / 2)
            room.setTop(first.bottom())
        else:
            first.setWidth(min(here.width(self._here) + 4, room.width()))
            room.setLeft(first.right() + BETWEEN)
        draw_text(painter, first, self._here, here, theme.text)
        fits = then.width(self._then) <= room.width()
        draw_text(painter, room, self._then if fits else self._short, then, theme.text2)


def when(then: Snapshot, now: Snapshot, every_stop: bool) -> str:
    """The stop of a picture, with batch and branch if they differ from the current ones.

    `every_stop`: whether it is counted by events, or by operations only.
    """
    translate, (batch, event) = QCoreApplication.translate, then.position
    event = then.stop_number(event, every_stop)
    if (then.identity, batch) == (now.identity, now.position.batch):
        return translate("Equation", "stop {0}").format(event)
    branch = _branch_of(then)
    if branch == _branch_of(now):
        return translate("Equation", "batch {0}, stop {1}").format(batch, event)
    return translate("Equation", "{0}, batch {1}, stop {2}").format(branch, batch, event)


def _branch_of(snapshot: Snapshot) -> str:
    return next((one.name for one in snapshot.branches if one.current), "")
