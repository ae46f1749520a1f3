"""The card of a training: its curves while it runs, and what came of it."""

from __future__ import annotations

from collections.abc import Container
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.debug.snapshots.snapshot import RunHistory
from gui.look.icons import icon
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.widgets.icon_button import make_icon_button

if TYPE_CHECKING:  # slow to import
    from gui.paint.plots.loss_plots import LossPlots

LEAST_PLOTS = 110  # pixels of height, below which the curves say nothing


class ActionButton(QPushButton):
    """A button that does what an action does, whenever that is possible.

    Args:
        action: is triggered.
        name: the button's own.
    """

    def __init__(self, action: QAction, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._action = action
        action.changed.connect(self._follow)
        self.clicked.connect(action.trigger)
        self._follow()

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())


class ResultCard(QFrame):
    """Lies over a panel, as large as it, until it is closed.

    Args:
        theme: the first.
        step, train, pause: the actions of its buttons.
        panel: is covered.

    Signals:
        left: the person has closed it.
        batch_chosen: a batch, in the curves.
        panel_asked: the id of a panel that shows more of the result.
    """

    left = Signal()
    panel_asked = Signal(str)
    batch_chosen = Signal(int)

    def __init__(
        self, theme: Theme, step: QAction, train: QAction, pause: QAction, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self.theme, self._panel = theme, panel
        self.setObjectName("result_card")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what it covers is not drawn
        self.plots: LossPlots | None = None
        self.heading, self.numbers, self.beside, self.left_over = (QLabel() for _ in range(4))
        for label, name, size, weight in (
            (self.heading, "result_heading", 13, QFont.Weight.DemiBold),
            (self.numbers, "result_numbers", 18, QFont.Weight.DemiBold),
            (self.beside, "result_beside", 12, QFont.Weight.Normal),
            (self.left_over, "result_time", 12, QFont.Weight.Normal),
        ):
            label.setObjectName(name)
            label.setFont(ui_font(size, weight))
            # A long sentence must not make the panel wider.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.beside.setWordWrap(True)
        self.beside.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        for label in (self.heading, self.beside, self.left_over):
            label.setProperty("role", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the curves keep their height when a run ends
        self.bar.setSizePolicy(policy)
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.step = ActionButton(step, "result_step")
        self.step.setProperty("role", "primary")
        self.train = ActionButton(train, "result_train")
        self.train.setText(self.tr("Train on"))
        self.pause = ActionButton(pause, "result_pause")
        self.pause.setText(self.tr("Pause"))
        self.close_button = make_icon_button(self.tr("Close this card"), self.left.emit)
        self.close_button.setObjectName("result_close")
        self.ways = {
            "confusion": self._way(
                "confusion",
                self.tr("Mistakes"),
                self.tr("The images of the test set that are wrong, and the confusion matrix"),
            ),
            "hidden_units": self._way(
                "hidden_units",
                self.tr("Hidden units"),
                self.tr("The weights of each unit as a picture, also of earlier batches"),
            ),
        }
        self._lay_out()
        panel.installEventFilter(self)
        self.set_theme(theme)
        self.hide()

    def _way(self, panel: str, text: str, hint: str) -> QToolButton:
        """A link to a panel, by its id."""
        link = QToolButton()
        link.setObjectName(f"result_to_{panel}")
        link.setText(text)
        link.setToolTip(hint)
        link.setAccessibleDescription(hint)
        link.setProperty("role", "link")
        link.setFont(ui_font(12))
        link.clicked.connect(partial(self.panel_asked.emit, panel))
        return link

    def _lay_out(self) -> None:
        self._foot = QWidget()
        head, row = QHBoxLayout(), QHBoxLayout(self._foot)
        row.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(px(8))
        head.addWidget(self.heading, 1)
        for way in self.ways.values():
            head.addWidget(way)
        head.addWidget(self.close_button)
        row.setSpacing(px(10))
        row.addWidget(self.beside, 1)
        row.addWidget(self.left_over, 1)
        for button in (self.pause, self.train, self.step):
            row.addWidget(button)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(4), px(12), px(6))
        column.setSpacing(px(4))
        column.addLayout(head)
        column.addWidget(self.numbers)
        column.addWidget(self.bar)
        self._place = column.count()
        column.addWidget(self._foot)

    def show_running(self, heading: str, numbers: str, time: str, share: float | None) -> None:
        """Show how far a training has come.

        `share`: of its batches; None: it has no end of its own.
        """
        self._say(heading, numbers, "")
        self.left_over.setText(time)
        self.left_over.show()
        self.beside.hide()
        self.bar.setVisible(share is not None)
        if share is not None:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * share))
        self._show_ways(())
        self.pause.show()
        self.train.hide()
        self.step.hide()

    def show_done(
        self, heading: str, numbers: str, beside: str, batch: int, panels: Container[str]
    ) -> None:
        """Show what came of it, what to do next from a batch, and the panels with more of it."""
        self._say(heading, numbers, beside)
        self._show_ways(panels)
        self.left_over.hide()
        self.beside.show()
        self.bar.hide()
        self.pause.hide()
        self.step.setText(self.tr("Step through batch {0}").format(batch))
        self.train.show()
        self.step.show()

    def _show_ways(self, panels: Container[str]) -> None:
        for panel, way in self.ways.items():
            way.setVisible(panel in panels)

    def _say(self, heading: str, numbers: str, beside: str) -> None:
        self.heading.setText(heading)
        self.numbers.setText(numbers)
        self.beside.setText(beside)
        self.beside.setToolTip(beside)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(" ".join(part for part in (numbers, beside) if part))

    def draw(self, history: RunHistory, batch: int, has_tests: bool = True) -> None:
        """Draw the curves, with the cursor's line before a batch."""
        plots = self._make_plots()
        if plots.isHidden():
            return
        plots.show_accuracy(has_tests)
        plots.show_history(history)
        plots.show_batch(batch, known=False)

    def _make_plots(self) -> LossPlots:
        if self.plots is None:
            from gui.paint.plots.loss_plots import LossPlots

            self.plots = LossPlots(self.theme)
            self.plots.batch_chosen.connect(self.batch_chosen)
            self._column.insertWidget(self._place, self.plots, 1)
            self._fit()
        return self.plots

    def prepare(self) -> None:
        """Make the curves and draw them once, which takes long the first time."""
        if self.plots is None:
            self._make_plots().resize(self._panel.size())
            self.grab()

    def appear(self) -> None:
        """Cover the panel."""
        self._make_plots()
        self._fit()
        self.show()
        self.raise_()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()
        self.close_button.setIcon(icon("close", theme))
        if self.plots is not None:
            self.plots.set_theme(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the panel."""
        if event.type() is QEvent.Type.Resize and watched is self._panel:
            self._fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape while it has the focus."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, as the panel's is."""
        QPainter(self).fillRect(event.rect(), QColor(self.theme.panel))

    def _fit(self) -> None:
        """Take the panel's size, and hide what has no room in it.

        In a low panel the curves come before the buttons, which the toolbar has, too.
        """
        self.setGeometry(self._panel.rect())
        above = sum(label.sizeHint().height() for label in (self.heading, self.numbers))
        room = self.height() - above - px(24)
        foot = room - self.step.sizeHint().height() - px(4) >= px(LEAST_PLOTS)
        drawn = room >= px(LEAST_PLOTS)
        self._foot.setVisible(foot or not drawn)
        if self.plots is not None:
            self.plots.setVisible(drawn)
