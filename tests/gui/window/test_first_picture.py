"""What is to begin behind the first picture begins when there is one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.window import first_picture
from gui.window.first_picture import FirstPicture
from gui.window.main_window import MainWindow


class Panel(QLabel):
    def __init__(self, seen: list[str]) -> None:
        super().__init__("a panel")
        self.seen = seen

    def paintEvent(self, event):
        self.seen.append("panel")
        super().paintEvent(event)


@pytest.fixture
def seen() -> list[str]:
    return []


@pytest.fixture
def top(qtbot, seen):
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = QVBoxLayout(widget)
    for _ in range(3):
        layout.addWidget(Panel(seen))
    return widget


def test_it_comes_after_the_panels_were_drawn_and_once(top, seen, qtbot):
    picture = FirstPicture(top)
    picture.drawn.connect(lambda: seen.append("drawn"))
    top.show()
    QTimer.singleShot(0, lambda: seen.append("a timer of the showing"))
    qtbot.waitUntil(lambda: "drawn" in seen)
    assert seen[: seen.index("drawn")].count("panel") == 3
    top.hide()
    top.show()
    top.repaint()
    qtbot.waitUntil(lambda: seen.count("panel") >= 6)
    qtbot.waitUntil(lambda: "a timer of the showing" in seen)
    assert seen.count("drawn") == 1


def test_a_window_that_is_not_drawn_keeps_nothing_waiting_for_long(top, seen, qtbot, monkeypatch):
    monkeypatch.setattr(first_picture, "LATEST_MS", 1)
    picture = FirstPicture(top)
    picture.drawn.connect(lambda: seen.append("drawn"))
    top.setUpdatesEnabled(False)  # as one that is shown as an icon
    top.show()
    qtbot.waitUntil(lambda: "drawn" in seen)
    assert seen == ["drawn"]


def test_a_main_window_says_when_it_was_drawn(qtbot, session):
    window = MainWindow(session)
    qtbot.addWidget(window)
    begun = []
    window.first_picture.drawn.connect(lambda: begun.append(window.isVisible()))
    window.show()
    assert not begun
    qtbot.waitUntil(lambda: begun == [True])
    qtbot.waitUntil(lambda: not window.bridge.busy)
    window.bridge.close()


def test_what_is_slow_to_import_and_not_in_the_first_picture_waits_for_it():
    late = ("safetensors", "pygments.lexers.python", "pyqtgraph", "uuid")
    program = f"""
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from gui.app import MainWindow
MainWindow().show()
print(*(name for name in {late} if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
