from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QAction, QColor, QPalette

from gui.look.appearance import Appearance, Choice
from gui.look.style import style_sheet
from gui.look.theme import DARK, LIGHT
from gui.window.main_window import MainWindow


@pytest.mark.slow
def test_choosing_a_theme_restyles_window_and_views_at_once(window, qapp):
    for choice, theme in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        window.findChild(QAction, f"theme_{choice}").trigger()
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.bg)
        assert all(view.theme is theme for view in window.views)
        picture = window.grab().toImage()
        assert picture.pixelColor(2, 2) == QColor(theme.bg)
        dock = window.docks["variables"].geometry()
        assert picture.pixelColor(dock.center().x(), dock.bottom() - 6) == QColor(theme.panel)


def test_the_theme_is_remembered(window, qtbot):
    window.appearance.choose(Choice.LIGHT)
    window.close()
    again = MainWindow()
    qtbot.addWidget(again)
    assert again.appearance.choice is Choice.LIGHT
    assert again.appearance.theme is LIGHT
    again.close()


def test_the_system_is_followed_until_a_theme_is_chosen(qapp, tmp_path, qtbot):
    settings = QSettings(str(tmp_path / "a.ini"), QSettings.Format.IniFormat)
    system = [Qt.ColorScheme.Light]  # which the offscreen platform does not let one set
    parent = QObject()
    appearance = Appearance(qapp, settings, parent, lambda: system[0])

    def turn(scheme: Qt.ColorScheme) -> None:
        system[0] = scheme
        qapp.styleHints().colorSchemeChanged.emit(scheme)

    assert appearance.theme is LIGHT
    with qtbot.waitSignal(appearance.changed):
        turn(Qt.ColorScheme.Dark)
    assert appearance.theme is DARK
    appearance.choose(Choice.DARK)
    turn(Qt.ColorScheme.Light)
    assert appearance.theme is DARK
    appearance.choose(Choice.SYSTEM)
    assert appearance.theme is LIGHT


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_token_of_the_style_sheet_has_its_colour(theme):
    assert "@" not in style_sheet(theme)


def contrast(a: str, b: str) -> float:
    """WCAG 2.1, relative luminance and contrast ratio."""

    def luminance(colour: str) -> float:
        channels = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
                    for v in QColor(colour).getRgbF()[:3]]  # fmt: skip
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize(
    "token",
    ["text", "text2", "text3", "accent", "forward", "backward", "update", "error", "warning", "ok"],
)
def test_text_can_be_read_on_a_panel(theme, token):
    assert contrast(getattr(theme, token), theme.panel) >= 4.5


def colours_of(widget) -> set[str]:
    picture = widget.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


def test_the_pass_takes_on_the_other_theme_s_colour_in_every_panel(window, qtbot):
    window.appearance.choose(Choice.DARK)
    panels = [window.source, window.variables, window.call_stack, window.timeline]
    qtbot.waitUntil(lambda: all(DARK.forward in colours_of(panel) for panel in panels))
    window.appearance.choose(Choice.LIGHT)
    qtbot.waitUntil(lambda: all(LIGHT.forward in colours_of(panel) for panel in panels))
    assert not any(DARK.forward in colours_of(panel) for panel in panels)
