"""The legend and the caption of the equation: in the picture's own colours, and only with it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from engine.debug.explain.operation_stops import operation_stops
from engine.options import Options, build_session
from gui.look.style import load_fonts
from gui.look.theme import DARK, LIGHT
from gui.paint.heatmap import MapKind, table_for
from gui.views.equation.lesson.legend import MOST, LegendBox, name_of, swatch_colour
from gui.views.equation.lesson.legends import legend_of
from gui.views.equation.scenes.scene import StopScene
from gui.views.equation.view import EquationView
from gui.words.captions import LegendEntry, caption_of
from gui.words.lesson import lesson_of
from gui.words.quantity import MAP_OF, Swatch
from tests.gui.words.test_words import at, at_each

LONG = LegendEntry(Swatch.POSITIVE, "Red", "more weight, more loss: the update lowers it " * 3)


@pytest.fixture
def view(qtbot):
    load_fonts()
    view = EquationView(DARK)
    view.choose_scene(False)  # the colours of the arithmetic
    qtbot.addWidget(view)
    view.resize(1100, 440)
    view.show()
    return view


def show(view, snapshot) -> None:
    view.show_lesson(lesson_of(snapshot), snapshot)
    view.show_snapshot(snapshot)
    QApplication.processEvents()


def tiny():
    return build_session(Options(network="16-4-3"))


def test_at_each_stop_the_legend_is_in_the_colours_of_the_picture(view):
    session = tiny()
    for batch in range(2):
        session.run(1)
        session.goto(batch)
        shown = 0
        for event in operation_stops(session.trace):
            session.goto(batch, event)
            snapshot = session.snapshot()
            show(view, snapshot)
            kinds = {array.shown.scale.kind for array in view.canvas.coloured()}
            entries = view.top.legend.entries
            assert {MAP_OF[entry.swatch] for entry in entries} <= kinds
            shown += bool(entries)
        assert shown > 25


def test_an_array_that_stays_signed_has_the_legend_of_signed_colours(view):
    """The scale of an array is kept: all positive at this stop, it is still red."""
    session = tiny()
    snapshot = at(session, "x @ self.W + self.b")
    show(view, snapshot)
    assert [entry.name for entry in view.top.legend.entries] == ["Red", "Blue"]
    scales = view.canvas.scales
    high = at(session, "1 / (1 + np.exp(-x))")
    show(view, high)
    key = view.canvas.coloured()[0].key
    scales.forget(key)
    scales.show(key, np.array([-1.0, 1.0]))
    show(view, high)
    assert [entry.name for entry in view.top.legend.entries] == ["Red", "Blue"]
    assert [entry.text for entry in view.top.legend.entries] == ["above 0", "below 0"]


def test_a_picture_of_an_earlier_stop_has_no_words(view):
    session = tiny()
    show(view, at(session, "x @ self.W"))
    assert view.caption.isVisible() and view.top.legend.isVisible()
    for snapshot in at_each(session):
        show(view, snapshot)
        if view.canvas.past:
            assert not view.caption.isVisible() and not view.top.legend.isVisible()
            return
    raise AssertionError("no stop without a picture")


def test_the_switch_of_the_words_takes_both_away(view):
    show(view, at(tiny(), "x @ self.W"))
    view.set_words(False)
    assert not view.caption.isVisible() and not view.top.legend.isVisible()
    view.set_words(True)
    assert view.caption.isVisible() and view.top.legend.isVisible()


@pytest.mark.parametrize(("width", "height"), [(1100, 440), (800, 300), (360, 500), (300, 140)])
def test_the_caption_has_its_room_below_the_picture_or_none(view, width, height):
    view.resize(width, height)
    show(view, at(tiny(), "self.x.T @ dout"))
    caption, canvas = view.caption, view.canvas
    if caption.isVisible():
        assert caption.geometry().top() > canvas.geometry().bottom()
        assert caption.geometry().bottom() <= height
        assert caption.heightForWidth(caption.width()) <= caption.height() + 1
        assert not view.card.isVisible() or not caption.geometry().intersects(view.card.geometry())
    assert caption.isVisible() == (height >= 440 or (height, width) == (500, 360)) or height == 300


def test_ink_has_the_name_of_its_colour_in_each_theme():
    ink, paper = (LegendEntry(swatch, "", "x") for swatch in (Swatch.INK, Swatch.PAPER))
    assert [name_of(one, DARK) for one in (ink, paper)] == ["White", "Black"]
    assert [name_of(one, LIGHT) for one in (ink, paper)] == ["Black", "White"]
    for theme in (DARK, LIGHT):
        colour = swatch_colour(Swatch.INK, theme)
        assert colour == QColor.fromRgb(int(table_for(MapKind.PIXELS, theme)[254]))
        assert (colour.lightness() > 128) == theme.dark


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_names_are_those_of_the_colours(theme):
    red, blue = (swatch_colour(one, theme) for one in (Swatch.POSITIVE, Swatch.NEGATIVE))
    assert red.red() > red.blue() and blue.blue() > blue.red()
    yellow, purple = (swatch_colour(one, theme) for one in (Swatch.LEVEL, Swatch.LOW))
    assert 45 < yellow.hue() < 75 and 260 < purple.hue() < 310
    middle = swatch_colour(Swatch.ZERO, theme)
    assert (middle.lightness() < 60) == theme.dark and (middle.lightness() > 230) != theme.dark


def test_a_long_entry_is_cut_and_the_tooltip_has_it(qtbot):
    box = LegendBox(DARK)
    qtbot.addWidget(box)
    box.show_entries((LONG, LONG, LONG))
    box.resize(200, 60)
    box.grab()
    assert len(box.entries) == MOST
    assert LONG.text in box.toolTip() and LONG.text in box.accessibleDescription()
    box.show_entries((LegendEntry(Swatch.POSITIVE, "Red", "up"),))
    box.grab()
    assert box.toolTip() == "" and box.accessibleDescription() == "Red: up"
    box.show_entries(())
    assert box.isHidden()


class OwnColours(StopScene):
    """A scene with a legend of its own, or none."""

    own: tuple[LegendEntry, ...] = ()
    map: MapKind | None = None

    def legend(self, snapshot):
        return self.own

    def map_of_result(self, snapshot):
        return self.map


def test_a_scene_may_have_a_legend_of_its_own(qtbot):
    scene = OwnColours(DARK)
    qtbot.addWidget(scene)
    snapshot = at(tiny(), "self.x.T @ dout")
    caption = caption_of(snapshot)
    assert legend_of(caption, snapshot, scene, []) == ()
    scene.map = MapKind.SIGNED
    assert legend_of(caption, snapshot, scene, []) == caption.legend
    scene.map = MapKind.PIXELS  # the values are told, as the words are for other colours
    assert [one.swatch for one in legend_of(caption, snapshot, scene, [])] == [
        Swatch.INK, Swatch.PAPER,
    ]  # fmt: skip
    scene.own = (LegendEntry(Swatch.TRIANGLE, "", "the right label"),)
    assert legend_of(caption, snapshot, scene, []) == scene.own
    scene.own, scene.map = (), None
    assert legend_of(caption, snapshot, scene, []) == ()
    assert legend_of(caption, snapshot, None, []) == (), "nothing is in colours"
    box = LegendBox(DARK)
    qtbot.addWidget(box)
    box.show_entries((LegendEntry(Swatch.TRIANGLE, "", "the right label"),))
    assert not box.grab().isNull() and box.lines() == ["the right label"]
