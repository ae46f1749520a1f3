"""Each walk of the package is walked in a real window by doing what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from engine.debug.snapshots.snapshot import Snapshot
from engine.options import Options, build_session
from gui.paint.plots.curves import MovingAverage
from gui.paint.values import number_text
from gui.walks.finding import is_at
from gui.walks.load import shipped_walks
from gui.walks.walk import Deed, Station, Walk
from gui.window.main_window import MainWindow
from gui.window.result.outcome import AVERAGE
from gui.window.walk.doing import ACCEPT, ADD, FILL, PRESS, ROW, accept, open_dialog

WALKS = shipped_walks()
COUNTS = {"Nine": 9, "Ten": 10}
MOST_WORDS = 20
BANNED = re.compile(
    r"\b(simply|just|obviously|of course|magic|important|we|you forgot|vanish\w*)\b|[!?]", re.I
)
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(?![\w])")
LONG = 60_000  # ms: a contest, or a hundred batches on a busy machine


class Told(NamedTuple):
    """A station that has been done, and the window then."""

    station: Station
    window: MainWindow

    @property
    def now(self) -> Snapshot:
        snapshot = self.window.snapshot
        assert snapshot is not None
        return snapshot

    @property
    def result(self) -> np.ndarray:
        operation = self.now.operation
        assert operation is not None
        return np.asarray(operation.result)

    @property
    def marked(self) -> list[float]:
        """The numbers that the picture shows of its marked cell."""
        texts = [text for _, text in self.window.equation.canvas.tags()]
        return [float(text.partition("] ")[2].replace("−", "-")) for text in texts]

    def rms(self, layer: str) -> str:
        state = next(one for one in self.now.layers if one.name == layer)
        gradient = state.gradients["W"].astype(float)
        return f"{np.sqrt((gradient**2).mean()):.2g}"

    @property
    def weights(self) -> int:
        return sum(array.size for one in self.now.layers for array in one.parameters.values())

    @property
    def losses(self) -> np.ndarray:
        return np.asarray(self.now.history.losses)

    def last_loss(self, branch: str) -> str:
        """The last loss of a branch, as the table of branches has it."""
        one = next(one for one in self.now.branches if one.name == branch)
        return number_text(float(one.losses[-1]), 3)

    def averaged(self) -> float:
        """Where the thick curve of the loss ends."""
        return float(MovingAverage(AVERAGE).of(self.losses)[-1])

    def decades(self, first: str, last: str) -> float:
        """By how many powers of ten the gradient falls between two layers' outputs."""
        stages = {one.name: one.rms for one in self.window.gradients.flow.stages()}
        return float(np.log10(stages[first] / stages[last]))

    def step(self) -> str:
        operands = {one.text: np.asarray(one.value) for one in self.now.operation.operands}
        moved = next(value for text, value in operands.items() if "lr" in text)
        return f"{np.abs(moved).max():.5f}"


def said_at(number: int, quoted: str) -> str:
    """A number if that station of the walk about vanishing gradients says it of `dAffine1.W`."""
    look = WALKS["3-vanishing-gradient"].stations[number - 1].look
    return quoted if f"`dAffine1.W` has an RMS of {quoted}" in look else look


def near(quoted: int, measured: float) -> int:
    """A number if a measured one is at most 3 away."""
    return quoted if abs(quoted - measured) <= 3 else round(measured)


Measured = Callable[[Told], object]
EQUAL = f"{np.log(10):.2f}"
FACTS: dict[tuple[str, int], dict[str, Measured]] = {
    ("1-first-minibatch", 1): {
        "100": lambda told: len(told.now.minibatch.images),
        "784": lambda told: told.now.minibatch.images[0].size,
        "0": lambda told: int(np.min(told.now.minibatch.images)),
        "1": lambda told: int(np.ceil(np.max(told.now.minibatch.images) / 255)),
    },
    ("1-first-minibatch", 2): {
        "100": lambda told: told.result.shape[0],
        "50": lambda told: told.result.shape[1],
    },
    ("1-first-minibatch", 3): {
        "0": lambda told: int(told.result.min()),
        "1": lambda told: int(np.ceil(told.result.max())),
        "1.57": lambda told: f"{-min(told.marked):.2f}",
        "0.172": lambda told: f"{max(told.marked):.3f}",
    },
    ("1-first-minibatch", 4): {
        "2.51": lambda told: f"{told.result:.2f}",
        "2.30": lambda told: EQUAL,
    },
    ("1-first-minibatch", 7): {"0.001": lambda told: "0.001"},  # its own test is Why?'s
    ("1-first-minibatch", 8): {"0.00725": Told.step},
    ("1-first-minibatch", 9): {
        "16": lambda told: told.now.minibatch.images[0].size,
        "4": lambda told: told.now.layers[0].parameters["W"].shape[1],
        "3": lambda told: len(told.now.layers[2].parameters["b"]),
    },
    ("2-why-backprop-is-fast", 1): {
        "7,840": lambda told: f"{told.weights:,}",
        "2.39": lambda told: f"{told.result:.2f}",
    },
    ("2-why-backprop-is-fast", 2): {"15,680": lambda told: f"{2 * told.weights:,}"},
    ("2-why-backprop-is-fast", 7): {"7,840": lambda told: f"{told.weights:,}"},
    ("2-why-backprop-is-fast", 9): {
        "7,840": lambda told: f"{told.result.size:,}",
        "784": lambda told: told.result.shape[0],
        "10": lambda told: told.result.shape[1],
    },
    ("3-vanishing-gradient", 1): {"2.30": lambda told: f"{told.result:.2f}"},
    ("3-vanishing-gradient", 3): {
        "3.6e-12": lambda told: told.rms("Affine1"),
        "0.011": lambda told: told.rms("Affine6"),
    },
    ("3-vanishing-gradient", 4): {
        "100": lambda told: told.now.position.batch,
        "2.30": lambda told: f"{told.losses.mean():.2f}",
    },
    ("3-vanishing-gradient", 5): {
        "1": lambda told: 1,  # the slopes, by their formulas
        "0": lambda told: 0,
        "0.25": lambda told: 0.25,
    },
    ("3-vanishing-gradient", 6): {
        "6.7e-10": lambda told: told.rms("Affine1"),
        "0.01": lambda told: f"{next(iter(told.now.layers[0].before.values())).std():.2f}",
    },
    ("3-vanishing-gradient", 7): {"1": lambda told: 1},
    ("3-vanishing-gradient", 8): {
        "0.0013": lambda told: told.rms("Affine1"),
        "0.0022": lambda told: told.rms("Affine6"),
    },
    ("3-vanishing-gradient", 9): {
        "100": lambda told: told.now.position.batch,
        "2.31": lambda told: f"{told.losses[0]:.2f}",
        "1.3": lambda told: "1.3" if abs(told.averaged() - 1.3) < 0.1 else told.averaged(),
        "60": lambda told: near(60, 100 * told.now.branches[0].test_accuracies[-1]),
    },
    ("3-vanishing-gradient", 10): {  # measured at those stations
        "3.6e-12": lambda told: said_at(3, "3.6e-12"),
        "6.7e-10": lambda told: said_at(6, "6.7e-10"),
        "0.0013": lambda told: said_at(8, "0.0013"),
    },
    ("4-stop-where-it-matters", 2): {"1": lambda told: told.now.position.batch},
    ("4-stop-where-it-matters", 5): {
        "0.1": lambda told: told.now.breakpoints[0].place.above,
        "10": lambda told: told.now.breakpoints[0].place.batches,
    },
    ("4-stop-where-it-matters", 6): {
        "87": lambda told: told.now.position.batch,
        "0.814": lambda told: f"{told.losses[-1]:.3f}",
        "77": lambda told: told.now.position.batch - told.now.breakpoints[0].place.batches,
        "0.703": lambda told: f"{told.losses[77]:.3f}",
    },
    ("5-what-if", 1): {
        "100": lambda told: told.now.position.batch,
        "2.51": lambda told: f"{told.losses[0]:.2f}",
        "0.57": lambda told: f"{told.losses[99]:.2f}",
    },
    ("5-what-if", 2): {
        "0": lambda told: told.now.position.batch,
        "100": lambda told: told.now.history.reach,
    },
    ("5-what-if", 3): {"5": lambda told: f"{told.now.setup.learning_rate:g}"},
    ("5-what-if", 4): {
        "100": lambda told: told.now.position.batch,
        "0.349": lambda told: told.last_loss("learning rate 5"),
        "0.568": lambda told: told.last_loss("main"),
    },
    ("5-what-if", 5): {"0": lambda told: 0},
    ("5-what-if", 6): {
        "0": lambda told: int(np.abs(told.result[:, 0]).max()),
        "100": lambda told: len(told.result),
    },
    ("5-what-if", 7): {"100": lambda told: told.now.position.batch - 100},
    ("5-what-if", 8): {"0": lambda told: 0},
}

CLAIMS: dict[tuple[str, int], Callable[[Told], bool]] = {
    ("1-first-minibatch", 1): lambda told: (  # the cache is the input itself
        told.result.shape == (100, 784) and told.now.operation.source == "self.x = x"
    ),
    ("1-first-minibatch", 3): lambda told: told.result.min() > 0 and told.result.max() < 1,
    ("1-first-minibatch", 5): lambda told: (
        (told.result < 0).sum() == len(told.result)  # one in each row, at the right digit
    ),
    ("3-vanishing-gradient", 2): lambda told: told.decades("Affine6", "Affine5") > 2,
    ("3-vanishing-gradient", 3): lambda told: told.decades("Affine6", "Affine1") > 8.5,
    ("3-vanishing-gradient", 4): lambda told: np.ptp(told.losses) < 0.05,
    ("3-vanishing-gradient", 6): lambda told: 5 < told.decades("Affine6", "Affine1") < 8.5,
    ("3-vanishing-gradient", 7): lambda told: (
        f"W {next(iter(told.now.layers[0].before.values())).std():.3g}" in told.station.look
    ),
    ("3-vanishing-gradient", 8): lambda told: told.decades("Affine6", "Affine1") < 1.2,
    ("4-stop-where-it-matters", 1): lambda told: len(told.now.breakpoints) == 1,
    ("4-stop-where-it-matters", 4): lambda told: not told.now.breakpoints,
    ("4-stop-where-it-matters", 6): lambda told: (
        told.now.event.source == "network.backward()"
        and [one.id for one in told.now.breakpoints] == list(told.now.last_hits)
    ),
    ("4-stop-where-it-matters", 7): lambda told: told.now.position.batch == 86,
    ("4-stop-where-it-matters", 8): lambda told: told.now.position.batch == 87,
    ("4-stop-where-it-matters", 9): lambda told: len(told.now.bookmarks) == 1,
    ("5-what-if", 4): lambda told: told.losses[:5].max() > 2 * told.losses[0],
    ("5-what-if", 6): lambda told: any(one.name == "Silence1" for one in told.now.layers),
    ("5-what-if", 7): lambda told: (
        told.now.branches[-1].test_accuracies[-1] > told.now.branches[1].test_accuracies[-1]
    ),
    ("5-what-if", 8): lambda told: len(told.now.branches) == 4,
}


def sentences(station: Station) -> list[str]:
    text = re.sub(r"`[^`]*`", "code", f"{station.say} {station.look}")
    return [one for one in re.split(r"(?<=[.:;])\s+", text) if one]


@pytest.mark.parametrize("walk", WALKS.values(), ids=lambda walk: walk.id)
def test_it_speaks_as_the_rest_does(walk: Walk):
    stations, minutes = re.fullmatch(r"(\w+) stations, (\w+) minutes", walk.about).groups()
    assert COUNTS[stations] == len(walk.stations) and minutes in ("two", "three", "four")
    for station in walk.stations:
        for sentence in sentences(station):
            assert len(sentence.split()) <= MOST_WORDS, sentence
            assert not BANNED.search(sentence.replace("who wrote this?", "").replace(
                "who reads it next?", "")), sentence  # fmt: skip
        assert station.say.count("`") % 2 == station.look.count("`") % 2 == 0
        assert station.look and station.point


@pytest.mark.parametrize("walk", WALKS.values(), ids=lambda walk: walk.id)
def test_all_that_it_names_is_there(walk: Walk, shared_window):
    shared_window.guides.walks._check(walk)


@pytest.fixture(scope="module")
def real_window(qapp, tmp_path_factory) -> Iterator[MainWindow]:
    """A window with the preset that most walks begin with."""
    file = str(tmp_path_factory.mktemp("settings") / "settings.ini")
    options = Options()
    settings = QSettings(file, QSettings.Format.IniFormat)
    window = MainWindow(build_session(options), options, settings=settings)
    window.resize(1366, 768)
    window.show()
    yield window
    window.close()
    window.bridge.close()
    window.deleteLater()


@pytest.fixture
def walked(real_window, qtbot, settled) -> Callable[[Walk], MainWindow]:
    def start(walk: Walk) -> MainWindow:
        qtbot.waitExposed(real_window)
        settled(real_window)
        real_window.guides.walks.start(walk)
        player = real_window.guides.walks.player
        qtbot.waitUntil(lambda: player.walk is walk, timeout=LONG)
        settled(real_window)
        return real_window

    return start


def do(window: MainWindow, word: str, qtbot) -> None:
    """Do a word of a station's keys as a person does: with the keyboard, or with the mouse."""
    dialog = open_dialog(window)
    if word == ACCEPT:
        accept(dialog)
    elif word.startswith(FILL):
        box = dialog.focusWidget() if dialog.focusWidget() in dialog.lines else dialog.lines[0]
        box.selectAll()
        QTest.keyClicks(box, word.removeprefix(FILL))
    elif word.startswith(PRESS):
        button = window.findChild(QAbstractButton, word.removeprefix(PRESS))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    elif word.startswith(ADD):
        add_breakpoint(window, word.removeprefix(ADD))
    elif word.startswith(ROW):
        window.guides.walks.player.doing.do(word)
    elif (action := window.findChild(QAction, word)) is not None:
        action.trigger()  # of a menu
    else:
        window.activateWindow()  # a dialog may have had the keys
        qtbot.waitUntil(window.isActiveWindow)
        window.setFocus()
        QTest.keySequence(window, QKeySequence(word))


def add_breakpoint(window: MainWindow, name: str) -> None:
    """Choose an entry below the + of the breakpoints."""
    menu = window.breakpoints.add_menu

    def choose() -> None:
        entry = next(one for one in menu.actions() if one.objectName() == name)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())

    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, choose))
    button = window.findChild(QAbstractButton, "add_breakpoint")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # until the menu closes


def check_pointed_at(window: MainWindow) -> None:
    """What the station points at is in sight, and the ring is in the window.

    A notice does not lie on it, unless it is a panel alone, beside which there is no other place.
    """
    ring = window.guides.pointing.ring()
    assert ring is not None, window.guides.walks.player.station
    assert window.rect().contains(ring), ring
    alone = ring.width() > 0.95 * window.width() and ring.height() > 0.6 * window.height()
    covered = window.notice.isVisible() and window.notice.geometry().intersects(ring)
    assert alone or not covered


def check_numbers(walk: Walk, number: int, told: Told) -> None:
    """Every number of the text is measured, and right."""
    text = re.sub(
        r"`[^`]*`|Ctrl\+\w+(\+\w+)?|Shift\+\w", "", f"{told.station.say} {told.station.look}"
    )
    facts = FACTS.get((walk.id, number), {})
    for quoted in NUMBER.findall(text):
        assert quoted in facts, (number, quoted, text)
    for quoted, measure in facts.items():
        assert str(measure(told)) == quoted, (number, quoted)


@pytest.mark.slow
@pytest.mark.parametrize("walk", WALKS.values(), ids=lambda walk: walk.id)
def test_it_can_be_walked_by_doing_what_it_says(walk, walked, qtbot, settled):
    window = walked(walk)
    player, strip = window.guides.walks.player, window.walk_strip
    for number, station in enumerate(walk.stations, start=1):
        assert player.number == number - 1 and strip.isVisible()
        assert station.at is None or is_at(window.snapshot, station.at)
        assert not window.equation.why.is_open  # it would cover the picture
        qtbot.waitUntil(lambda: window.guides.pointing.ring() is not None)
        check_pointed_at(window)
        assert strip.next.isEnabled() is (station.goal.deed is Deed.NEXT)
        for word in station.keys.split():
            assert not strip.next.isEnabled()
            assert not strip.strayed.isVisible(), strip.strayed.text()
            do(window, word, qtbot)
            settled(window)
        limit = LONG if station.goal.deed is Deed.CONTEST else 5000
        qtbot.waitUntil(strip.next.isEnabled, timeout=limit)
        settled(window)
        assert not strip.strayed.isVisible()
        qtbot.waitUntil(lambda: window.guides.pointing.ring() is not None)
        check_pointed_at(window)
        check_numbers(walk, number, Told(station, window))
        claim = CLAIMS.get((walk.id, number))
        assert claim is None or claim(Told(station, window)), station.look
        QTest.mouseClick(strip.next, Qt.MouseButton.LeftButton)
        settled(window)
    assert player.walk is None and not strip.isVisible()
