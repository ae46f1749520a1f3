"""The controls of a comparison: the choosers, Start, the progress, Pause and Cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.values import number_text
from gui.views.numeric.durations import count_text, left_text
from gui.widgets.arrow_box import ArrowBox

STEPS = (None, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10)
DTYPES = ("float64", "float32")
LIMITS = (2.0, 5.0, 20.0, None)
SAMPLES = (100, 1000)
IMAGES = (1, 10, 50, None)
ROOMY = 1000  # pixels of width from which all is shown while something is compared


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person has chosen.

    Attributes:
        parameters: names, or None for all.
        sample: how many elements drawn at random, or None for all.
        h: or None for each method's own.
        dtype: "float64" or "float32".
        images: how many of the minibatch, or None for all.
        seconds: that a method may take, or None.
    """

    parameters: tuple[str, ...] | None
    sample: int | None
    h: float | None
    dtype: str
    images: int | None
    seconds: float | None


class Controls(QWidget):
    """One row.

    Signals:
        start_asked, pause_asked, cancel_asked, tutorial_asked: by the buttons.
        changed: another choice was made.
    """

    start_asked = Signal()
    pause_asked = Signal()
    cancel_asked = Signal()
    tutorial_asked = Signal()
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._has_tutorial = True
        self.elements = self._box(self.tr("Parameters to differentiate"))
        self.h = self._box(self.tr("h: how far a weight is moved"))
        self.dtype = self._box(self.tr("Number format of the computation"))
        self.images = self._box(self.tr("How many images of the minibatch"))
        self.limit = self._box(
            self.tr(
                "How long each method may take, and the h sweep after them; what a method has not "
                "done by then is extrapolated, and says so"
            )
        )
        for value in STEPS:
            text = self.tr("h default") if value is None else f"h {number_text(value, 1)}"
            self.h.addItem(text, value)
        for name in DTYPES:
            self.dtype.addItem(name, name)
        for count in IMAGES:
            text = self.tr("all images") if count is None else self.tr("{0} images").format(count)
            self.images.addItem(text, count)
        self.images.setCurrentIndex(len(IMAGES) - 1)
        for seconds in LIMITS:
            text = (
                self.tr("no limit") if seconds is None else self.tr("{0:g} s each").format(seconds)
            )
            self.limit.addItem(text, seconds)
        self.tutorial = self._button(
            self.tr("tutorial's 784-10"),
            self.tr("The tutorial's first network, 784-10 without biases, on this minibatch"),
            "word",
        )
        self.start = self._button(self.tr("Start"), self.tr("Compare the methods"), "primary")
        self.pause = self._button(self.tr("Pause"), self.tr("Pause or go on"), "word")
        self.cancel = self._button(self.tr("Cancel"), self.tr("Stop; results are kept"), "word")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(60)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.left = QLabel()
        self.left.setFont(code_font(11))
        self.left.setProperty("role", "secondary")
        self.left.setMinimumWidth(px(104))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 12, 2)
        row.setSpacing(6)
        for box in (self.elements, self.h, self.dtype, self.images, self.limit):
            row.addWidget(box)
        row.addWidget(self.tutorial)
        row.addWidget(self.bar, 1)
        row.addWidget(self.left)
        row.addStretch(0)
        for button in (self.start, self.pause, self.cancel):
            row.addWidget(button)
        self.start.clicked.connect(self.start_asked)
        self.pause.clicked.connect(self.pause_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.tutorial.clicked.connect(self.tutorial_asked)
        self.show_idle()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        for box in (self.elements, self.h, self.dtype, self.images, self.limit):
            box.theme = theme
            box.update()

    def _box(self, name: str) -> ArrowBox:
        box = ArrowBox(self._theme)
        box.setFont(ui_font(12))
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        box.activated.connect(lambda _: self.changed.emit())
        return box

    def _button(self, text: str, tip: str, role: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setProperty("role", role)
        button.setFont(ui_font(12))
        button.setFixedHeight(px(26))
        return button

    def offer(self, names: Sequence[str], count: int) -> None:
        """Offer the parameters of a network, which has `count` elements in all."""
        if (*names, str(count)) == self._names:
            return
        self._names = (*names, str(count))
        chosen = self.elements.currentData()
        self.elements.clear()
        text = self.tr("all {0} parameters").format(count_text(count))
        self.elements.addItem(text, (None, None))
        layers = dict.fromkeys(name.rpartition(".")[0] for name in names)
        for layer in layers:
            own = tuple(name for name in names if name.rpartition(".")[0] == layer)
            self.elements.addItem(self.tr("{0} alone").format(layer), (own, None))
        for sample in SAMPLES:
            if sample < count:
                self.elements.addItem(self.tr("{0} at random").format(sample), (None, sample))
        for place in range(self.elements.count()):
            if self.elements.itemData(place) == chosen:
                self.elements.setCurrentIndex(place)

    def wanted(self) -> Wanted:
        """What is chosen."""
        names, sample = self.elements.currentData() or (None, None)
        return Wanted(
            names, sample, self.h.currentData(), self.dtype.currentData(),
            self.images.currentData(), self.limit.currentData(),
        )  # fmt: skip

    def offer_tutorial(self, fits: bool) -> None:
        """Whether the tutorial's network fits the images."""
        self._has_tutorial = fits
        self.tutorial.setVisible(fits and self.start.isVisibleTo(self))

    def show_idle(self, why_not: str = "", nothing: str = "") -> None:
        """Nothing is being compared.

        `why_not` says why nothing can be, `nothing` why this network cannot; or they are empty.
        """
        self.bar.hide()
        self.left.hide()
        self.pause.hide()
        self.cancel.hide()
        self.start.show()
        for box in (self.h, self.dtype, self.images):
            box.show()
        self.tutorial.setVisible(self._has_tutorial)
        self.start.setEnabled(not (why_not or nothing))
        self.tutorial.setEnabled(not why_not)
        self.start.setToolTip(why_not or nothing or self.tr("Compare the methods"))

    def show_running(
        self, share: float | None, left: float | None, paused: bool, doing: str = ""
    ) -> None:
        """Something is: `share` of the time is over, `left` seconds are to come.

        Before anything is known (None) it says that it starts. `doing` is said where there is room.
        """
        roomy = self.width() >= px(ROOMY)
        self.start.hide()
        self.tutorial.hide()
        for widget in (self.pause, self.cancel, self.left):
            widget.show()
        for box in (self.h, self.dtype, self.images):  # they are of the next comparison
            box.setVisible(roomy)
        self.bar.setVisible(share is not None)
        self.pause.setText(self.tr("Go on") if paused else self.tr("Pause"))
        parts = []
        if share is None:
            parts.append(self.tr("starting"))
        else:
            self.bar.setValue(round(1000 * share))
            parts.append(f"{100 * share:.0f} %")
            if doing and roomy:
                parts.append(doing)
        if paused:
            parts.append(self.tr("paused"))
        elif left is not None:
            parts.append(self.tr("{0} left").format(left_text(left)))
        self.left.setText("  ".join(parts))

    def minimumSizeHint(self) -> QSize:
        """As narrow as the panel may get: what does not fit is cut at the right."""
        return QSize(120, px(34))
