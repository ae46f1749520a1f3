"""The colour bar of a heat map, with the ends of its scale and how many values lie beyond them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import MOST_CLIPPED, Clipped, MapKind, Scale, paint_colour_bar
from gui.paint.scale_words import percent_text, scale_text
from gui.paint.text import code_face, draw_text
from gui.paint.values import number_text

BAR_HEIGHT = 8


class ColourBar(QWidget):
    """A horizontal colour bar with its labels beneath; arrow ends where values are clipped."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._scale = Scale(MapKind.SIGNED, -1.0, 1.0)
        self._clipped = Clipped(0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Bar and labels."""
        return QSize(px(150), BAR_HEIGHT + px(18))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_scale(self, scale: Scale, clipped: Clipped) -> None:
        """Draw a scale, and at which of its ends values are left out."""
        if (scale, clipped) == (self._scale, self._clipped) and self.toolTip():
            return
        self._scale, self._clipped = scale, clipped
        self.setAccessibleName(self.tr("Scale {0}").format(scale_text(scale)))
        lines = [scale_text(scale)]
        if scale.kind is MapKind.SIGNED:
            lines.append(self.tr("Symmetric, to the 99th percentile of |v| when first seen."))
        lines.append(
            self.tr("Kept from stop to stop, widened where it would clip more than {0}.").format(
                percent_text(MOST_CLIPPED)
            )
        )
        if clipped.below or clipped.above:
            counts = self.tr("Arrow ends: {0} values lie below the scale, {1} above.")
            lines.append(counts.format(clipped.below, clipped.above))
        self.setToolTip("\n".join(lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar and its labels."""
        painter = QPainter(self)
        bar = QRectF(0, 0, self.width(), BAR_HEIGHT)
        paint_colour_bar(painter, bar, self._scale, self.theme, self._clipped)
        labels = QRectF(BAR_HEIGHT, BAR_HEIGHT + 2, self.width() - 2 * BAR_HEIGHT, px(16))
        flags, face = Qt.AlignmentFlag, code_face(11)
        if self._scale.kind is MapKind.SIGNED:
            middle = self.width() / 2
            painter.setPen(QColor(self.theme.text3))
            painter.drawLine(int(middle), BAR_HEIGHT, int(middle), BAR_HEIGHT + 3)
            text = scale_text(self._scale)
            draw_text(painter, labels, text, face, self.theme.text2, flags.AlignHCenter)
            return
        for value, align in (
            (self._scale.low, flags.AlignLeft),
            (self._scale.high, flags.AlignRight),
        ):
            draw_text(painter, labels, number_text(value), face, self.theme.text2, align)
