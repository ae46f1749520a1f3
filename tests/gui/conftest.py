from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from engine.debug.session import Session
from gui.main_window import MainWindow
from gui.type_scale import SCALE
from tests.gui.sessions import make_session


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> Iterator[None]:
    """No test sees, or leaves, the settings of the person at this machine.

    Windows open with all their panels; what a first start is like has tests of its own.
    """
    before = QSettings.defaultFormat()
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    user = QSettings.Scope.UserScope
    settings = QSettings(QSettings.Format.IniFormat, user, "Retrograd", "Retrograd")
    settings.setValue("layout/preset", "debug")
    settings.sync()
    yield
    QSettings.setDefaultFormat(before)


@pytest.fixture(autouse=True)
def first_scale() -> Iterator[None]:
    """Type is as large as at first, whatever the windows of the test before were."""
    yield
    SCALE.factor = 1.0


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """No Qt object of a test is found, and destroyed, by a collection on a worker's thread."""
    gc.disable()
    yield
    gc.enable()
    gc.collect(1)


@pytest.fixture
def session() -> Session:
    return make_session()


@pytest.fixture
def settled(qtbot: QtBot) -> Callable[[MainWindow], None]:
    """Wait until a window has done all that it was asked for."""

    def wait(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: not window.bridge.busy)

    return wait


@pytest.fixture
def window(
    qtbot: QtBot, session: Session, settled: Callable[[MainWindow], None]
) -> Iterator[MainWindow]:
    window = MainWindow(session)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    yield window
    window.bridge.close()
