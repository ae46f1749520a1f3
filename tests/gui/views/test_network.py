"""The network column: which card runs, what it says, and where it leads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QScrollArea

from engine.debug.events import Phase, Position
from engine.debug.snapshots.snapshot import LayerProgress
from gui.look.theme import DARK, LIGHT
from gui.paint.values import number_text
from gui.views.network.layer_card import COMPACT, FULL, ROOMY, SNUG, Arrow
from gui.views.network.view import NetworkView, rms_text
from tests.gui.sessions import make_session
from tests.gui.snapshots import arrays, make_event, make_layers, make_snapshot
from tests.gui.words.test_words import at

BACKWARD = make_event(phase=Phase.BACKWARD)


@pytest.fixture
def view(qtbot):
    view = NetworkView(DARK)
    qtbot.addWidget(view)
    view.resize(188, 415)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    return view


def layers_at(*progress: LayerProgress, **first):
    layers = [replace(a, progress=p) for a, p in zip(make_layers(), progress, strict=True)]
    layers[0] = replace(layers[0], **first)
    return tuple(layers)


def colours_of(widget) -> set[str]:
    image = widget.grab().toImage()
    every = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {image.pixelColor(x, y).name() for x, y in every}


def test_there_is_a_card_for_the_input_each_layer_and_the_loss(view):
    view.show_snapshot(make_snapshot())
    names = [card.accessibleName() for card in view.cards()]
    assert names == ["X", "Affine1", "Sigmoid1", "Affine2", "SoftmaxWithLoss"]


def test_a_card_says_its_shapes_its_equation_and_its_weights(view):
    view.show_snapshot(make_snapshot())
    words = view.cards()[1].accessibleDescription().split("\n")
    rms = float(np.sqrt((arrays().W1.astype(float) ** 2).mean()))
    assert words[:3] == ["Affine1 (Affine)", "x W + b", "784 → 50"]
    assert words[3] == f"W: 784 × 50, RMS {rms:.4f}"
    assert "out not yet" in words


def test_the_output_the_gradient_and_the_loss_are_told_once_they_are_there(view):
    done = [LayerProgress.DONE] * 4
    layers = list(layers_at(*done, output=arrays().z1, gradients={"W": arrays().dW1}))
    layers[3] = replace(layers[3], output=1.30512)
    view.show_snapshot(make_snapshot(layers=tuple(layers), event=BACKWARD))
    words = view.cards()[1].accessibleDescription()
    rms = float(np.sqrt((arrays().dW1.astype(float) ** 2).mean()))
    assert f"dW: 784 × 50, RMS {rms:.3g}" in words
    assert "out 0." in words
    assert "loss 1.31" in view.cards()[4].accessibleDescription()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("phase", [Phase.FORWARD, Phase.BACKWARD])
def test_the_layer_at_work_alone_wears_the_colour_of_the_pass(view, theme, phase):
    view.set_theme(theme)
    states = (LayerProgress.DONE, LayerProgress.NOW, LayerProgress.NOT_YET, LayerProgress.NOT_YET)
    layers = layers_at(*(states if phase is Phase.FORWARD else states[::-1]))
    view.show_snapshot(make_snapshot(layers=layers, event=make_event(phase=phase)))
    running = 2 if phase is Phase.FORWARD else 3
    colour = QColor(theme.phase(phase)).name()
    assert [colour in colours_of(card) for card in view.cards()] == [
        index == running for index in range(5)
    ]


def test_in_the_update_the_layer_whose_parameter_is_set_is_lit(view):
    event = make_event(phase=Phase.UPDATE)
    layers = layers_at(*[LayerProgress.DONE] * 4)
    view.show_snapshot(make_snapshot(event=event, position=Position(412, 124), layers=layers))
    lit = [QColor(DARK.update).name() in colours_of(card) for card in view.cards()]
    assert lit == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("phase", "card", "event"),
    [
        (Phase.FORWARD, 0, 0),
        (Phase.FORWARD, 2, 10),
        (Phase.BACKWARD, 2, 100),
        (Phase.BACKWARD, 4, 68),
        (Phase.UPDATE, 3, 123),
    ],
)
def test_a_click_goes_to_the_first_event_of_the_layer_in_this_pass(view, qtbot, phase, card, event):
    view.show_snapshot(make_snapshot(event=make_event(phase=phase)))
    with qtbot.waitSignal(view.event_chosen) as chosen:
        qtbot.mouseClick(view.cards()[card], Qt.MouseButton.LeftButton)
    assert chosen.args == [event]


def test_the_keyboard_walks_the_cards_and_enter_goes_there(view, qtbot):
    view.show_snapshot(make_snapshot())
    view.cards()[0].setFocus()
    qtbot.keyClick(view.cards()[0], Qt.Key.Key_Down)
    qtbot.keyClick(view.cards()[1], Qt.Key.Key_Down)
    assert view.cards()[2].hasFocus()
    with qtbot.waitSignal(view.event_chosen) as chosen:
        qtbot.keyClick(view.cards()[2], Qt.Key.Key_Return)
    assert chosen.args == [10]
    qtbot.keyClick(view.cards()[2], Qt.Key.Key_Up)
    assert view.cards()[1].hasFocus()


def test_a_ring_is_drawn_for_the_keyboard_and_not_for_a_click(view, qtbot):
    view.show_snapshot(make_snapshot())
    first, second = view.cards()[:2]
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert first.hasFocus() and QColor(DARK.accent).name() not in colours_of(first)
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus() and QColor(DARK.accent).name() in colours_of(second)


def test_the_gradient_by_the_input_is_promised_only_where_it_is_computed(view):
    def words() -> list[str]:
        return [arrow.accessibleName() for arrow in view.findChildren(Arrow)]

    snapshot = make_snapshot(event=BACKWARD)
    view.show_snapshot(snapshot)
    assert words() == ["not computed", "d 100 × 50", "d 100 × 50", "d 100 × 10"]
    view.show_snapshot(replace(snapshot, setup=replace(snapshot.setup, input_gradient=True)))
    assert words()[0] == "d 100 × 784"


def test_cards_take_the_largest_size_at_which_all_fit(view):
    view.show_snapshot(make_snapshot())
    for height, size in ((600, ROOMY), (415, FULL), (370, SNUG), (300, COMPACT), (120, COMPACT)):
        view.resize(188, height)
        assert view.cards()[0].height() == size[0]


def test_a_deeper_network_than_the_space_scrolls_to_the_layer_at_work(view, qtbot):
    idle = replace(make_layers()[0], progress=LayerProgress.NOT_YET)
    layers = [replace(idle, name=f"Affine{i}") for i in range(1, 12)]
    layers[9] = replace(idle, name="Affine10", progress=LayerProgress.NOW)
    view.show_snapshot(make_snapshot(layers=tuple(layers)))
    bar = view.findChild(QScrollArea).verticalScrollBar()
    seen = view.findChild(QScrollArea).viewport()
    qtbot.waitUntil(lambda: bar.value() > 0)
    card = view.cards()[10]
    assert seen.rect().contains(card.mapTo(seen, card.rect().center()))


def test_a_network_of_another_depth_replaces_the_cards(view):
    view.show_snapshot(make_snapshot())
    view.show_snapshot(make_snapshot(layers=make_layers()[-1:]))
    assert [card.accessibleName() for card in view.cards()] == ["X", "SoftmaxWithLoss"]


@pytest.mark.parametrize(
    ("source", "layer", "word"),
    [
        ("-log_y[rows, self.t].sum() / len(z)", "SoftmaxWithLoss", "loss"),
        ("self.x.T @ dout", "Affine2", "dW"),
        ("x @ self.W + self.b", "Affine1", "out"),
    ],
)
def test_a_card_has_the_number_that_the_cursor_has_just_computed(qtbot, source, layer, word):
    view = NetworkView(DARK)
    qtbot.addWidget(view)
    snapshot = at(make_session(), source)
    value = snapshot.event.value
    view.show_snapshot(snapshot)
    text = next(c for c in view.cards() if c.accessibleName() == layer).accessibleDescription()
    shown = number_text(float(value), 3) if word == "loss" else rms_text(value)
    assert f"{word} {shown}" in text and f"{word} not yet" not in text


def test_a_part_of_a_line_is_not_yet_what_the_line_computes(qtbot):
    view = NetworkView(DARK)
    qtbot.addWidget(view)
    view.show_snapshot(at(make_session(), "log_y[rows, self.t].sum()"))
    assert "loss not yet" in view.cards()[-1].accessibleDescription()
