from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from engine.debug.events import Position
from engine.debug.session import Session
from gui.look.style import load_fonts
from gui.look.type_scale import SCALE
from gui.window.main_window import MainWindow
from tests.gui.sessions import make_session


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """It has the bundled fonts before the first window: views alone measure with them, too."""
    load_fonts()
    return qapp


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


@pytest.fixture(scope="module", autouse=True)
def collected_here() -> Iterator[None]:
    """No Qt object of a test is found, and destroyed, by a collection on a worker's thread.

    For a whole module: its window's worker may record between two tests, and a recording that began
    while collections were on switches them on again at its end.
    """
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture(autouse=True)
def collected_now() -> Iterator[None]:
    """What a test leaves is collected after it."""
    yield
    gc.collect(1)


@pytest.fixture
def session() -> Session:
    return make_session()


def any_draws(window: MainWindow) -> bool:
    """Whether a panel that is seen has not yet drawn the newest snapshot."""
    return any(dock._seen and dock._waiting is not None for dock in window.docks.values())


@pytest.fixture
def settled(qtbot: QtBot) -> Callable[[MainWindow], None]:
    """Wait until a window has done all that it was asked for, and shows it."""

    def wait(window: MainWindow) -> None:
        # The bridge is no longer busy before the patient views have drawn.
        qtbot.waitUntil(lambda: not window.bridge.busy and not any_draws(window))

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


def state_of(window: MainWindow) -> dict[str, Any]:
    """All that a test may have changed of a window which others look at after it."""
    snapshot = window.snapshot
    assert snapshot is not None
    return {
        "cursor": snapshot.position,
        "session": snapshot.identity.session,
        "setup": snapshot.setup,
        "branches": [(one.id, one.name, one.edits, one.current) for one in snapshot.branches],
        "breakpoints": snapshot.breakpoints,
        "bookmarks": snapshot.bookmarks,
        "chosen cell": window.choice.cell,
        "preset": window.layout_keeper.preset.id,
        "panels": {id: not dock.isHidden() for id, dock in window.docks.items()},
        "size": window.size(),
        "theme": window.appearance.theme.name,
        "type": SCALE.factor,
        "settings": {key: window.settings.value(key) for key in window.settings.allKeys()},
        "dialogs": [one for one in window.findChildren(QDialog) if one.isVisible()],
        "busy": window.bridge.busy,
        "playing": window.playback.direction,
    }


@pytest.fixture(scope="module")
def one_window(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    """The window behind `shared_window` and `borrowed_window`; no test takes it itself."""
    file = str(tmp_path_factory.mktemp("settings") / "settings.ini")
    settings = QSettings(file, QSettings.Format.IniFormat)
    settings.setValue("layout/preset", "debug")
    window = MainWindow(make_session(), settings=settings)
    window.show()
    yield window
    window.close()
    window.bridge.close()
    window.deleteLater()


@pytest.fixture
def in_front(
    one_window: MainWindow, qtbot: QtBot, settled: Callable[[MainWindow], None]
) -> MainWindow:
    """The same, with the keys, wherever they have gone in a test before."""
    qtbot.waitExposed(one_window)
    one_window.activateWindow()
    qtbot.waitUntil(one_window.isActiveWindow)
    one_window.setFocus()
    settled(one_window)
    return one_window


@pytest.fixture
def shared_window(in_front: MainWindow) -> Iterator[MainWindow]:
    """One window for all tests of a module that only look at it: a new one takes 0.3 s.

    It stands at the first stop. A test that leaves it changed fails, and says in what.
    """
    before = state_of(in_front)
    yield in_front
    assert state_of(in_front) == before


@pytest.fixture
def borrowed_window(
    in_front: MainWindow, qtbot: QtBot, settled: Callable[[MainWindow], None]
) -> Iterator[MainWindow]:
    """The same window, for tests that step or resize it; both are put back here.

    It stands at the first stop, but the run may have come further. All else is as it was.
    """
    before = state_of(in_front)
    yield in_front
    settled(in_front)
    in_front.bridge.goto(Position(0, 0))
    in_front.resize(before["size"])
    settled(in_front)
    qtbot.waitUntil(lambda: in_front.size() == before["size"])
    assert state_of(in_front) == before
