"""A recording under way: the events, frames and undo log of one call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from threading import get_ident
from types import FrameType, ModuleType
from typing import Any, NoReturn, cast

import numpy as np

from engine.debug.events import Frame
from engine.debug.instrument.sites import SITES
from engine.debug.memory.namespaces import NamespaceStores
from engine.debug.memory.retention import Retention
from engine.debug.memory.state import State
from engine.debug.memory.undo_log import UndoLog
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import has_attributes, is_a
from engine.debug.reach.placeholders import MISSING, FadedArray, faded
from engine.debug.record.interruption import StopInIt, TooLong
from engine.debug.record.trace import Raw

ELIDABLE = 262_144  # numpy reuses unreferenced temporaries of at least this many bytes in place
Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_new = object.__new__
_WITHOUT_ARRAYS = frozenset({FadedArray, slice, type(None), bool, int, float, str, np.float64})


class Token(Frame):
    """A frame while it is being recorded, with everything its hooks need."""

    __slots__ = (
        "append", "events", "handled", "late", "line", "noted", "open", "places", "recording"
    )  # fmt: skip
    append: Callable[[Raw], None]
    events: list[Raw]
    handled: BaseException | None  # the exception the caller was handling when this call began
    late: tuple[int, Any] | None
    open: list[dict[str, Any]] | None  # per running comprehension: the outer meanings of its names
    line: int  # the site of the running line
    noted: int  # how many bindings are in `places`
    places: dict[str, int]  # the index of the last binding of each name
    recording: Recording

    def comprehends(self, name: str) -> bool:
        """Whether this name is currently the variable of a comprehension."""
        return any(name in outer for outer in self.open or ())


class Recording:
    """Collects the events of one call."""

    def __init__(
        self,
        layer_names: Mapping[int, str],
        parts: list[Any],
        retention: Retention,
        most: int,
    ) -> None:
        self.parts = parts
        self.retention = retention
        self.most = most  # the largest number of events; -1 stops the recording
        self.thread = get_ident()
        self.layer_names = layer_names
        self.events: list[Raw] = []
        self.frames: list[Token] = []
        self.history = UndoLog(retention, self.in_sight)
        self.reads: list[tuple[int, Any, str]] = []
        self.current: Token | None = None

    def halt(self) -> None:
        """Stop at the next hook. Any thread may call this."""
        self.most = -1

    def end(self) -> NoReturn:
        """Stop the recorded code.

        Raises:
            StopInIt: the recording was halted. `TooLong`: it has reached `most` events.
        """
        error = StopInIt() if self.most < 0 else TooLong()
        error.between = True
        raise error

    def keep(self, value: Array) -> Any:
        """What the trace holds of an array: the array, a copy, or over budget its outline.

        A reference to a big temporary stops numpy from reusing it in place. If the temporary is
        not C-contiguous, the next result would then have another layout, and a later sum other
        last bits. So the trace holds a copy of it instead.
        """
        history, retention = self.history, self.retention
        if retention.faded_from is not None or history.room < 0:
            moment = len(self.events)
            if moment < history.fades_until or history.stretch(moment):
                if moment not in retention.apart:
                    return faded(value)
                history.keep_apart((value,))
        if value.base is not None:
            return value
        size = value.nbytes
        history.room -= size
        if size >= ELIDABLE and not value.flags.c_contiguous:
            return value.copy(order="K")
        return value

    def in_sight(self) -> Collection[int]:
        """The ids of the root arrays that any event, variable, object or container refers to."""
        history = self.history
        values = [value for _, _, value in self.events]
        values += [value for frame in self.frames for _, _, value in frame.bindings]
        for known in history.objects.values():
            values += [*known.first_values(), *(value for _, value in known.stores)]
        for container in history.containers.values():
            values += container.once_held()
        values = [value for value in values if type(value) not in _WITHOUT_ARRAYS]
        plain = [v for v in values if type(v) is _ndarray and not v.dtype.hasobject]
        others = [v for v in values if type(v) is not _ndarray or v.dtype.hasobject]
        found = {id(root_of(array)) for array in plain}
        return found.union(State([*self.parts, *others], copies=False).roots)

    def fade_bindings(self, token: Token) -> None:
        """Replace the arrays of bindings that a later binding has ended by outlines.

        Bindings that were in force at an event kept in full stay.
        """
        if token.call_event in self.retention.apart:
            return
        bindings, places = token.bindings, token.places
        for place in range(token.noted, len(bindings)):
            moment, name, _ = bindings[place]
            before = places.get(name)
            if before is not None:
                self._fade(bindings, before, moment)
            places[name] = place
        token.noted = len(bindings)

    def fade_frame(self, token: Token) -> None:
        """Do the same for a frame that has ended, and with it all of its variables."""
        if token.call_event in self.retention.apart:
            return
        self.fade_bindings(token)
        now = len(self.events)
        for place in token.places.values():
            self._fade(token.bindings, place, now)

    def _fade(self, bindings: list[tuple[int, str, Any]], place: int, end: int) -> None:
        moment, name, value = bindings[place]
        if isinstance(value, _ndarray) and not self.retention.is_seen(moment, end):
            bindings[place] = (moment, name, faded(value))

    def enter(
        self, number: int, owner: Any, names: tuple[str, ...], values: tuple[Any, ...]
    ) -> Token:
        """Make the token of a recorded function that begins."""
        site = SITES[number]
        events = self.events
        parent = self.current
        moment = len(events)
        layer = None
        if owner is not None:
            key = id(owner)
            if key not in self.history.objects:
                if is_a(owner, type):
                    owner = None
                elif has_state(owner):
                    self.history.track(owner)
            layer = self.layer_names.get(key)
        token = _new(Token)
        if parent is None:
            token.phase, token.depth = site.phase, 0
            token.layer = layer or ""
        else:
            depth = parent.depth
            token.phase = parent.phase if depth else SITES[parent.line].phase
            token.depth = depth + 1
            token.layer = layer or parent.layer
        token.function, token.file, token.first_line = site.function, site.file, site.span.line
        token.owner, token.parent, token.call_event = owner, parent, moment
        token.bindings = bindings = []
        for name, value in zip(names, values):  # noqa: B905 (they are of one length)
            bindings.append((moment, name, value))
        token.events, token.append, token.recording = events, events.append, self
        token.line, token.late, token.open = number, None, None
        token.noted, token.places = 0, {}
        token.namespace, token.global_names = None, ()
        self.frames.append(token)
        self.current = token
        if moment in self.retention.apart:
            self.history.keep_apart(values)
        return token

    def let_go(self) -> None:
        """Break the reference cycles of frames and events, so that a dropped trace is freed."""
        self.history.look = tuple
        for token in self.frames:
            del token.append, token.events, token.recording

    def open_namespace(self, token: Token, number: int, namespace: dict[str, Any]) -> None:
        """Follow the global variables that a recorded function names."""
        record = self.history.objects.get(id(namespace))
        if record is None:
            record = self.history.track(namespace)
        token.namespace = namespace
        token.global_names = SITES[number].global_names
        cast(NamespaceStores, record).named[number] = token.global_names

    def bind_free(self, token: Token, names: frozenset[str], frame: FrameType) -> None:
        """Note the free variables of a frame, which stay what they are while it runs."""
        variables, moment = frame.f_locals, len(self.events)
        for name in names:
            value = variables.get(name, MISSING)
            if value is not MISSING:
                token.bindings.append((moment, name, value))

    def share(self, token: Token, names: frozenset[str], frame: FrameType) -> None:
        """Before each event of a frame, note the variables that other functions have rebound."""
        events, bindings = self.events, token.bindings
        add = events.append
        known: dict[str, Any] = {}
        read = 0

        def append(item: Raw) -> None:
            nonlocal read
            for _, name, bound in bindings[read:]:
                known[name] = bound
            variables = frame.f_locals
            for name in names:
                value = variables.get(name, MISSING)
                if known.get(name, MISSING) is not value and not token.comprehends(name):
                    known[name] = value
                    bindings.append((len(events), name, value))
            read = len(bindings)
            add(item)

        token.append = append


def has_state(thing: Any) -> bool:
    """Whether the recorder tracks the attributes of an object."""
    return not is_a(thing, (type, ModuleType)) and has_attributes(thing)


_active: Recording | None = None


def activate(recording: Recording | None) -> None:
    """Let instrumented code report to this recording from now on; None: to nobody."""
    global _active
    _active = recording


def here() -> Recording | None:
    """The recording of the calling thread, or None."""
    recording = _active
    return recording if recording is not None and recording.thread == get_ident() else None
