"""The legend beside a scene speaks of the scene's colours, and no legend is cut."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from engine.debug.explain.operation_stops import operation_stops
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.look.style import load_fonts
from gui.look.theme import DARK
from gui.look.type_scale import SCALE
from gui.paint.heatmap import STEPS, table_for
from gui.views.equation.lesson.legend import swatch_colour
from gui.views.equation.scenes.digits.sum_of_digits import SumOfDigits
from gui.views.equation.scenes.loss.scene import LossScene
from gui.views.equation.view import EquationView
from gui.window.panels.layout_presets import PRESETS as LAYOUTS
from gui.words.lesson import lesson_of
from gui.words.quantity import MAP_OF, Swatch

PANEL = (1073, 390)  # pixels in Learn at 1366 × 768
_UPPER = (Swatch.POSITIVE, Swatch.LEVEL, Swatch.INK)


@pytest.fixture
def view(qtbot, monkeypatch):
    load_fonts()
    monkeypatch.setattr(SCALE, "factor", LAYOUTS["learn"].type_scale)
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.resize(*PANEL)
    view.show()
    return view


def each_stop(view, network: str, batches: int = 1):
    session = build_session(Options(network=network))
    session.run(batches)
    session.goto(batches)
    for event in operation_stops(session.trace):
        session.goto(batches, event)
        snapshot = session.snapshot()
        view.show_lesson(lesson_of(snapshot), snapshot)
        view.show_snapshot(snapshot)
        QApplication.processEvents()
        yield snapshot


def colours_in(picture) -> set[int]:
    image = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32) | 0xFF000000
    return set(np.unique(pixels).tolist())


def of_swatch(swatch: Swatch) -> set[int]:
    """The colours that a swatch names: its half of the map."""
    table = table_for(MAP_OF[swatch], DARK)[:STEPS]
    if swatch is Swatch.ZERO:
        return set(table[STEPS // 2 - 8 : STEPS // 2 + 9].tolist())
    half = table[STEPS // 2 + 9 :] if swatch in _UPPER else table[: STEPS // 2 - 8]
    return set(half.tolist())


def is_in(swatch: Swatch, shown: set[int]) -> bool:
    """Whether a picture has a swatch's colour; red and blue may be paler, as bars of others are."""
    if swatch in (Swatch.POSITIVE, Swatch.NEGATIVE):
        wanted = swatch_colour(swatch, DARK).hue()
        found = (QColor.fromRgb(pixel) for pixel in shown)
        near = (c for c in found if abs((c.hue() - wanted + 180) % 360 - 180) < 20)
        return any(colour.saturation() > 90 and colour.value() > 60 for colour in near)
    return bool(shown & of_swatch(swatch))


@pytest.mark.parametrize("network", list(PRESETS))
def test_each_colour_that_the_legend_names_is_in_the_scene(view, network):
    scenes = set()
    for snapshot in each_stop(view, network):
        if view.picture() is not view.scenes:
            continue
        scenes.add(type(view.scenes.scene))
        named = [e.swatch for e in view.top.legend.entries if swatch_colour(e.swatch, DARK)]
        shown = colours_in(view.scenes) if named else set()
        own = view.scenes.scene.map_of_result(snapshot)
        for swatch in named:  # a picture of one unit may lack an end of its map
            assert MAP_OF[swatch] is own or is_in(swatch, shown), (snapshot.event.source, swatch)
        # Numbers that are all in the middle of a map have the colours of neither end.
        middle = set() if own is None else set(table_for(own, DARK)[:STEPS].tolist())
        seen = any(is_in(swatch, shown) for swatch in named) or bool(shown & middle)
        assert not named or seen, snapshot.event.source
    assert len(scenes) > 3


def test_labels_that_are_numbers_have_no_colours(view):
    found = [
        view.top.legend.entries
        for snapshot in each_stop(view, "16-4-3")
        if snapshot.operation.name == "self.t" and snapshot.operation.form.name == "ASSIGNMENT"
    ]
    assert found and not any(found)


@pytest.mark.parametrize("scene", [True, False])
@pytest.mark.parametrize("network", list(PRESETS))
def test_no_legend_is_cut_in_the_panel_of_learn(view, network, scene):
    view.choose_scene(scene)
    for snapshot in each_stop(view, network):
        if view.top.legend.entries and view.top.isVisible():
            view.top.formula._set_width(700)  # wider than any formula likes to be
            QApplication.processEvents()
            view.top.legend.grab()
            assert view.top.legend.toolTip() == "", snapshot.event.source


@pytest.mark.parametrize("network", ["784-50-10", "16-4-3"])
def test_a_derivation_is_asked_for_a_cell_that_the_scene_shows(view, qtbot, network):
    kinds = set()
    for snapshot in each_stop(view, network):
        scene = view._shown_scene
        cell = None if scene is None else scene.cell(snapshot)
        if cell is None:
            continue
        kinds.add(type(scene).__name__)
        with qtbot.waitSignal(view.why_asked) as asked:
            view.ask_why()
        assert asked.args == [cell]
        assert np.asarray(snapshot.operation.result)[cell].ndim == 0
        assert view._example.cell in (None, cell), "the card explains the same cell"
        if isinstance(scene, SumOfDigits):
            assert cell[1] == scene.unit_sum.unit
        if isinstance(scene, LossScene):
            assert cell[0] == scene.rows[0]
    assert kinds >= {"SumOverImages", "LossScene", "UpdateScene"}
