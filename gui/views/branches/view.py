"""The branches of the run: where each begins, its losses, and how two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.debug.queries.compare import Comparison
from engine.debug.snapshots.snapshot import BranchState, RunHistory, Snapshot
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.run_kind import RunKind
from gui.views.branches.buttons import BranchButtons
from gui.views.branches.comparison_pane import ComparisonPane
from gui.views.branches.tree import BranchTree
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.segments import make_segments
from gui.widgets.view import Table, View

if TYPE_CHECKING:  # it is slow to import: see `_make_plots`
    from gui.views.branches.plots import BranchPlots

LOSSES, COMPARISON = range(2)
BESIDE, ABOVE = 640, 220  # narrower, and as high as this, the tree stands above the curves
MOST_ROWS = 4  # of the tree there; the others are scrolled to
TREE_HEAD, TREE_ROW = 30, 22  # pixels
WIDE = 1100  # pixels from which tree and comparison both have room
TREE, MOST_TREE = (0.54, 0.42), 760  # of the width, beside each of the two; and pixels


class BranchesView(View):
    """A tree of the branches; beside it their losses, or a comparison of two.

    Signals:
        new_asked: the person wants a branch at the cursor.
        switch_asked, remove_asked: a branch's id.
        compare_asked: the ids of two.
        renamed, annotated: a branch's id, and what was typed.
        visit_asked: a `Position`, and the id of the branch on which it is.
        stop_asked: the search of a comparison is to be ended.
    """

    view_id = "branches"
    patient = True
    new_asked = Signal()
    switch_asked = Signal(int)
    remove_asked = Signal(int)
    compare_asked = Signal(int, int)
    renamed = Signal(int, str)
    annotated = Signal(int, str)
    visit_asked = Signal(object, int)
    stop_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._branches: tuple[BranchState, ...] = ()
        self._batch = 0
        self._pending = False
        self._seen = False
        self._running: RunKind | None = None
        self.comparing = False  # whether two are being compared now
        self._plots: BranchPlots | None = None
        self.tree = BranchTree(theme)
        self.pane = ComparisonPane(theme)
        self._make_controls()
        self._lay_out()
        tree = self.tree
        tree.itemSelectionChanged.connect(self._on_selected)
        tree.switch_asked.connect(self.switch_chosen)
        tree.remove_asked.connect(self.remove_chosen)
        tree.compare_asked.connect(self.compare_chosen)
        tree.renamed.connect(self.renamed)
        tree.annotated.connect(self.annotated)
        self.pane.visit_asked.connect(self.visit_asked)
        self.pane.stop_asked.connect(self.stop_asked)
        self.pane.compare_asked.connect(self.compare_chosen)
        self._update_buttons()

    # What every view has

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Branches")

    def help_text(self) -> str:
        """The contents of the panel, and what to look for."""
        return self.tr(
            "Each change to the run starts a branch; the run without the change stays. The curves "
            "part at the circles: look whether the change helps, and how soon. Enter switches to a "
            "branch, F2 renames it; select two and press Compare to see by how much each parameter "
            "differs, and the first number that does."
        )

    def title_widgets(self) -> list[QWidget]:
        """The curves or the comparison."""
        return [self._pages_frame]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self.tree.set_theme(theme)
        self.pane.set_theme(theme)
        self.buttons.set_theme(theme)
        self._fit.setIcon(icon("screen-full", theme))
        if self._plots is not None:
            self._plots.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the branches, and where the cursor is."""
        self._batch = snapshot.position.batch
        self._show(snapshot.branches)

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw how the present branch grows while it trains."""
        if len(self._branches) > 1 and self.isVisible():
            self._show([
                replace(one, losses=history.losses, test_batches=history.test_batches,
                        test_accuracies=history.test_accuracies) if one.current else one
                for one in self._branches
            ])  # fmt: skip

    def show_search(self, batch: int) -> None:
        """Say how far a comparison has come."""
        self.pane.show_search(batch)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show two branches side by side in the place of the curves."""
        self.comparing = False
        self.pane.show_comparison(comparison)
        self._turn_to(COMPARISON)

    def forget(self) -> None:
        """Another run is shown: no comparison holds for it."""
        self.pane.show_nothing()
        self._turn_to(LOSSES)

    def set_running(self, kind: RunKind | None) -> None:
        """Nothing goes another way during a run; the end of a comparison may show it."""
        self._running = kind
        if kind is None and self.comparing:
            self.comparing = False
            if self.pane.comparison is None:  # it failed
                self.forget()
            else:
                self.pane.show_comparison(self.pane.comparison)
        self._update_buttons()

    def tables(self) -> Sequence[Table]:
        """The branches, the loss of each batch on each, and what the comparison found."""
        branches = self._branches
        if not branches:
            return ()
        rows = [
            [one.name, one.batch if one.parent is not None else "", one.reach,
             float(one.losses[-1]) if one.reach else "",
             float(one.test_accuracies[-1]) if len(one.test_accuracies) else "",
             ", ".join(one.edits), one.note]
            for one in branches
        ]  # fmt: skip
        heads = [
            self.tr("branch"), self.tr("left before batch"), self.tr("batches"), self.tr("loss"),
            self.tr("test accuracy"), self.tr("changed"), self.tr("note"),
        ]  # fmt: skip
        longest = max(one.reach for one in branches)
        losses = np.full((longest, len(branches)), np.nan)
        for column, one in enumerate(branches):
            losses[: one.reach, column] = one.losses
        names = [one.name for one in branches]
        found = [
            Table(self.tr("branches"), np.array(rows, dtype=object), heads),
            Table(self.tr("losses"), losses, names),
        ]
        return [*found, *self.pane.tables()]

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while hidden."""
        super().showEvent(event)
        if self._pending:
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """With the first picture on the screen import pyqtgraph."""
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self._make_plots)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._share_width()

    # What a person does

    def switch_chosen(self) -> None:
        """Go over to the branch that is selected."""
        chosen = self.tree.chosen()
        if len(chosen) == 1 and not chosen[0].current:
            self.switch_asked.emit(chosen[0].id)

    def remove_chosen(self) -> None:
        """Take the selected branch away, if that goes."""
        if not self.buttons.why_not_removed(self.tree.chosen()):
            self.remove_asked.emit(self.tree.chosen()[0].id)

    def compare_chosen(self) -> None:
        """Compare the two that are selected, or the present one and the one that is."""
        pair = self._pair()
        if pair is None or self._running is not None:
            return
        self.comparing = True
        self.pane.show_search(None)
        self._turn_to(COMPARISON)
        self.compare_asked.emit(*pair)

    def _pair(self) -> tuple[int, int] | None:
        chosen = [one.id for one in self.tree.chosen()]
        if not chosen and len(self._branches) == 2:
            chosen = [one.id for one in self._branches]  # there is but one pair
        if len(chosen) == 1:
            now = [one.id for one in self._branches if one.current and one.id not in chosen]
            chosen = sorted(now + chosen)
        return (chosen[0], chosen[1]) if len(chosen) == 2 else None

    def _on_selected(self) -> None:
        self._update_buttons()
        if self._plots is not None and not self._pending:
            self._plots.show_branches(self._branches, self._chosen_ids())

    def _chosen_ids(self) -> frozenset[int]:
        return frozenset(one.id for one in self.tree.chosen())

    def _turn_to(self, page: int) -> None:
        self._page.button(page).setChecked(True)
        self._pages.setCurrentIndex(page)
        self._share_width()

    def _on_scale(self, index: int) -> None:
        if self._plots is not None:
            self._plots.set_log(index == 1)

    def _on_fit(self) -> None:
        if self._plots is not None:
            self._plots.fit()

    # Drawing

    def _show(self, branches: Sequence[BranchState]) -> None:
        self._branches = tuple(branches)
        ids = {one.id for one in branches}
        shown = self.pane.comparison
        if shown is not None and not ids.issuperset(side.branch for side in shown.sides):
            self.forget()
        self._pending = not self.isVisible()
        if not self._pending:
            self._draw()

    def _draw(self) -> None:
        self._pending = False
        several = len(self._branches) > 1
        self._stack.setCurrentIndex(int(several))
        self._pages_frame.setVisible(several)
        current = next((one.name for one in self._branches if one.current), "")
        self.subtitle_changed.emit(current if several else "")
        more = len(self._branches) != len(self.tree.branches)
        self.tree.show_branches(self._branches)
        if more and self._split.orientation() is Qt.Orientation.Vertical:
            self._share_width()
        self._update_buttons()
        if several:
            plots = self._make_plots()
            plots.show_branches(self._branches, self._chosen_ids())
            plots.show_batch(self._batch)

    def _make_plots(self) -> BranchPlots:
        if self._plots is None:
            from gui.views.branches.plots import BranchPlots

            self._plots = plots = BranchPlots(self.theme, (self._scale_frame, self._fit))
            plots.batch_chosen.connect(self.batch_chosen)
            plots.set_log(self._scale.checkedId() == 1)
            self._curves_column.addWidget(plots)
            plots.resize(self._curves.size())
            plots.grab()  # fonts and tick labels are slow when they are drawn first
        return self._plots

    def minimumSizeHint(self) -> QSize:
        """As when tree and curves are side by side, which they are in a low panel."""
        least = super().minimumSizeHint()
        if self._split.orientation() is Qt.Orientation.Horizontal:
            return least
        parts = (self.tree.minimumSizeHint(), self._pages.minimumSizeHint())
        return QSize(least.width(), max(part.height() for part in parts))

    def _share_width(self) -> None:
        """Hide the tree beside a comparison in a narrow panel, which has no room for both.

        Before the first comparison the tree stays, since its branches are selected there.
        """
        page = self._page.checkedId()
        there = self.comparing or self.pane.comparison is not None
        alone = page == COMPARISON and there and self.width() < px(WIDE)
        self.tree.setVisible(not alone)
        self.buttons.setVisible(not alone)
        if self.width() < px(BESIDE) and self.height() >= px(ABOVE):
            rows = min(len(self.tree.branches), MOST_ROWS)
            high = px(TREE_HEAD + rows * TREE_ROW)
            self._split.setOrientation(Qt.Orientation.Vertical)
            self._split.setSizes([high, self.height() - high])
            return
        share = TREE[page if there else LOSSES]
        tree = min(round(share * self.width()), px(MOST_TREE))
        self._split.setOrientation(Qt.Orientation.Horizontal)
        self._split.setSizes([tree, self.width() - tree])

    # Controls

    def _make_controls(self) -> None:
        self._pages_frame, self._page = make_segments(
            self, (self.tr("Losses"), self.tr("Comparison"))
        )
        self._pages_frame.hide()
        self._page.button(LOSSES).setChecked(True)
        self._page.idClicked.connect(self._turn_to)
        self._scale_frame, self._scale = make_segments(self, (self.tr("linear"), self.tr("log")))
        tips = (self.tr("Linear loss axis"), self.tr("Logarithmic loss axis"))
        for button, tip in zip(self._scale.buttons(), tips, strict=True):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        self._scale.button(0).setChecked(True)
        self._scale.idClicked.connect(self._on_scale)
        self._fit = make_icon_button(self.tr("Fit"), self._on_fit)
        waiting = QWidget(self)  # in which they are until there are curves, and follow the type
        waiting.hide()
        for part in (self._scale_frame, self._fit):
            part.setParent(waiting)
        self._fit.setToolTip(self.tr("Fit: show the whole of all branches, also while they grow"))
        self.buttons = BranchButtons(self.theme)
        self.buttons.new_asked.connect(self.new_asked)
        self.buttons.switch_asked.connect(self.switch_chosen)
        self.buttons.compare_asked.connect(self.compare_chosen)
        self.buttons.remove_asked.connect(self.remove_chosen)
        self._fit.setIcon(icon("screen-full", self.theme))

    def _lay_out(self) -> None:
        self._curves = QWidget()
        self._curves_column = QVBoxLayout(self._curves)
        self._curves_column.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._curves)
        self._pages.addWidget(self.pane)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.tree)
        self._split.addWidget(self._pages)
        self._split.setStretchFactor(1, 1)
        several = QWidget()
        row = QHBoxLayout(several)
        row.setContentsMargins(6, 2, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.buttons)
        row.addWidget(self._split, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._first_page())
        self._stack.addWidget(several)

    def _first_page(self) -> QWidget:
        """The page before the first branch."""
        self._empty = EmptyState(self.theme)
        self._empty.say(
            self.tr("What if?"),
            self.tr(
                "Change a value, the learning rate, the optimizer or the order of the samples at "
                "any moment: the run continues on a branch, and the original is kept for "
                "comparison. Press E for a value, or see Network, What if."
            ),
        )
        self.begin = QPushButton(self.tr("New branch here…"))
        self.begin.clicked.connect(self.new_asked)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addWidget(self._empty, 1)
        column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignHCenter)
        return page

    def _update_buttons(self) -> None:
        """Enable the buttons that are possible."""
        buttons = self.buttons
        buttons.show_possible(self.tree.chosen(), self._pair() is not None, self._running)
        self.pane.compare.setEnabled(buttons.compare.isEnabled())
        self.pane.compare.setToolTip(buttons.compare.toolTip())
        self.begin.setEnabled(buttons.new.isEnabled())
        self.begin.setToolTip("" if buttons.new.isEnabled() else buttons.new.toolTip())
