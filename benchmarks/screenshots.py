"""Write the pictures of the window: `python -m benchmarks.screenshots [FOLDER]`.

Both themes, at 1366×768 and at 2560×1440, in each layout and with each panel in front. Each size
and theme is a process of its own, since Qt reads its scale factor once. They are drawn on a screen
of that size in memory, with the same widgets and fonts as on a display. Beside them, a sheet of
each panel alone, in each of its forms and in both themes (see `gui.gallery`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

SIZES = {"1366x768": (1366, 768, 1.0), "2560x1440": (2560, 1440, 1.0)}
THEMES = ("dark", "light")
BATCHES = 412
FOLDER = Path("docs/screenshots")
README_PICTURE = Path("docs/debug-dark.png")


class Picture(NamedTuple):
    """A picture to take.

    Attributes:
        layout: which of the layouts is on.
        source, layer: what the cursor's event says.
        front: the panel that is brought to the front of its place.
        compared: whether two branches are compared.
    """

    layout: str
    source: str
    layer: str
    front: str = "equation"
    compared: bool = False


PICTURES = {  # by the name in the file
    "learn": Picture("learn", "x @ self.W", "Affine1"),
    "curve": Picture("learn", "1 / (1 + np.exp(-x))", "Sigmoid1"),
    "present": Picture("present", "x @ self.W + self.b", "Affine1"),
    "debug": Picture("debug", "x @ self.W", "Affine1"),
    "tensor": Picture("debug", "x @ self.W", "Affine1", "tensor"),
    "activations": Picture("debug", "-log_y[rows, self.t].sum() / len(z)", "SoftmaxWithLoss",
                           "activations"),
    "backward": Picture("debug", "self.x.T @ dout", "Affine1", "gradients"),
    "sum": Picture("debug", "dout.sum(axis=0)", "Affine1", "hidden_units"),
    "numeric": Picture("numeric", "self.x.T @ dout", "Affine1", "numeric"),
    "update": Picture("debug", "self.lr * dW", "", "confusion"),
    "branches": Picture("debug", "self.lr * dW", "", "branches"),
    "comparison": Picture("debug", "self.lr * dW", "", "branches", compared=True),
}  # fmt: skip


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
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "benchmarks.screenshots", str(folder), "panels"]
    subprocess.run(command, env=environment, check=True)
    if folder == FOLDER:
        shutil.copy(folder / "debug-dark-1366x768.png", README_PICTURE)
    return 0


def take(folder: Path, theme: str, size: str) -> int:
    """Write the pictures of one theme and size."""
    from PySide6.QtCore import QEventLoop, QSettings
    from PySide6.QtWidgets import QApplication

    from engine import SGD, Session, load_mnist, two_layer_net
    from gui.look.appearance import Choice
    from gui.window.main_window import MainWindow

    width, height, scale = SIZES[size]
    app = QApplication(sys.argv[:1])
    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5), batch_size=100, seed=0)
    session.run(BATCHES, accuracy_every=50)
    events = {name: find(session, p.source, p.layer) for name, p in PICTURES.items()}
    session.goto(BATCHES)
    with tempfile.TemporaryDirectory() as settings:
        file = str(Path(settings) / "settings.ini")
        window = MainWindow(session, settings=QSettings(file, QSettings.Format.IniFormat))
        window.appearance.choose(Choice(theme))
        window.resize(round(width / scale), round(height / scale))
        window.show()
        for name, picture in PICTURES.items():
            if picture.front == "branches" and len(session.branches) == 1:
                branch_off(window)
            window.layouts.choose(picture.layout)
            window.docks["equation"].raise_()
            window.docks[picture.front].raise_()
            loop = QEventLoop()
            window.bridge.stopped.connect(loop.quit)
            window.bridge.goto(session.position._replace(event=events[name]))
            loop.exec()
            if picture.layout == "numeric":
                loop = QEventLoop()
                window.numeric.aside.ended.connect(loop.quit)
                window.numeric.controls.start.click()
                loop.exec()
                window.numeric.values.refresh()
            if picture.compared:
                loop = QEventLoop()
                window.bridge.compared.connect(loop.quit)
                window.bridge.compare(0, 1)
                loop.exec()
            for _ in range(5):
                app.processEvents()
            while window.equation.top.formula.waits:
                app.processEvents()
            path = folder / f"{name}-{theme}-{size}.png"
            if not window.grab().save(str(path)):
                sys.stderr.write(f"{path} could not be written\n")
                return 1
            sys.stdout.write(f"{path}\n")
        window.close()
    return 0


def take_panels(folder: Path) -> int:
    """Write a sheet of each panel."""
    from PySide6.QtWidgets import QApplication

    from gui.gallery.stage import panels, sheet
    from gui.look.theme import DARK, LIGHT

    app = QApplication(sys.argv[:1])
    assert app is not None  # Qt's objects live as long as it does
    for view in sorted(panels()):
        path = folder / f"panel-{view}.png"
        if not sheet(view, (LIGHT, DARK)).save(str(path)):
            sys.stderr.write(f"{path} could not be written\n")
            return 1
        sys.stdout.write(f"{path}\n")
    return 0


def branch_off(window: Any) -> None:
    """Give the run two more branches; the cursor ends at the end of the first one."""
    from PySide6.QtCore import QEventLoop

    from engine.debug.events import Position
    from engine.debug.travel.edits import SetLearningRate, SilenceUnit

    bridge, back = window.bridge, Position(BATCHES // 3, 0)
    for edit in (SetLearningRate(0.05), SilenceUnit("Sigmoid1", 7)):
        bridge.visit(back, 0)
        bridge.edit(edit)
        bridge.train(BATCHES - back.batch)
        loop = QEventLoop()
        bridge.run_ended.connect(loop.quit)
        loop.exec()
    bridge.visit(Position(BATCHES, 0), 0)


def find(session: object, source: str, layer: str) -> int:
    """The first event of the cursor's batch with this source, in this layer."""
    trace = session.trace  # type: ignore[attr-defined]
    return next(e.index for e in trace if e.source == source and e.layer == layer)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else FOLDER)
    if sys.argv[2:] == ["panels"]:
        sys.exit(take_panels(target))
    sys.exit(take(target, *sys.argv[2:4]) if len(sys.argv) > 3 else main(target))
