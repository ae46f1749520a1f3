from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QTransform

from gui.look.icons import GLYPHS, icon, logo
from gui.look.theme import DARK, LIGHT


def drawn(name: str, mode: QIcon.Mode = QIcon.Mode.Normal, theme=DARK) -> QImage:
    return icon(name, theme).pixmap(QSize(32, 32), mode, QIcon.State.Off).toImage()


@pytest.mark.parametrize("name", GLYPHS)
def test_every_icon_is_drawn_in_the_colour_of_its_theme(qapp, name):
    for theme in (DARK, LIGHT):
        image = drawn(name, theme=theme)
        solid = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert solid == {QColor(theme.text2).name()}


@pytest.mark.parametrize("verb", ["into", "over", "out", "batch"])
def test_past_and_future_mirror_one_another(qapp, verb):
    back = drawn(f"step_back_{verb}")
    forth = drawn(f"step_{verb}").transformed(QTransform.fromScale(-1, 1))
    unlike = sum(
        abs(back.pixelColor(x, y).alpha() - forth.pixelColor(x, y).alpha()) > 128
        for x in range(32)
        for y in range(32)
    )
    assert unlike <= 32  # a column of pixels, where the middle lies between two


def test_a_disabled_icon_is_dimmer(qapp):
    assert drawn("pause", QIcon.Mode.Disabled) != drawn("pause")


def test_the_logo_has_the_pixels_of_a_fine_screen(qapp):
    assert logo(28, 2.0).size() == QSize(56, 56)
    assert logo(28, 2.0).toImage().pixelColor(20, 10).alpha() > 0
