"""Programs as a person writes them, as files of their own, and windows on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QWidget

from engine.debug.session import Session
from gui.window.main_window import MainWindow
from tests.programs.loading import Program, execute

# Three batches, and then its data are used up; its loss is in a list, and it returns nothing.
ENDING = """
import numpy as np

rng = np.random.default_rng(3)
X, y = rng.normal(size=(30, 4)), rng.normal(size=(30, 1))
params = {"W": rng.normal(size=(4, 1)), "b": np.zeros(1)}
losses = []
starts = iter(range(0, 30, 10))


def step():
    start = next(starts)
    xb, yb = X[start : start + 10], y[start : start + 10]
    error = xb @ params["W"] + params["b"] - yb
    losses.append((error**2).mean())
    dout = 2 * error / len(xb)
    params["W"] -= 0.1 * (xb.T @ dout)
    params["b"] -= 0.1 * dout.sum(axis=0)
"""
# No array is trained: it has none of the facets.
BARE = """
import math

count = 0


def step():
    global count
    count = count + 1
    return math.sqrt(count)
"""
# Each run of a batch gives other numbers.
CLOCK = """
import time

import numpy as np

W = np.ones((3, 2))


def step(batch):
    global W
    noise = time.perf_counter() % 1
    x = np.ones((5, 3)) * noise
    out = x @ W
    loss = (out**2).mean()
    W = W - 0.001 * (x.T @ (2 * out / out.size))
    return loss
"""


def session_of(folder: Path, name: str, source: str) -> Session:
    """A session of the function `step` of a file."""
    file = folder / f"{name}.py"
    file.write_text(source, encoding="utf-8")
    return Session.from_step(execute(file).step)


@contextmanager
def window_on(session: Session, folder: Path, preset: str = "debug") -> Iterator[MainWindow]:
    """A window that is seen, with settings of its own."""
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout/preset", preset)
    window = MainWindow(session, settings=settings)
    window.resize(1366, 768)
    window.show()
    yield window
    window.close()
    window.bridge.close()
    window.deleteLater()


def window_of(program: Program, folder: Path, preset: str = "debug") -> Any:
    """A window on a program that was loaded."""
    return window_on(Session.from_step(program.step), folder, preset)


def action(window: MainWindow, id: str) -> QAction:
    """An action by its id."""
    found = window.findChild(QAction, id)
    assert found is not None, id
    return found


def dialogs(window: MainWindow) -> list[QDialog]:
    """The dialogs that are open."""
    return [one for one in window.findChildren(QDialog) if one.isVisible()]


def texts_in(widget: QWidget, kind: type[Any], read: Callable[[Any], str]) -> list[str]:
    """What the visible widgets of a kind say."""
    return [read(one) for one in widget.findChildren(kind) if one.isVisible()]
