"""The timeline: where batches and events lie, and what clicks, drags and keys ask for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QApplication, QToolButton

from engine.debug.bookmarks import Bookmark
from engine.debug.events import Phase, Position
from engine.debug.snapshots.snapshot import Band
from gui.look.theme import DARK, LIGHT, mix
from gui.look.type_scale import SCALE
from gui.paint.heatmap import Array
from gui.paint.text import ui_face
from gui.paint.track import BatchTrack, EventTrack, short_names
from gui.views.timeline import batch_row, event_row
from gui.views.timeline import marks as timeline_marks
from gui.views.timeline import view as timeline_view
from gui.views.timeline.loss_area import loss_area
from gui.views.timeline.view import TimelineView
from tests.gui.snapshots import EVENT_COUNT, make_bands, make_event, make_history, make_snapshot


@pytest.fixture
def view(qtbot):
    view = TimelineView(DARK)
    qtbot.addWidget(view)
    view.resize(1354, 66)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    view.setFocus()
    view.show_snapshot(make_snapshot())
    return view


def at_event(view, event: int) -> QPoint:
    return QPointF(view.events().middle(event), view.event_row().center().y()).toPoint()


def at_batch(view, batch: int) -> QPoint:
    return QPointF(view.batches().x(batch) + 1, view.batch_row().center().y()).toPoint()


def click(qtbot, view, place: QPoint) -> None:
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)


def image_of(view) -> object:
    return view.grab().toImage()


# Where things lie


@given(st.integers(1, 3000), st.floats(50, 4000), st.data())
def test_every_event_is_found_where_it_is_drawn(count, width, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, count), min_size=2, max_size=8)))
    phases = sorted(data.draw(st.lists(st.sampled_from(list(Phase)), min_size=7, max_size=7)),
                    key=list(Phase).index)  # fmt: skip
    bands = [
        Band(phase, "Affine1", "Affine1", first, last - 1)
        for phase, first, last in zip(phases, cuts, cuts[1:], strict=False)
    ]
    track = EventTrack(10.0, width, count, bands)
    for event in {0, count - 1, *(min(c, count - 1) for c in cuts)}:
        if track.end(event) - track.x(event) > 1e-6:
            assert track.event(track.middle(event)) == event
    ends = [track.end(e) for e in range(count)]
    starts = [track.x(e) for e in range(count)]
    assert all(b >= a - 1e-6 for a, b in zip(ends, starts[1:], strict=False)), "events overlap"
    if width > 100:
        assert ends[-1] == pytest.approx(10 + width)


def test_a_narrow_band_is_given_room_for_its_name():
    track = EventTrack(0, 1150, EVENT_COUNT, make_bands())
    for band in make_bands():
        assert track.end(band.last) - track.x(band.first) >= 40


@given(st.integers(1, 600), st.floats(200, 4000), st.data())
def test_with_operations_only_each_stop_is_found_where_it_is_drawn(count, width, data):
    stops = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=50)) | {0})
    cuts = sorted(data.draw(st.sets(st.integers(0, count), min_size=2, max_size=8)))
    bands = [
        Band(Phase.FORWARD, "Affine1", "Affine1", first, last - 1) for first, last in pairwise(cuts)
    ]
    track = EventTrack(10.0, width, count, bands, stops=tuple(stops))
    for stop in stops:
        assert track.event(track.middle(stop)) == stop
    assert track.end(count - 1) == pytest.approx(10 + width)
    for event in set(range(count)) - set(stops):
        assert track.end(event) == track.x(event)


def test_a_band_without_operation_stops_takes_no_room(view):
    """While stops are operations, the bands are as wide as they have stops."""
    bands = make_bands()
    silent, rest = bands[2], [band for band in bands if band != bands[2]]
    view.show_snapshot(make_snapshot(operation_stops=tuple(band.first for band in rest)))

    def width(band: Band) -> float:
        return view.events().end(band.last) - view.events().x(band.first)

    assert width(silent) > 0
    every = image_of(view)
    view.set_every_stop(False)
    assert width(silent) == 0
    assert all(width(band) > 0 for band in rest)
    assert image_of(view) != every
    view.set_every_stop(True)
    assert width(silent) > 0
    assert image_of(view) == every


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 700))
def test_a_run_has_room_to_the_end_of_its_epoch(reach, batch, per_epoch):
    track = BatchTrack.of(0.0, 1000.0, reach, batch, per_epoch)
    assert track.total % per_epoch == 0
    assert track.total >= max(reach, batch + 1)
    assert track.total < max(reach, batch + 1) + per_epoch
    assert track.batch(track.x(batch) + 500 / track.total) == batch


def test_names_grow_shorter():
    assert short_names("Sigmoid1") == ["Sigmoid1", "Sig1", "S1"]
    assert short_names("SoftmaxWithLoss") == ["SoftmaxWithLoss", "Softmax", "Sof", "S"]
    assert short_names("Affine1.W") == ["Affine1.W", "W1"]
    assert short_names("parameters") == ["parameters", "params"]
    assert short_names("return") == ["return", "end"]
    assert short_names("ReLU2") == ["ReLU2", "R2"]


def test_a_short_name_belongs_to_one_layer_alone():
    labels = frozenset({
        "Sigmoid1", "Softmax1", "Sigmoid2", "SoftmaxWithLoss", "Affine1.W", "Conv1.W", "Affine1",
        "Conv1", "Affine2.W",
    })  # fmt: skip
    names = {label: short_names(label, labels) for label in labels}
    assert names["Sigmoid1"] == ["Sigmoid1", "Sig1", "Si1"]
    assert names["Softmax1"][-1] == "So1"
    assert names["Sigmoid2"][-1] == "S2"
    assert names["Affine1.W"] == ["Affine1.W", "A1.W"] and names["Conv1.W"][-1] == "C1.W"
    assert names["Affine2.W"] == ["Affine2.W", "W2"]
    every = [name for label in labels for name in names[label]]
    assert len(every) == len(set(every))


@given(st.sets(st.from_regex(r"[A-C][a-d]{0,3}[12]?(\.[Wb])?", fullmatch=True), max_size=6))
def test_no_two_bands_share_a_short_name(labels):
    every = [(name, label) for label in labels for name in short_names(label, frozenset(labels))]
    owners = {}
    for name, label in every:
        assert owners.setdefault(name, label) == label
    assert all(short_names(label, frozenset(labels))[0] == label for label in labels)


# What a person does


def test_a_click_on_an_event_goes_there(view, qtbot):
    with qtbot.waitSignal(view.event_chosen) as chosen:
        click(qtbot, view, at_event(view, 97))
    assert chosen.args == [97]


def test_a_click_on_a_batch_goes_there(view, qtbot):
    with qtbot.waitSignal(view.batch_chosen) as chosen:
        click(qtbot, view, at_batch(view, 120))
    assert abs(chosen.args[0] - 120) <= 1


def test_a_batch_that_has_not_run_is_not_gone_to_and_the_tooltip_says_so(view, qtbot):
    with qtbot.assertNotEmitted(view.batch_chosen, wait=20):
        click(qtbot, view, at_batch(view, 560))
    assert "not trained yet" in view.tooltip_at(QPointF(at_batch(view, 560)))


def test_a_drag_asks_once_in_a_turn_of_the_event_loop_and_for_the_last_place(view, qtbot):
    chosen = []
    view.event_chosen.connect(chosen.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at_event(view, 20))
    for event in range(21, 60):
        qtbot.mouseMove(view, at_event(view, event))
    qtbot.waitUntil(lambda: bool(chosen) and chosen[-1] == 59)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at_event(view, 59))
    assert len(chosen) <= 40


def test_a_drag_beyond_the_run_stops_at_its_end(view, qtbot):
    chosen = []
    view.batch_chosen.connect(chosen.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at_batch(view, 100))
    qtbot.mouseMove(view, at_batch(view, 590))
    qtbot.waitUntil(lambda: 413 in chosen)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at_batch(view, 590))


@pytest.mark.parametrize(
    ("key", "verb"),
    [
        (Qt.Key.Key_Right, "step_into"),
        (Qt.Key.Key_Left, "step_back_into"),
        (Qt.Key.Key_Down, "step_over"),
        (Qt.Key.Key_Up, "step_back_over"),
        (Qt.Key.Key_PageDown, "step_batch"),
        (Qt.Key.Key_PageUp, "step_back_batch"),
    ],
)
def test_keys_step(view, qtbot, key, verb):
    with qtbot.waitSignal(view.verb_chosen) as chosen:
        qtbot.keyClick(view, key)
    assert chosen.args == [verb]


def test_a_key_that_is_held_down_waits_for_its_last_step(view, qtbot):
    steps = []
    view.verb_chosen.connect(steps.append)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    held = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, "", True
    )
    QApplication.sendEvent(view, held)
    assert len(steps) == 1
    view.show_snapshot(make_snapshot(position=Position(412, 7)))
    QApplication.sendEvent(view, held)
    assert len(steps) == 2


def test_the_arrows_step_the_session(window, settled, qtbot):
    window.timeline.setFocus()
    qtbot.keyClick(window.timeline, Qt.Key.Key_Right)
    settled(window)
    assert window.snapshot.position == Position(0, 1)
    qtbot.keyClick(window.timeline, Qt.Key.Key_Left)
    settled(window)
    assert window.snapshot.position == Position(0, 0)


def test_home_and_end_are_the_first_and_the_last_event(view, qtbot):
    chosen = []
    view.event_chosen.connect(chosen.append)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert chosen == [0, EVENT_COUNT - 1]


def test_the_tooltip_says_what_is_under_the_mouse(view):
    assert view.tooltip_at(QPointF(at_event(view, 104))) == "Backward, Sigmoid1, stop 104"
    assert view.tooltip_at(QPointF(at_event(view, 121))) == "Update, Affine1.b, stop 121"
    loss = make_history().losses[0]
    assert view.tooltip_at(QPointF(at_batch(view, 0))) == f"Batch 0, loss {loss:.3f}"
    assert view.tooltip_at(QPointF(4, 4)) == ""


# What the screen shows


def test_a_screen_reader_is_told_where_the_cursor_is(view):
    words = view.accessibleDescription()
    assert words == "Epoch 0, batch 412 of 413, Forward, stop 6 of 128 Affine1"


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_what_has_run_is_tinted_deeper_than_what_is_to_come(view, theme):
    view.set_theme(theme)
    backward = make_event(phase=Phase.BACKWARD)
    view.show_snapshot(make_snapshot(position=Position(412, 90), event=backward))
    image = image_of(view)

    def ground(event: int) -> QColor:
        place = at_event(view, event)
        return image.pixelColor(place.x(), round(view.event_row().top()) + 3)

    share = (0.46, 0.16) if theme.dark else (0.32, 0.12)
    assert ground(14) == mix(theme.forward, theme.panel, share[0])
    assert ground(106) == mix(theme.backward, theme.panel, share[1])


def framed(view, theme) -> set[str]:
    """The bands that have a frame in the colour of their pass."""
    image = image_of(view)
    row = view.event_row()
    found = set()
    for band in view._snapshot.bands:
        left = view.events().x(band.first) + 1
        colour = QColor(theme.phase(band.phase))
        at = [image.pixelColor(round(left) + 12 + n, round(row.top())) for n in range(6)]
        if colour in at:
            found.add(f"{band.phase} {band.label}")
    return found


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_no_layer_is_lit_while_none_runs(view, theme):
    view.set_theme(theme)
    assert framed(view, theme) == {"forward Affine1"}
    # `loss = network.forward(x, t)` has returned: a line of `train_step`.
    outside = make_event(phase=Phase.FORWARD, layer="")
    view.show_snapshot(make_snapshot(position=Position(412, 66), event=outside))
    assert framed(view, theme) == set()
    inside = make_event(phase=Phase.FORWARD, layer="SoftmaxWithLoss")
    view.show_snapshot(make_snapshot(position=Position(412, 66), event=inside))
    assert framed(view, theme) == {"forward SoftmaxWithLoss"}
    # In the update a parameter's band is lit: there no layer runs, and that is what it is about.
    update = make_event(phase=Phase.UPDATE, layer="")
    view.show_snapshot(make_snapshot(position=Position(412, 121), event=update))
    assert framed(view, theme) == {"update Affine1.b"}
    # While it trains the cursor is in none of these events.
    view.show_history(make_history(500), running=450)
    assert framed(view, theme) == set()


def bookmarked(*marks: tuple[str, int, int]):
    return tuple(
        Bookmark(n, name, Position(batch, event), 0) for n, (name, batch, event) in enumerate(marks)
    )


def test_a_flag_shows_the_bookmarks_name_and_a_click_on_it_goes_there(view, qtbot):
    marks = bookmarked(("before it diverges", 100, 7), ("good", 412, 30))
    view.show_snapshot(make_snapshot(bookmarks=marks))
    names = view.flag_names()
    assert [(name, one.id) for _, name, one in names] == [("before it diverges", 0), ("good", 1)]
    for place, name, one in names:
        assert QRectF(view.rect()).contains(place)
        assert place.width() >= ui_face(11).width(name)
        assert abs(place.left() - view.batches().x(one.position.batch)) < 12
    with qtbot.waitSignal(view.position_chosen) as chosen:
        click(qtbot, view, names[0][0].center().toPoint())
    assert chosen.args == [Position(100, 7)]
    assert "before it diverges: batch 100" in view.tooltip_at(names[0][0].center())


def test_names_of_flags_do_not_overlap_and_end_within_the_timeline(view):
    marks = bookmarked(*((f"the bookmark number {n}", batch, 3) for n, batch in enumerate(
        (0, 4, 5, 30, 200, 205, 410, 411, 412, 412)
    )))  # fmt: skip
    for width in (900, 1354, 2548):
        view.resize(width, 66)
        view.show_snapshot(make_snapshot(bookmarks=marks, history=make_history(413)))
        places = [place for place, *_ in view.flag_names()]
        assert places
        for a, b in pairwise(places):
            assert a.right() <= b.left()
        assert all(view.batch_row().left() <= place.left() for place in places)
        assert all(place.right() <= view.width() for place in places)
    (two,) = [name for _, name, one in view.flag_names() if one.position.batch == 412]
    assert two == "the bookmark number 8, the bookmark number 9"


def test_the_last_flag_has_its_name_on_the_side_where_there_is_room(view):
    view.show_snapshot(
        make_snapshot(bookmarks=bookmarked(("the very end", 600, 0)), history=make_history(600),
                      position=Position(599, 3))
    )  # fmt: skip
    ((place, _, one),) = view.flag_names()
    assert place.right() < view.batches().x(one.position.batch)
    assert place.width() >= ui_face(11).width("the very end")


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.42])
@pytest.mark.parametrize("size", [(1354, 66), (2548, 84), (1354, 52)])
def test_flags_and_their_poles_cover_no_name_in_either_row(view, monkeypatch, scale, size):
    """At every stop of a batch, since anywhere may be a bookmark."""
    monkeypatch.setattr(SCALE, "factor", scale)
    written, poles = [], []
    for module in (batch_row, event_row):
        draw = module.draw_text

        def note(painter, rect, text, face, *more, draw=draw):
            height = face.metrics.tightBoundingRect(text).height()
            box = QRectF(rect.left(), 0, face.width(text), height)
            box.moveTop(rect.center().y() - height / 2)
            written.append(box)
            draw(painter, rect, text, face, *more)

        monkeypatch.setattr(module, "draw_text", note)
    paint = timeline_view.paint_flag

    def flag(painter, place, foot, theme):
        poles.append(QRectF(place.topLeft(), QPointF(place.right(), place.bottom())))
        poles.append(QRectF(place.left() - 0.6, place.top(), 1.2, foot - place.top()))
        paint(painter, place, foot, theme)

    monkeypatch.setattr(timeline_view, "paint_flag", flag)
    view.resize(*size)
    marks = bookmarked(*((f"stop {n}", 412, n) for n in range(EVENT_COUNT)))
    view.show_snapshot(make_snapshot(bookmarks=marks, history=make_history(413)))
    image_of(view)
    assert len(poles) == 4 * EVENT_COUNT and written
    below = [pole for pole in poles if pole.bottom() > view.event_row().top() - 4]
    assert below
    assert not [(pole, box) for pole in poles for box in written if pole.intersects(box)]
    at = [place for place, mark in view.flags() if mark.position.event == 30][-1]
    assert at.top() > view.batch_row().center().y()
    assert view.bookmark_at(at.center()) is not None


def test_the_cursor_follows_the_snapshot(view):
    before = image_of(view)
    view.show_snapshot(make_snapshot(position=Position(412, 100)))
    after = image_of(view)
    middle = view.event_row().center().y()
    x = round(view.events().middle(100))
    assert after.pixelColor(x, int(middle)) == QColor(DARK.text)
    assert before.pixelColor(x, int(middle)) != QColor(DARK.text)


def test_a_run_grows_while_the_cursor_stays(view):
    place = at_batch(view, 500)
    assert "not trained" in view.tooltip_at(QPointF(place))
    view.show_history(make_history(560))
    assert "loss" in view.tooltip_at(QPointF(place))


def test_the_batch_that_runs_is_marked_and_told_until_the_next_snapshot(view):
    def marked(batch: int) -> bool:
        x = round(view.batches().x(batch))
        return image_of(view).pixelColor(x, round(view.batch_row().bottom()) - 2) == QColor(
            DARK.text
        )

    assert marked(412)
    view.show_history(make_history(560), running=555)
    assert marked(555) and not marked(412)
    assert view.accessibleDescription() == "Training: epoch 0, batch 555"
    view.show_history(make_history(1210), running=1203)  # in the third epoch
    assert marked(1203)
    assert view.accessibleDescription() == "Training: epoch 2, batch 1203"
    view.show_snapshot(make_snapshot(position=Position(412, 90), history=make_history(560)))
    assert marked(412) and not marked(555)
    assert view.accessibleDescription().startswith("Epoch 0, batch 412 of 560")


def test_the_first_batch_of_an_untrained_run_can_be_drawn(view):
    empty = np.empty(0)
    history = replace(make_history(0), test_batches=empty, test_accuracies=empty, test_losses=empty)
    view.show_snapshot(make_snapshot(position=Position(0, 0), history=history))
    assert not image_of(view).isNull()
    assert view.tooltip_at(QPointF(at_batch(view, 0))) == "Batch 0: not trained yet"


def painted(losses: Array) -> list[int]:
    """For each column the rows from the top down to the area's line."""
    width, height = 40, 30
    image = loss_area(losses, width, height, DARK)
    ground = mix(DARK.accent, DARK.panel, 0.06)
    return [
        next((y for y in range(height) if image.pixelColor(x, y) != ground), height)
        for x in range(width)
    ]


def test_a_spike_of_one_batch_in_a_long_run_is_drawn():
    losses = np.full(100_000, 1.0)
    losses[60_000] = 5.0
    tops = painted(losses)
    assert tops[24] < tops[23] - 1


def test_a_loss_that_is_not_finite_goes_off_the_scale():
    losses = np.ones(80)
    losses[40:] = np.nan
    tops = painted(losses)
    assert tops[10] > 0
    assert tops[39] == 0


@pytest.mark.parametrize("name", ["here", "before it diverges, and then it does", "x" * 90])
def test_no_bookmarks_name_lies_upon_what_is_not_trained_yet(view, monkeypatch, name):
    drawn = {}
    for module in (batch_row, timeline_marks):
        draw = module.draw_text

        def note(painter, rect, text, *more, draw=draw):
            drawn[text] = rect
            draw(painter, rect, text, *more)

        monkeypatch.setattr(module, "draw_text", note)
    view.resize(1300, 66)
    view.show_snapshot(
        make_snapshot(bookmarks=bookmarked((name, 412, 30)), history=make_history(413))
    )
    image_of(view)
    assert drawn[name].right() < drawn["not trained yet"].left()


def test_a_bands_name_stays_while_the_cursor_passes(view, monkeypatch):
    """Read from what is drawn, at each event of the band, in a narrow timeline and a wide one."""
    drawn = []
    draw = event_row.draw_text

    def note(painter, rect, text, *more):
        drawn.append(text)
        draw(painter, rect, text, *more)

    monkeypatch.setattr(event_row, "draw_text", note)
    for width in (900, 1000, 1354):
        view.resize(width, 66)
        image_of(view)
        names = set()
        for event in range(3, 10):
            drawn.clear()
            view.show_snapshot(make_snapshot(position=Position(412, event)))
            image_of(view)
            names |= {text for text in drawn if text in short_names("Affine1")}
        assert len(names) == 1


def test_the_question_mark_asks_for_help_by_mouse_and_key(view, qtbot):
    question = view.findChild(QToolButton)
    with qtbot.waitSignal(view.help_asked):
        qtbot.mouseClick(question, Qt.MouseButton.LeftButton)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert question.hasFocus()
    with qtbot.waitSignal(view.help_asked):
        qtbot.keyClick(question, Qt.Key.Key_Space)
    assert question.geometry().right() < view.batches().x(0)
