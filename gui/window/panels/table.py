"""The panels of the window as a table: the view of each, its place, and the layouts that open it.

A new panel is a view and a row. Its id, title and help are the view's own (see `View`). The order
of the rows is the order in the menu, and of the tabs if several panels share a place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from gui.look.theme import Theme
from gui.views.activations import ActivationsView
from gui.views.branches.view import BranchesView
from gui.views.breakpoints.view import BreakpointsView
from gui.views.cache.view import CacheView
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
from gui.window.panels.layout_presets import DEBUG, LEARN, NUMERIC, PRESENT, Place

ViewT = TypeVar("ViewT", bound=View)


@dataclass(frozen=True)
class Panel:
    """A view and its place.

    Attributes:
        view: the view's class, which has the panel's id and makes the view from a theme.
        place: its original place.
        large: its original place in a large window, if different.
        presets: the layouts in which the panel is open.
    """

    view: type[View]
    place: Place
    large: Place | None = None
    presets: frozenset[str] = frozenset({DEBUG})

    @property
    def id(self) -> str:
        """The name of the panel in settings, sessions and code."""
        return self.view.view_id


_LARGE = frozenset({LEARN, DEBUG, PRESENT})
PANELS = (
    Panel(NetworkView, Place.LEFT_TOP, presets=_LARGE),
    Panel(SamplesView, Place.LEFT_BOTTOM),
    Panel(SourceView, Place.MIDDLE_TOP, presets=_LARGE),
    Panel(EquationView, Place.MIDDLE, presets=_LARGE),
    Panel(TensorView, Place.MIDDLE),
    Panel(LossView, Place.MIDDLE_BOTTOM),
    Panel(BranchesView, Place.MIDDLE_BOTTOM, large=Place.MIDDLE_BOTTOM_RIGHT),
    Panel(ActivationsView, Place.MIDDLE_BOTTOM),
    Panel(GradientsView, Place.MIDDLE_BOTTOM),
    Panel(HiddenUnitsView, Place.MIDDLE_BOTTOM),
    Panel(ConfusionView, Place.MIDDLE_BOTTOM),
    Panel(NumericView, Place.MIDDLE_BOTTOM, presets=frozenset({DEBUG, NUMERIC})),
    Panel(VariablesView, Place.RIGHT_TOP),
    Panel(CacheView, Place.RIGHT),
    Panel(CallStackView, Place.RIGHT_LOWER),
    Panel(BreakpointsView, Place.RIGHT_LOWER, large=Place.RIGHT_BOTTOM),
    Panel(LogView, Place.RIGHT_LOWER),
    Panel(TimelineView, Place.UNDER_ALL, presets=frozenset({LEARN, DEBUG, PRESENT, NUMERIC})),
)


class Views:
    """The views of a window, one for each panel, indexed by class."""

    def __init__(self, theme: Theme) -> None:
        self._made = {panel.view: panel.view(theme) for panel in PANELS}

    def __iter__(self) -> Iterator[View]:
        return iter(self._made.values())

    def __getitem__(self, kind: type[ViewT]) -> ViewT:
        view = self._made[kind]
        assert isinstance(view, kind)  # the view was made from this class
        return view
