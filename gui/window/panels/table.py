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
from gui.window.panels.layout_presets import DEBUG, LEARN, NUMERIC, PRESENT, PanelPlace

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
    place: PanelPlace
    large: PanelPlace | None = None
    presets: frozenset[str] = frozenset({DEBUG})

    @property
    def id(self) -> str:
        """The name of the panel in settings, sessions and code."""
        return self.view.view_id


_LARGE = frozenset({LEARN, DEBUG, PRESENT})
PANELS = (
    Panel(NetworkView, PanelPlace.LEFT_TOP, presets=_LARGE),
    Panel(SamplesView, PanelPlace.LEFT_BOTTOM),
    Panel(SourceView, PanelPlace.MIDDLE_TOP, presets=_LARGE),
    Panel(EquationView, PanelPlace.MIDDLE, presets=_LARGE),
    Panel(TensorView, PanelPlace.MIDDLE),
    Panel(LossView, PanelPlace.MIDDLE_BOTTOM),
    Panel(BranchesView, PanelPlace.MIDDLE_BOTTOM, large=PanelPlace.MIDDLE_BOTTOM_RIGHT),
    Panel(ActivationsView, PanelPlace.MIDDLE_BOTTOM),
    Panel(GradientsView, PanelPlace.MIDDLE_BOTTOM),
    Panel(HiddenUnitsView, PanelPlace.MIDDLE_BOTTOM),
    Panel(ConfusionView, PanelPlace.MIDDLE_BOTTOM),
    Panel(NumericView, PanelPlace.MIDDLE_BOTTOM, presets=frozenset({DEBUG, NUMERIC})),
    Panel(VariablesView, PanelPlace.RIGHT_TOP),
    Panel(CacheView, PanelPlace.RIGHT),
    Panel(CallStackView, PanelPlace.RIGHT_LOWER),
    Panel(BreakpointsView, PanelPlace.RIGHT_LOWER, large=PanelPlace.RIGHT_BOTTOM),
    Panel(LogView, PanelPlace.RIGHT_LOWER),
    Panel(TimelineView, PanelPlace.UNDER_ALL, presets=frozenset({LEARN, DEBUG, PRESENT, NUMERIC})),
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
