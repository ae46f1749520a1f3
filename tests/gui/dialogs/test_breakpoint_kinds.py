"""What the window says of each kind of breakpoint."""

from __future__ import annotations

import pytest

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
from engine.debug.breakpoints.places import KINDS
from gui.dialogs.breakpoint_kinds import GROUPS, place_words

PLACES = [
    AtLine("/there/layers.py", 42), AtLayer("Affine1", Phase.BACKWARD), AtPass(Phase.UPDATE),
    AtBatch(7), AtEpoch(2), NotFinite(), AtData("Affine1.W"), AtData("Affine1.W", "3, :"),
    AtData("Affine1.W", "0", Change.SIGN), AtData("Affine1.W", "0", Change.CROSSES, -0.25),
    Named(Quantity.UNCHANGED), Named(Quantity.UNCHANGED, "Affine1.W"),
    Named(Quantity.LOSS_RISE, above=0.5, batches=10), Named(Quantity.DEAD, "ReLU1", above=0.5),
    Named(Quantity.SATURATED, "", 0.1, 0.9), Named(Quantity.GRADIENT_RMS, "Affine1.W", 1e-9),
    Named(Quantity.UPDATE_RATIO, "Affine1.W", 1e-5, 1e-1),
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_in_english_the_window_says_what_the_engine_says(place, qapp):
    assert place_words(place) == str(place)


def test_every_kind_has_a_row_and_was_tried():
    rows = [row.kind for group in GROUPS for row in group]
    assert sorted(kind.__name__ for kind in rows) == sorted(KINDS)
    assert {type(place) for place in PLACES} == set(rows)
    assert [row.kind for group in GROUPS for row in group if row.offer is None] == [AtLine]
