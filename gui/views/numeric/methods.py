"""The names of the methods of differentiation, and their colours and marks in charts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from engine.numeric import Method
from gui.look.theme import Theme, mix

_N = Callable[[str, str], str]
ORDER = (Method.CENTRAL, Method.FORWARD, Method.COMPLEX, Method.INCREMENTAL, Method.BACKPROP)
MARKS = {
    Method.CENTRAL: "o",
    Method.FORWARD: "t",
    Method.COMPLEX: "d",
    Method.INCREMENTAL: "s",
    Method.BACKPROP: "x",
}


def name_of(method: Method) -> str:
    """The name of a method in a table."""
    tr = QCoreApplication.translate
    return {
        Method.CENTRAL: tr("numeric", "Central, one by one"),
        Method.FORWARD: tr("numeric", "Forward difference"),
        Method.COMPLEX: tr("numeric", "Complex step"),
        Method.INCREMENTAL: tr("numeric", "Central, incremental"),
        Method.BACKPROP: tr("numeric", "Backpropagation"),
    }[method]


def short_name_of(method: Method) -> str:
    """The name of a method in one word."""
    tr = QCoreApplication.translate
    return {
        Method.CENTRAL: tr("numeric", "central"),
        Method.FORWARD: tr("numeric", "forward"),
        Method.COMPLEX: tr("numeric", "complex"),
        Method.INCREMENTAL: tr("numeric", "incremental"),
        Method.BACKPROP: tr("numeric", "backprop"),
    }[method]


def explain(method: Method) -> str:
    """A sentence that explains a method."""
    tr = QCoreApplication.translate
    return {
        Method.CENTRAL: tr(
            "numeric",
            "Each weight is moved up and down by h, and the whole network runs both times.",
        ),
        Method.FORWARD: tr(
            "numeric", "Each weight is moved up by h: one run each, and one more; less exact."
        ),
        Method.COMPLEX: tr(
            "numeric", "Each weight is moved by i·h, a complex number: nothing is subtracted."
        ),
        Method.INCREMENTAL: tr(
            "numeric",
            "The same as central, but values that a moved weight cannot change are not computed "
            "again.",
        ),
        Method.BACKPROP: tr("numeric", "One run forward and one back give the whole gradient."),
    }[method]


def explain_of_program(method: Method) -> str:
    """A sentence that explains a method that runs a program's own step."""
    tr = QCoreApplication.translate
    return {
        Method.CENTRAL: tr(
            "numeric",
            "Each element is moved up and down by h, and the batch runs up to its loss both times. "
            "After each run everything is put back, which counts.",
        ),
        Method.FORWARD: tr(
            "numeric",
            "Each element is moved up by h, and the batch runs up to its loss: one run each, and "
            "one more; less exact. After each run everything is put back, which counts.",
        ),
        Method.BACKPROP: tr(
            "numeric", "One run of the whole step makes all gradients; the update is included."
        ),
    }[method]


def colour_of(method: Method, theme: Theme) -> str:
    """The colour of a method in charts and beside its name."""
    return {
        Method.CENTRAL: theme.accent,
        Method.FORWARD: theme.warning,
        Method.COMPLEX: theme.update,
        Method.INCREMENTAL: theme.forward,
        Method.BACKPROP: theme.backward,
    }[method]


def hatch(painter: QPainter, box: QRectF, colour: str, theme: Theme) -> None:
    """Fill a box with the sign of extrapolation: hatched, with a dashed border."""
    painter.fillRect(box, mix(colour, theme.panel, 0.10))
    brush = QBrush(QColor(colour), Qt.BrushStyle.BDiagPattern)
    painter.fillRect(box, brush)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.DashLine))
    painter.drawRect(box.adjusted(0.75, 0.75, -0.75, -0.75))


def swatch(colour: str, extrapolated: bool, theme: Theme, ratio: float) -> QPixmap:
    """Paint a small box: full for a measured time, hatched for an extrapolated time."""
    side = 11
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    box = QRectF(0, 0, side, side)
    if extrapolated:
        hatch(painter, box, colour, theme)
    else:
        painter.fillRect(box, QColor(colour))
    painter.end()
    return picture
