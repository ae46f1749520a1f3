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
from gui.views.numeric.durations import count_text, remaining_text
from gui.widgets.arrow_box import ArrowBox

STEPS = (None, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10)
DTYPES = ("float64", "float32")
LIMITS = (2.0, 5.0, 20.0, None)
SAMPLES = (100, 1000)
IMAGES = (1, 10, 50, None)
ROOMY = 1000  # pixels of width; from this on, a running comparison shows every control


@dataclass(frozen=True, slots=True)
class Wanted:
    """The person's choices.

    Attributes:
        parameters: the names, or None for all.
        sample: the number of elements drawn at random, or None for all.
        h: the step, or None for each method's default.
        dtype: "float64" or "float32".
        images: the number of the minibatch's images, or None for all.
        seconds: the time limit of each method, or None.
    """

    parameters: tuple[str, ...] | None
    sample: int | None
    h: float | None
    dtype: str
    images: int | None
    seconds: float | None


class Controls(QWidget):
    """The row of controls.

    Args:
        theme: the colours.
        parent: the widget that has them.
        of_program: whether they are for any program, whose numbers and samples are its own.

    Signals:
        start_asked, pause_asked, cancel_asked, tutorial_asked: the button was pressed.
        changed: the person made another choice.
    """

    start_asked = Signal()
    pause_asked = Signal()
    cancel_asked = Signal()
    tutorial_asked = Signal()
    changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, of_program: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._has_tutorial = not of_program
        self.elements = self._box(self.tr("Parameters to differentiate"))
        self.h = self._box(self.tr("h: how far a weight is moved"))
        self.dtype = self._box(self.tr("Number format of the computation"))
        self.images = self._box(self.tr("How many images of the minibatch"))
        self.limit = self._box(
            self.tr(
                "The time limit of each method, and of the h sweep after them; the rest of a "
                "method is extrapolated, and marked as such"
            )
        )
        self._fill_boxes()
        self.tutorial = self._button(
            self.tr("tutorial's 784-10"),
            self.tr("The tutorial's first network, 784-10 without biases, on this minibatch"),
            "word",
        )
        self.start = self._button(self.tr("Start"), self.tr("Compare the methods"), "primary")
        self.pause = self._button(self.tr("Pause"), self.tr("Pause or continue"), "word")
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
        for name, button in (("start", self.start), ("tutorial", self.tutorial)):
            button.setObjectName(f"numeric_{name}")
        self._lay_out()
        self._choices = (self.h,) if of_program else (self.h, self.dtype, self.images)
        self.dtype.setVisible(not of_program)
        self.images.setVisible(not of_program)
        self.start.clicked.connect(self.start_asked)
        self.pause.clicked.connect(self.pause_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.tutorial.clicked.connect(self.tutorial_asked)
        self.show_idle()

    def _fill_boxes(self) -> None:
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

    def _lay_out(self) -> None:
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
        """Offer the parameters of a network with `count` elements in total."""
        if (*names, str(count)) == self._names:
            return
        self._names = (*names, str(count))
        chosen = self.elements.currentData()
        self.elements.clear()
        text = self.tr("all {0} parameters").format(count_text(count))
        self.elements.addItem(text, (None, None))
        layers = dict.fromkeys(_owner(name) for name in names)
        for layer in layers:
            of_layer = tuple(name for name in names if _owner(name) == layer)
            self.elements.addItem(self.tr("{0} alone").format(layer), (of_layer, None))
        for sample in SAMPLES:
            if sample < count:
                self.elements.addItem(self.tr("{0} at random").format(sample), (None, sample))
        for place in range(self.elements.count()):
            if self.elements.itemData(place) == chosen:
                self.elements.setCurrentIndex(place)

    def wanted(self) -> Wanted:
        """The current choices."""
        names, sample = self.elements.currentData() or (None, None)
        return Wanted(
            names, sample, self.h.currentData(), self.dtype.currentData(),
            self.images.currentData(), self.limit.currentData(),
        )  # fmt: skip

    def offer_tutorial(self, fits: bool) -> None:
        """Show the tutorial's button if its network fits the images."""
        self._has_tutorial = fits
        self.tutorial.setVisible(fits and self.start.isVisibleTo(self))

    def show_idle(self, why_not: str = "", nothing: str = "") -> None:
        """Show the controls while no comparison runs.

        `why_not` says why no comparison can start, `nothing` why this network has none; or "".
        """
        self.bar.hide()
        self.left.hide()
        self.pause.hide()
        self.cancel.hide()
        self.start.show()
        for box in self._choices:
            box.show()
        self.tutorial.setVisible(self._has_tutorial)
        self.start.setEnabled(not (why_not or nothing))
        self.tutorial.setEnabled(not why_not)
        self.start.setToolTip(why_not or nothing or self.tr("Compare the methods"))

    def show_running(
        self, share: float | None, left: float | None, paused: bool, doing: str = ""
    ) -> None:
        """Show a running comparison: `share` of its time is over, `left` seconds remain.

        With None, before the first estimate, it says "starting". `doing` is shown if there is room.
        """
        roomy = self.width() >= px(ROOMY)
        self.left.setMinimumWidth(px(104))  # here, since the type may have another size by now
        self.start.hide()
        self.tutorial.hide()
        for widget in (self.pause, self.cancel, self.left):
            widget.show()
        for box in self._choices:  # these choices are for the next comparison
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
            parts.append(self.tr("{0} left").format(remaining_text(left)))
        self.left.setText("  ".join(parts))

    def minimumSizeHint(self) -> QSize:
        """A small width: the right end is cut if it does not fit."""
        return QSize(120, px(34))


def _owner(name: str) -> str:
    """The layer of a parameter; the parameter itself if it belongs to none."""
    return name.rpartition(".")[0] or name
