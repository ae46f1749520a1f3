"""Arranges the panels: in a preset's places, as the person left them, or with one maximised."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

from PySide6.QtCore import (
    QByteArray,
    QCoreApplication,
    QEvent,
    QObject,
    QSettings,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import QMainWindow, QWidget

from gui.look.type_scale import px
from gui.settings import GEOMETRY, PRESET, STATE, content, one_of
from gui.window.panels.dock import Dock
from gui.window.panels.layout_presets import (
    BESIDE_SHARE,
    COLUMNS,
    FIRST,
    LARGE_COLUMNS,
    PRESETS,
    Column,
    LayoutPreset,
    PanelPlace,
)
from gui.window.panels.table import PANELS, Panel

# Increase it when the panels change, so that an old layout is not applied to new panels.
VERSION = 5

_FIRST_SIZE = (1366, 768)
_LEAST_SIZE = (1130, 640)  # for the row at the top and three columns
_SHARE = 0.8  # of the screen's size, for a first window that is not maximised
_FRAME = 40  # the height that a window manager's frame may need
_SIZED_MS = 700  # the time for a window manager to resize the window
_DRAGGED_MS = 150  # the time without a resize after which the type follows
_GROWTH, _STEP = 0.32, 0.04  # of the type, in a window twice as large as `_FIRST_SIZE`
_LARGE_TYPE = 1.15  # the scale to which larger type shrinks in a window below `_FIRST_SIZE`
_LARGE_SIZE = (2300, 1250)  # from which a window has more places for panels


def first_type_scale(window: QMainWindow, settings: QSettings) -> float:
    """The type scale that a window will have when it is shown, if it fills its screen.

    A window made at this scale is styled once and not twice, which saves a fifth of the start-up.
    """
    return _type_scale(_preset_in(settings), window.screen().availableSize())


def _preset_in(settings: QSettings) -> LayoutPreset:
    return PRESETS[one_of(settings, PRESET, PRESETS, FIRST)]


def _type_scale(preset: LayoutPreset, size: QSize) -> float:
    """The preset's scale, larger in a large window; huge type is less so in a small window.

    A projector shows each pixel of a small window larger.
    """
    over = min(size.width() / _FIRST_SIZE[0], size.height() / _FIRST_SIZE[1]) - 1
    growth = round(_GROWTH * max(over, 0.0) / _STEP) * _STEP
    if over < 0 and preset.type_scale > _LARGE_TYPE:
        growth = round(over / _STEP) * _STEP
        return round(max(preset.type_scale * (1 + growth), _LARGE_TYPE), 3)
    return round(preset.type_scale * (1 + growth), 3)


class Layout(QObject):
    """Arranges a main window's docks, which are nested in one area for equal gaps.

    `folded` takes away, for a while, what is above the docks at times only: sizes that are saved
    with it and restored without it would drift.

    Signals:
        preset_changed: the new `LayoutPreset`.
        type_scale_changed: the new type scale.
    """

    preset_changed = Signal(object)
    type_scale_changed = Signal(float)

    def __init__(
        self,
        window: QMainWindow,
        docks: Mapping[str, Dock],
        settings: QSettings,
        folded: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        super().__init__(window)
        self._folded = folded
        self._window, self._docks = window, docks
        self._panels = [panel for panel in PANELS if panel.id in docks]
        self._settings = settings
        self._before_maximise: QByteArray | None = None
        self._settled = False
        self.preset = _preset_in(settings)
        self.fills_screen = False  # whether a first window is to be maximised
        self._large = False  # whether the columns are `LARGE_COLUMNS`
        self._resized = QTimer(self, interval=_DRAGGED_MS, singleShot=True)
        self._resized.timeout.connect(self._follow_size)
        self._placing = QTimer(self, interval=_SIZED_MS, singleShot=True)
        self._rest = QTimer(self, interval=_DRAGGED_MS, singleShot=True)
        self._rest.timeout.connect(self._on_rest)
        self._at_rest = QByteArray()  # the panels as they were before the window's size changed
        window.setDockNestingEnabled(True)
        window.setAnimated(False)
        centre = QWidget()
        centre.setFixedHeight(0)
        window.setCentralWidget(centre)
        self._tabs_due = QTimer(self, interval=0, singleShot=True)
        self._tabs_due.timeout.connect(self._show_tabs)
        for dock in docks.values():
            dock.maximise_asked.connect(self._on_maximise_asked)
            dock.visibilityChanged.connect(self._tabs_due.start)
            dock.visibilityChanged.connect(lambda _: self._rest.start())
            dock.topLevelChanged.connect(self._tabs_due.start)
            dock.dockLocationChanged.connect(self._tabs_due.start)
            dock.resized.connect(lambda: self._rest.start())
        self._arrange()

    def settle(self) -> None:
        """Give the panels their sizes; once, after the window was shown."""
        if not self._settled:
            self._settled = True
            self._place()
            self.preset_changed.emit(self.preset)
            # A window manager resizes the window only now. A layout for the former size would be
            # squeezed and saved so, a little more with every start.
            self._placing.start()

    def follow_window(self) -> None:
        """Lay out again for the window manager's size; later, adapt to the person's resizes."""
        if not self._settled:
            return
        if self._placing.isActive():
            QTimer.singleShot(0, self, self._place)
        else:
            self._resized.start()

    def _on_rest(self) -> None:
        """Save the panels' sizes: a growing window stretches them before its resize event."""
        if self._is_large() == self._large and not self._resized.isActive():
            self._at_rest = self._window.saveState(VERSION)

    def type_scale(self) -> float:
        """The type scale: the preset's, larger in a large window.

        It changes in steps, since a small change would redo all widgets for no visible difference.
        """
        size = self._window.size()
        if self.fills_screen and not self._settled:
            size = self._window.screen().availableSize()
        return _type_scale(self.preset, size)

    @property
    def following(self) -> bool:
        """Whether type and panels have not yet followed the window's size."""
        return any(due.isActive() for due in (self._resized, self._placing, self._rest))

    def _follow_type(self) -> None:
        """Set the type scale for the preset and the window."""
        self.type_scale_changed.emit(self.type_scale())
        # The rows' new sizes must be known before the panels are laid out.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    def _is_large(self) -> bool:
        return self._window.width() >= _LARGE_SIZE[0] and self._window.height() >= _LARGE_SIZE[1]

    def _place(self) -> None:
        self._large = self._is_large()
        self._follow_type()
        if not self._restore_state():
            self.reset()
        self._at_rest = self._window.saveState(VERSION)

    def _follow_size(self) -> None:
        """Adapt type and columns to the window's size."""
        self._follow_type()
        if self._is_large() != self._large and self._before_maximise is None:
            if not self._at_rest.isEmpty():
                self._settings.setValue(self._state_key(), self._at_rest)
            self._place()

    def choose(self, id: str) -> None:
        """Switch to another preset as the person left it; save the current one."""
        if id == self.preset.id:
            return
        with self._folded():
            self._save_state()
            self._before_maximise = None
            self.preset = PRESETS[id]
            self._settings.setValue(PRESET, id)
            self._follow_type()
            if not self._restore_state():
                self.reset()
        self.preset_changed.emit(self.preset)

    def restore_window(self) -> None:
        """Restore the window's size and position, before it is shown."""
        available = self._available()
        self._window.setMinimumSize(
            min(_LEAST_SIZE[0], available[0]), min(_LEAST_SIZE[1], available[1] - _FRAME)
        )
        if not self._window.restoreGeometry(content(self._settings, GEOMETRY)):
            self.fills_screen = True  # its size when it is no longer maximised:
            self._window.resize(
                *(min(max(least, round(_SHARE * there)), there)
                  for least, there in zip(_FIRST_SIZE, available, strict=True))
            )  # fmt: skip
        state = self._window.windowState()  # full screen is for the moment
        self._window.setWindowState(state & ~Qt.WindowState.WindowFullScreen)
        self._follow_type()

    def _available(self) -> tuple[int, int]:
        area = self._window.screen().availableGeometry()
        return area.width(), area.height()

    def save(self) -> None:
        """Save the window's geometry and the arrangement of the panels."""
        if self._settled:
            self._settings.setValue(GEOMETRY, self._window.saveGeometry())
            with self._folded():
                self._save_state()

    def _save_state(self) -> None:
        state = self._before_maximise or self._window.saveState(VERSION)
        self._settings.setValue(self._state_key(), state)

    def _state_key(self) -> str:
        return STATE.format(self.preset.id) + ("_large" if self._large else "")

    def state(self) -> dict[str, object]:
        """The preset and the places of the panels, as a dictionary for JSON."""
        state = self._before_maximise or self._window.saveState(VERSION)
        text = base64.b64encode(state.data()).decode("ascii")
        return {"version": VERSION, "preset": self.preset.id, "state": text}

    def take(self, state: Mapping[str, object]) -> None:
        """Arrange the panels as in `state`; ignore a state of another version."""
        if state.get("version") != VERSION or str(state.get("preset")) not in PRESETS:
            return
        self.choose(str(state["preset"]))
        try:
            places = base64.b64decode(str(state.get("state")), validate=True)
        except ValueError:
            return
        self._before_maximise = None
        self._window.restoreState(QByteArray(places), VERSION)
        self._tabs_due.start()

    def reset(self) -> None:
        """Put every panel of the preset back in its original place."""
        self._before_maximise = None
        for dock in self._docks.values():
            dock.setFloating(False)
        self._arrange()
        preset = self.preset
        width, height = self._window.width(), self._window.height()
        left, right = (
            round(min(max(px(least), share * width), px(most)))
            for least, share, most in preset.sides
        )
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        columns = [self._shown_in(column) for column in self._columns()]
        sized = [(column[0][0], size) for column, size in zip(
            columns, (left, width - left - right, right), strict=True) if column]  # fmt: skip
        self._window.resizeDocks([d for d, _ in sized], [s for _, s in sized], horizontal)
        above = height - px(44) - px(preset.timeline)
        for column in columns:
            heights = [round(part * above) for _, part in column]
            self._window.resizeDocks([dock for dock, _ in column], heights, vertical)
        under = self._at(PanelPlace.UNDER_ALL)
        self._window.resizeDocks(under, [px(preset.timeline)] * len(under), vertical)
        beside = [
            self._docks[shown[0].id]
            for place in (PanelPlace.MIDDLE_BOTTOM, PanelPlace.MIDDLE_BOTTOM_RIGHT)
            if (shown := [panel for panel in self._in(place) if self._is_shown(panel)])
        ]
        if len(beside) == 2:
            middle = width - left - right
            widths = [round(middle * (1 - BESIDE_SHARE)), round(middle * BESIDE_SHARE)]
            self._window.resizeDocks(beside, widths, horizontal)

    def _columns(self) -> tuple[Column, ...]:
        return LARGE_COLUMNS if self._large else COLUMNS

    def _in(self, place: PanelPlace) -> list[Panel]:
        """The panels in a place, for the current window size."""
        return [
            panel
            for panel in self._panels
            if place is (panel.large if self._large and panel.large is not None else panel.place)
        ]

    def _at(self, place: PanelPlace) -> list[Dock]:
        return [self._docks[panel.id] for panel in self._in(place)]

    def _shown_in(self, column: Column) -> list[tuple[Dock, float]]:
        """The first open panel of each place in a column, and its share of the height."""
        found = []
        for place, part in column.items():
            shown = [panel.id for panel in self._in(place) if self._is_shown(panel)]
            if shown:
                found.append((self._docks[shown[0]], self.preset.heights.get(shown[0], part)))
        return found

    def _is_shown(self, panel: Panel) -> bool:
        return self.preset.id in panel.presets

    def _arrange(self) -> None:
        """Put all panels in their places, and close the panels that are not in the preset."""
        window, docks = self._window, self._docks
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        for dock in docks.values():
            window.removeDockWidget(dock)
        columns = [
            [found for place in column if (found := self._at(place))] for column in self._columns()
        ]
        columns = [column for column in columns if column]
        tops = [column[0][0] for column in columns]
        window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, tops[0])
        for dock in self._at(PanelPlace.UNDER_ALL):
            window.splitDockWidget(tops[0], dock, vertical)
        for before, after in pairwise(tops):
            window.splitDockWidget(before, after, horizontal)
        for column in columns:
            for (before, *_), (after, *_) in pairwise(column):
                window.splitDockWidget(before, after, vertical)
        middle, beside = (
            self._at(PanelPlace.MIDDLE_BOTTOM),
            self._at(PanelPlace.MIDDLE_BOTTOM_RIGHT),
        )
        if middle and beside:
            window.splitDockWidget(middle[0], beside[0], horizontal)
        for dock in docks.values():
            dock.show()
        places = [tabs for column in columns for tabs in column] + ([beside] if beside else [])
        for first, *others in places:
            for other in others:
                window.tabifyDockWidget(first, other)
            first.raise_()
        for panel in self._panels:
            docks[panel.id].setVisible(self._is_shown(panel))
        self._tabs_due.start()

    def _restore_state(self) -> bool:
        state = content(self._settings, self._state_key())
        if not self._window.restoreState(state, VERSION):
            return False
        # A window manager keeps a panel in front only if the window was shown before the panel.
        for dock in self._docks.values():
            if dock.isFloating() and not dock.isHidden():
                dock.hide()
                QTimer.singleShot(0, dock, dock.show)
        self._tabs_due.start()
        return True

    def _show_tabs(self) -> None:
        """Show, in each title row, the panels that share the place."""
        order = list(self._docks.values())
        for dock in order:
            sharing = [
                other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden()
            ]
            together = [other for other in order if other is dock or other in sharing]
            dock.show_tabs(together if not dock.isFloating() else [dock])
            dock.show_maximised(self._before_maximise is not None and not dock.isFloating())

    def show_all(self) -> None:
        """Restore all panels if one is maximised."""
        if self._before_maximise is not None:
            state, self._before_maximise = self._before_maximise, None
            self._window.restoreState(state, VERSION)
            self._tabs_due.start()

    def _on_maximise_asked(self) -> None:
        """Maximise the place of the sending panel, above the timeline; or restore all panels.

        The panels that share the place remain as tabs.
        """
        asks = self.sender()
        assert isinstance(asks, Dock)
        if self._before_maximise is not None:
            self.show_all()
            asks.raise_()  # the tab chosen meanwhile stays in front
            return
        self._before_maximise = self._window.saveState(VERSION)
        kept = {asks, *self._window.tabifiedDockWidgets(asks), *self._at(PanelPlace.UNDER_ALL)}
        for dock in self._docks.values():
            if dock not in kept and not dock.isFloating():
                dock.hide()
