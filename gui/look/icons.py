"""The icons: Microsoft's codicons from the package QtAwesome, drawn in the theme's colours.

QtAwesome's own `icon()` would delay the first window by 0.4 s, mostly for the import of qtpy. So
the font is read from its package and drawn here.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.look.style import RESOURCES
from gui.look.theme import Theme, mix


class Glyph(NamedTuple):
    """A codicon, or `skip`, rotated clockwise by `rotated` degrees, and mirrored or not."""

    codicon: str
    rotated: int = 0
    mirrored: bool = False


# The icons of past and future are mirror images.
GLYPHS = {
    "step_operation": Glyph("arrow-right"),
    "step_into": Glyph("debug-step-into", rotated=-45),
    "step_over": Glyph("debug-step-over"),
    "step_out": Glyph("debug-step-out", rotated=45),
    "step_batch": Glyph("skip"),
    "step_back_operation": Glyph("arrow-left"),
    "step_back_into": Glyph("debug-step-into", rotated=45),
    "step_back_over": Glyph("debug-step-over", mirrored=True),
    "step_back_out": Glyph("debug-step-out", rotated=-45),
    "step_back_batch": Glyph("skip", mirrored=True),
    "continue": Glyph("debug-continue"),
    "reverse_continue": Glyph("debug-reverse-continue"),
    "toggle_breakpoint": Glyph("circle-filled"),
    "pause": Glyph("debug-pause"),
    "restart": Glyph("debug-restart"),
    "export_weights": Glyph("export"),
}


@cache
def _charmap() -> tuple[str, dict[str, str]]:
    """Load the codicon font: its family, and the character of each icon's name."""
    package = find_spec("qtawesome")
    assert package is not None and package.submodule_search_locations, "QtAwesome is a dependency"
    folder = Path(package.submodule_search_locations[0]) / "fonts"
    font, charmap = next(folder.glob("codicon-*.ttf")), next(folder.glob("codicon-charmap-*.json"))
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font)))
    codes = json.loads(charmap.read_text(encoding="utf-8"))
    return families[0], {name: chr(int(code, 16)) for name, code in codes.items()}


@cache
def _skip() -> QPainterPath:
    """Outline a triangle that points right to a bar, round (0, 0) in a 16 × 16 box.

    The codicons lack this icon, which means the next batch.
    """
    path = QPainterPath(QPointF(-4.5, -4.5))
    path.lineTo(2.3, 0)
    path.lineTo(-4.5, 4.5)
    path.closeSubpath()
    path.addRect(3, -4.5, 1.6, 9)
    return path


class GlyphEngine(QIconEngine):
    """Draws a codicon at any size and device pixel ratio."""

    def __init__(self, glyph: Glyph, normal: str, active: str, disabled: str) -> None:
        super().__init__()
        self._arguments = (glyph, normal, active, disabled)
        self._glyph = glyph
        self._colours = {
            QIcon.Mode.Normal: normal,
            QIcon.Mode.Active: active,
            QIcon.Mode.Selected: active,
            QIcon.Mode.Disabled: disabled,
        }

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the glyph in the middle of `rect`."""
        family, characters = _charmap()
        font = QFont(family)
        font.setPixelSize(max(1, min(rect.width(), rect.height())))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        painter.setFont(font)
        painter.setPen(self._colours[mode])
        painter.translate(QRectF(rect).center())
        painter.rotate(self._glyph.rotated)
        if self._glyph.mirrored:
            painter.scale(-1, 1)
        if self._glyph.codicon == "skip":
            painter.scale(font.pixelSize() / 16, font.pixelSize() / 16)
            painter.fillPath(_skip(), painter.pen().color())
        else:
            box = QRectF(rect).translated(-QRectF(rect).center())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, characters[self._glyph.codicon])
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw on a transparent pixmap of `size` device pixels; empty for a button without room."""
        if size.isEmpty():
            return QPixmap()
        result = QPixmap(size)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return result

    def clone(self) -> QIconEngine:
        """Make another engine that draws the same."""
        return GlyphEngine(*self._arguments)


def icon(name: str, theme: Theme, colour: str | None = None) -> QIcon:
    """The icon of an action's id, or of a codicon's name; `colour` replaces the usual colour."""
    glyph = GLYPHS.get(name) or Glyph(name)
    disabled = mix(theme.text3, theme.panel, 0.45).name()
    return QIcon(GlyphEngine(glyph, colour or theme.text2, colour or theme.text, disabled))


def logo(pixels: int, ratio: float = 1.0) -> QPixmap:
    """Draw the logo as a square of `pixels` logical pixels at the device pixel ratio."""
    result = QPixmap(round(pixels * ratio), round(pixels * ratio))
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    QSvgRenderer(str(RESOURCES / "icons" / "retrograd.svg")).render(painter)
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def logo_icon() -> QIcon:
    """The window's icon, at the sizes that window managers request."""
    result = QIcon()
    for pixels in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(logo(pixels))
    return result
