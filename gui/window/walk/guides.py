"""What guides a person: the walks, the welcome, and the sessions of before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.options import Options
from gui.look.theme import Theme
from gui.session.bridge import Bridge
from gui.window.cell_choice import CellChoice
from gui.window.commands.recent import RecentSessions
from gui.window.commands.session_files import SessionFiles
from gui.window.notices.notice import Notice
from gui.window.panels.dock import Dock
from gui.window.panels.layout import Layout
from gui.window.panels.layout_choice import LayoutChoice
from gui.window.panels.layout_presets import LEARN, PRESENT
from gui.window.walk.begin import WalkStart
from gui.window.walk.doing import Doing
from gui.window.walk.goals import GoalWatch
from gui.window.walk.player import WalkPlayer
from gui.window.walk.pointing import Pointing
from gui.window.walk.strip import StationStrip
from gui.window.walk.targets import Targets
from gui.window.walk.walks import Walks
from gui.window.walk.welcome import Welcome
from gui.window.walk.welcoming import Welcoming


class Guides(QObject):
    """Makes the guides, and connects them.

    Args:
        bridge: the way to the session.
        actions, docks: the window's, by their ids.
        layout: has the layout of now.
        choice: has the chosen cell.
        files: opens sessions, and asks before one that is not saved is replaced.
        open_session: builds a session from options.
        layouts: chooses a layout, and opens panels.
        failed: shows an error.
        notice: shows a line for a while.
        strip: shows the stations.
        settings: where it is kept what has been seen and opened.
        theme: the colours.
        window: that is guided through.
    """

    def __init__(
        self,
        bridge: Bridge,
        actions: Mapping[str, QAction],
        docks: Mapping[str, Dock],
        layout: Layout,
        choice: CellChoice,
        files: SessionFiles,
        open_session: Callable[[Options], None],
        layouts: LayoutChoice,
        failed: Callable[[BaseException], None],
        notice: Notice,
        strip: StationStrip,
        settings: QSettings,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.strip, self._layout, self._layouts = strip, layout, layouts
        self.pointing = Pointing(theme, window, notice)
        player = WalkPlayer(
            bridge,
            strip,
            self.pointing,
            GoalWatch(bridge, actions, docks, layout, choice, window),
            Targets(window, docks, layout, self._choose_layout, layouts.show_panel),
            Doing(bridge, window),
            WalkStart(bridge, files, open_session, self._choose_layout, notice.say, self),
            self,
        )
        self.walks = Walks(player, actions, docks, failed, window)
        self.recent = RecentSessions(bridge, settings, self)
        self.welcoming = Welcoming(
            Welcome(theme, window), bridge, self.recent, files, self.walks, settings, self
        )

    def _choose_layout(self, id: str) -> None:
        """Choose a layout that a walk asks for; where it asks for Learn, Present will do."""
        if (id, self._layout.preset.id) != (LEARN, PRESENT):
            self._layouts.choose(id)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme's colours."""
        self.strip.set_theme(theme)
        self.pointing.set_theme(theme)
        self.welcoming.welcome.set_theme(theme)
