"""The time from the start of the process until its window has first been painted.

`python -m benchmarks.first_window` runs the app as `main.py` does, closes it after that first
picture, and prints the seconds. The process's own start is taken from the system, so that the
interpreter and every import count. An empty PySide6 window is opened alternately, since the
ratio of the two depends less on the machine.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

EMPTY = """
import os, sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        print(time.time() - float(os.environ["RETROGRAD_STARTED"]), flush=True)
        os._exit(0)
app = QApplication([])
window = Window()
window.show()
app.exec()
"""
OURS, BARE = ["-m", "benchmarks.first_window"], ["-c", EMPTY]


def measure(runs: int = 9) -> list[tuple[float, float]]:
    """Seconds of ours and of an empty window, every one a fresh process; the first runs warm up."""
    return [(_seconds(OURS), _seconds(BARE)) for _ in range(runs + 1)][1:]


def _seconds(command: list[str]) -> float:
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    # Installed programs are compiled once; where Python may not keep that, it would be measured.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["RETROGRAD_STARTED"] = repr(time.time())
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def show_once() -> int:
    """Start the app, wait for the window's first picture, print the seconds, and end."""
    started = float(os.environ["RETROGRAD_STARTED"])
    import main

    gc.disable()  # as when main.py is the program; importing it enables collection again
    sys.path.insert(0, str(Path(main.__file__).parent))
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Paint and isinstance(watched, QMainWindow):
                sys.stdout.write(f"{time.time() - started:.3f}\n")
                sys.stdout.flush()
                os._exit(0)
            return False

    watch = Watch()

    class Application(QApplication):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            self.installEventFilter(watch)

    import gui.app

    gui.app.QApplication = Application  # type: ignore[misc,attr-defined]
    return main.main([])


if __name__ == "__main__":
    if "RETROGRAD_STARTED" in os.environ:
        sys.exit(show_once())
    sys.stdout.write(f"{median(ours for ours, _ in measure()):.2f} s\n")
