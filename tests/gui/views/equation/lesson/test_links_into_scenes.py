"""A symbol of the formula and its array in a scene light together."""

from __future__ import annotations

from functools import cache

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from engine.debug.session import Session
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.views.equation.scenes.scene import OF_RESULT
from gui.views.equation.view import EquationView
from gui.words.formula.formula import RESULT, Symbol
from gui.words.lesson import lesson_of

# Of each stop: its source, its layer, the symbol in the source, the name that the scene has for it.
LINKS = (
    ("self.x.T @ dout", "Affine1", "self.x.T", "self.x.T"),
    ("self.x.T @ dout", "Affine1", "dout", "dout"),
    ("self.x.T @ dout", "Affine2", "dout", "dout"),
    ("dout.sum(axis=0)", "Affine2", "dout", "dout"),
    ("W -= self.lr * dW", "", "W", OF_RESULT),
    ("e / total", "SoftmaxWithLoss", "e", "e"),
    ("e / total", "SoftmaxWithLoss", "total", "total"),
)


@cache
def session() -> Session:
    return build_session(Options())


@pytest.fixture
def view(qtbot):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.resize(1100, 460)
    view.scenes.setMouseTracking(True)
    with qtbot.waitExposed(view):
        view.show()
    return view


def show(view: EquationView, qtbot, source: str, layer: str) -> None:
    """Show the first stop of a source in a layer, once its formula is typeset."""
    run = session()
    run.goto(0)
    for event in run.snapshot().operation_stops:
        run.goto(0, event)
        snapshot = run.snapshot()
        found = snapshot.operation
        if found is not None and found.source == source and snapshot.event.layer == layer:
            break
    else:
        raise LookupError(source)
    view.show_snapshot(snapshot)
    view.show_lesson(lesson_of(snapshot), snapshot)
    assert view.scenes.scene is not None and view.scenes.isVisible()
    qtbot.waitUntil(lambda: view.top.formula.typeset is not None)


def symbol(view: EquationView, source: str) -> Symbol:
    symbols = view.top.formula.formula.symbols
    return next(one for one in symbols if source in (one.source, one.variable))


def point_at(view: EquationView, qtbot, one: Symbol) -> None:
    row = view.top.formula
    qtbot.mouseMove(row, row.box_of(one).center().toPoint())


@pytest.mark.parametrize(("source", "layer", "name", "place"), LINKS)
def test_a_symbol_frames_its_array_in_the_scene(view, qtbot, source, layer, name, place):
    show(view, qtbot, source, layer)
    point_at(view, qtbot, symbol(view, name))
    framed = view.scenes.lit.places
    assert framed == tuple(view.scenes.scene.places_of_arrays()[place])
    room = view.scenes.rect().toRectF()
    assert framed and all(room.contains(one) and not one.isEmpty() for one in framed)
    edge = framed[0].topLeft().toPoint() - QPoint(3, 0)
    image = view.scenes.grab().toImage()
    assert image.pixelColor(edge.x(), round(framed[0].center().y())) == QColor(DARK.accent)
    qtbot.mouseMove(view.top.formula, QPoint(view.top.formula.width() - 1, 1))
    assert not view.scenes.lit.places and not view.scenes.lit.isVisible()


@pytest.mark.parametrize(("source", "layer", "name", "place"), LINKS)
def test_an_array_in_the_scene_lights_its_symbol(view, qtbot, source, layer, name, place):
    show(view, qtbot, source, layer)
    told = []
    view.symbols.pointed.connect(told.append)
    at = view.scenes.scene.places_of_arrays()[place][0].center().toPoint()
    inner = view.scenes.scene.childAt(at) or view.scenes.scene
    qtbot.mouseMove(inner, inner.mapFrom(view.scenes.scene, at))
    assert view.top.formula.lit == symbol(view, name) == told[-1]
    assert view.scenes.lit.places
    qtbot.mouseMove(view.scenes.scene, QPoint(1, view.scenes.height() - 1))
    assert view.top.formula.lit is None and told[-1] is None


@pytest.mark.parametrize(
    ("source", "layer"),
    [
        ("self.x.T @ dout", "Affine1"),
        ("dout.sum(axis=0)", "Affine2"),
        ("W -= self.lr * dW", ""),
        ("np.exp(shifted)", "SoftmaxWithLoss"),
        ("-log_y[rows, self.t].sum() / len(z)", "SoftmaxWithLoss"),
        ("dz / len(dz)", "SoftmaxWithLoss"),
    ],
)
def test_the_result_is_framed_where_the_scene_draws_it(view, qtbot, source, layer):
    show(view, qtbot, source, layer)
    view.symbols.point_at_variable("")
    lit = view.top.formula.lit
    if lit is None:  # its formula has no symbol for the result
        view.scenes.light(Symbol("r", "r", operand=RESULT))
    assert view.scenes.lit.places == tuple(view.scenes.scene.places_of_arrays()[OF_RESULT])
    assert view.scenes.lit.places


def test_what_the_scene_does_not_draw_is_framed_nowhere(view, qtbot):
    show(view, qtbot, "self.x.T @ dout", "Affine1")
    view.symbols.point_at_variable("self.W")
    assert not view.scenes.lit.places


def test_the_frame_follows_the_size_of_the_panel(view, qtbot):
    show(view, qtbot, "self.x.T @ dout", "Affine1")
    view.symbols.point_at_variable("dout")
    view.resize(1300, 600)
    assert view.scenes.lit.places == tuple(view.scenes.scene.places_of_arrays()["dout"])
    assert view.scenes.lit.geometry() == view.scenes.rect()
