"""The studies beside the contest: the best h, time against size, and random directions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.numeric import Method
from engine.numeric.serve import Task
from engine.numeric.studies.directions import DIRECTIONS, Directions, ProbeDirection
from engine.numeric.studies.scaling import HIDDEN, METHODS, Scaling, ScalingPoint, slopes
from engine.numeric.studies.sweep import SERIES, Sweep, SweepPoint, best_steps
from engine.numeric.studies.trial import InOrder
from gui.look.theme import Theme
from gui.look.type_scale import SCALE
from gui.paint.values import number_text
from gui.views.numeric.chart import Chart, Marked, Series
from gui.views.numeric.methods import MARKS, ORDER, colour_of, short_name_of
from gui.views.numeric.state import NumericSubject
from gui.widgets.empty import EmptyState
from gui.widgets.view import Table


class Study(Enum):
    """The studies beside the contest."""

    STEPS = auto()
    SIZES = auto()
    DIRECTIONS = auto()


@dataclass(eq=False)
class Findings:
    """The findings of the studies so far."""

    steps: list[SweepPoint] = field(default_factory=list)
    sizes: list[ScalingPoint] = field(default_factory=list)
    directions: list[ProbeDirection] = field(default_factory=list)

    def of(self, study: Study) -> Sequence[Any]:
        """The findings of a study."""
        found: dict[Study, Sequence[Any]] = {
            Study.STEPS: self.steps, Study.SIZES: self.sizes, Study.DIRECTIONS: self.directions,
        }  # fmt: skip
        return found[study]


class Page(QWidget):
    """The page of a study: a plot, or before it a text that says what will be drawn.

    Signals:
        shown: the page became visible; its chart may have another theme's colours.
    """

    shown = Signal()

    def __init__(self, theme: Theme, title: str, text: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.plot: Any = None
        self._empty = EmptyState(theme)
        self._heading, self._text = title, text
        self.say("{0}")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)

    def say(self, words: str) -> None:
        """Say why the page is empty; `{0}` in the text becomes the study's subject."""
        self._empty.say(self._heading, words.format(self._text))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._empty.set_theme(theme)
        if self.plot is not None:
            self.plot.set_theme(theme)

    def make_plot(self) -> Any:
        """Make the plot early, because making it and drawing it first are slow."""
        if self.plot is None:
            from gui.views.numeric.log_plot import LogPlot

            self.plot = LogPlot(self.theme)
            self._stack.addWidget(self.plot)
            self.plot.resize(self.size())
            self.plot.grab()
        return self.plot

    def show_chart(self, chart: Any) -> None:
        """Draw a chart; None empties the page."""
        if chart is None:
            self._stack.setCurrentWidget(self._empty)
            return
        self.make_plot().show_chart(chart)
        self._stack.setCurrentWidget(self.plot)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the plot once the page is visible."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.make_plot)
        self.shown.emit()


class Studies(QObject):
    """The studies: their pages, tasks and findings."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.found = Findings()
        self._drawn: dict[Study, tuple[int, Theme, float]] = {}
        texts = {
            Study.STEPS: (
                self.tr("Error against h"),
                self.tr("which h is best, where round-off begins, and where truncation"),
            ),
            Study.SIZES: (
                self.tr("Time against parameters"),
                self.tr("how each method's time grows with the network, 5 to 500 hidden units"),
            ),
            Study.DIRECTIONS: (
                self.tr("Taylor test"),
                self.tr("whether the remainder falls with ε² along random directions"),
            ),
        }
        self._pages = {
            study: Page(theme, title, text, parent) for study, (title, text) in texts.items()
        }
        self.say_at_work(None)
        for page in self._pages.values():
            page.shown.connect(self.draw)

    def page(self, study: Study) -> Page:
        """The page of a study."""
        return self._pages[study]

    def say_at_work(self, at_work: Collection[Study] | None) -> None:
        """Tell the pages which studies the running task works on; None if no task runs."""
        for study, page in self._pages.items():
            if at_work is None:
                page.say(self.tr("Press Start: {0}"))
            elif study not in at_work:
                page.say(self.tr("Not part of the running comparison: {0}"))
            elif study is Study.STEPS:
                page.say(self.tr("Comes after the methods: {0}"))
            else:
                page.say(self.tr("Under way: {0}"))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        for page in self._pages.values():
            page.set_theme(theme)

    def task_of_steps(self, subject: NumericSubject, seconds: float | None) -> Task:
        """The task of the sweep of h, with its time limit."""
        self.found.steps = []
        return Sweep(subject.network, subject.x, subject.t, seconds=seconds)

    def task_of_sizes(self, subject: NumericSubject) -> Task:
        """The task of directions and scaling."""
        self.found.sizes, self.found.directions = [], []
        classes = subject.network.predict(subject.x[:1]).shape[1]
        return InOrder((
            Directions(subject.network, subject.x, subject.t),
            Scaling(subject.x.astype(np.float64), subject.t, classes),
        ))  # fmt: skip

    def take(self, message: Any) -> None:
        """Store a finding."""
        if isinstance(message, SweepPoint):
            self.found.steps.append(message)
        elif isinstance(message, ScalingPoint):
            self.found.sizes.append(message)
        elif isinstance(message, ProbeDirection):
            self.found.directions.append(message)

    def share(self) -> float | None:
        """The share of directions and scaling that is done; None before the first finding."""
        done = len(self.found.directions) + len(self.found.sizes)
        return done / (DIRECTIONS + len(HIDDEN) * len(METHODS)) if done else None

    def draw(self) -> None:
        """Draw the visible pages that have changed."""
        charts = {
            Study.STEPS: self._steps, Study.SIZES: self._sizes,
            Study.DIRECTIONS: self._directions,
        }  # fmt: skip
        for study, page in self._pages.items():
            key = len(self.found.of(study)), self.theme, SCALE.factor
            if page.isVisible() and self._drawn.get(study) != key:
                self._drawn[study] = key
                page.show_chart(charts[study]() if key[0] else None)

    def tables(self) -> list[Table]:
        """The findings as tables."""
        found = []
        if self.found.steps:
            rows = [[p.method.value, p.dtype, p.h, p.median, p.largest] for p in self.found.steps]
            names = [self.tr("method"), self.tr("dtype"), "h", self.tr("median relative error"),
                     self.tr("largest relative error")]  # fmt: skip
            found.append(Table(self.tr("error against h"), np.array(rows, dtype=object), names))
        if self.found.sizes:
            rows = [
                [p.method.value, p.hidden, p.parameters, p.seconds, p.extrapolated]
                for p in self.found.sizes
            ]
            names = [self.tr("method"), self.tr("hidden units"), self.tr("parameters"),
                     self.tr("seconds"), self.tr("extrapolated")]  # fmt: skip
            found.append(Table(self.tr("scaling"), np.array(rows, dtype=object), names))
        if self.found.directions:
            rows = [
                [d.number, epsilon, difference, remainder, d.slope, d.analytic, d.numeric]
                for d in self.found.directions
                for epsilon, difference, remainder in zip(
                    d.epsilons, d.differences, d.remainders, strict=True)
            ]  # fmt: skip
            names = [self.tr("direction"), "ε", "|ΔL|", self.tr("remainder"), self.tr("slope"),
                     self.tr("backprop"), self.tr("numeric")]  # fmt: skip
            found.append(Table(self.tr("directions"), np.array(rows, dtype=object), names))
        return found

    # Charts

    def _steps(self) -> Any:
        series = []
        for method, dtype in SERIES:
            points = sorted(
                (p for p in self.found.steps if (p.method, p.dtype) == (method, dtype)),
                key=lambda p: -p.h,
            )
            if not points:
                continue
            single = dtype == "float32"
            series.append(Series(
                f"{short_name_of(method)}, {dtype}", np.array([p.h for p in points]),
                np.array([p.median for p in points]), colour_of(method, self.theme),
                MARKS[method], hollow=single, dashed=False,
            ))  # fmt: skip
        best = best_steps(self.found.steps).get((Method.CENTRAL, "float64"))
        text = self.tr("best h {0}").format(number_text(best.h, 1)) if best is not None else ""
        marked = [Marked(best.h, best.median, text)] if best is not None else []
        return Chart(
            self.tr("Median relative error against h"),
            self._sample_sizes(),
            self.tr("h"), self.tr("relative error"), series, marked,
            self.tr("← round-off"), self.tr("truncation →"),
        )  # fmt: skip

    def _sample_sizes(self) -> str:
        """The number of weights behind the errors, and of steps if the time ran out."""
        words = self.tr("{0} weights").format(self.found.steps[0].weights)
        last = self.found.steps[-1]
        if last.done < last.total:
            words += self.tr(", {0} of {1} points").format(last.done, last.total)
        return words

    def _sizes(self) -> Any:
        series = []
        steepness = slopes(self.found.sizes)
        for method in (m for m in ORDER if m in METHODS):
            points = [p for p in self.found.sizes if p.method is method]
            if not points:
                continue
            slope = steepness[method]
            words = self.tr(", slope {0}").format(f"{slope:.2f}") if slope == slope else ""
            guessed = any(p.extrapolated for p in points)
            about = "≈ " if guessed else ""
            series.append(Series(
                f"{about}{short_name_of(method)}{words}",
                np.array([float(p.parameters) for p in points]),
                np.array([p.seconds for p in points]), colour_of(method, self.theme),
                MARKS[method], hollow=guessed, dashed=guessed,
            ))  # fmt: skip
        return Chart(
            self.tr("Seconds for the whole gradient"), self.tr("dashed, ≈: extrapolated"),
            self.tr("parameters"), self.tr("seconds"), series, (),
            self.tr("small networks are flattened by the cost of a call"), "",
        )  # fmt: skip

    def _slopes(self, slopes: Sequence[float]) -> str:
        """`4 directions, slope 2.00`, or `slopes 1.97 … 2.03`."""
        known = [slope for slope in slopes if slope == slope]
        if not known:
            return self.tr("{0} directions").format(len(slopes))
        low, high = f"{min(known):.2f}", f"{max(known):.2f}"
        if low == high:
            return self.tr("{0} directions, slope {1}").format(len(slopes), low)
        return self.tr("{0} directions, slopes {1} … {2}").format(len(slopes), low, high)

    def _directions(self) -> Any:
        theme, series, found = self.theme, [], self.found.directions
        differences = self.tr("|L(p + εv) − L(p)|, {0}").format(
            self._slopes([direction.difference_slope for direction in found])
        )
        remains = self.tr("remainder, {0}").format(
            self._slopes([direction.slope for direction in found])
        )
        for direction in found:
            number = direction.number
            first = number == 0  # one name for all directions
            series.append(Series(
                differences if first else "", direction.epsilons, direction.differences,
                theme.text3, "o", points=False, dashed=True,
            ))  # fmt: skip
            series.append(Series(
                remains if first else "", direction.epsilons, direction.remainders,
                theme.accent, "osdt"[number % 4],
            ))  # fmt: skip
        right = [d.is_right for d in self.found.directions]
        words = self.tr("slope 2: the gradient is right, 1: it is wrong")
        if all(right):
            words = self.tr("slope 2: the gradient is right")
        elif any(answer is False for answer in right):
            words = self.tr("slope 1: the gradient is wrong")
        return Chart(
            self.tr("Taylor test"), words, "ε", self.tr("|L(p + εv) − L(p) − ε g·v|"), series, (),
            self.tr("← round-off"),
        )  # fmt: skip
