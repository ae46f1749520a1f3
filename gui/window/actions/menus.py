"""The menu bar, filled from the table of actions, the choosers, the panels and the themes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.look.appearance import Appearance, Choice
from gui.session.playback import SPEEDS, Playback, PlayUnit
from gui.window.actions.actions import Menu
from gui.window.actions.bookmarks_menu import BookmarksMenu
from gui.window.actions.qactions import Actions
from gui.window.actions.table import TABLE
from gui.window.panels.dock import Dock
from gui.window.toolbar.choosers import Choosers


def fill_menu_bar(
    bar: QMenuBar,
    actions: Actions,
    bookmarks: BookmarksMenu,
    teach: QMenu,
    choosers: Choosers,
    docks: Iterable[Dock],
    appearance: Appearance,
    playback: Playback,
    window: QWidget,
) -> None:
    """Fill the menu bar of a new window."""
    menus = {
        Menu.FILE: _add(window, bar, _tr("File"), "Alt+F"),
        Menu.EDIT: _add(window, bar, _tr("Edit"), "Alt+E"),
        Menu.RUN: _add(window, bar, _tr("Run"), "Alt+R"),
        Menu.STEP: _within(window, _tr("Step")),
        Menu.BACK: _within(window, _tr("Back")),
        Menu.TRAIN: _within(window, _tr("Train")),
        Menu.PLAY: _within(window, _tr("Play")),
        Menu.TRACE: _within(window, _tr("Trace a value")),
        Menu.BOOKMARKS: bookmarks,
        Menu.NETWORK: _add(window, bar, _tr("Network"), "Alt+N"),
        Menu.WHAT_IF: _within(window, _tr("What if")),
        Menu.VIEW: _add(window, bar, _tr("View"), "Alt+V"),
    }
    bar.addMenu(teach)
    _open_by(window, bar, teach, "Alt+T")
    menus[Menu.HELP] = _add(window, bar, _tr("Help"), "Alt+H")
    for chooser in choosers.menus:
        menus[Menu.NETWORK].addMenu(chooser)
    menus[Menu.NETWORK].addSeparator()
    menus[Menu.NETWORK].addMenu(menus[Menu.WHAT_IF])
    menus[Menu.WHAT_IF].setObjectName("what_if_menu")
    for dock in docks:
        menus[Menu.VIEW].addAction(dock.toggleViewAction())
    menus[Menu.VIEW].addSeparator()
    menus[Menu.VIEW].addMenu(_theme_menu(window, appearance))
    for menu in (Menu.STEP, Menu.BACK, Menu.TRAIN, Menu.PLAY):
        menus[Menu.RUN].addMenu(menus[menu])
    for row in TABLE:
        if row.separated:
            menus[row.menu].addSeparator()
        if row.id == "go_to":
            menus[row.menu].addMenu(menus[Menu.TRACE])
            menus[row.menu].addSeparator()
        menus[row.menu].addAction(actions[row.id])
    menus[Menu.RUN].addMenu(menus[Menu.BOOKMARKS])
    _add_playing(playback, menus[Menu.PLAY])


def _add(window: QWidget, bar: QMenuBar, title: str, key: str) -> QMenu:
    """Add a menu that a key opens, without the underline of Qt's own mnemonics."""
    menu = bar.addMenu(title)
    menu.setToolTipsVisible(True)  # the tooltip of a disabled entry says why
    _open_by(window, bar, menu, key)
    return menu


def _open_by(window: QWidget, bar: QMenuBar, menu: QMenu, key: str) -> None:
    shortcut = QShortcut(QKeySequence(key), window)
    shortcut.activated.connect(lambda: bar.setActiveAction(menu.menuAction()))


def _theme_menu(window: QWidget, appearance: Appearance) -> QMenu:
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
        action.setChecked(choice is appearance.choice)
        action.triggered.connect(lambda _=False, choice=choice: appearance.choose(choice))
        menu.addAction(action)
    return menu


def _within(window: QWidget, title: str) -> QMenu:
    """A submenu."""
    menu = QMenu(title, window)
    menu.setToolTipsVisible(True)
    return menu


def _add_playing(playback: Playback, menu: QMenu) -> None:
    """Add the speeds and the units of playback."""
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
