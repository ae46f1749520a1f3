"""The scene of the network: where it fits, what its cards say, and how they share the room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import LayerProgress
from engine.options import Options, build_session
from gui.look.theme import DARK, LIGHT
from gui.paint.values import number_text
from gui.views.equation.scenes.network import NetworkScene
from gui.views.equation.scenes.network_cards import cards_of, lit_card, places_of


@pytest.fixture(scope="module")
def session():
    return build_session(Options(network="16-4-3"))


def snapshots(session, source):
    session.goto(0)
    events = [e.index for e in session.trace if e.source == source and e.kind is Kind.LINE]
    found = []
    for event in events:
        session.goto(0, event)
        found.append(session.snapshot())
    return found


@pytest.fixture
def scene(qtbot):
    scene = NetworkScene(DARK)
    qtbot.addWidget(scene)
    scene.resize(1070, 300)
    with qtbot.waitExposed(scene):
        scene.show()
    return scene


def test_it_fits_the_loop_over_the_layers_and_lights_the_next_one(session):
    rounds = snapshots(session, "for layer in self.layers:")
    assert all(NetworkScene.fits(snapshot) for snapshot in rounds)
    names = [cards_of(snapshot)[lit_card(snapshot)].name for snapshot in rounds]
    assert names == ["Affine1", "Sigmoid1", "Affine2"]


def test_it_lights_the_layers_from_the_last_to_the_first_on_the_way_back(session):
    rounds = snapshots(session, "dout = layer.backward(dout)")
    names = [cards_of(snapshot)[lit_card(snapshot)].name for snapshot in rounds]
    assert names == ["Affine2", "Sigmoid1", "Affine1"]


def test_it_does_not_fit_the_arithmetic_of_a_layer_nor_a_network_without_layers(session):
    session.goto(0)
    for event in session.trace:
        if event.source == "x @ self.W":
            session.goto(0, event.index)
            assert not NetworkScene.fits(session.snapshot())
    session.goto(0, 0)
    assert NetworkScene.fits(session.snapshot())
    assert not NetworkScene.fits(replace(session.snapshot(), layers=()))


def test_the_numbers_are_those_of_the_arrays(session):
    last = snapshots(session, "return self.loss.forward(x, t)")[0]
    card = cards_of(last)[1]
    output = last.layers[0].output
    assert card.value == f"{number_text(output.min())} … {number_text(output.max())}"
    other = replace(last.layers[0], output=np.full_like(output, 7.5))
    changed = replace(last, layers=(other, *last.layers[1:]))
    assert cards_of(changed)[1].value == "7.5"


def test_a_layer_that_has_not_run_shows_nothing_of_the_batch_before(session):
    session.goto(0, 0)
    cards = cards_of(session.snapshot())
    assert [card.array for card in cards[1:]] == [None] * 4
    assert {card.progress for card in cards[1:]} == {LayerProgress.NOT_YET}


@pytest.mark.parametrize("width", [560, 1070, 2200])
@pytest.mark.parametrize("count", [2, 5, 12, 24])
def test_the_cards_stay_within_the_room_in_their_order(count, width):
    for lit in range(-1, count):
        places = places_of(count, lit, width, 280)
        lefts = [place.left() for place, _ in places]
        assert lefts == sorted(lefts)
        assert places[0][0].left() >= 0
        assert places[-1][0].right() <= width + 1
        assert lit < 0 or places[lit][1], "the lit card is whole"


@pytest.mark.parametrize("lit", [-1, 0, 1])
@pytest.mark.parametrize(("count", "width"), [(3, 2080), (5, 2080), (5, 1500)])
def test_in_a_large_room_the_cards_leave_little_of_it_empty(count, width, lit):
    places = [place for place, _ in places_of(count, lit, width, 680)]
    assert max(place.height() for place in places) >= 0.8 * 680
    assert places[-1].right() - places[0].left() >= 0.6 * width
    assert all(place.top() >= 0 and place.bottom() <= 680 for place in places)


def test_a_click_and_the_keys_go_to_a_layer(scene, session, qtbot):
    snapshot = snapshots(session, "for layer in self.layers:")[1]
    scene.show_snapshot(snapshot, None)
    with qtbot.waitSignal(scene.event_chosen) as told:
        place = scene.places()[1][0].center().toPoint()
        qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert told.args == [snapshot.layers[0].forward[0]]
    scene.setFocus()
    qtbot.keyClick(scene, Qt.Key.Key_Right)
    with qtbot.waitSignal(scene.event_chosen) as told:
        qtbot.keyClick(scene, Qt.Key.Key_Return)
    assert told.args == [snapshot.layers[2].forward[0]]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_it_is_painted_in_both_passes(scene, session, theme):
    scene.set_theme(theme)
    pictures = set()
    for source in ("for layer in self.layers:", "dout = layer.backward(dout)"):
        for snapshot in snapshots(session, source):
            scene.show_snapshot(snapshot, None)
            pictures.add(scene.grab().toImage().cacheKey())
            assert "Affine1" in scene.accessibleDescription()
    assert len(pictures) > 4
    assert scene.tables()
