"""Connects the views with the session: their signals to commands, and the answers to the views."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings

from engine.debug.events import Position, Verb
from engine.debug.snapshots.snapshot import RunHistory
from gui.run_kind import RunKind
from gui.session.bridge import Bridge
from gui.session.worker_commands import LentNetwork, TrainingProgress
from gui.settings import PICTURES, SCENE, one_of
from gui.views.branches.view import BranchesView
from gui.views.breakpoints.view import BreakpointsView
from gui.views.confusion import ConfusionView
from gui.views.equation.view import EquationView
from gui.views.hidden_units.view import HiddenUnitsView
from gui.views.numeric.state import NumericSubject
from gui.views.numeric.view import NumericView
from gui.views.source.view import SourceView
from gui.views.tensor.view import TensorView
from gui.views.timeline.view import TimelineView
from gui.views.variables.view import VariablesView
from gui.window.commands.files import FileCommands
from gui.window.commands.lit_symbol import LitSymbol
from gui.window.commands.running import RunControl
from gui.window.commands.what_if import WhatIf
from gui.window.panels.table import Views

_MODES = ("pictures", "matrix")
_SWITCH = ("on", "off")


class ViewConnections(QObject):
    """Connects each view with the bridge and the commands that it needs.

    Args:
        views: the views of the window.
        bridge: the way to the session.
        run: sets breakpoints at lines.
        files: exports and imports breakpoints.
        what_if: makes branches.
        settings: where the equation's mode is remembered.
        parent: the window.
    """

    def __init__(
        self,
        views: Views,
        bridge: Bridge,
        run: RunControl,
        files: FileCommands,
        what_if: WhatIf,
        settings: QSettings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._views, self._bridge, self._settings = views, bridge, settings
        self._running: RunKind | None = None  # as the views know
        for view in views:
            view.event_chosen.connect(self._on_event_chosen)
            view.batch_chosen.connect(self._on_batch_chosen)
            view.position_chosen.connect(self._on_position_chosen)
        bridge.state_changed.connect(self._on_state_changed)
        bridge.progressed.connect(self._on_progressed)
        self._connect_source(run)
        self._connect_arrays()
        self._connect_breakpoints(files)
        self._connect_studies()
        self._connect_branches(what_if)

    def _connect_source(self, run: RunControl) -> None:
        self._views[SourceView].breakpoint_toggled.connect(run.toggle_line)
        # A key that is held down on the timeline waits in the view until its last step is drawn.
        timeline = self._views[TimelineView]
        timeline.verb_chosen.connect(lambda verb: self._bridge.step(Verb(verb)))

    def _connect_arrays(self) -> None:
        variables, tensor = self._views[VariablesView], self._views[TensorView]
        variables.variable_chosen.connect(tensor.choose)
        tensor.chosen_changed.connect(variables.show_pinned)
        equation = self._views[EquationView]
        LitSymbol(equation, variables, self._views[SourceView], self)
        if (mode := one_of(self._settings, PICTURES, _MODES, "")) != "":
            equation.choose_mode(mode == _MODES[0])
        equation.mode_chosen.connect(self._on_mode_chosen)
        equation.choose_scene(one_of(self._settings, SCENE, _SWITCH, _SWITCH[0]) == _SWITCH[0])
        equation.scene_chosen.connect(self._on_scene_chosen)

    def _connect_breakpoints(self, files: FileCommands) -> None:
        breakpoints = self._views[BreakpointsView]
        breakpoints.changed.connect(self._bridge.edit_breakpoints)
        breakpoints.export_asked.connect(files.export_breakpoints)
        breakpoints.import_asked.connect(files.import_breakpoints)

    def _connect_studies(self) -> None:
        """Connect the views that look at other states than the cursor's."""
        bridge, hidden_units = self._bridge, self._views[HiddenUnitsView]
        hidden_units.stored_wanted.connect(bridge.ask_stored)
        bridge.stored_found.connect(hidden_units.show_stored)
        numeric = self._views[NumericView]
        numeric.subject_wanted.connect(lambda: bridge.lend(self))
        program = numeric.program
        program.work_wanted.connect(lambda trial: bridge.work_in_slices(program.work, trial))
        bridge.lent.connect(self._on_lent)
        self._views[ConfusionView].measure_wanted.connect(bridge.measure)

    def _connect_branches(self, what_if: WhatIf) -> None:
        bridge, branches = self._bridge, self._views[BranchesView]
        branches.new_asked.connect(what_if.new_branch)
        branches.switch_asked.connect(bridge.switch)
        branches.remove_asked.connect(bridge.remove_branch)
        branches.renamed.connect(bridge.rename_branch)
        branches.annotated.connect(bridge.annotate_branch)
        branches.compare_asked.connect(bridge.compare)
        branches.stop_asked.connect(bridge.pause)
        branches.visit_asked.connect(bridge.visit)
        bridge.opened.connect(branches.forget)
        bridge.compared.connect(branches.show_comparison)
        bridge.searched.connect(self._on_searched)

    def _on_event_chosen(self, event: int) -> None:
        snapshot = self._bridge.snapshot
        if snapshot is not None:
            self._bridge.goto(Position(snapshot.position.batch, event))

    def _on_position_chosen(self, position: Position) -> None:
        self._bridge.goto(position)

    def _on_batch_chosen(self, batch: int) -> None:
        self._bridge.goto(Position(batch, 0))

    def _on_state_changed(self) -> None:
        if self._bridge.running is self._running:
            return  # the state changes with each step, and this seldom
        self._running = self._bridge.running
        for view in self._views:
            view.set_running(self._running)

    def _on_progressed(self, progress: TrainingProgress, history: RunHistory) -> None:
        for view in self._views:
            view.show_history(history, progress.batch)

    def _on_mode_chosen(self, pictures: bool) -> None:
        self._settings.setValue(PICTURES, _MODES[not pictures])

    def _on_scene_chosen(self, wanted: bool) -> None:
        self._settings.setValue(SCENE, _SWITCH[not wanted])

    def _on_lent(self, lent: LentNetwork) -> None:
        if lent.asker is not self:
            return
        subject = NumericSubject(lent.name, lent.batch, lent.network, lent.x, lent.t)
        self._views[NumericView].take_subject(subject)

    def _on_searched(self, batch: int) -> None:
        if self._bridge.running is RunKind.COMPARISON:
            self._views[BranchesView].show_search(batch)
