"""The window: it puts the parts together and passes on what they say, and knows no more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QEvent, QObject, QRect, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu

from engine.debug.breakpoints.breakpoints import AtLine, Breakpoint, Breakpoints, placed
from engine.debug.breakpoints.files import read as read_breakpoints
from engine.debug.breakpoints.files import to_json
from engine.debug.events import Position, Verb
from engine.debug.run_control import StopReason
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from engine.errors import BatchStopped
from engine.files import write_whole
from engine.interop.weights import SavedWeights, save_npz
from engine.options import Options, build_session
from gui.actions import Actions
from gui.appearance import Appearance, Choice
from gui.bookmarks_menu import BookmarksMenu
from gui.branch_notice import BranchNotice
from gui.bridge import Bridge, HeldUp, LentNetwork
from gui.changes import SettingChange, changed, what_it_resets
from gui.choice import CellChoice
from gui.choosers import Choosers
from gui.closing import Closing
from gui.dialogs import (
    AboutDialog,
    ConfirmDialog,
    ErrorDialog,
    KeysDialog,
    MessageDialog,
    error_text,
    worded_text,
)
from gui.dock import Dock
from gui.export import Exporter, Saving
from gui.files import ask_file, ask_where_to_write
from gui.first_picture import FirstPicture
from gui.form_dialog import FormDialog
from gui.icons import logo_icon
from gui.layout import PRESETS, Layout, LayoutPreset, first_type_scale
from gui.menus import fill_menu_bar
from gui.numbers import GoToDialog
from gui.parts.held_up import HeldUpBar
from gui.parts.notice import Notice
from gui.parts.numeric.state import NumericSubject
from gui.playback import Playback, PlayDirection
from gui.session_files import SessionFiles
from gui.settings import PICTURES, one_of, open_settings
from gui.theme import Theme
from gui.toolbar import TopRow
from gui.type_scale import SCALE
from gui.view import View
from gui.views.activations import ActivationsView
from gui.views.branches import BranchesView
from gui.views.breakpoints import BreakpointsView
from gui.views.cache import CacheView
from gui.views.call_stack import CallStackView
from gui.views.confusion import ConfusionView
from gui.views.equation import EquationView
from gui.views.gradients import GradientsView
from gui.views.hidden_units import HiddenUnitsView
from gui.views.log import LogView
from gui.views.loss import LossView
from gui.views.network import NetworkView
from gui.views.numeric import NumericView
from gui.views.samples import SamplesView
from gui.views.source import SourceView
from gui.views.tensor import TensorView
from gui.views.timeline import TimelineView
from gui.views.variables import VariablesView
from gui.what_if import WhatIf
from gui.whereabouts import Whereabouts

_MODES = ("pictures", "matrix")


class MainWindow(QMainWindow):
    """The debugger's window.

    Args:
        session: what is debugged; from now on the window's thread alone works with it. None: it
            comes later, by `open_session`.
        options: what the session was, or will be, built from; without, they are gathered from it.
        settings: where layout and theme are remembered.

    Signals:
        closed: the window was closed, and its thread has ended.
        last_save_asked: the app is going to end; now is the time for a last copy, which the bridge
            tells of by this token.
    """

    closed = Signal()
    last_save_asked = Signal(object)

    def __init__(
        self,
        session: Any = None,
        options: Options | None = None,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Retrograd")
        self.setWindowIcon(logo_icon())
        self.setContentsMargins(6, 0, 6, 0)
        self.options = options
        self.snapshot: Snapshot | None = None
        self._repeating = False
        self._repeated = QTimer(self, interval=0, singleShot=True)
        self._repeated.timeout.connect(self._on_repeated)
        self._undo_labels = ("", "")
        self._noticed: set[tuple[int, type]] = set()  # by session what was said of it
        app = cast(QApplication, QApplication.instance())
        settings = settings or open_settings()
        self.settings = settings
        self.first_picture = FirstPicture(self)
        # What is slow to import and not in the first picture: while the data is being read, which
        # begins just before.
        queued = Qt.ConnectionType.QueuedConnection
        for module in ("gui.parts.loss_plots", "pygments.lexers.python"):
            self.first_picture.drawn.connect(partial(import_module, module), queued)
        SCALE.factor = first_type_scale(self, settings)
        self.appearance = Appearance(app, settings, self)
        self.bridge = Bridge(session, self, options)
        self.playback = Playback(self.bridge, self)
        self.what_if = WhatIf(self)
        self.actions_by_id = Actions(self)
        self.choosers = Choosers(self.appearance.theme, self)
        self.top = self._make_top()
        self.exporter = Exporter(self)
        self.views = self._make_views(self.appearance.theme)
        self.docks = {view.view_id: self._make_dock(view) for view in self.views}
        self.layout_keeper = Layout(self, self.docks, settings)
        self.bookmarks_menu = BookmarksMenu(self)
        self.session_files = SessionFiles(self)
        self.notice = Notice(self.top.chip, self, self._not_to_be_covered)
        self.held_up_bar = HeldUpBar(self.top.chip, self, self._not_to_be_covered)
        self.closing = Closing(self)
        self.whereabouts = Whereabouts(self)
        self.branch_notice = BranchNotice(self)
        self.choice = CellChoice(self)
        fill_menu_bar(self)
        self._connect()
        self.set_theme(self.appearance.theme)
        self.layout_keeper.restore_window()
        self.setFocus()  # and no ring round the first button

    def open_session(self, options: Options) -> None:
        """Build a session on the worker's thread and put it in the place of the present one."""
        self.top.chip.show_message(self.tr("Reading the data…"))
        asked = self.snapshot is not None and self.snapshot.setup.input_gradient

        def build() -> Session:
            session = build_session(options)
            if asked:
                session.set_input_gradient(True)
            return session

        self.bridge.open(build, options)

    # Parts ---------------------------------------------------------------------------------------

    def _make_top(self) -> TopRow:
        theme = self.appearance.theme
        train_menu = QMenu(self.tr("Train"), self)
        for id in ("continue", "train_100", "train_until_paused"):
            train_menu.addAction(self.actions_by_id[id])
        top = TopRow(self.actions_by_id, self.choosers.pills, train_menu, theme)
        top.widened.connect(self.choosers.set_wide)
        top.chip.clicked.connect(self.go_to)
        top.theme_asked.connect(self._on_theme_asked)
        self.setMenuWidget(top)
        return top

    def _make_views(self, theme: Theme) -> list[View]:
        self.network = NetworkView(theme)
        self.samples = SamplesView(theme)
        self.source = SourceView(theme)
        self.equation = EquationView(theme)
        self.tensor = TensorView(theme)
        self.loss = LossView(theme)
        self.branches = BranchesView(theme)
        self.activations = ActivationsView(theme)
        self.gradients = GradientsView(theme)
        self.hidden_units = HiddenUnitsView(theme)
        self.confusion = ConfusionView(theme)
        self.numeric = NumericView(theme)
        self.variables = VariablesView(theme)
        self.cache = CacheView(theme)
        self.call_stack = CallStackView(theme)
        self.breakpoints = BreakpointsView(theme)
        self.log = LogView(theme)
        self.timeline = TimelineView(theme)
        return [
            self.network, self.samples, self.source, self.equation, self.tensor, self.loss,
            self.branches, self.activations, self.gradients, self.hidden_units, self.confusion,
            self.numeric, self.variables, self.cache, self.call_stack, self.breakpoints, self.log,
            self.timeline,
        ]  # fmt: skip

    def _make_dock(self, view: View) -> Dock:
        view.event_chosen.connect(self._on_event_chosen)
        view.sample_pinned.connect(self._on_sample_pinned)
        dock = Dock(view, titled=view is not self.timeline, parent=self)
        dock.copy_asked.connect(self.exporter.copy)
        dock.save_asked.connect(self._on_save_asked)
        dock.topLevelChanged.connect(lambda floats: self._on_floating(dock, floats))
        return dock

    def _connect(self) -> None:
        bridge = self.bridge
        bridge.opened.connect(self._on_opened)
        bridge.stopped.connect(self._on_stopped)
        bridge.training_started.connect(self._on_training_started)
        bridge.progressed.connect(self._on_progressed)
        bridge.training_ended.connect(self._on_training_ended)
        bridge.failed.connect(self._on_failed)
        bridge.held_up.connect(self._on_held_up)
        self.held_up_bar.stop_asked.connect(self.stop_in_it)
        self.held_up_bar.save_asked.connect(self.session_files.ask_save)
        self.held_up_bar.close_asked.connect(self.close)
        bridge.exported.connect(self._on_exported)
        bridge.undo_changed.connect(self._on_undo_changed)
        bridge.halted.connect(self._on_halted)
        bridge.undone.connect(self._on_undone)
        if (mode := one_of(self.settings, PICTURES, _MODES, "")) != "":
            self.equation.choose_mode(mode == _MODES[0])
        self.equation.mode_chosen.connect(self._on_mode_chosen)
        self.variables.variable_chosen.connect(self.tensor.choose)
        self.tensor.chosen_changed.connect(self.variables.show_pinned)
        self.timeline.batch_chosen.connect(self._on_batch_chosen)
        # A key that is held down on the timeline waits there for its last step.
        self.timeline.verb_chosen.connect(lambda verb: bridge.step(Verb(verb)))
        self.loss.batch_chosen.connect(self._on_batch_chosen)
        self._connect_branches()
        self.hidden_units.stored_wanted.connect(bridge.ask_stored)
        bridge.stored_found.connect(self.hidden_units.show_stored)
        self.source.breakpoint_toggled.connect(self.toggle_line)
        self.breakpoints.changed.connect(bridge.edit_breakpoints)
        self.breakpoints.export_asked.connect(self._on_export_breakpoints)
        self.breakpoints.import_asked.connect(self._on_import_breakpoints)
        for view in (self.breakpoints, self.log, self.timeline):
            view.position_chosen.connect(bridge.goto)
        bridge.searched.connect(self._on_searched)
        bridge.state_changed.connect(self._update_actions)
        bridge.marked.connect(self._on_marked)
        self.playback.changed.connect(self._on_playback)
        self.numeric.subject_wanted.connect(bridge.lend)
        self.confusion.measure_wanted.connect(bridge.measure)
        bridge.lent.connect(self._on_lent)
        bridge.outdated.connect(self._on_outdated)
        bridge.other_saved.connect(self._on_other_saved)
        self.choosers.chosen.connect(self._on_setting_chosen)
        self.appearance.changed.connect(self.set_theme)
        self.appearance.scaled.connect(self._on_scaled)
        self.exporter.copied.connect(lambda text: QApplication.clipboard().setText(text))
        self.exporter.written.connect(self._on_written)
        self.exporter.failed.connect(self.show_error)
        self.layout_keeper.preset_changed.connect(self._on_preset_changed)
        self.layout_keeper.type_scale_changed.connect(self.appearance.set_type_scale)

    def _on_mode_chosen(self, pictures: bool) -> None:
        self.settings.setValue(PICTURES, _MODES[not pictures])

    def _connect_branches(self) -> None:
        bridge, branches = self.bridge, self.branches
        branches.new_asked.connect(self.what_if.new_branch)
        branches.switch_asked.connect(bridge.switch)
        branches.remove_asked.connect(bridge.remove_branch)
        branches.renamed.connect(bridge.rename_branch)
        branches.annotated.connect(bridge.annotate_branch)
        branches.compare_asked.connect(bridge.compare)
        branches.stop_asked.connect(bridge.pause)
        branches.visit_asked.connect(bridge.visit)
        branches.batch_chosen.connect(self._on_batch_chosen)
        bridge.compared.connect(branches.show_comparison)

    def set_theme(self, theme: Theme) -> None:
        """Redraw everything in another theme."""
        self.actions_by_id.set_theme(theme)
        self.top.set_theme(theme)
        self.choosers.set_theme(theme)
        for dock in self.docks.values():
            dock.set_theme(theme)
            if self.snapshot is not None:
                dock.show_snapshot(self.snapshot)

    def _on_preset_changed(self, preset: LayoutPreset) -> None:
        for id in PRESETS:
            self.actions_by_id[f"layout_{id}"].setChecked(id == preset.id)
        self.top.set_words(preset.words)
        self.top.set_spare(preset.spare)
        for dock in self.docks.values():
            dock.set_spare(preset.spare)
        self.source.set_wrapped(preset.spare)

    def _on_theme_asked(self) -> None:
        """Take the other theme, as its entry in the menu does."""
        other = Choice.LIGHT if self.appearance.theme.dark else Choice.DARK
        entry = self.findChild(QAction, f"theme_{other}")
        assert isinstance(entry, QAction)
        entry.trigger()

    def _on_scaled(self) -> None:
        """Draw everything in another size."""
        self.top.follow_type()
        for view in self.views:
            view.follow_type()
        if self.snapshot is not None:
            for dock in self.docks.values():
                dock.show_snapshot(self.snapshot)

    def show_panel(self, id: str) -> None:
        """Open a panel where it is closed, and bring it to the front."""
        dock = self.docks[id]
        if dock.isHidden():
            self.layout_keeper.show_all()
        dock.show()
        dock.raise_()

    def _not_to_be_covered(self) -> list[QRect]:
        """The titles of the panels, and the line of code at which the cursor is."""
        seen = [
            (dock.row, dock.row.rect())
            for dock in self.docks.values()
            if not dock.isFloating() and not dock.row.visibleRegion().isEmpty()
        ]
        line = self.source.current_line()
        seen += [line] if line is not None and not line[0].visibleRegion().isEmpty() else []
        return [QRect(widget.mapTo(self, rect.topLeft()), rect.size()) for widget, rect in seen]

    # What has happened ---------------------------------------------------------------------------

    def _on_opened(self, options: Options | None, path: Path | None) -> None:
        self.options = options
        self.branches.forget()
        epochs = 1 if options is None else options.epochs
        one, several = self.tr("Train one epoch"), self.tr("Train {0} epochs")
        self.actions_by_id["continue"].setText(one if epochs == 1 else several.format(epochs))

    def _on_stopped(self, snapshot: Snapshot) -> None:
        before, self.snapshot = self.snapshot, snapshot
        self.choice.arrive(snapshot)
        if before is not None and before.identity.session != snapshot.identity.session:
            for dialog in self.findChildren(FormDialog):  # it asks of a run that is gone
                dialog.reject()
        self.choosers.show_setup(snapshot.setup, self.options)
        self.session_files.show_title()
        self._update_actions()
        if not self.bridge.training:
            self.top.chip.show_snapshot(snapshot)
        for dock in self.docks.values():
            dock.show_snapshot(snapshot)
        self.notice.place()  # the code is at another line now
        self._say_notices(before, snapshot)

    def _say_notices(self, before: Snapshot | None, snapshot: Snapshot) -> None:
        """Say once what is to be known of a run, and of a batch whose recording ends early."""
        session = snapshot.identity.session
        new = [one for one in snapshot.notices if (session, type(one)) not in self._noticed]
        self._noticed.update((session, type(one)) for one in new)
        said = [*map(worded_text, new)]
        if snapshot.too_long is not None and not _same_batch(before, snapshot):
            said.append(worded_text(snapshot.too_long))
        if said:
            self.notice.say("\n".join(said))

    def _on_halted(self, reason: StopReason, hits: list[tuple[Breakpoint, str]]) -> None:
        """Say why a run has stopped, where that was not asked for."""
        if reason is StopReason.START:
            self.notice.say(self.tr("No breakpoint was hit before: this is the beginning."))
        for one, problem in hits[:1]:
            words = self.tr("Stopped at {0}, {1}") if one.condition else self.tr("Stopped at {0}")
            text = words.format(one.place, one.condition)
            self.notice.say(f"{text}: {problem}" if problem else text)

    def _on_failed(self, error: BaseException) -> None:
        """Say what went wrong; that a batch was stopped in is what was asked for."""
        if isinstance(error, BatchStopped):
            self.notice.say(error_text(error))
        else:
            self.show_error(error)

    def _on_held_up(self, held_up: HeldUp | None) -> None:
        self._update_actions()
        if held_up is not None:  # else it would put away what was said when the batch had ended
            self.notice.say("")
        self.held_up_bar.show_held_up(held_up)

    def _on_undone(self, label: str, again: bool) -> None:
        words = self.tr("Made again: {0}") if again else self.tr("Taken back: {0}")
        self.notice.say(words.format(label))

    def _on_undo_changed(self, undo: str, redo: str) -> None:
        self._undo_labels = (undo, redo)
        for id, words, label in (
            ("undo", self.tr("Undo"), undo),
            ("redo", self.tr("Redo"), redo),
        ):
            self.actions_by_id[id].setText(f"{words}: {label}" if label else words)
        self._update_actions()

    def _update_actions(self) -> None:
        """Enable what will be possible when all that was asked for is done."""
        training, held_up = self.bridge.training, self.bridge.holding_up is not None
        runs_on = training and (held_up or not self.bridge.pausing)
        self.actions_by_id.update_state(
            stopped=self.snapshot is not None and not runs_on,
            training=training,
            playing=self.playback.direction is not None,
            blocked=self._blocked(),
            held_up=held_up,
        )
        asked = self.snapshot is not None and self.snapshot.setup.input_gradient
        self.actions_by_id["input_gradient"].setChecked(asked)
        self.numeric.set_training(training)
        self.branches.set_training(training)
        self.confusion.set_training(training)

    def _blocked(self) -> dict[str, str]:
        """Why what does not go does not go: the verbs, the way to the beginning, undo and redo.

        What the last snapshot says of it holds while nothing waits. A verb that has come to lead
        nowhere when its turn comes stays where it is.
        """
        if self.snapshot is None:
            return {}
        blocked = {} if self.bridge.moving else dict(self.snapshot.blocked)
        for id, label in zip(("undo", "redo"), self._undo_labels, strict=True):
            if not label and not self.bridge.busy:
                blocked[id] = _NOTHING[id]
        if Verb.BACK_INTO in blocked:
            blocked["restart"] = blocked["reverse_continue"] = blocked[Verb.BACK_INTO]
        return blocked

    def _on_playback(self) -> None:
        """Tick the way in which it plays."""
        direction = self.playback.direction
        self.actions_by_id["play"].setChecked(direction is PlayDirection.FORWARDS)
        self.actions_by_id["play_back"].setChecked(direction is PlayDirection.BACKWARDS)
        self._update_actions()

    def _on_marked(self, breakpoints: Any, bookmarks: Any) -> None:
        """Show which breakpoints and bookmarks there are while the training goes on."""
        if self.snapshot is None:
            return
        self.snapshot = replace(self.snapshot, breakpoints=breakpoints, bookmarks=bookmarks)
        for view in (self.source, self.breakpoints):
            self.docks[view.view_id].show_snapshot(self.snapshot)
        self.session_files.show_title()

    def _on_training_started(self) -> None:
        self._update_actions()
        self.notice.say("")
        comparing = self.branches.comparing
        self.top.chip.show_message(self.tr("Comparing") if comparing else self.tr("Training"))

    def _on_training_ended(self) -> None:
        self._update_actions()  # the chip tells the last batch until the snapshot of it comes

    def _on_progressed(self, progress: Any, history: RunHistory) -> None:
        place = self.tr("batch {0}").format(progress.batch)
        if progress.total is not None:  # the batch before which it is to end
            place += f" / {progress.batch - progress.done + progress.total}"
        self.top.chip.show_message(self.tr("Training"), place)
        self.loss.show_history(history)
        self.branches.show_history(history)
        self.timeline.show_history(history, running=progress.batch)

    def _on_searched(self, batch: int) -> None:
        comparing = self.branches.comparing
        if comparing:
            self.branches.show_search(batch)
        head = self.tr("Comparing") if comparing else self.tr("Back")
        self.top.chip.show_message(head, self.tr("batch {0}").format(batch))

    def _on_lent(self, lent: LentNetwork) -> None:
        self.numeric.take_subject(
            NumericSubject(lent.name, lent.batch, lent.network, lent.x, lent.t)
        )

    def _on_outdated(self) -> None:
        text = self.tr("Another run was opened meanwhile: that was asked of the one before.")
        self.notice.say(text)

    def _on_other_saved(self, path: Path) -> None:
        self.notice.say(self.tr("The run before was saved to {0}").format(path))

    def _on_exported(self, saved: SavedWeights) -> None:
        names = ", ".join(f"{array.name} {_shape(array.shape)}" for array in saved.arrays)
        text = self.tr("{0}\n{1} arrays: {2}.\n{3:,} bytes. Open it with numpy.load.").format(
            saved.path, len(saved.arrays), names, saved.nbytes
        )
        self._open(
            MessageDialog(self.tr("The weights were written"), text, self.appearance.theme, self)
        )

    def _on_written(self, path: Path) -> None:
        title = self.tr("The panel was saved")
        self._open(MessageDialog(title, str(path), self.appearance.theme, self))

    def show_error(self, error: BaseException) -> None:
        """Say what went wrong; the window goes on."""
        if self.snapshot is None:
            self.top.chip.show_message(self.tr("No data"))
        self._open(ErrorDialog(error, self.appearance.theme, self))

    def _open(self, dialog: QDialog) -> None:
        dialog.open()

    # What a person asks for ----------------------------------------------------------------------

    def step(self, verb: Verb) -> None:
        """Move the cursor; a key that is held down waits until the last step is on the screen."""
        repeated, self._repeating = self._repeating, False
        self.bridge.step(verb, repeated)

    def pause(self) -> None:
        """Stop what runs: a training, a search, the playing."""
        self.playback.stop()
        if self.bridge.training:
            self.bridge.pause()

    def train_epoch(self) -> None:
        """Train an epoch, or as many as the options say."""
        epochs = self.options.epochs if self.options is not None else 1
        if self.snapshot is not None:
            self.bridge.train(epochs * self.snapshot.history.batches_per_epoch)

    def stop_in_it(self) -> None:
        """Stop the batch that does not come back, at the line at which it is."""
        self.bridge.stop_in_it()

    def continue_back(self) -> None:
        """Back to the latest earlier hit of a breakpoint."""
        self.bridge.continue_back()

    def toggle_breakpoint(self) -> None:
        """Set a breakpoint where the keys point, or take it away."""
        line = self.source.chosen_line()
        if self._points_where_it_will_be():
            self.bridge.edit_breakpoints_there(_toggle)
        elif line is not None:
            self.toggle_line(*line)

    def _points_where_it_will_be(self) -> bool:
        """Whether the keys mean the cursor's line when the steps that wait are done."""
        bridge = self.bridge
        return bridge.moving and not bridge.training and not self.source.has_caret()

    def toggle_line(self, file: str, line: int) -> None:
        """Set a breakpoint at a line, or take it away."""
        self.bridge.edit_breakpoints(partial(_toggle, place=AtLine(file, line)))

    def run_to_cursor(self) -> None:
        """Train until the line of the text cursor is come to."""
        line = self.source.chosen_line()
        if self._points_where_it_will_be():
            self.bridge.run_to(None)
        elif line is not None:
            self.bridge.run_to(AtLine(*line))

    def _on_export_breakpoints(self) -> None:
        def write(path: Path) -> None:
            target = path if path.suffix else path.with_suffix(".json")
            self.bridge.edit_breakpoints(lambda points: write_whole(target, to_json(points)))

        title, kind = self.tr("Export breakpoints"), self.tr("Breakpoints (*.json)")
        ask_where_to_write(self, title, "breakpoints.json", kind, write)

    def _on_import_breakpoints(self) -> None:
        def read(path: Path) -> None:
            self.bridge.edit_breakpoints(lambda points: read_breakpoints(path, points))

        ask_file(self, self.tr("Import breakpoints"), self.tr("Breakpoints (*.json)"), read)

    def bookmark(self) -> None:
        """Ask for a name for the moment at the cursor."""
        self.bookmarks_menu.name_moment()

    def go_to(self) -> None:
        """Ask for a position, and go there."""
        if self.snapshot is None:
            return
        dialog = GoToDialog(
            self.snapshot.position, self.snapshot.history.reach, self.appearance.theme, self
        )
        dialog.accepted.connect(lambda: self.bridge.goto(dialog.position))
        self._open(dialog)

    def _on_sample_pinned(self, sample: int | None) -> None:
        """Have every view mark the sample, and draw again those that are seen."""
        for view in self.views:
            view.show_pin(sample)
        if self.snapshot is not None:
            for dock in self.docks.values():
                dock.show_snapshot(self.snapshot)

    def _on_event_chosen(self, event: int) -> None:
        if self.snapshot is not None:
            self.bridge.goto(Position(self.snapshot.position.batch, event))

    def _on_batch_chosen(self, batch: int) -> None:
        self.bridge.goto(Position(batch, 0))

    def export_weights(self) -> None:
        """Ask for a file, and write the weights at the cursor to it."""
        title, kind = self.tr("Export weights"), self.tr("NumPy arrays (*.npz)")
        ask_where_to_write(self, title, "weights.npz", kind, self.export)

    def export(self, path: Path) -> None:
        """Write the weights at the cursor to a file, which gets the ending .npz if it has none."""
        target = path if path.suffix else path.with_suffix(".npz")
        self.bridge.export(lambda parameters: save_npz(target, parameters))

    def _on_save_asked(self, saving: Saving) -> None:
        """Ask for a file, and save what a panel shows."""
        ending = saving.kind.value
        kind = f"{ending[1:].upper()} (*{ending})"

        def save(path: Path) -> None:
            target = path if path.suffix else path.with_suffix(ending)
            self.exporter.write(target, saving.content())

        ask_where_to_write(self, self.tr("Save the panel"), saving.name, kind, save)

    def _on_setting_chosen(self, field: str, value: object) -> None:
        if self.snapshot is None:
            return
        change = SettingChange(field, value)
        text = what_it_resets(change, self.snapshot)
        if not text:
            self._make_change(change)
            return
        accept = self.tr("Start a new run")
        dialog = ConfirmDialog(change.title(), text, accept, self.appearance.theme, self)
        dialog.accepted.connect(lambda: self._make_change(change))
        self._open(dialog)

    def _make_change(self, change: SettingChange) -> None:
        assert self.snapshot is not None
        if change.field == "learning_rate":
            self.bridge.set_learning_rate(cast(float, change.value))
        else:
            self.open_session(changed(self.options, change, self.snapshot.setup))

    def toggle_input_gradient(self) -> None:
        """Have the gradient by the input computed, or no longer."""
        if self.snapshot is not None:
            self.bridge.set_input_gradient(not self.snapshot.setup.input_gradient)

    def choose_layout(self, id: str) -> None:
        """Take another of the layouts that are offered ready made."""
        focused = self.focusWidget()
        self.layout_keeper.choose(id)
        self.actions_by_id[f"layout_{self.layout_keeper.preset.id}"].setChecked(True)
        (focused if focused is not None and focused.isVisible() else self).setFocus()

    def reset_layout(self) -> None:
        """Put the panels back where they were at first."""
        focused = self.focusWidget()
        self.layout_keeper.reset()
        (focused or self).setFocus()  # panels that move lose it to the first button

    def show_keys(self) -> None:
        """Show all actions with their keys."""
        self._open(KeysDialog(self.appearance.theme, self))

    def show_about(self) -> None:
        """Say what this program is."""
        self._open(AboutDialog(self.appearance.theme, self))

    # Qt ------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Stop playing when a dialog opens; notice when a key is held down."""
        if event.type() == QEvent.Type.ShortcutOverride:
            self._note_repeating(cast(QKeyEvent, event))
        elif event.type() == QEvent.Type.WindowBlocked:
            self.playback.stop()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the keys of a floating panel, which is a window of its own."""
        if event.type() == QEvent.Type.ShortcutOverride:
            self._note_repeating(cast(QKeyEvent, event))
        return super().eventFilter(watched, event)

    def _on_repeated(self) -> None:
        self._repeating = False

    def _on_floating(self, dock: Dock, floats: bool) -> None:
        dock.removeEventFilter(self)
        if floats:
            dock.installEventFilter(self)

    def _note_repeating(self, event: QKeyEvent) -> None:
        """Note whether the shortcut that may follow is of a key that is held down.

        It follows at once, so a click that comes later is none of it.
        """
        self._repeating = event.isAutoRepeat()
        if self._repeating:
            self._repeated.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Size the panels once there is a window to share."""
        super().showEvent(event)
        self.layout_keeper.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have type and panels follow."""
        super().resizeEvent(event)
        self.layout_keeper.follow_window()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the chosen cell go, whichever panel has the keys, where none of them wants Escape."""
        if event.key() == Qt.Key.Key_Escape and self.choice.cell is not None:
            self.choice.choose(None)
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout, and end the worker's thread, a training included."""
        if not self.closing.may_close():
            event.ignore()
            return
        self.layout_keeper.save()
        self.exporter.close()
        self.numeric.shut_down()
        self.closed.emit()
        super().closeEvent(event)


# In the context in which `actions` translates a reason.
_NOTHING = {
    "undo": QT_TRANSLATE_NOOP("actions", "You have changed nothing yet."),
    "redo": QT_TRANSLATE_NOOP("actions", "Nothing was taken back."),
}


def _toggle(breakpoints: Breakpoints, place: AtLine) -> None:
    """Set a breakpoint at a line, or the next one that runs; or take it away."""
    runs = placed(place)
    assert isinstance(runs, AtLine)
    there = breakpoints.at_line(*_of(place)) or breakpoints.at_line(*_of(runs))
    if there is not None:
        breakpoints.remove(there.id)
    else:
        breakpoints.add(runs)


def _of(place: AtLine) -> tuple[str, int]:
    return place.file, place.line


def _same_batch(before: Snapshot | None, now: Snapshot) -> bool:
    """Whether a snapshot is of the recording of which the one before it was."""
    if before is None or before.too_long is None:
        return False
    return (before.identity, before.position.batch) == (now.identity, now.position.batch)


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"
