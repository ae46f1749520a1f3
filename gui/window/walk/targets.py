"""Finds what a station points at, and brings it in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from gui.window.panels.dock import Dock
from gui.window.panels.layout import Layout


class Targets:
    """The things of the window by the names that walks give them.

    Args:
        window: has them.
        docks: the panels by their ids.
        layout: has the layout of now.
        choose_layout: by its id.
        show_panel: opens a panel and brings it to the front, by its id.
    """

    def __init__(
        self,
        window: QWidget,
        docks: Mapping[str, Dock],
        layout: Layout,
        choose_layout: Callable[[str], None],
        show_panel: Callable[[str], None],
    ) -> None:
        self.docks, self._window, self._layout = docks, window, layout
        self._choose_layout, self._show_panel = choose_layout, show_panel
        self._alone: Dock | None = None
        self._opened: list[Dock] = []

    def find(self, name: str) -> QWidget | None:
        """The panel or widget in sight with a name; the name of an action is its button's.

        Of several names the first that is in sight.
        """
        for one in name.split():
            dock = self.docks.get(one)
            if dock is not None and is_in_sight(dock):
                return dock
            for full in () if dock is not None else _names(one):
                for widget in self._window.findChildren(QWidget, full):
                    if widget.isVisible():
                        return widget
        return None

    def is_known(self, name: str) -> bool:
        """Whether there is such a thing, in sight or not; of several names, each."""
        return all(
            one in self.docks
            or any(self._window.findChild(QWidget, full) is not None for full in _names(one))
            for one in name.split()
        )

    def dock_of(self, name: str) -> Dock | None:
        """The panel with a name, or that has the widget with a name; of several, the first's."""
        name = name.split()[0]
        if name in self.docks:
            return self.docks[name]
        for dock in self.docks.values():
            if any(dock.findChild(QWidget, full) is not None for full in _names(name)):
                return dock
        return None

    def missing(self, name: str) -> Dock | None:
        """The panel that would have to be opened to see a thing; None if it is in sight."""
        dock = self.dock_of(name) if name else None
        return dock if dock is not None and not is_in_sight(dock) else None

    def show(self, name: str, layout: str, alone: bool = False) -> None:
        """Bring the panel of a thing in sight, and maximise it if it is to be alone.

        `layout`: in which it is; "" for any. What was alone before is not, and what was opened
        before is closed.
        """
        dock = self.dock_of(name) if name else None
        if self._alone is not None and (self._alone is not dock or not alone):
            self._show_all()
        self._show(name, layout)
        for other in [one for one in self._opened if one is not dock]:
            self._opened.remove(other)
            other.hide()
        if dock is not None and alone and self._alone is not dock:
            dock.maximise_asked.emit()
            self._alone = dock

    def put_back(self) -> None:
        """Show all panels again, and close those that a walk has opened."""
        self._show_all()
        while self._opened:
            self._opened.pop().hide()

    def _show_all(self) -> None:
        if self._alone is not None:
            self._alone = None
            self._layout.show_all()

    def _show(self, name: str, layout: str) -> None:
        dock = self.missing(name)
        if dock is None:
            return
        if layout and self._layout.preset.id != layout:
            self._choose_layout(layout)
        if dock.isHidden():
            self._opened.append(dock)
        self._show_panel(dock.view.view_id)


def is_in_sight(dock: QWidget) -> bool:
    """Whether a panel is open, and in front of others in its place."""
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def _names(name: str) -> tuple[str, ...]:
    return name, f"{name}_word", f"{name}_button"
