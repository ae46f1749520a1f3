"""Applies a theme to Qt: the Fusion style, a palette, a style sheet and the bundled fonts.

The dynamic property `role` selects a widget's look:

| role | widget | look |
| --- | --- | --- |
| `icon` | QToolButton | bare icon button, lit under the mouse |
| `segment` | QToolButton (checkable) | one of a row of exclusive choices |
| `segments` | QFrame | the rounded box round a row of segments |
| `group` | QFrame | the rounded box round the toolbar's buttons |
| `pill` | QToolButton, QComboBox | a rounded chooser in the code font |
| `primary` | QPushButton | the button that a dialog suggests |
| `why` | QToolButton | the button of an explanation: in the accent colour, framed |
| `link` | QToolButton, QPushButton | text in the accent colour |
| `title`, `secondary`, `hint` | QLabel | 600 text; text2; text3 |
| `card`, `bubble` | QFrame | a raised box, rounded; a box that pops up |
| `notice` | QFrame | a line over the panels that reports an event |
| `welcome` | QFrame | the card of the welcome |
| `choice`, `choice_first` | QPushButton, QLabel | a large choice in it, and the suggested one |
| `key`, `key_first` | QLabel | the key of such a choice |
| `row` | QPushButton | a row of a list |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHeaderView,
    QTableWidget,
    QToolTip,
    QWidget,
)

import resources
from gui.look.theme import Theme, mix, ui_font
from gui.look.type_scale import SIZES, px

RESOURCES = Path(resources.__file__).resolve().parent

NO_LIMIT = 16_777_215  # Qt's QWIDGETSIZE_MAX
_loaded_fonts: list[int] = []


def load_fonts() -> None:
    """Load the bundled fonts once; if a file cannot be read, the system's fonts are used."""
    if _loaded_fonts:
        return
    for path in sorted((RESOURCES / "fonts").glob("*.[ot]tf")):
        _loaded_fonts.append(QFontDatabase.addApplicationFont(str(path)))


def apply_theme(app: QApplication, theme: Theme, window: QWidget | None = None) -> None:
    """Style the application and its window, at any time, even while the window is shown.

    The window has the style sheet, and its dialogs, menus and tooltips inherit it. Setting it on
    the application would take twice as long.
    """
    load_fonts()
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    if app.font() != ui_font():
        app.setFont(ui_font())
        QToolTip.setFont(ui_font())
    if app.palette() != (wanted := palette(theme)):
        app.setPalette(wanted)
    if window is not None and window.styleSheet() != (sheet := style_sheet(theme)):
        window.setStyleSheet(sheet)


def _scaled_lengths(sheet: str) -> str:
    """A style sheet with scaled lengths; lines of one or two pixels keep their width."""
    return re.sub(r"\b(\d+)px", lambda found: f"{_length(int(found[1]))}px", sheet)


def _length(pixels: int) -> int:
    return px(pixels) if pixels > 2 else pixels


def refit(root: QWidget, before: float, now: float) -> None:
    """Change the fonts and fixed sizes of all widgets below `root` from one type scale to another.

    The unscaled size can be computed from the size on the screen: a factor is never below 1, so
    that rounding maps no two sizes to the same size.
    """
    fonts = {round(size * before): round(size * now) for size in SIZES}

    def length(pixels: int) -> int:
        return round(round(pixels / before) * now) if 2 < pixels < NO_LIMIT else pixels

    for widget in (root, *root.findChildren(QWidget)):
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            font = widget.font()
            if font.pixelSize() in fonts:
                font.setPixelSize(fonts[font.pixelSize()])
                widget.setFont(font)
        if widget.minimumHeight() == widget.maximumHeight():
            widget.setFixedHeight(length(widget.minimumHeight()))
        if widget.minimumWidth() == widget.maximumWidth():
            widget.setFixedWidth(length(widget.minimumWidth()))
        if isinstance(widget, QHeaderView):
            _refit_header(widget, length)
        if isinstance(widget, QTableWidget):
            _refit_items(widget, fonts)
        if isinstance(widget, QAbstractButton):
            side = length(widget.iconSize().width())
            widget.setIconSize(QSize(side, side))


def _refit_header(header: QHeaderView, length: Callable[[int], int]) -> None:
    if header.isHidden():
        return  # the view divides the width itself
    count = header.count() - (1 if header.stretchLastSection() else 0)
    sizes = [length(header.sectionSize(n)) for n in range(count)]
    header.setMinimumSectionSize(length(header.minimumSectionSize()))
    header.setDefaultSectionSize(length(header.defaultSectionSize()))
    if header.orientation() is Qt.Orientation.Horizontal:
        for section, size in enumerate(sizes):
            header.resizeSection(section, size)


def _refit_items(table: QTableWidget, fonts: Mapping[int, int]) -> None:
    columns = range(table.columnCount())
    items = [table.horizontalHeaderItem(column) for column in columns]
    items += [table.item(row, column) for row in range(table.rowCount()) for column in columns]
    for item in items:
        if item is not None and item.font().pixelSize() in fonts:
            font = item.font()
            font.setPixelSize(fonts[font.pixelSize()])
            item.setFont(font)


def palette(theme: Theme) -> QPalette:
    """The theme as a Qt palette, for parts that the style sheet does not reach."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    colours = {
        role.Window: theme.bg,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.text3,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.raised,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.bg,
    }
    result = QPalette()
    for which, colour in colours.items():
        result.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        result.setColor(group.Disabled, which, mix(theme.text3, theme.panel, 0.6))
    result.setColor(group.Disabled, role.Highlight, QColor(theme.border))
    result.setColor(group.Disabled, role.HighlightedText, QColor(theme.text3))
    return result


def style_sheet(theme: Theme) -> str:
    """The window's style sheet, with the theme's colours and with scaled lengths."""
    tints = {
        "accent_tint": mix(theme.accent, theme.panel, 0.16).name(),
        "accent_hover": mix(theme.text, theme.accent, 0.12).name(),
        "disabled": mix(theme.text3, theme.panel, 0.6).name(),
        "handle": mix(theme.strong, theme.panel, 0.7).name(),
        "tick": (RESOURCES / "icons" / f"tick-{theme.name}.svg").as_posix(),
    }
    sheet = _SHEET
    tokens = {name: getattr(theme, name) for name in theme.__slots__} | tints
    for name in sorted(tokens, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", str(tokens[name]))
    return _scaled_lengths(sheet)


# `@token` stands for a colour of the theme.
_SHEET = """
QMainWindow, QDialog { background: @bg; }
QMainWindow::separator { background: @bg; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: @strong; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @strong; }

QToolTip {
    background: @raised; color: @text; border: 1px solid @strong; padding: 4px 6px;
}

QMenuBar { background: transparent; color: @text2; spacing: 2px; padding: 0; }
QMenuBar::item { background: transparent; padding: 5px 8px; border-radius: 6px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @hover; color: @text; }
QMenu {
    background: @panel; color: @text; border: 1px solid @strong; padding: 4px;
}
QMenu::item { padding: 5px 28px 5px 12px; border-radius: 6px; margin: 0; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QTableView::indicator {
    width: 11px; height: 11px; border: 1px solid @text2; border-radius: 3px; background: @bg;
}
QTableView::indicator:checked { image: url(@tick); }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }

QLabel[role="title"] { font-weight: 600; }
QLabel[role="secondary"] { color: @text2; }
QLabel[role="hint"] { color: @text3; }
QFrame[role="card"] { background: @raised; border: 1px solid @border; border-radius: 8px; }
QFrame[role="group"] { background: @panel; border: 1px solid @border; border-radius: 8px; }
QFrame[role="segments"] { background: @raised; border: 1px solid @border; border-radius: 8px; }

QFrame[role="bubble"] { background: @raised; border: 1px solid @strong; }
QFrame#held_up { border-radius: 8px; }
QFrame[role="notice"] { background: @raised; border: 1px solid @accent; border-radius: 6px; }
QFrame[role="notice"] QLabel { color: @text; }

QPushButton {
    background: @raised; color: @text; border: 1px solid @border; border-radius: 8px;
    padding: 6px 14px; min-height: 18px;
}
QPushButton:hover { background: @hover; border-color: @strong; }
QPushButton:pressed { background: @border; }
QPushButton:focus { border: 2px solid @accent; padding: 5px 13px; }
QPushButton:disabled { color: @disabled; border-color: @border; background: @panel; }
QPushButton[role="primary"] {
    background: @accent; color: @on_accent; border-color: @accent; font-weight: 600;
}
QPushButton[role="primary"]:hover { background: @accent_hover; }
QPushButton[role="primary"]:focus { border: 2px solid @text; }
QPushButton[role="primary"]:disabled {
    background: @raised; color: @disabled; border-color: @border;
}
QFrame[role="welcome"] { background: @panel; border: 1px solid @strong; border-radius: 12px; }
QPushButton[role="choice"], QPushButton[role="choice_first"] {
    text-align: left; padding: 0; min-height: 84px;
}
QPushButton[role="choice_first"] { background: @accent; border-color: @accent; }
QPushButton[role="choice_first"]:hover { background: @accent_hover; }
QPushButton[role="choice_first"]:focus { border: 2px solid @text; }
QLabel[role="choice_first"] { color: @on_accent; }
QLabel[role="key"], QLabel[role="key_first"] {
    border: 1px solid @strong; border-radius: 4px; padding: 1px 5px; color: @text2;
}
QLabel[role="key_first"] { border-color: @on_accent; color: @on_accent; }
QPushButton[role="row"] {
    background: transparent; border: none; border-top: 1px solid @border; border-radius: 0;
    text-align: left; font-weight: 600; min-height: 24px;
}
QPushButton[role="row"]:hover { background: @hover; }
QPushButton[role="row"]:focus { border: 2px solid @accent; border-radius: 6px; }
QPushButton[role="link"], QToolButton[role="link"] {
    background: transparent; border: 2px solid transparent; color: @accent; padding: 2px 4px;
}
QPushButton[role="link"]:hover, QToolButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus, QToolButton[role="link"]:focus {
    border: 2px solid @accent; border-radius: 6px;
}

QToolButton {
    background: transparent; color: @text; border: 2px solid transparent; border-radius: 6px;
    padding: 2px;
}
QToolButton:hover { background: @hover; }
QToolButton:pressed { background: @border; }
QToolButton:checked { background: @hover; }
QToolButton:disabled { color: @disabled; background: transparent; }
QToolButton#pause_button:enabled { background: @hover; border: 2px solid @accent; }
QToolButton:focus { border: 2px solid @accent; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[role="segment"] {
    color: @text2; border-radius: 6px; padding: 0 8px; border: 1px solid transparent;
}
QToolButton[role="segment"][tight="true"] { padding: 0 2px; }
QToolButton[role="segment"]:hover { color: @text; }
QToolButton[role="segment"]:checked {
    color: @text; background: @hover; border: 1px solid @strong; font-weight: 600;
}
QToolButton[role="segment"]:disabled { color: @disabled; }
QToolButton[role="segment"]:focus { border: 1px solid @accent; }
QToolButton[role="word"] {
    background: @panel; color: @text; border: 1px solid @border; border-radius: 8px;
    padding: 0 9px;
}
QToolButton[role="word"]:hover { background: @hover; border-color: @strong; }
QToolButton[role="word"]:disabled { color: @disabled; background: @panel; }
QToolButton#pause_word:enabled { background: @hover; border-color: @accent; }
QToolButton[role="word"]:focus { border: 2px solid @accent; padding: 0 8px; }
QToolButton[role="primary"] {
    background: @accent; color: @on_accent; border: 1px solid @accent; border-radius: 8px;
    padding: 0 10px;
}
QToolButton[role="primary"]:hover { background: @accent_hover; }
QToolButton[role="primary"]:disabled {
    background: @panel; color: @disabled; border-color: @border;
}
QToolButton[role="primary"]:focus { border: 2px solid @text; padding: 0 9px; }
QToolButton[role="why"] {
    background: @accent_tint; border: 2px solid @accent; border-radius: 8px; padding: 0;
}
QToolButton[role="why"]:hover { background: @hover; }
QToolButton[role="why"]:focus { border: 2px solid @text; }
QToolButton[role="pill"], QComboBox[role="pill"] {
    background: @panel; border: 1px solid @border; border-radius: 11px; padding: 3px 9px;
}
QToolButton[role="pill"]:hover, QComboBox[role="pill"]:hover {
    background: @hover; border-color: @strong;
}
QToolButton[role="pill"]:focus { border: 2px solid @accent; padding: 2px 8px; }

QComboBox {
    background: @raised; color: @text; border: 1px solid @border; border-radius: 6px;
    padding: 2px 8px; min-height: 18px;
}
QComboBox:hover { background: @hover; }
QComboBox:focus { border: 2px solid @accent; padding: 1px 7px; }
QComboBox:disabled { color: @disabled; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox QAbstractItemView {
    background: @panel; color: @text; border: 1px solid @strong;
    selection-background-color: @hover; selection-color: @text; outline: none;
}

QLineEdit, QSpinBox, QDoubleSpinBox {
    background: @raised; color: @text; border: 1px solid @border; border-radius: 6px;
    padding: 3px 8px; min-height: 18px;
    selection-background-color: @accent; selection-color: @on_accent;
}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border: 2px solid @accent; padding: 2px 7px;
}
QPlainTextEdit, QTextEdit {
    background: @panel; color: @text; border: none;
    selection-background-color: @accent_tint; selection-color: @text;
}
QTextBrowser { background: @panel; }

QAbstractItemView {
    background: @panel; color: @text; border: none; outline: none; gridline-color: @border;
    selection-background-color: @hover; selection-color: @text;
}
QHeaderView { background: @panel; border: none; }
QHeaderView::section {
    background: @panel; color: @text3; border: none; border-bottom: 1px solid @border;
    padding: 2px 6px;
}
QTableCornerButton::section { background: @panel; border: none; }

QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; margin: 0; }
QScrollBar:horizontal { height: 10px; margin: 0; }
QScrollBar::handle { background: @handle; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QMainWindow > QTabBar { max-height: 0px; }
QMainWindow > QTabBar::tab { height: 0px; padding: 0; margin: 0; border: none; }
QTabBar { background: transparent; }
TitleRow QTabBar::tab {
    background: transparent; color: @text2; padding: 5px 6px; border: none;
    border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; font-weight: 600; }
QTabBar::tab:focus { color: @accent; }

QProgressBar {
    background: @raised; border: none; border-radius: 3px; max-height: 6px; color: transparent;
}
QProgressBar::chunk { background: @accent; border-radius: 3px; }
"""
