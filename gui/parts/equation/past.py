"""The line that tells that the picture is of an earlier stop, and what there is at this one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.debug.operation import Form, Operation
from gui.parts.rows import code_face, draw_text, ui_face
from gui.parts.values import brief, is_scalar, scalar_text
from gui.theme import Theme

HEIGHT = 26.0  # at a scale of 1


class PastNote(QWidget):
    """Says in one line what is here, and of which stop the dimmed picture is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._here = self._then = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def say(self, here: str, then: str) -> None:
        """What this stop has made, and what the picture is of."""
        self._here = here
        self._then = self.tr("no array here; the dimmed picture is that of {0}").format(then)
        self.setAccessibleName(f"{self._here}: {self._then}")
        self.update()

    def texts(self) -> tuple[str, str]:
        """The two halves of the line."""
        return self._here, self._then

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line on a ground of its own."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.strong))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        room = QRectF(self.rect()).adjusted(10, 0, -10, 0)
        bold = code_face(13, QFont.Weight.Bold)
        words = ui_face(12)
        here = QRectF(room)
        here.setWidth(min(bold.width(self._here) + 4, 0.6 * room.width()))
        draw_text(painter, here, self._here, bold, theme.text)
        room.setLeft(here.right() + 14)
        draw_text(painter, room, self._then, words, theme.text2)


def made_by(operation: Operation) -> str:
    """What a picture is of: the call that its arguments are passed in, else the source."""
    if operation.form is Form.ARGUMENTS:
        return f"{operation.symbol}({', '.join(one.text for one in operation.operands)})"
    return operation.source.splitlines()[0]


def said_of(operation: Operation) -> str:
    """What an operation without a picture has made: `loss = 0.342159`, `layer: Affine`."""
    result = operation.result
    if operation.form is Form.ARGUMENTS:
        text = QCoreApplication.translate("Equation", "{0}: nothing is passed")
        return text.format(operation.symbol)
    text = scalar_text(result) if is_scalar(result) else brief(result)
    source = operation.source.splitlines()[0] if operation.source else operation.name
    if operation.form is Form.ASSIGNMENT:
        return f"{operation.name} = {text}" if is_scalar(result) else f"{operation.name}: {text}"
    if operation.form is Form.RETURN:
        return source if source.removeprefix("return ") == text else f"{source} → {text}"
    return f"{source} → {text}"
