"""Write the pictures of the window: `python -m benchmarks.screenshots [FOLDER]`.

Both themes, at 1366×768 and at 2560×1440, in the passes that look most different. Each size and
theme is a process of its own, since Qt reads its scale factor once. They are drawn on a screen of
that size in memory, with the same widgets and fonts as on a display.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = {"1366x768": (1366, 768, 1.0), "2560x1440": (2560, 1440, 1.25)}
THEMES = ("dark", "light")
BATCHES = 412
FOLDER = Path("docs/screenshots")
README_PICTURE = Path("docs/debug-dark.png")
MOMENTS = {  # the name in the file: what the cursor's event says
    "debug": ("x @ self.W", "Affine1"),
    "backward": ("self.x.T @ dout", "Affine1"),
    "update": ("self.lr * dW", ""),
}


def main(folder: Path) -> int:
    """Write every picture, each theme and size in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for size, (width, height, scale) in SIZES.items():
        screen = {"name": size, "x": 0, "y": 0, "width": width, "height": height}
        for theme in THEMES:
            offscreen = folder / "screen.json"
            offscreen.write_text(json.dumps({"screens": [screen]}))
            environment = {
                **os.environ,
                "QT_SCALE_FACTOR": str(scale),
                "QT_QPA_PLATFORM": f"offscreen:configfile={offscreen}",
            }
            command = [sys.executable, "-m", "benchmarks.screenshots", str(folder), theme, size]
            subprocess.run(command, env=environment, check=True)
            offscreen.unlink()
    if folder == FOLDER:
        shutil.copy(folder / "debug-dark-1366x768.png", README_PICTURE)
    return 0


def take(folder: Path, theme: str, size: str) -> int:
    """Write the pictures of one theme and size."""
    from PySide6.QtCore import QEventLoop, QSettings
    from PySide6.QtWidgets import QApplication

    from engine import SGD, Session, load_mnist, two_layer_net
    from gui.appearance import Choice
    from gui.main_window import MainWindow

    width, height, scale = SIZES[size]
    app = QApplication(sys.argv[:1])
    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5), batch_size=100, seed=0)
    session.run(BATCHES, accuracy_every=50)
    positions = {name: find(session, *moment) for name, moment in MOMENTS.items()}
    session.goto(BATCHES)
    with tempfile.TemporaryDirectory() as settings:
        file = str(Path(settings) / "settings.ini")
        window = MainWindow(session, settings=QSettings(file, QSettings.Format.IniFormat))
        window.appearance.choose(Choice(theme))
        window.resize(round(width / scale), round(height / scale))
        window.show()
        for name, event in positions.items():
            loop = QEventLoop()
            window.bridge.stopped.connect(loop.quit)
            window.bridge.goto(session.position._replace(event=event))
            loop.exec()
            for _ in range(5):
                app.processEvents()
            path = folder / f"{name}-{theme}-{size}.png"
            if not window.grab().save(str(path)):
                sys.stderr.write(f"{path} could not be written\n")
                return 1
            sys.stdout.write(f"{path}\n")
        window.close()
    return 0


def find(session: object, source: str, layer: str) -> int:
    """The first event of the cursor's batch with this source, in this layer."""
    trace = session.trace  # type: ignore[attr-defined]
    return next(e.index for e in trace if e.source == source and e.layer == layer)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else FOLDER)
    sys.exit(take(target, *sys.argv[2:4]) if len(sys.argv) > 3 else main(target))
