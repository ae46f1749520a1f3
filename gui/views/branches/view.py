"""The branches of the run: where each begins, its losses, and how two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
from gui.views.branches.tables import branch_tables
from gui.views.branches.tree import BranchTree
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.segments import make_segments
from gui.widgets.view import Table, View

if TYPE_CHECKING:  # slow to import: see `_make_plots`
    from gui.views.branches.plots import BranchPlots

LOSSES, COMPARISON = range(2)
BESIDE, ABOVE = 640, 220  # a panel narrower and at least as high has the tree above the curves
MOST_ROWS = 4  # visible rows of the tree if it is above the curves
TREE_HEAD, TREE_ROW = 30, 22  # pixels
WIDE = 1100  # pixels of width that hold the tree and a comparison
TREE, MOST_TREE = (0.54, 0.42), 760  # the tree's share of the width by page; its most pixels


class BranchesView(View):
    """A tree of the branches; beside it their losses, or a comparison of two.

    Signals:
        new_asked: the person wants a branch at the cursor.
        switch_asked, remove_asked: a branch's id.
        compare_asked: the ids of two branches.
        renamed, annotated: a branch's id, and the new text.
        visit_asked: a `Position`, and the id of its branch.
        stop_asked: the person wants to end a comparison's search.
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
        self.comparing = False  # whether a comparison is being searched for
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

    # The interface of every view

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Branches")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "Each change to the run starts a branch; the run without the change stays. The curves "
            "part at the circles: look whether the change helps, and how soon. Enter switches to a "
            "branch, F2 renames it; select two and press Compare to see by how much each parameter "
            "differs, and the first number that does."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch between curves and comparison."""
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
        """Draw the branches and the cursor's position."""
        self._batch = snapshot.position.batch
        self._show(snapshot.branches)

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw the present branch as it grows during training."""
        if len(self._branches) > 1 and self.isVisible():
            self._show([
                replace(branch, losses=history.losses, test_batches=history.test_batches,
                        test_accuracies=history.test_accuracies) if branch.current else branch
                for branch in self._branches
            ])  # fmt: skip

    def show_search(self, batch: int) -> None:
        """Show the batch that a comparison's search has reached."""
        self.pane.show_search(batch)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show two branches side by side in the place of the curves."""
        self.comparing = False
        self.pane.show_comparison(comparison)
        self._turn_to(COMPARISON)

    def forget(self) -> None:
        """Drop the comparison, because another run is shown."""
        self.pane.show_nothing()
        self._turn_to(LOSSES)

    def set_running(self, kind: RunKind | None) -> None:
        """Disable the buttons during a run; show a comparison's outcome when it ends."""
        self._running = kind
        if kind is None and self.comparing:
            self.comparing = False
            if self.pane.comparison is None:  # the search failed
                self.forget()
            else:
                self.pane.show_comparison(self.pane.comparison)
        self._update_buttons()

    def tables(self) -> Sequence[Table]:
        """The branches, their losses by batch, and the comparison's tables."""
        if not self._branches:
            return ()
        return [*branch_tables(self._branches), *self.pane.tables()]

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what arrived while the panel was hidden."""
        super().showEvent(event)
        if self._pending:
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Import pyqtgraph once the first picture is on the screen."""
        if not self._seen:
            self._seen = True
            QTimer.singleShot(0, self, self._make_plots)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width again."""
        super().resizeEvent(event)
        self._share_width()

    # Commands

    def switch_chosen(self) -> None:
        """Switch to the selected branch."""
        chosen = self.tree.chosen()
        if len(chosen) == 1 and not chosen[0].current:
            self.switch_asked.emit(chosen[0].id)

    def remove_chosen(self) -> None:
        """Remove the selected branch if possible."""
        if not self.buttons.why_not_removed(self.tree.chosen()):
            self.remove_asked.emit(self.tree.chosen()[0].id)

    def compare_chosen(self) -> None:
        """Compare the two selected branches, or the selected branch with the present one."""
        pair = self._pair()
        if pair is None or self._running is not None:
            return
        self.comparing = True
        self.pane.show_search(None)
        self._turn_to(COMPARISON)
        self.compare_asked.emit(*pair)

    def _pair(self) -> tuple[int, int] | None:
        chosen = [branch.id for branch in self.tree.chosen()]
        if not chosen and len(self._branches) == 2:
            chosen = [branch.id for branch in self._branches]  # the only pair
        if len(chosen) == 1:
            now = [
                branch.id for branch in self._branches if branch.current and branch.id not in chosen
            ]
            chosen = sorted(now + chosen)
        return (chosen[0], chosen[1]) if len(chosen) == 2 else None

    def _on_selected(self) -> None:
        self._update_buttons()
        if self._plots is not None and not self._pending:
            self._plots.show_branches(self._branches, self._chosen_ids())

    def _chosen_ids(self) -> frozenset[int]:
        return frozenset(branch.id for branch in self.tree.chosen())

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
        ids = {branch.id for branch in branches}
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
        current = next((branch.name for branch in self._branches if branch.current), "")
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
        """The size with tree and curves side by side, as they are in a low panel."""
        least = super().minimumSizeHint()
        if self._split.orientation() is Qt.Orientation.Horizontal:
            return least
        parts = (self.tree.minimumSizeHint(), self._pages.minimumSizeHint())
        return QSize(least.width(), max(part.height() for part in parts))

    def _share_width(self) -> None:
        """Divide the width; in a narrow panel, a comparison hides the tree.

        The tree stays until the first comparison, because branches are selected in it.
        """
        page = self._page.checkedId()
        has_comparison = self.comparing or self.pane.comparison is not None
        alone = page == COMPARISON and has_comparison and self.width() < px(WIDE)
        self.tree.setVisible(not alone)
        self.buttons.setVisible(not alone)
        if self.width() < px(BESIDE) and self.height() >= px(ABOVE):
            rows = min(len(self.tree.branches), MOST_ROWS)
            high = px(TREE_HEAD + rows * TREE_ROW)
            self._split.setOrientation(Qt.Orientation.Vertical)
            self._split.setSizes([high, self.height() - high])
            return
        share = TREE[page if has_comparison else LOSSES]
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
        waiting = QWidget(self)  # holds them until curves exist; there they follow the font size
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
        """The page shown before the first branch."""
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
        """Enable the buttons whose action is possible."""
        buttons = self.buttons
        buttons.show_possible(self.tree.chosen(), self._pair() is not None, self._running)
        self.pane.compare.setEnabled(buttons.compare.isEnabled())
        self.pane.compare.setToolTip(buttons.compare.toolTip())
        self.begin.setEnabled(buttons.new.isEnabled())
        self.begin.setToolTip("" if buttons.new.isEnabled() else buttons.new.toolTip())
