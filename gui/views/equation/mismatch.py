"""A box that explains a failed operation: the dimensions that disagree, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.debug.explain.operation import Operation
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import exception_text


class MismatchBox(QWidget):
    """A box with the error in a sentence, the advice, and numpy's own words."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._texts: tuple[str, str, str] = ("", "", "")

    @property
    def wanted(self) -> bool:
        """Whether the operation failed."""
        return bool(self._texts[0])

    def texts(self) -> tuple[str, str, str]:
        """The error in a sentence, the advice, and the error's own words."""
        return self._texts

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_operation(self, operation: Operation) -> None:
        """Explain why an operation failed; empty if it did not."""
        error, mismatch = operation.error, operation.mismatch
        if error is None:
            self._texts = ("", "", "")
            return
        error_words = exception_text(error)
        if mismatch is None:
            self._texts = (error_words, self.tr("Raised here: {0}").format(operation.source), "")
        else:
            self._texts = (mismatch.sentence, mismatch.advice, error_words)
        self.setAccessibleName(self._texts[0])
        self.setAccessibleDescription(" ".join(self._texts[1:]))
        self.setToolTip("\n".join(text for text in self._texts if text))
        self.update()

    def heightForWidth(self, width: int) -> int:
        """The height of its two or three lines."""
        return px(66 if self._texts[2] else 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box."""
        theme = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.error), 1.2))
        painter.setBrush(mix(theme.error, theme.panel, 0.13))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        faces = (ui_face(13, QFont.Weight.DemiBold), ui_face(12), code_face(11))
        colours = (theme.text, theme.text2, theme.text2)
        mark = QRectF(12, px(6), px(16), px(18))
        draw_text(painter, mark, "⊗", ui_face(14), theme.error, Qt.AlignmentFlag.AlignHCenter)
        top = px(5)
        for text, face, colour in zip(self._texts, faces, colours, strict=True):
            line = QRectF(px(36), top, self.width() - px(48), px(20))
            draw_text(painter, line, text, face, colour)
            top += px(19)
