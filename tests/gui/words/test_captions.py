"""Captions and legends: what they say follows the arrays, and no colour is named that is absent."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from engine.debug.explain.operation import Form
from engine.debug.reach.placeholders import FadedArray
from engine.nn.optimizers import OPTIMIZERS
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.paint.heatmap import MapKind, choose_map
from gui.words.captions import NO_CAPTION, caption_of, pictured
from gui.words.lesson import lesson_of
from gui.words.quantity import MAP_OF, Swatch
from gui.words.saying import MOST_WORDS, words_in
from gui.words.tables.quantities import OF_INK, OF_SCORES, QUANTITIES
from tests.gui.words import foreign
from tests.gui.words.test_words import (
    BANNED,
    FOREIGN,
    after,
    at,
    at_each,
    prose,
    sources_of_engine,
    tanh_session,
)


def tiny(**options):
    return build_session(Options(network="16-4-3", **options))


def texts(snapshot) -> list[str]:
    return [entry.text for entry in caption_of(snapshot).legend]


def with_result(snapshot, result):
    return replace(snapshot, operation=replace(snapshot.operation, result=result))


def check(snapshot) -> None:
    caption = caption_of(snapshot)
    said = [caption.text, *(entry.text for entry in caption.legend)]
    for text in said:
        assert not re.search(r"[{}!?]", prose(text)), text
        assert not re.search(rf"\b({'|'.join(BANNED)})\b", prose(text), re.IGNORECASE), text
    if caption.text:
        assert words_in(caption.text) <= MOST_WORDS, caption.text
        assert caption.text.endswith("."), caption.text
        lesson = lesson_of(snapshot)
        assert caption.text not in (lesson.happened, lesson.next)
    assert len(caption.legend) <= 2
    assert all("`" not in entry.text and entry.text for entry in caption.legend)
    result = pictured(snapshot.operation)
    if caption.legend:
        kind = choose_map(result, snapshot.minibatch.images[0].size)
        assert {MAP_OF[entry.swatch] for entry in caption.legend} == {kind}
    named = " ".join(said).lower()
    if "red" in re.findall(r"\w+", named):
        assert choose_map(result, snapshot.minibatch.images[0].size) is MapKind.SIGNED


@pytest.mark.parametrize("key", QUANTITIES, ids=str)
def test_every_key_is_a_place_in_the_source(key):
    assert key.source in sources_of_engine()[key.function]


def test_every_other_sentence_is_for_a_source_of_the_table():
    assert {*OF_INK, *OF_SCORES} <= {key.source for key in QUANTITIES}


@pytest.mark.parametrize(
    "make",
    [
        *[lambda p=p: build_session(Options(network=p)) for p in PRESETS],
        *[lambda o=o: tiny(optimizer=o) for o in OPTIMIZERS],
        tanh_session,
        *[lambda n=n: foreign.networks()[n] for n in FOREIGN],
    ],
)
def test_each_legend_has_only_the_colours_of_its_picture(make):
    session = make()
    for batch in range(2):
        if batch:
            session.run(1)
            session.goto(1)
        for snapshot in at_each(session):
            check(snapshot)


def test_a_gradient_says_both_colours_in_one_breath():
    snapshot = at(tiny(), "self.x.T @ dout")
    assert [(e.name, e.text) for e in caption_of(snapshot).legend] == [
        ("Red", "more weight, more loss: the update lowers it"),
        ("Blue", "more weight, less loss: the update raises it"),
    ]
    assert texts(at(tiny(), "dout.sum(axis=0)"))[0].startswith("more bias, more loss")


@pytest.mark.parametrize("optimizer", ["Momentum", "Adam"])
def test_where_the_step_may_go_the_other_way_it_is_not_promised(optimizer):
    found = texts(at(tiny(optimizer=optimizer), "self.x.T @ dout"))
    assert found == [
        "more weight, more loss: pushes it down",
        "more weight, less loss: pushes it up",
    ]


def test_the_step_lowers_where_it_is_red():
    """The promise of the legend, on the arrays: a red cell of the step is a lowered weight."""
    snapshot = after(tiny(), "W -= self.lr * dW")
    before, step = (operand.value for operand in snapshot.operation.operands)
    moved = snapshot.operation.result - before
    assert (np.sign(moved[step != 0]) == -np.sign(step[step != 0])).all()
    assert texts(snapshot)[0] == "above 0; in the step, lowers the weight"


def test_ink_is_never_negative_and_z_is():
    session = tiny()
    kept = after_store(session, "self.x = x")
    assert [e.swatch for e in caption_of(kept).legend] == [Swatch.INK, Swatch.PAPER]
    assert [e.name for e in caption_of(kept).legend] == ["", ""], "the theme names them"
    z = at(session, "x @ self.W + self.b")
    assert caption_of(z).text.startswith("Ink is never negative; a sum is")
    positive = with_result(z, np.abs(z.operation.result) + 1)
    assert caption_of(positive).text == ""
    assert caption_of(positive).legend[0].swatch is Swatch.LEVEL


def after_store(session, source):
    for snapshot in at_each(session):
        operation = snapshot.operation
        if operation.form is Form.ASSIGNMENT and operation.source == source:
            return snapshot
    raise AssertionError(source)


def test_the_arguments_of_a_call_have_a_legend():
    session = tiny()
    session.goto(0, 0)
    assert [e.swatch for e in caption_of(session.snapshot()).legend] == [Swatch.INK, Swatch.PAPER]
    called = {
        snapshot.event.frame.function: texts(snapshot)
        for snapshot in at_each(session)
        if snapshot.operation.form is Form.ARGUMENTS
    }
    assert called["Sigmoid.backward"] == [
        "more of this output, more loss",
        "more of this output, less loss",
    ]
    assert "ink" not in " ".join(called["Sigmoid.forward"])
    assert called["Network.forward"] == called["train_step"]
    assert called["class_numbers"] == ["label 2", "label 0"]


def test_weights_add_only_where_no_input_is_negative():
    snapshot = at(tiny(), "x @ self.W")
    assert texts(snapshot)[0].startswith("in W, ink there adds")
    operands = snapshot.operation.operands
    signed = (replace(operands[0], value=operands[0].value - 1), *operands[1:])
    other = replace(snapshot, operation=replace(snapshot.operation, operands=signed))
    assert "adds" not in texts(other)[0]


def test_the_numbers_are_those_of_the_array():
    snapshot = at(foreign.networks()["lists"], "np.dot(self.a[i], self.W[i])")
    made = with_result(snapshot, np.array([[-3.0, 1.5], [0.0, 3.0]]))
    assert caption_of(made).text.endswith("runs from −3 to 3: blue is below 0, red above.")
    made = with_result(snapshot, np.array([[7.0, 2.5]]))
    assert texts(made) == ["larger, here up to 7", "smaller, here from 2.5"]
    assert caption_of(made).text.endswith("runs from 2.5 to 7.")


def test_all_zeros_have_the_neutral_colour_alone():
    snapshot = with_result(at(tiny(), "dout.sum(axis=0)"), np.zeros(4))
    assert [entry.swatch for entry in caption_of(snapshot).legend] == [Swatch.ZERO]


@pytest.mark.parametrize(
    "result",
    [
        FadedArray((2, 3), np.dtype("float32")),
        np.full((2, 3), np.nan),
        np.array(["a", "b"]),
        np.array([{}, None], dtype=object),
        np.zeros((0, 3)),
        np.float64(2.5),
        None,
        np.array([1 + 2j, 3j]),
        np.array([True, False]),
        np.array([np.inf, -np.inf, 1.0]),
        np.array([np.nan, -1.0, 2.0]),
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["x @ self.W", "self.x.T @ dout", "e / total"])
def test_other_results_are_shown_without_an_error(result, source):
    snapshot = with_result(at(tiny(), source), result)
    caption = caption_of(snapshot)
    if not isinstance(result, np.ndarray) or result.dtype.kind in "OU" or not result.size:
        assert caption == NO_CAPTION


def test_a_dataset_that_is_not_written_has_no_ink():
    snapshot = at(tiny(), "x @ self.W")
    other = replace(snapshot, setup=replace(snapshot.setup, dataset="Leaves"))
    said = caption_of(other)
    assert "ink" not in said.text and all("ink" not in entry.text for entry in said.legend)


def test_code_of_others_has_no_roles():
    for snapshot in at_each(foreign.networks()["caches"]):
        if "engine/nn" not in snapshot.event.file:
            said = " ".join(texts(snapshot))
            assert not re.search(r"\b(weight|bias|loss|ink|score|probable)\b", said), said
