"""Typesetting: the boxes are where the glyphs are, labels are apart, and nothing is cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from gui.paint.formula_text import formula_text
from gui.paint.typeset import Box, Label, Sheet, Typeset, typeset

PRODUCT = (
    '<math><mrow><mi id="dW" mathvariant="italic">dW</mi><mo>=</mo><mrow id="running">'
    '<msup id="xT"><mi id="x">x</mi><mi>T</mi></msup>'
    '<mi id="dout" mathvariant="italic">dout</mi></mrow></mrow></math>'
)
FRACTION = (
    '<math><mi id="y">y</mi><mo>=</mo><mfrac id="running"><mi id="e">e</mi>'
    '<mi id="total">total</mi></mfrac></math>'
)
LONG = (
    '<math><mi id="z">z</mi><mo>=</mo><mi id="first">a</mi>'
    + "".join(f'<mo>+</mo><mi id="n{n}">summand{n}</mi>' for n in range(20))
    + '<mo>+</mo><mrow id="running"><mi id="x">x</mi><mo>+</mo><mi id="y">y</mi></mrow></math>'
)


def sheet(mathml: str, **more: object) -> Sheet:
    basis = Sheet(mathml, 24, 19, 15, 900, 58, "#ffffff", "running", (7, 4), (), 15)
    return replace(basis, **more)


def labels(*ids: str, width: float = 66, needed: bool = False) -> tuple[Label, ...]:
    return tuple(Label(id, width, needed) for id in ids)


def painted(formula: Typeset, scale: int = 4) -> QImage:
    """The glyphs on black, `scale` times as large."""
    image = QImage(
        round(formula.width * scale) + 1,
        round(formula.height * scale) + 1,
        QImage.Format.Format_RGB32,
    )
    image.fill(0)
    painter = QPainter(image)
    painter.scale(scale, scale)
    ink = formula.ink
    QSvgRenderer(QByteArray(formula.svg)).render(
        painter, QRectF(ink.left, ink.top, ink.width, ink.height)
    )
    painter.end()
    return image


def ink_near(image: QImage, near: Box, scale: int = 4) -> Box:
    """The rectangle of what is painted in a box and up to 2 pixels around it."""
    area = near.grown(2, 2)
    found = [
        (x, y)
        for x in range(max(0, round(area.left * scale)), round(area.right * scale))
        for y in range(max(0, round(area.top * scale)), round(area.bottom * scale))
        if image.valid(x, y) and image.pixelColor(x, y).red() > 128
    ]
    xs, ys = [x for x, _ in found], [y for _, y in found]
    left, top = min(xs) / scale, min(ys) / scale
    return Box(left, top, (max(xs) + 1) / scale - left, (max(ys) + 1) / scale - top)


@pytest.mark.parametrize("size", [15, 24])
@pytest.mark.parametrize(
    ("mathml", "id", "named"),
    [
        (PRODUCT, "dW", ("dW", "x", "dout")),
        (PRODUCT, "dout", ("dW", "x", "dout")),
        (PRODUCT, "xT", ("dW", "xT", "dout")),
        (FRACTION, "y", ("y", "e", "total")),
        (FRACTION, "e", ("y", "e", "total")),
        (FRACTION, "total", ("y", "e", "total")),
    ],
)
def test_a_symbols_box_is_around_its_pixels(qapp, mathml, id, named, size):
    formula = typeset(sheet(mathml, size=size, labels=labels(*named)))
    box = formula.boxes[id]
    seen = ink_near(painted(formula), box)
    # A box may have the space that MathML gives a word at its sides, and no more.
    assert box.left - 0.6 <= seen.left <= box.left + 5
    assert box.right - 5 <= seen.right <= box.right + 0.6
    assert seen.top == pytest.approx(box.top, abs=0.6)
    assert seen.bottom == pytest.approx(box.bottom, abs=0.6)


def apart(boxes: list[Box]) -> bool:
    return all(
        a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top
        for n, a in enumerate(boxes)
        for b in boxes[:n]
    )


@given(st.lists(st.integers(1, 120), min_size=3, max_size=3))
@example([1, 1, 92])  # a label that begins before those of symbols to its left
@example([90, 1, 1])
def test_labels_never_collide_and_stand_under_the_middle_of_their_symbols(widths):
    named = tuple(Label(id, w) for id, w in zip(("dW", "x", "dout"), widths, strict=True))
    formula = typeset(sheet(PRODUCT, labels=named))
    assert set(formula.labels) == {"dW", "x", "dout"}
    assert apart(list(formula.labels.values()))
    for id, place in formula.labels.items():
        box = formula.boxes[id]
        assert place.left + place.width / 2 == pytest.approx(box.left + box.width / 2)
        assert place.top > box.bottom
    order = sorted(formula.labels.values(), key=lambda place: place.left)
    assert all(b.left - a.right > 3 for a, b in pairwise(order))
    assert min(place.left for place in order) >= 0
    assert max(place.right for place in order) <= formula.width + 0.01


def test_narrow_labels_leave_the_symbols_where_they_are():
    plain, labelled = (
        typeset(sheet(PRODUCT, labels=found)) for found in ((), labels("dW", "x", "dout", width=20))
    )
    gaps = [f.boxes["dout"].left - f.boxes["dW"].left for f in (plain, labelled)]
    assert gaps[0] == pytest.approx(gaps[1])


def test_the_halves_of_a_fraction_have_their_labels_beside_them_outside_of_the_box():
    formula = typeset(sheet(FRACTION, labels=labels("y", "e", "total")))
    upper, lower = formula.labels["e"], formula.labels["total"]
    assert apart(list(formula.labels.values()))
    for place in (upper, lower):
        assert place.left >= formula.frame.right
    assert upper.bottom <= lower.top
    assert formula.height <= 58.01


@pytest.mark.parametrize("width", [900, 400, 200, 120, 60])
@pytest.mark.parametrize("mathml", [PRODUCT, FRACTION, LONG])
def test_nothing_is_wider_or_higher_than_its_room(mathml, width):
    named = labels("dW", "x", "dout", "z", "y", "e", "total")
    formula = typeset(sheet(mathml, width=width, labels=named))
    assert formula.width <= width + 0.01 and formula.height <= 58.01
    for box in [*formula.boxes.values(), *formula.labels.values(), formula.ink]:
        assert box.left >= -0.01 and box.right <= formula.width + 0.01
        assert box.top >= -0.01 and box.bottom <= formula.height + 0.01


def test_a_long_formula_keeps_what_runs_and_the_labels_that_must_agree():
    named = (*labels("z"), *labels("x", "y", width=40, needed=True))
    formula = typeset(sheet(LONG, width=400, labels=named))
    assert formula.elided and {"running", "x", "y"} <= set(formula.boxes)
    assert set(formula.labels) == {"x", "y"}
    assert not typeset(sheet(LONG, width=5000)).elided


def test_the_type_gets_smaller_before_anything_goes():
    wide = typeset(sheet(PRODUCT))
    narrow = typeset(sheet(PRODUCT, width=wide.width * 0.8))
    assert narrow.boxes.keys() == wide.boxes.keys() and not narrow.elided
    assert narrow.boxes["dout"].height < wide.boxes["dout"].height


def test_the_glyphs_have_the_colour_of_the_sheet():
    assert b'"#12ab34"' in typeset(sheet(PRODUCT, colour="#12ab34")).svg


@pytest.mark.parametrize("broken", ["<math", "no formula", "<math><mfrac/></math>"])
def test_what_is_no_mathml_raises(broken):
    with pytest.raises(Exception):  # noqa: B017 - whatever parser and library raise
        typeset(sheet(broken))


@pytest.mark.parametrize(
    ("mathml", "line"),
    [
        (PRODUCT, "dW = x^T dout"),
        (FRACTION, "y = e / total"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac></math>",
         "(a + b) / c"),
        ("<math><munder><mo>∑</mo><mi>n</mi></munder><msub><mi>y</mi><mi>n</mi></msub></math>",
         "∑_n y_n"),
        ("<math><mspace width='1em'/><mi>x</mi></math>", "x"),
        ("<math", ""),
    ],
)  # fmt: skip
def test_a_formula_reads_as_a_line(mathml, line):
    assert formula_text(mathml) == line
