"""A walk: stations that each point at a thing, say what to look for, and wait for a deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.debug.events import Position


class Deed(StrEnum):
    """What a station waits for.

    NEXT: the button Next alone; the station is to be read. ACTION: an action of the window, by its
    id. STOP: the cursor is at a `Place`. BATCHES: the cursor is so many batches further. PANEL: a
    panel is in front, by its id. LAYOUT, NETWORK: another layout or network has been chosen, by its
    id. SETTING: an option of the session has a value: `weight_init xavier`. BREAKPOINT: there is a
    breakpoint more. BOOKMARK, BRANCH: likewise. HIT: a breakpoint has stopped a run. CELL: a cell
    has been chosen. PRESS: a button has been pressed, by its object name. CONTEST: a comparison of
    gradients has ended.
    """

    NEXT = "next"
    ACTION = "action"
    STOP = "stop"
    BATCHES = "batches"
    PANEL = "panel"
    LAYOUT = "layout"
    NETWORK = "network"
    SETTING = "setting"
    BREAKPOINT = "breakpoint"
    BOOKMARK = "bookmark"
    BRANCH = "branch"
    HIT = "hit"
    CELL = "cell"
    PRESS = "press"
    CONTEST = "contest"


@dataclass(frozen=True, slots=True)
class Place:
    """A stop by its code.

    Attributes:
        function: the qualified name of the function: "Affine.forward".
        source: of the expression, or of the line that has run.
        layer: the layer's name in the network, "Affine2"; "" for any.
    """

    function: str
    source: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a station waits for, with its object: an id, a number; a place for a stop."""

    deed: Deed
    object: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A station.

    Attributes:
        say: what to do or what there is, in one sentence.
        look: what to look for; "" for nothing.
        point: what it points at: the id of an action or a panel, or a widget's object name; of
            several with spaces between, the first that is in sight.
        bright: ids of the panels that are not veiled either, with spaces between: where else there
            is something to look for.
        alone: whether the panel pointed at is shown alone, over the timeline.
        goal: what it waits for.
        keys: that reach the goal, such as "S" or "Ctrl+3"; several with spaces between. Words for
            what has no key are those of `Doing`.
        at: the stop at which it begins; None for wherever the cursor is.
        position: the same as a position, for a walk that was recorded.
        branch: of the position.
        line: of its heading in the file, counted from 1; 0 for a walk without a file.
    """

    say: str
    look: str = ""
    point: str = ""
    goal: Goal = Goal(Deed.NEXT)
    keys: str = ""
    at: Place | None = None
    position: Position | None = None
    branch: int = 0
    bright: str = ""
    alone: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk.

    Attributes:
        id: the name of its file without the ending; "" for a recorded walk.
        title, about: "The first minibatch", "nine stations, two minutes".
        network: the preset that it begins with, at batch 0; "" for the session as it is.
        settings: other options of that session by name: `lr`, `seed`, `weight_init`.
        layout: the layout that it begins with, by its id; "" for any.
    """

    id: str
    title: str
    about: str
    stations: tuple[Station, ...]
    network: str = ""
    settings: Mapping[str, str | int | float] = field(default_factory=dict)
    layout: str = ""
