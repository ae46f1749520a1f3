"""The main window: it makes the parts, passes each its dependencies, and connects their signals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.options import Options
from gui.look.appearance import Appearance, Choice
from gui.look.icons import logo_icon
from gui.look.theme import Theme
from gui.look.type_scale import SCALE
from gui.session.bridge import Bridge
from gui.session.playback import Playback
from gui.settings import open_settings
from gui.views.branches.view import BranchesView
from gui.views.breakpoints.view import BreakpointsView
from gui.views.call_stack import CallStackView
from gui.views.confusion import ConfusionView
from gui.views.equation.view import EquationView
from gui.views.gradients.view import GradientsView
from gui.views.hidden_units.view import HiddenUnitsView
from gui.views.log import LogView
from gui.views.loss import LossView
from gui.views.network.view import NetworkView
from gui.views.numeric.view import NumericView
from gui.views.samples.view import SamplesView
from gui.views.source.view import SourceView
from gui.views.tensor.view import TensorView
from gui.views.timeline.view import TimelineView
from gui.views.variables.view import VariablesView
from gui.widgets.view import View
from gui.window.actions.bookmarks_menu import BookmarksMenu
from gui.window.actions.commands import Commands
from gui.window.actions.help_dialogs import HelpDialogs
from gui.window.actions.menus import fill_menu_bar
from gui.window.actions.qactions import Actions
from gui.window.actions.states import ActionStates
from gui.window.cell_choice import CellChoice
from gui.window.closing import Closing
from gui.window.commands.drawing import Drawing
from gui.window.commands.every_stop import EveryStop
from gui.window.commands.facets import FacetCommand
from gui.window.commands.files import FileCommands
from gui.window.commands.held_keys import HeldKeys
from gui.window.commands.notation import NotationSwitch
from gui.window.commands.pointed_at import PointedAt
from gui.window.commands.questions import Questions
from gui.window.commands.run_settings import SettingCommands
from gui.window.commands.running import RunControl
from gui.window.commands.session_files import SessionFiles
from gui.window.commands.what_if import WhatIf
from gui.window.commands.why import WhyCommand
from gui.window.commands.words import WordsSwitch
from gui.window.first_picture import FirstPicture
from gui.window.glossary.glossary import Glossary
from gui.window.notices.branch_notice import BranchNotice
from gui.window.notices.held_up import HeldUpBar
from gui.window.notices.messages import Messages
from gui.window.notices.notice import Notice
from gui.window.notices.old_forms import OldForms
from gui.window.panels.dock import Dock
from gui.window.panels.export import Exporter
from gui.window.panels.group import PanelGroup
from gui.window.panels.layout import Layout, first_type_scale
from gui.window.panels.layout_choice import LayoutChoice
from gui.window.panels.layout_presets import PRESETS, LayoutPreset
from gui.window.panels.table import Views
from gui.window.present.presenting import Presenting
from gui.window.present.walk_room import WalkRoom
from gui.window.result.watch import TrainingResults
from gui.window.toolbar.choosers import Choosers
from gui.window.toolbar.toolbar import TopRow
from gui.window.toolbar.train_menu import train_menu
from gui.window.view_connections import ViewConnections
from gui.window.walk.guides import Guides
from gui.window.walk.kept_clear import KeptClear
from gui.window.walk.record_strip import RecordStrip
from gui.window.walk.strip import StationStrip, TopColumn
from gui.window.walk.teaching import Teaching


class MainWindow(QMainWindow):
    """The debugger's window.

    Args:
        session: the session to debug; from now on only the worker's thread uses it. None:
            `run_settings.open_session` opens it later.
        options: the options that the session was or will be built from; None: they are taken from
            the session.
        settings: where layout and theme are saved.

    Signals:
        closed: the window was closed, and its thread has ended.
    """

    closed = Signal()

    def __init__(
        self,
        session: Session | None = None,
        options: Options | None = None,
        settings: QSettings | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Retrograd")
        self.setWindowIcon(logo_icon())
        self.setContentsMargins(6, 0, 6, 0)
        app = cast(QApplication, QApplication.instance())
        self.settings = settings = settings or open_settings()
        self.first_picture = FirstPicture(self)
        self.first_picture.import_later(
            "gui.paint.plots.loss_plots", "pygments.lexers.python",
            "gui.views.equation.scenes.table", "gui.words.why.find",
        )  # fmt: skip
        SCALE.factor = first_type_scale(self, settings)
        self.appearance = Appearance(app, settings, self)
        self.bridge = Bridge(session, self, options)
        self.playback = Playback(self.bridge, self)
        self._old_forms = OldForms(self)
        self._make_panels()
        self._make_helpers()
        self._connect_actions()
        self._connect()
        self._set_theme(self.appearance.theme)
        self.layout_keeper.restore_window()
        self.setFocus()  # else the first button has a focus ring

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest snapshot."""
        return self.bridge.snapshot

    @property
    def options(self) -> Options | None:
        """The options that the session was or will be built from."""
        return self.bridge.options

    # Parts

    def _make_panels(self) -> None:
        """Make the row at the top, the panels below it, and the notices over them."""
        theme = self.appearance.theme
        self.actions_by_id = Actions(self)
        self.choosers = Choosers(theme, self)
        self.top = self._make_top()
        self.exporter = Exporter(self)
        self.keys = HeldKeys(self)
        self.keys.watch(self)
        self.views = self._make_views(theme)
        self.docks = {view.view_id: self._make_dock(view) for view in self.views}
        self.panels = PanelGroup(self.bridge, self.docks, self.source, self)
        self.walk_room = WalkRoom(self.docks, self.source.lesson.minimumHeight, self)
        self.layout_keeper = Layout(
            self, self.docks, self.settings, partial(self.walk_room.without, self.top_column.folded)
        )
        strips = self.walk_strip, self.record_strip
        self.kept_clear = KeptClear(self, strips, self.panels, self.docks.values())
        self.notice = Notice(self.top.chip, self, self.kept_clear.wanted)
        self.held_up_bar = HeldUpBar(self.top.chip, self, self.kept_clear.wanted)
        self.panels.moved.connect(self.notice.place)
        self.panels.moved.connect(self.held_up_bar.place)

    def _make_helpers(self) -> None:
        """Make the objects that serve one task each."""
        bridge, appearance = self.bridge, self.appearance
        notice, chip, actions = self.notice, self.top.chip, self.actions_by_id
        self.bookmarks_menu = BookmarksMenu(bridge, appearance, actions["bookmark"], self)
        self.session_files = SessionFiles(
            self, bridge, appearance, self.layout_keeper, notice, chip
        )
        self.closing = Closing(self, bridge, self.session_files, appearance, chip, self._remember)
        self.layouts = LayoutChoice(self.layout_keeper, self.docks, actions.by_id, self)
        pointed_at = PointedAt(bridge, self.tensor, self.variables)
        self.what_if = WhatIf(bridge, appearance, pointed_at, self.tensor, self.hidden_units, self)
        self.questions = Questions(
            bridge, appearance, notice, pointed_at, self.what_if, actions.__getitem__,
            self.docks["equation"].raise_, self,
        )  # fmt: skip
        self.branch_notice = BranchNotice(
            bridge, notice, lambda: self.layouts.show_panel("branches"), self
        )
        self.choice = CellChoice(bridge, self.panels, self)
        self.run = RunControl(bridge, self.playback, self.source, self.keys, appearance, self)
        self.files = FileCommands(bridge, self.exporter, appearance, self)
        self.run_settings = SettingCommands(bridge, appearance, chip, self)
        ViewConnections(
            self._views, bridge, self.run, self.files, self.what_if, self.settings, self
        )
        self.action_states = ActionStates(actions, bridge, self.playback, self)
        self.every_stop = EveryStop(
            self.settings, actions["every_stop"], self._followers_of_every_stop(), self
        )
        self.source.every_stop.setDefaultAction(actions["every_stop"])
        self.glossary = Glossary(bridge, self.docks, self.layouts.show_panel, appearance, self)
        for asked in (
            self.source.term_asked, self.equation.term_asked, self.walk_strip.term_asked,
            *(dock.term_asked for dock in self.docks.values()),
        ):  # fmt: skip
            asked.connect(self.glossary.show_term)
        self.words = WordsSwitch(self.settings, actions["words"], self._set_words)
        self.notation = NotationSwitch(
            self.settings, actions["notation"], self.equation.top.formula.set_notation
        )
        self.why = WhyCommand(
            bridge, self.equation, lambda: self.layouts.show_panel("equation"), self
        )
        bridge.coming.connect(self.equation.top.formula.prepare)
        self.messages = Messages(bridge, appearance, notice, chip, self)
        self.results = TrainingResults(
            bridge, self.equation, self.loss, actions.by_id, notice,
            self.layouts.show_panel_large, appearance, self,
        )  # fmt: skip
        self.guides = Guides(
            bridge, actions.by_id, self.docks, self.layout_keeper, self.choice, self.session_files,
            self.run_settings.open_session, self.layouts, self.messages.show_error, notice,
            self.walk_strip, self.settings, appearance.theme, self,
        )  # fmt: skip
        self.kept_clear.pointing = self.guides.pointing
        self.guides.walks.player.station_changed.connect(self.why.close_box)  # it covers things
        self.teaching = Teaching(
            self.guides.walks, self.record_strip, bridge, self.session_files, self.bookmarks_menu,
            actions.by_id, self.docks, self.layout_keeper, appearance, self.messages.show_error,
            notice.say, self.messages.say_when_opened, self,
        )  # fmt: skip
        self.presenting = Presenting(
            actions.by_id, self.layout_keeper, self.choice.is_made, appearance, self
        )
        self.guides.walks.playing.connect(self.presenting.follow_walk)
        self.presenting.walk_speaks.connect(self.source.set_told_elsewhere)
        self.presenting.walk_speaks.connect(self.walk_room.follow)

    def _connect_actions(self) -> None:
        """Let the actions call the helpers, and put them into the menus."""
        actions, bridge, appearance = self.actions_by_id, self.bridge, self.appearance
        commands = Commands(
            bridge=bridge, run=self.run, playback=self.playback, questions=self.questions,
            what_if=self.what_if, facets=FacetCommand(bridge, appearance, self), why=self.why,
            bookmarks=self.bookmarks_menu,
            draw_digit=Drawing(bridge, appearance, self.panels.pin, self).open,
            session_files=self.session_files, files=self.files,
            help=HelpDialogs(actions.rows_with_keys, appearance, self),
            show_glossary=self.glossary.show_all, choose_layout=self.layouts.choose,
            reset_layout=self.layouts.reset, toggle_every_stop=self.every_stop.toggle,
            toggle_words=self.words.toggle, show_welcome=self.guides.welcoming.open,
            toggle_notation=self.notation.toggle, presenting=self.presenting, quit=self.close,
        )  # fmt: skip
        actions.connect_to(commands)
        fill_menu_bar(
            self.top.menu_bar, actions, self.bookmarks_menu, self.guides.walks.menu, self.choosers,
            self.docks.values(), appearance, self.playback, self,
        )  # fmt: skip

    def _followers_of_every_stop(self) -> list[Callable[[bool], None]]:
        return [
            self.actions_by_id.set_every_stop, partial(setattr, self.playback, "every_stop"),
            partial(setattr, self.bookmarks_menu, "every_stop"),
            self.top.set_every_stop, *(view.set_every_stop for view in self.views),
        ]  # fmt: skip

    def _make_top(self) -> TopRow:
        theme = self.appearance.theme
        actions = self.actions_by_id.by_id
        top = TopRow(actions, self.choosers.pills, train_menu(actions, self), theme)
        top.widened.connect(self.choosers.set_wide)
        top.theme_asked.connect(self._on_theme_asked)
        self.walk_strip, self.record_strip = StationStrip(theme), RecordStrip(theme)
        self.top_column = TopColumn(top, self.walk_strip, self.record_strip)
        self.setMenuWidget(self.top_column)
        return top

    def _make_views(self, theme: Theme) -> list[View]:
        """Make the views, and give each a name for scripts and tests."""
        made = self._views = Views(theme)
        self.network = made[NetworkView]
        self.samples = made[SamplesView]
        self.source = made[SourceView]
        self.equation = made[EquationView]
        self.tensor = made[TensorView]
        self.loss = made[LossView]
        self.branches = made[BranchesView]
        self.gradients = made[GradientsView]
        self.hidden_units = made[HiddenUnitsView]
        self.confusion = made[ConfusionView]
        self.numeric = made[NumericView]
        self.variables = made[VariablesView]
        self.call_stack = made[CallStackView]
        self.breakpoints = made[BreakpointsView]
        self.log = made[LogView]
        self.timeline = made[TimelineView]
        return list(made)

    def _make_dock(self, view: View) -> Dock:
        dock = Dock(view, titled=view is not self.timeline, parent=self)
        dock.copy_asked.connect(self.exporter.copy)
        dock.topLevelChanged.connect(lambda floats: self.keys.watch(dock, floats))
        return dock

    # Connections

    def _connect(self) -> None:
        bridge = self.bridge
        bridge.stopped.connect(self._on_stopped)
        bridge.held_up.connect(self.held_up_bar.show_held_up)
        bridge.marked.connect(self._on_marked)
        self.held_up_bar.stop_asked.connect(bridge.stop_in_it)
        self.held_up_bar.save_asked.connect(self.session_files.ask_save)
        self.held_up_bar.close_asked.connect(self.close)
        self.top.chip.clicked.connect(self.run.go_to)
        self.choosers.chosen.connect(self.run_settings.change)
        self.appearance.changed.connect(self._set_theme)
        self.appearance.scaled.connect(self._on_scaled)
        self.exporter.copied.connect(lambda text: QApplication.clipboard().setText(text))
        self.exporter.failed.connect(self.messages.show_error)
        self.layout_keeper.preset_changed.connect(self._on_preset_changed)
        self.layout_keeper.type_scale_changed.connect(self.appearance.set_type_scale)
        for dock in self.docks.values():
            dock.view.sample_pinned.connect(self.panels.pin)
            dock.save_asked.connect(self.files.save_panel)

    # The session's state, the theme, the layout

    def _on_stopped(self, snapshot: Snapshot) -> None:
        self.choice.arrive(snapshot)
        self._old_forms.close(snapshot)
        self.choosers.show_setup(snapshot.setup, self.bridge.options)
        self.session_files.show_title()
        self.action_states.update()
        if self.bridge.running is None:
            self.top.chip.show_snapshot(snapshot)
        for view in (self.source, self.equation):
            view.show_lesson(self.bridge.lesson, snapshot)
        self.panels.show_snapshot(snapshot)
        self.notice.place()  # the cursor is at another line of code
        self.messages.say_of(snapshot)

    def _on_marked(self) -> None:
        """Show changed breakpoints and bookmarks during a run."""
        snapshot = self.bridge.snapshot
        assert snapshot is not None
        for view in (self.source, self.breakpoints):
            self.docks[view.view_id].show_snapshot(snapshot)
        self.session_files.show_title()

    def _set_words(self, on: bool) -> None:
        self.source.set_words(on)
        self.equation.set_words(on)

    def _set_theme(self, theme: Theme) -> None:
        """Redraw everything in another theme."""
        self.actions_by_id.set_theme(theme)
        self.top.set_theme(theme)
        self.guides.set_theme(theme)
        self.choosers.set_theme(theme)
        self.panels.set_theme(theme)

    def _on_theme_asked(self) -> None:
        """Choose the other theme through its menu entry."""
        other = Choice.LIGHT if self.appearance.theme.dark else Choice.DARK
        entry = self.findChild(QAction, f"theme_{other}")
        assert isinstance(entry, QAction)
        entry.trigger()

    def _on_scaled(self) -> None:
        """Redraw everything in another type scale."""
        for part in (self.top, self.panels, self.walk_strip):
            part.follow_type()

    def _on_preset_changed(self, preset: LayoutPreset) -> None:
        for id in PRESETS:
            self.actions_by_id[f"layout_{id}"].setChecked(id == preset.id)
        self.top.set_words(preset.words)
        self.top.set_spare(preset.spare)
        self.walk_strip.set_spare(preset.spare)
        self.panels.set_spare(preset.spare)
        self.every_stop.take_preset(preset)

    # Qt's events

    def event(self, event: QEvent) -> bool:
        """Stop playing when a dialog opens."""
        if event.type() == QEvent.Type.WindowBlocked:
            self.playback.stop()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out the panels once the window has a size."""
        super().showEvent(event)
        self.layout_keeper.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt type and panels to the new size."""
        super().resizeEvent(event)
        self.layout_keeper.follow_window()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On Escape, unless a panel has used the key, close the derivation, or clear the cell."""
        if event.key() == Qt.Key.Key_Escape and self.why.close_box():
            return
        if event.key() == Qt.Key.Key_Escape and self.choice.cell is not None:
            self.choice.choose(None)
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save the layout, and end the worker's thread, including a training."""
        if not self.closing.may_close():
            event.ignore()
            return
        self.layout_keeper.save()
        self.exporter.close()
        self.numeric.shut_down()
        self.closed.emit()
        super().closeEvent(event)

    def _remember(self) -> None:
        """Save the layout if the process ends without closing the window."""
        self.layout_keeper.save()
        self.settings.sync()
