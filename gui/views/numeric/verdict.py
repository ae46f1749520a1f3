"""The verdict of a comparison: a sentence, and a mark that needs no colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.look.icons import icon
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face

RIGHT = Qt.AlignmentFlag.AlignRight
HEIGHT = 34
ICONS = {"ok": "pass-filled", "warning": "warning", "error": "error", "hint": "lightbulb"}


class VerdictBar(QWidget):
    """A line: a mark, a sentence in bold, a sentence in plain, and two values at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numeric_verdict")
        self.theme = theme
        self._kind, self._head, self._text, self._values = "hint", "", "", ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def say(self, kind: str, head: str, text: str, values: str = "") -> None:
        """Show a text; `kind` is "ok", "warning", "error" or "hint"."""
        self._kind, self._head, self._text, self._values = kind, head, text, values
        whole = " ".join(part for part in (head, text, values) if part)
        self.setAccessibleName(whole)
        self.setToolTip(whole)
        self.update()

    def text(self) -> str:
        """The whole text."""
        return self.accessibleName()

    def sizeHint(self) -> QSize:
        """The height of a line."""
        return QSize(400, px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw mark, text and values."""
        painter, theme = QPainter(self), self.theme
        colour = {"ok": theme.ok, "warning": theme.warning, "error": theme.error}.get(
            self._kind, theme.text3
        )
        box = QRectF(self.rect())
        painter.fillRect(box, mix(colour, theme.panel, 0.08))
        painter.fillRect(QRectF(0, 0, 4, box.height()), QColor(colour))
        middle = box.height() / 2
        icon(ICONS[self._kind], theme, colour).paint(
            painter, px(14), int(middle) - px(8), px(16), px(16)
        )
        bold, plain, code = ui_face(13, QFont.Weight.Bold), ui_face(13), code_face(12)
        values = min(code.width(self._values) + 16, box.width() / 2) if self._values else 0.0
        head = QRectF(
            px(38), 0, min(bold.width(self._head) + 2, box.width() - px(50)), box.height()
        )
        draw_text(painter, head, self._head, bold, theme.text)
        room = QRectF(head.right() + 10, 0, box.width() - head.right() - 20 - values, box.height())
        draw_text(painter, room, self._text, plain, theme.text2)
        if values:
            right = QRectF(box.right() - values, 0, values - 12, box.height())
            draw_text(painter, right, self._values, code, theme.text2, RIGHT)
