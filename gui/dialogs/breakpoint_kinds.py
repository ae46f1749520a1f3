"""The kinds of breakpoints in the window: for each its name, its mark, and the form to set it.

A new kind needs a row in `GROUPS`. Without a row it has the engine's name and a dot as its mark,
and it cannot be set from the menu.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from engine import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtLine,
    AtPass,
    Change,
    Named,
    NotFinite,
    Phase,
    Quantity,
)
from engine.debug.breakpoints.place import Place
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.form_dialog import Asked, cells, number_or_none, whole
from gui.widgets.parameters import gradient_name, own_layers, parameters_of


@dataclass(frozen=True)
class Offer:
    """The menu of breakpoints that can be added, and the actions for its entries.

    Attributes:
        menu: gets the entries.
        snapshot: the state when the menu opens.
        add: sets a breakpoint at a place.
        ask: opens a form: title, text, fields, and a function that makes a place of their values;
            it returns None for invalid values.
    """

    menu: QMenu
    snapshot: Snapshot
    add: Callable[[Place], None]
    ask: Callable[[str, str, Sequence[Asked], Callable[..., Place | None]], None]

    @property
    def has_epochs(self) -> bool:
        """Whether it is known how many batches an epoch has."""
        return bool(self.snapshot.history.batches_per_epoch)

    def parameters(self) -> list[str]:
        """`Affine1.W` and the others."""
        return list(parameters_of(self.snapshot.layers))

    def kept(self) -> list[str]:
        """The other tensors that layers keep: gradients and outputs."""
        layers = self.snapshot.layers
        gradients = [gradient_name(layer, name) for layer in layers for name in layer.parameters]
        return [*gradients, *(entry.name for entry in self.snapshot.cache)]


@dataclass(frozen=True)
class PlaceKind:
    """A kind of breakpoint in the window.

    Attributes:
        kind: the class of its places.
        offer: adds its entries to the menu.
        words: the text for a place of this kind.
        corners: the corners of its mark; 0: a dot.
    """

    kind: type[Place]
    offer: Callable[[Offer], None] | None = None
    words: Callable[[Any], str] = str
    corners: int = 0


def _offer_layers(offer: Offer) -> None:
    names = [layer.name for layer in offer.snapshot.layers if layer.name]
    if not names:
        return
    for phase, title in (
        (Phase.FORWARD, _tr("Forward of a layer")),
        (Phase.BACKWARD, _tr("Backward of a layer")),
    ):
        inner = offer.menu.addMenu(title)
        for name in names:
            inner.addAction(name, partial(offer.add, AtLayer(name, phase)))


def _offer_passes(offer: Offer) -> None:
    inner = offer.menu.addMenu(_tr("Start of a pass"))
    for phase in (one for one in Phase if one is not Phase.OTHER):
        inner.addAction(str(phase), partial(offer.add, AtPass(phase)))


def _offer_batch(offer: Offer) -> None:
    offer.menu.addAction(_tr("Batch…"), partial(_ask_number, offer, _tr("Batch"), AtBatch))


def _offer_epoch(offer: Offer) -> None:
    if not offer.has_epochs:
        return
    offer.menu.addAction(_tr("Epoch…"), partial(_ask_number, offer, _tr("Epoch"), AtEpoch))


def _ask_number(offer: Offer, title: str, make: Callable[[int], Place]) -> None:
    asked = [Asked(_tr("Number"), _tr("a whole number, from 0"), whole)]
    offer.ask(title, "", asked, make)


def _offer_not_finite(offer: Offer) -> None:
    offer.menu.addAction(_tr("NaN or infinity appears"), partial(offer.add, NotFinite()))


def _offer_quantities(offer: Offer) -> None:
    parameters = offer.parameters()
    layers = [layer.name for layer in own_layers(offer.snapshot) if layer.name]
    rises = offer.menu.addAction(_tr("Loss rises…"), partial(_ask_rise, offer))
    rises.setObjectName("loss_rises")  # walks name it
    for quantity, title, tensors in (
        (Quantity.GRADIENT_RMS, _tr("Gradient RMS leaves a range…"), parameters),
        (Quantity.UPDATE_RATIO, _tr("Update-to-weight ratio leaves a range…"), parameters),
        (Quantity.SATURATED, _tr("Saturated share leaves a range…"), layers),
        (Quantity.DEAD, _tr("Dead share leaves a range…"), layers),
    ):
        inner = offer.menu.addMenu(title)
        inner.addAction(_tr("any"), partial(_ask_range, offer, quantity, title, ""))
        for name in tensors:
            inner.addAction(name, partial(_ask_range, offer, quantity, title, name))
    if not offer.has_epochs:
        return
    inner = offer.menu.addMenu(_tr("Parameter unchanged in a whole epoch"))
    for name in ("", *parameters):
        place = Named(Quantity.UNCHANGED, name)
        inner.addAction(name or _tr("any"), partial(offer.add, place))


def _ask_range(offer: Offer, quantity: Quantity, title: str, tensor: str) -> None:
    hint = _tr("a number, or empty")
    asked = [
        Asked(_tr("Stop below"), hint, number_or_none),
        Asked(_tr("Stop above"), hint, number_or_none),
    ]

    def make(below: float | None, above: float | None) -> Place | None:
        nothing = below is None and above is None
        return None if nothing else Named(quantity, tensor, below, above)

    offer.ask(title.rstrip("…"), tensor, asked, make)


def _ask_rise(offer: Offer) -> None:
    asked = [
        Asked(_tr("Rises by more than"), _tr("a number"), float, "0.5"),
        Asked(_tr("within how many batches"), _tr("a whole number"), whole, "10"),
    ]

    def make(rise: float, batches: int) -> Place | None:
        return Named(Quantity.LOSS_RISE, "", None, rise, batches) if batches else None

    offer.ask(_tr("Loss rises"), "", asked, make)


def _quantity_words(place: Named) -> str:
    if place.quantity is Quantity.UNCHANGED:
        return _tr("{0} unchanged in a whole epoch").format(place.tensor or _tr("a parameter"))
    words = {
        Quantity.LOSS_RISE: _tr("loss rise"),
        Quantity.SATURATED: _tr("saturated share"),
        Quantity.DEAD: _tr("dead share"),
        Quantity.GRADIENT_RMS: _tr("gradient RMS"),
        Quantity.UPDATE_RATIO: _tr("update-to-weight ratio"),
    }[place.quantity]
    if place.tensor:
        words = _tr("{0} of {1}").format(words, place.tensor)
    below = "" if place.below is None else f"< {place.below:g}"
    above = "" if place.above is None else f"> {place.above:g}"
    sides = _tr("{0} or {1}").format(below, above) if below and above else below or above
    words = f"{words} {sides}"
    if place.quantity is Quantity.LOSS_RISE:
        words = _tr("{0} in {1} batches").format(words, place.batches)
    return words


def _offer_cells(offer: Offer) -> None:
    kept = offer.kept()
    for change, title in (
        (Change.CHANGES, _tr("A cell changes…")),
        (Change.SIGN, _tr("A cell changes its sign…")),
        (Change.CROSSES, _tr("A cell crosses a value…")),
    ):
        inner = offer.menu.addMenu(title)
        for full in offer.parameters():
            inner.addAction(full, partial(_ask_cells, offer, full, change))
        inner.addSeparator()
        other = partial(_ask_cells, offer, "", change, kept)
        inner.addAction(_tr("Another tensor…"), other)


def _ask_cells(offer: Offer, parameter: str, change: Change, kept: Sequence[str] = ()) -> None:
    """Ask for cells of a parameter, or of one of the tensors that layers keep."""
    asked = [Asked(_tr("Cells"), _tr("300, 7 or :, 3; empty: all"), cells)]
    if change is Change.CROSSES:
        asked.append(Asked(_tr("Value"), _tr("a number"), float))
    if kept:
        hint = _tr("such as {0}").format(kept[0])
        asked.insert(0, Asked(_tr("Tensor"), hint, _kept_name, kept[0], tuple(kept)))

    def make(*values: Any) -> Place:
        name, chosen, *rest = values if kept else (parameter, *values)
        return AtData(name, chosen, change, *rest)

    offer.ask(parameter or _tr("Another tensor"), "", asked, make)


def _kept_name(text: str) -> str:
    """A kept tensor's name, `Affine1.dW`: layer and tensor; raises ValueError for another text."""
    layer, _, attribute = text.strip().rpartition(".")
    if not layer or not attribute.isidentifier():
        raise ValueError(text)
    return text.strip()


def _cell_words(place: AtData) -> str:
    words = {
        Change.CHANGES: _tr("{0} changes"),
        Change.SIGN: _tr("{0} changes sign"),
        Change.CROSSES: _tr("{0} crosses {1}"),
    }[place.change]
    return words.format(f"{place.parameter}[{place.cells or ':'}]", f"{place.value:g}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("breakpoint_kinds", text)


# In the order of the menu, with a separator between two groups.
GROUPS: tuple[tuple[PlaceKind, ...], ...] = (
    (
        PlaceKind(AtLine),  # set beside the line
        PlaceKind(AtLayer, _offer_layers),
        PlaceKind(AtPass, _offer_passes),
        PlaceKind(AtBatch, _offer_batch, lambda place: _tr("batch {0}").format(place.batch)),
        PlaceKind(AtEpoch, _offer_epoch, lambda place: _tr("epoch {0}").format(place.epoch)),
    ),
    (
        PlaceKind(NotFinite, _offer_not_finite, lambda place: _tr("NaN or infinity")),
        PlaceKind(Named, _offer_quantities, _quantity_words),
    ),
    (PlaceKind(AtData, _offer_cells, _cell_words, corners=6),),
)


def kind_of(place: Place) -> PlaceKind:
    """The window's entry for the kind of a place."""
    rows = (row for group in GROUPS for row in group)
    return next((row for row in rows if row.kind is type(place)), PlaceKind(type(place)))


def place_words(place: Place) -> str:
    """The text for a place."""
    return kind_of(place).words(place)


def fill_menu(offer: Offer) -> None:
    """Add an entry for each kind that can be set from a menu."""
    for group in GROUPS:
        for row in group:
            if row.offer is not None:
                row.offer(offer)
        offer.menu.addSeparator()
