"""The menu bar: the table of actions, the choosers, the panels and the themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from gui.action_table import TABLE
from gui.actions import Menu
from gui.appearance import Choice
from gui.playback import SPEEDS, PlayUnit

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def fill_menu_bar(window: MainWindow) -> None:
    """Fill the menu bar of a new window."""
    menus = {
        Menu.FILE: _add(window, _tr("File"), "Alt+F"),
        Menu.EDIT: _add(window, _tr("Edit"), "Alt+E"),
        Menu.RUN: _add(window, _tr("Run"), "Alt+R"),
        Menu.STEP: _within(window, _tr("Step")),
        Menu.BACK: _within(window, _tr("Back")),
        Menu.TRAIN: _within(window, _tr("Train")),
        Menu.PLAY: _within(window, _tr("Play")),
        Menu.TRACE: _within(window, _tr("Who wrote, who reads")),
        Menu.BOOKMARKS: window.bookmarks_menu,
        Menu.NETWORK: _add(window, _tr("Network"), "Alt+N"),
        Menu.WHAT_IF: _within(window, _tr("What if")),
        Menu.VIEW: _add(window, _tr("View"), "Alt+V"),
        Menu.HELP: _add(window, _tr("Help"), "Alt+H"),
    }
    for menu in window.choosers.menus:
        menus[Menu.NETWORK].addMenu(menu)
    menus[Menu.NETWORK].addSeparator()
    menus[Menu.NETWORK].addMenu(menus[Menu.WHAT_IF])
    menus[Menu.WHAT_IF].setObjectName("what_if_menu")
    for dock in window.docks.values():
        menus[Menu.VIEW].addAction(dock.toggleViewAction())
    menus[Menu.VIEW].addSeparator()
    menus[Menu.VIEW].addMenu(_theme_menu(window))
    for menu in (Menu.STEP, Menu.BACK, Menu.TRAIN, Menu.PLAY):
        menus[Menu.RUN].addMenu(menus[menu])
    for row in TABLE:
        if row.separated:
            menus[row.menu].addSeparator()
        if row.id == "go_to":
            menus[row.menu].addMenu(menus[Menu.TRACE])
            menus[row.menu].addSeparator()
        menus[row.menu].addAction(window.actions_by_id[row.id])
    menus[Menu.RUN].addMenu(menus[Menu.BOOKMARKS])
    _add_playing(window, menus[Menu.PLAY])


def _add(window: MainWindow, title: str, key: str) -> QMenu:
    """Add a menu that a key opens, without the underline that Qt's own mnemonics have."""
    bar = window.top.menu_bar
    menu = bar.addMenu(title)
    menu.setToolTipsVisible(True)  # an entry that is dead says why
    shortcut = QShortcut(QKeySequence(key), window)
    shortcut.activated.connect(lambda: bar.setActiveAction(menu.menuAction()))
    return menu


def _theme_menu(window: MainWindow) -> QMenu:
    menu = QMenu(_tr("Theme"), window)
    group = QActionGroup(menu)
    names = {
        Choice.SYSTEM: _tr("Like the system"),
        Choice.LIGHT: _tr("Light"),
        Choice.DARK: _tr("Dark"),
    }
    for choice, name in names.items():
        action = QAction(name, group)
        action.setObjectName(f"theme_{choice.value}")
        action.setCheckable(True)
        action.setChecked(choice is window.appearance.choice)
        action.triggered.connect(lambda _=False, choice=choice: window.appearance.choose(choice))
        menu.addAction(action)
    return menu


def _within(window: MainWindow, title: str) -> QMenu:
    """A menu that is to be within another."""
    menu = QMenu(title, window)
    menu.setToolTipsVisible(True)
    return menu


def _add_playing(window: MainWindow, menu: QMenu) -> None:
    """Add how fast it plays, and by what."""
    playback = window.playback
    menu.addSeparator()
    units = {
        PlayUnit.EVENT: _tr("By stop"),
        PlayUnit.LINE: _tr("By line"),
        PlayUnit.LAYER: _tr("By layer"),
        PlayUnit.BATCH: _tr("By batch"),
    }
    by, fast = QActionGroup(menu), QActionGroup(menu)
    for unit, name in units.items():
        action = by.addAction(name)
        action.setCheckable(True)
        action.setChecked(unit is playback.unit)
        action.triggered.connect(lambda _=False, unit=unit: setattr(playback, "unit", unit))
        menu.addAction(action)
    menu.addSeparator()
    for speed in SPEEDS:
        action = fast.addAction(_tr("{0} a second").format(speed))
        action.setCheckable(True)
        action.setChecked(speed == playback.speed)
        action.triggered.connect(lambda _=False, speed=speed: setattr(playback, "speed", speed))
        menu.addAction(action)


def _tr(text: str) -> str:
    return QCoreApplication.translate("menus", text)
