"""The colour bar of a heat map, with what its scale says and leaves out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.parts.heatmap import MOST_CLIPPED, Clipped, MapKind, Scale, paint_colour_bar
from gui.parts.rows import code_face, draw_text
from gui.parts.scales import Shown, Widened
from gui.parts.values import number_text
from gui.theme import Theme
from gui.type_scale import px

BAR_HEIGHT = 8
LITTLE = 0.05  # values that use less of the scale than this look like zeros


def scale_text(scale: Scale) -> str:
    """`± 0.072` for a symmetric scale, `1e−11 … 1e−5` for powers of ten, else `0 … 1.0`."""
    if scale.kind is MapKind.ERROR:
        low, high = (number_text(10.0**end, 1) for end in (scale.low, scale.high))
        return f"{low} … {high}"
    high = number_text(scale.high)
    return f"± {high}" if scale.kind is MapKind.SIGNED else f"{number_text(scale.low)} … {high}"


def percent_text(share: float) -> str:
    """`62 %`; of a share that would round to 0 one digit more."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 0.5 else f"{number_text(percent, 1)} %"


def widened_text(widened: Widened) -> str:
    """Why a kept scale was widened: `62 % were clipped: rescaled`."""
    translate = QCoreApplication.translate
    if widened.share <= MOST_CLIPPED:
        return translate("ColourBar", "there are negative values now: rescaled")
    return translate("ColourBar", "{0} were clipped: rescaled").format(percent_text(widened.share))


def use_text(shown: Shown) -> str:
    """What is to be said of a kept scale: that it was widened, or what it hides; or nothing.

    `34 % beyond the scale`, `all within 3 % of the scale`.
    """
    translate = QCoreApplication.translate
    if shown.widened is not None:
        return widened_text(shown.widened)
    if shown.much:
        return translate("ColourBar", "{0} beyond the scale").format(percent_text(shown.beyond))
    if 0 < shown.largest < LITTLE * shown.scale.high:
        share = number_text(100 * shown.largest / shown.scale.high, 1)
        return translate("ColourBar", "all within {0} % of the scale").format(share)
    return ""


def use_forms(shown: Shown) -> list[str]:
    """The same in ever fewer words, for where there is little room."""
    translate = QCoreApplication.translate
    found = [use_text(shown)]
    if shown.widened is not None:
        percent = percent_text(shown.widened.share)
        found.append(translate("ColourBar", "{0} clipped: rescaled").format(percent))
        found.append(translate("ColourBar", "{0}: rescaled").format(percent))
        found.append(translate("ColourBar", "rescaled"))
    elif shown.much:
        found.append(translate("ColourBar", "{0} clipped").format(percent_text(shown.beyond)))
    return found


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
