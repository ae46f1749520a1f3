"""The table of forms: each has a row, and the card explains only what was kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.terms import terms_of
from engine.debug.reach.placeholders import FadedArray
from gui.views.equation.card import explained
from gui.views.equation.picture.forms import row_of
from gui.views.equation.picture.make import make_picture
from gui.views.equation.picture.parts import Block, Manner, Sign

A, B = np.array([2.0, 3.0]), np.array([5.0, 7.0, 11.0])
LINKS = (lambda operation, shapes, index: (index[:1], index[1:])), None
OUTER = Operation(
    Form.LINKED, "outer", (Operand("a", A), Operand("b", B)), np.outer(A, B), "np.outer(a, b)",
    details={"links": LINKS},
)  # fmt: skip


@pytest.mark.parametrize("form", Form)
def test_each_form_has_a_row(form):
    assert callable(row_of(Operation(form, "", (), None, "source")).parts)


def test_an_outer_product_has_a_row_of_its_own_others_that_are_linked_a_common_one():
    signs = [part for part in make_picture(OUTER, Manner()).parts if isinstance(part, Sign)]
    assert [sign.text for sign in signs] == ["⊗", "="]
    left, right, result = (
        part for part in make_picture(OUTER, Manner()).parts if isinstance(part, Block)
    )
    assert (left.shape, right.shape, result.shape) == ((2, 1), (1, 3), (2, 3))
    assert row_of(OUTER).arithmetic(OUTER, terms_of(OUTER, (1, 2))) == ["3 × 11 = 33"]
    other = replace(OUTER, symbol="kron")
    assert row_of(other) is not row_of(OUTER)
    assert len(make_picture(other, Manner()).blocks) == 3


def test_a_cell_is_not_explained_where_the_arrays_were_not_kept():
    assert explained(OUTER)
    faded = Operand("a", FadedArray((2,), "float64"))
    assert not explained(replace(OUTER, operands=(faded, OUTER.operands[1])))


def test_a_store_has_an_arrow_and_its_cell_is_not_said_to_be_unchanged():
    store = Operation(
        Form.IN_PLACE, "", (Operand("v", B), Operand("g", B + 1), Operand(":", slice(None))),
        B + 1, "v[:] = g", "v",
    )  # fmt: skip
    signs = [part.text for part in make_picture(store, Manner()).parts if isinstance(part, Sign)]
    assert signs == ["←", "="]
    assert row_of(store).arithmetic(store, terms_of(store, (1,))) == ["holds 8 now"]


def test_an_array_of_four_axes_says_which_part_is_drawn():
    kernels = np.arange(54.0).reshape(2, 3, 3, 3)
    double = Operation(
        Form.ELEMENTWISE, "*", (Operand("2", 2), Operand("W", kernels)), 2 * kernels, "2 * W"
    )
    blocks = make_picture(double, Manner(leading=(1, 2))).blocks
    assert {block.sizes for block in blocks} == {("3", "3: [1, 2] of 2 × 3 × 3 × 3")}
    assert {block.short for block in blocks} == {"3"}
