"""Records a walk: each station is a bookmark with a text, at the cursor."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.debug.bookmarks import Bookmark, Bookmarks, stations_of
from gui.session.bridge import Bridge
from gui.walks.recorded import code_of
from gui.window.walk.picking import Picker
from gui.window.walk.record_strip import RecordStrip, Said


class Recorder(QObject):
    """Adds, changes, moves and removes the stations of the session.

    Args:
        bridge: the way to the session.
        strip: has the fields and the list.
        picker: picks a thing to point at.
        title_of: the title of a thing by its name.
        window: gets the keys back after each station.
    """

    def __init__(
        self,
        bridge: Bridge,
        strip: RecordStrip,
        picker: Picker,
        title_of: Callable[[str], str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge, self.strip, self.picker = bridge, strip, picker
        self._title_of, self._window = title_of, window
        self._shown: tuple[Bookmark, ...] = ()
        self._chosen: int | None = None  # the id of the station in the fields
        self._draft = Said()  # of the next station, while another is in the fields
        strip.put_asked.connect(self._put)
        strip.chosen.connect(self._choose)
        strip.move_asked.connect(self._move)
        strip.visit_asked.connect(self._visit)
        strip.delete_asked.connect(self._delete)
        strip.left.connect(self.stop)
        strip.pick_asked.connect(self._pick)
        picker.picked.connect(self._on_picked)
        picker.ended.connect(self._show_where)
        bridge.stopped.connect(self._follow)
        bridge.marked.connect(self._follow)
        bridge.state_changed.connect(self._on_state)

    def start(self, station: int | None = None) -> None:
        """Show the strip, with a station in its fields, or empty for a new one."""
        self._chosen, self._shown, self._draft = None, (), Said()
        self.strip.show_said(self._draft)
        self.strip.show_stations(self._shown, None)
        self.strip.show()
        self._follow()
        if station is not None:
            self._choose(station)
        self.strip.say.setFocus()

    def stop(self) -> None:
        """Hide the strip; the stations stay."""
        self.picker.stop()
        self.strip.hide()
        self._window.setFocus()

    # What the strip asks for

    def _put(self) -> None:
        said, id, snapshot = self.strip.said, self._chosen, self._bridge.snapshot
        if snapshot is None:
            return
        self._window.setFocus()  # whose keys lead to the next station
        if id is not None:
            self._edit(id, lambda marks: marks.change_station(id, said.text, said.look, said.point))
            self._choose(None)
        else:
            position, code = snapshot.position, code_of(snapshot)
            branch = next(one.id for one in snapshot.branches if one.current)
            self._bridge.edit_stations(
                lambda marks: marks.add_station(
                    said.text, position, branch, said.look, said.point, code
                )
            )
            self.strip.show_said(Said())

    def _choose(self, id: int | None) -> None:
        if self._chosen is None:
            self._draft = self.strip.said
        station = self._station(id)
        self._chosen = None if station is None else station.id
        self._show_fields(station)
        self.strip.show_stations(self._shown, self._chosen)
        self._show_where()

    def _show_fields(self, station: Bookmark | None) -> None:
        if station is None:
            self.strip.show_said(self._draft)
            return
        self.strip.show_said(Said(station.text, station.look, ""))
        self.strip.show_point(station.point, self._title_of(station.point))

    def _move(self, by: int) -> None:
        if (id := self._chosen) is not None:
            self._edit(id, lambda marks: marks.move_station(id, by))

    def _visit(self) -> None:
        station = self._station(self._chosen)
        if station is not None:
            self._bridge.visit(station.position, station.branch)

    def _delete(self) -> None:
        if (id := self._chosen) is not None:
            self._edit(id, lambda marks: marks.remove(id))

    def _edit(self, id: int, change: Callable[[Bookmarks], object]) -> None:
        """Change a station, unless an undo that was still to be done has removed it."""

        def edit(marks: Bookmarks) -> None:
            if any(one.id == id for one in marks.stations):
                change(marks)

        self._bridge.edit_stations(edit)

    def _pick(self) -> None:
        self.strip.show_where(self.tr("Click what it is to point at; Esc: nothing"))
        self.picker.start()

    def _on_picked(self, name: str) -> None:
        self.strip.show_point(name, self._title_of(name))
        self.strip.say.setFocus()

    # What the session tells

    def _station(self, id: int | None) -> Bookmark | None:
        return next((one for one in self._shown if one.id == id), None)

    def _follow(self, *_: object) -> None:
        """Show the stations that there are now."""
        snapshot = self._bridge.snapshot
        if snapshot is None or self.strip.isHidden():
            return
        stations, before = stations_of(snapshot.bookmarks), self._station(self._chosen)
        if stations != self._shown:
            self._shown = stations
            after = self._station(self._chosen)
            if self._chosen is not None and after != before:  # it has been undone, or removed
                if after is None:
                    self._chosen = None
                self._show_fields(after)
            self.strip.show_stations(stations, self._chosen)
        self._show_where()

    def _on_state(self) -> None:
        """Add nothing during a run, whose cursor is further than what is shown."""
        self.strip.set_running(self._bridge.running is not None)

    def _show_where(self) -> None:
        snapshot, station = self._bridge.snapshot, self._station(self._chosen)
        if snapshot is None or not self.picker.isHidden():
            return
        batch = snapshot.position.batch if station is None else station.position.batch
        code = code_of(snapshot) if station is None else station.code
        place = code or snapshot.event.frame.function
        if station is None:
            self.strip.show_where(self.tr("here: batch {0}, {1}").format(batch, place))
        else:
            self.strip.show_where(self.tr("at batch {0}, {1}").format(batch, place))
