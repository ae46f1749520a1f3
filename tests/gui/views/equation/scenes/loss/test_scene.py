"""The cards of the loss: what they show, and what a click or a key does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from engine.debug.explain.operation_stops import operation_stops
from gui.look.theme import DARK, LIGHT
from gui.look.type_scale import SCALE
from gui.views.equation.scenes.loss.bars import _Painter
from gui.views.equation.scenes.loss.numbers import Stop, in_order, read
from gui.views.equation.scenes.loss.scene import LossScene
from gui.views.equation.scenes.loss.words import bars_of
from gui.views.equation.scenes.table import scene_of
from gui.views.equation.view import EquationView
from tests.gui.sessions import make_session


@cache
def snapshots():
    session = make_session()
    session.run(2)
    found = {}
    for event in operation_stops(session.trace):
        session.goto(session.position.batch, event)
        snapshot = session.snapshot()
        judged = read(snapshot)
        if judged is not None:
            found.setdefault(judged.stop, snapshot)
    return found


def shown(qtbot, stop, size=(1080, 340), pin=None):
    snapshot = snapshots()[stop]
    scene = scene_of(snapshot)(DARK)
    qtbot.addWidget(scene)
    scene.resize(*size)
    scene.show_snapshot(snapshot, pin)
    with qtbot.waitExposed(scene):
        scene.show()
    return scene


def words_of(scene) -> str:
    panels = [*scene.cards, scene.ladder if scene.chart.isHidden() else scene.chart]
    seen = [one for one in panels if not one.isHidden()]
    return "\n".join(f"{one.accessibleName()}: {one.accessibleDescription()}" for one in seen)


def test_the_scene_is_named_by_what_it_shows(qtbot):
    names = {stop: shown(qtbot, stop).name(snapshot) for stop, snapshot in snapshots().items()}
    assert names[Stop.SUMS] == "Scores"
    assert names[Stop.PROBABILITIES] == names[Stop.MEAN] == "Probabilities"
    assert names[Stop.DIFFERENCE] == "p − t"


def test_four_cards_and_more_where_it_is_wider(qtbot):
    scene = shown(qtbot, Stop.MEAN)
    assert len(scene.rows) == 4
    scene.resize(2200, 700)
    assert 4 < len(scene.rows) <= 8
    scene.resize(570, 340)
    assert 1 <= len(scene.rows) < 4
    assert sum(not card.isHidden() for card in scene.cards) == len(scene.rows)


def test_the_cards_tell_their_numbers(qtbot):
    scene = shown(qtbot, Stop.MEAN)
    snapshot = snapshots()[Stop.MEAN]
    judged, text = read(snapshot), words_of(scene)
    for row in scene.rows:
        assert f"image {row}:" in text or f"image {row}\n" in text
        assert f"image {snapshot.minibatch.indices[row]} of the training set" in text
        assert f"{judged.surprises[row]:.3f}" in text
    assert f"{judged.right} of 10 guessed right" in text
    assert f"{judged.total:.3f} ÷ 10 =" in text
    assert f"{judged.mean:.3f}" in text


def test_the_numbers_follow_the_arrays(qtbot):
    scene = shown(qtbot, Stop.MEAN)
    snapshot = snapshots()[Stop.MEAN]
    changed = replace(snapshot, operation=replace(snapshot.operation, result=np.float32(7.5)))
    before = words_of(scene)
    scene.show_snapshot(changed, None)
    assert "7.500" in words_of(scene)
    assert "7.500" not in before
    probabilities = np.full((10, 10), 0.1, np.float32)
    variables = tuple(
        replace(one, value=probabilities) if one.name == "self.y" else one
        for one in snapshot.variables
    )
    scene.show_snapshot(replace(snapshot, variables=variables), None)
    assert "0: 0.100, 1: 0.100" in words_of(scene)


def test_nothing_is_shown_before_it_is_computed(qtbot):
    for stop in (Stop.SCORES, Stop.SUMS, Stop.PROBABILITIES):
        scene = shown(qtbot, stop)
        assert scene.chart.isHidden()
        assert "−log" not in words_of(scene)
    steps = {name: value for name, value, _ in scene.ladder.steps()}
    assert steps["log p"] == "…"
    assert steps["z − max"] != "…"
    scene = shown(qtbot, Stop.SURPRISES)
    assert scene.ladder.isHidden()
    assert "÷" not in words_of(scene)


def test_the_same_digits_stay_from_stop_to_stop(qtbot):
    rows = {stop: shown(qtbot, stop).rows for stop in snapshots()}
    assert len(set(rows.values())) == 1


def test_a_click_pins_the_sample_and_another_releases_it(qtbot):
    scene = shown(qtbot, Stop.MEAN)
    snapshot = snapshots()[Stop.MEAN]
    row = scene.rows[2]
    scene.activateWindow()
    scene.cards[2].setFocus()
    qtbot.waitUntil(scene.cards[2].hasFocus)
    with qtbot.waitSignal(scene.sample_pinned) as pinned:
        qtbot.mouseClick(scene.cards[2], Qt.MouseButton.LeftButton)
    assert pinned.args == [int(snapshot.minibatch.indices[row])]
    scene.show_snapshot(snapshot, row)
    assert scene.rows[0] == row
    assert scene.cards[0].hasFocus()
    with qtbot.waitSignal(scene.sample_pinned) as released:
        qtbot.keyClick(scene.cards[0], Qt.Key.Key_Return)
    assert released.args == [None]


def place_in_chart(scene, place: int) -> QPoint:
    plot = scene.chart._plot()
    return QPoint(round(plot.left() + (place + 0.5) * plot.width() / 10), round(plot.center().y()))


def test_a_click_in_the_sorted_chart_shows_that_digit(qtbot):
    scene = shown(qtbot, Stop.MEAN)
    order = in_order(read(snapshots()[Stop.MEAN]).ranks)
    place = next(i for i, row in enumerate(order) if row not in scene.rows)
    qtbot.mouseClick(scene.chart, Qt.MouseButton.LeftButton, pos=place_in_chart(scene, place))
    assert int(order[place]) in scene.rows
    assert len(set(scene.rows)) == 4
    # It stays at the other stops of the batch, and leaves with the batch.
    scene.show_snapshot(snapshots()[Stop.DIFFERENCE], None)
    assert int(order[place]) in scene.rows
    scene.show_snapshot(snapshots()[Stop.MEAN], int(order[0]))  # and beside the pinned one
    assert {int(order[0]), int(order[place])} <= set(scene.rows)
    position = snapshots()[Stop.MEAN].position
    later = replace(snapshots()[Stop.MEAN], position=position._replace(batch=position.batch + 1))
    scene.show_snapshot(later, None)
    assert int(order[place]) not in scene.rows


def test_the_chart_is_used_with_the_keyboard(qtbot):
    scene = shown(qtbot, Stop.MEAN)
    snapshot = snapshots()[Stop.MEAN]
    order = in_order(read(snapshot).ranks)
    scene.chart.setFocus()
    for _ in range(12):
        qtbot.keyClick(scene.chart, Qt.Key.Key_Left)
    assert scene.chart.at == 0
    assert f"image {order[0]}:" in scene.chart.accessibleDescription()
    qtbot.keyClick(scene.chart, Qt.Key.Key_Return)
    assert int(order[0]) in scene.rows
    qtbot.keyClick(scene.chart, Qt.Key.Key_Escape)
    assert scene.chart.at is None


def test_the_arrows_and_tab_go_from_card_to_card(qtbot):
    scene = shown(qtbot, Stop.PROBABILITIES)
    scene.activateWindow()
    scene.cards[0].setFocus()
    qtbot.waitUntil(scene.cards[0].hasFocus)
    qtbot.keyClick(scene.cards[0], Qt.Key.Key_Right)
    assert scene.cards[1].hasFocus()
    first = scene.ladder.accessibleDescription()
    qtbot.keyClick(scene.cards[1], Qt.Key.Key_Tab)
    assert scene.cards[2].hasFocus()
    assert scene.ladder.accessibleDescription() != first  # it is of the card with the focus
    for card in (2, 1):
        qtbot.keyClick(scene.cards[card], Qt.Key.Key_Left)
    assert scene.cards[0].hasFocus()
    qtbot.keyClick(scene.cards[0], Qt.Key.Key_Left)
    assert scene.ladder.hasFocus()


@pytest.mark.parametrize("size", [(560, 176), (1080, 275), (1080, 345), (2300, 900)])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_stop_is_drawn_in_any_size(qtbot, theme, size):
    SCALE.factor = 1.17 if size[0] > 1000 else 1.0
    for stop in snapshots():
        scene = shown(qtbot, stop, size)
        scene.set_theme(theme)
        assert not scene.grab().isNull()
        panels = [card for card in scene.cards if not card.isHidden()]
        panels.append(scene.ladder if scene.chart.isHidden() else scene.chart)
        for left, right in pairwise(panels):
            assert left.geometry().right() < right.geometry().left()
        assert scene.rect().contains(panels[-1].geometry())


def test_what_is_not_a_number_is_drawn(qtbot):
    for stop, snapshot in snapshots().items():
        operation = snapshot.operation
        variables = tuple(
            replace(one, value=np.full_like(one.value, np.nan))
            if isinstance(one.value, np.ndarray) and one.value.dtype.kind == "f"
            else one
            for one in snapshot.variables
        )
        result = np.full_like(operation.result, np.nan)
        changed = replace(
            snapshot, operation=replace(operation, result=result), variables=variables
        )
        scene = scene_of(changed)(DARK)
        qtbot.addWidget(scene)
        scene.resize(1080, 340)
        scene.show_snapshot(changed, None)
        assert not scene.grab().isNull(), stop


def test_the_panel_shows_the_scene_and_exports_its_numbers(qtbot):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    for control in view.title_widgets():
        qtbot.addWidget(control)
    view.resize(1080, 360)
    with qtbot.waitExposed(view):
        view.show()
    view.show_snapshot(snapshots()[Stop.MEAN])
    assert isinstance(view.scenes.scene, LossScene)
    names = [table.name for table in view.tables()]
    assert names == ["Probabilities", "Surprises"]
    assert view.tables()[0].values.shape == (10, 10)


@pytest.mark.parametrize("width", [130, 170, 240, 420])
def test_the_name_of_a_line_is_over_no_number_and_no_bar(qtbot, width):
    seen = 0
    for stop in (Stop.COPY, Stop.PROBABILITIES, Stop.MEAN):
        judged = read(snapshots()[stop])
        for row in range(len(judged.bars)):
            for label, value in product(range(10), (0.03, 0.474, 0.97)):
                bars = np.full(10, 0.01)
                bars[(label + row) % 10] = value
                one = replace(judged, bars=np.tile(bars, (10, 1)), labels=np.full(10, label))
                drawn = QImage(width, 150, QImage.Format.Format_ARGB32)
                painter = QPainter(drawn)
                shown = bars_of(one, row, (-1.0, 1.0) if stop is Stop.COPY else (0.0, 1.0))
                on = _Painter(painter, QRectF(0, 0, width, 150), shown, DARK, QColor(DARK.raised))
                on.paint()
                painter.end()
                if on.name_place is not None:
                    seen += 1
                    assert not any(on.name_place.intersects(taken) for taken in on._taken)
    assert seen > 500
