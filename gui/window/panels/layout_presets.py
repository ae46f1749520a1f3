"""The presets of the layout, and the places of the panels in the window.

Each preset in `PRESETS` gets an action and a menu entry. The table of panels (`table`) says which
panels it opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from gui.dialogs.wording import to_translate


class PanelPlace(Enum):
    """A part of the window; panels in the same place are tabs."""

    LEFT_TOP = auto()
    LEFT_BOTTOM = auto()
    MIDDLE_TOP = auto()
    MIDDLE = auto()
    MIDDLE_BOTTOM = auto()
    MIDDLE_BOTTOM_RIGHT = auto()  # beside MIDDLE_BOTTOM
    RIGHT_TOP = auto()
    RIGHT = auto()
    RIGHT_LOWER = auto()
    RIGHT_BOTTOM = auto()
    UNDER_ALL = auto()  # below the columns, as wide as the window


# The columns from left to right: each place from top to bottom with its share of the height.
Column = Mapping[PanelPlace, float]
_LEFT = {PanelPlace.LEFT_TOP: 0.655, PanelPlace.LEFT_BOTTOM: 0.345}
_MIDDLE = {PanelPlace.MIDDLE_TOP: 0.27, PanelPlace.MIDDLE: 0.45, PanelPlace.MIDDLE_BOTTOM: 0.28}
COLUMNS: tuple[Column, ...] = (
    _LEFT,
    _MIDDLE,
    {PanelPlace.RIGHT_TOP: 0.41, PanelPlace.RIGHT: 0.37, PanelPlace.RIGHT_LOWER: 0.22},
)
LARGE_COLUMNS: tuple[Column, ...] = (
    _LEFT,
    _MIDDLE,
    {
        PanelPlace.RIGHT_TOP: 0.34,
        PanelPlace.RIGHT: 0.28,
        PanelPlace.RIGHT_LOWER: 0.15,
        PanelPlace.RIGHT_BOTTOM: 0.23,
    },
)
BESIDE_SHARE = 0.42  # MIDDLE_BOTTOM_RIGHT's share of the width, beside MIDDLE_BOTTOM


@dataclass(frozen=True)
class LayoutPreset:
    """A preset of the layout.

    Attributes:
        text, hint: the texts of its action; English, translated in the context `actions`.
        heights: a panel's share of its column, by its id, if it differs from its place's share.
        sides: for the left and the right column, the least width in pixels, the share of the
            window's width, and the greatest width in pixels.
        type_scale: the factor of all type in a window of the first size.
        words: whether the buttons at the top have words beside their icons.
        timeline: the height of the timeline in pixels.
        every_stop: whether steps stop at every event, or at operations only, at first.
        spare: whether secondary parts are hidden, and long lines of code are wrapped.
    """

    id: str
    text: str
    hint: str
    heights: Mapping[str, float]
    sides: tuple[tuple[int, float, int], tuple[int, float, int]]
    type_scale: float = 1.0
    words: bool = False
    timeline: int = 66
    spare: bool = False
    every_stop: bool = True


LEARN, DEBUG, PRESENT, NUMERIC = "learn", "debug", "present", "numeric"
_N = to_translate
_NO_SIDE = (0, 0.0, 0)
_LARGE = {"network": 1.0, "source": 0.34, "equation": 0.66}
PRESETS = {
    preset.id: preset
    for preset in (
        LayoutPreset(
            LEARN,
            _N("actions", "Learn"),
            _N("actions", "Few panels, large: the network, the source, the equation"),
            _LARGE,
            ((236, 0.17, 340), _NO_SIDE),
            type_scale=1.15,
            words=True,
            every_stop=False,
        ),
        LayoutPreset(
            DEBUG,
            _N("actions", "Debug"),
            _N("actions", "All panels"),
            {"source": 0.31, "equation": 0.42, "loss": 0.27},
            ((188, 0.125, 260), (312, 0.21, 430)),
        ),
        LayoutPreset(
            PRESENT,
            _N("actions", "Present"),
            _N("actions", "Huge type, for a projector; the light theme is brighter there"),
            {**_LARGE, "source": 0.405, "equation": 0.595},
            ((220, 0.2, 300), _NO_SIDE),
            type_scale=1.42,
            words=True,
            timeline=52,
            spare=True,
            every_stop=False,
        ),
        LayoutPreset(
            NUMERIC,
            _N("actions", "Numeric vs backprop"),
            _N("actions", "Numerical differentiation against backpropagation, large"),
            {"numeric": 1.0},
            (_NO_SIDE, _NO_SIDE),
        ),
    )
}
FIRST = LEARN
