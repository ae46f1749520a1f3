"""The numbers of arrays of few cells: all are there, whole, and at a size that can be read."""

from __future__ import annotations

from functools import cache

import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget

import gui.paint.cell_numbers as cell_numbers
from engine import Session
from engine.debug.explain.operation_stops import operation_stops
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.look.type_scale import SCALE
from gui.views.equation.view import EquationView
from gui.words.lesson import lesson_of

LEARN = (1078, 372)  # pixels of the panel in Learn on a screen of 1366 × 768, without its title
LEARN_SCALE = 1.15


@cache
def trained() -> Session:
    session = build_session(Options(network="16-4-3"))
    session.run(42)
    return session


@pytest.fixture
def view(qtbot, monkeypatch):
    monkeypatch.setattr(SCALE, "factor", LEARN_SCALE)
    view = EquationView(DARK)
    title = QWidget()  # in the window the controls stand in the panel's title row
    row = QHBoxLayout(title)
    for widget in (view, title):
        qtbot.addWidget(widget)
    for control in view.title_widgets():
        row.addWidget(control)
    view.choose_scene(False)
    view.choose_mode(False)
    view.resize(*LEARN)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    title.deleteLater()


def at(view, stop: int) -> list:
    """Show an operation stop of the trained network; returns its arrays of cells in colours."""
    session = trained()
    session.goto(42, operation_stops(session.trace)[stop])
    snapshot = session.snapshot()
    view.show_snapshot(snapshot)
    view.show_lesson(lesson_of(snapshot), snapshot)
    return [p for p in view.canvas.places if getattr(p.part, "values", None) is not None]


def written(view, monkeypatch) -> list[tuple[str, float, float, int]]:
    """Each number in a cell: its text, width, the cell's width, the pixels of its font."""
    found = []
    with monkeypatch.context() as patch:
        patch.setattr(
            cell_numbers, "draw_text",
            lambda _, rect, text, face, *__: found.append(
                (text, face.width(text), rect.width(), face.font.pixelSize())
            ),
        )  # fmt: skip
        view.canvas._painter.forget()
        view.canvas.grab()
    return found


def test_every_number_of_the_tiny_network_can_be_read_in_learn(view, monkeypatch):
    stops = len(operation_stops(trained().trace))
    for stop in range(stops):
        places = at(view, stop)
        if view.canvas.past:
            continue
        numbers = written(view, monkeypatch)
        cells = sum(place.part.values.size for place in places)
        assert len(numbers) >= cells, stop
        assert all(text for text, *_ in numbers), stop
        assert all(wide <= room for _, wide, room, _ in numbers), stop
        assert all(size >= 12 for *_, size in numbers), stop


def test_the_numbers_are_those_of_the_arrays(view, monkeypatch):
    places = at(view, 2)
    wanted = [value for place in places for value in place.part.values.ravel().tolist()]
    numbers = [float(text.replace("−", "-")) for text, *_ in written(view, monkeypatch)]
    assert sorted(numbers) == pytest.approx(sorted(wanted), rel=0.1, abs=0.0006)


def test_the_sum_of_a_cell_is_one_line_where_numbers_need_the_room_beside(view):
    at(view, 27)  # a product, whose card stands beside it in a larger panel
    assert view.card.isVisible() and view.card.height() < 40
    view.resize(1900, 900)
    assert view.card.height() > 200


def test_a_large_array_changes_nothing(view):
    session = build_session(Options())
    stop = next(e for e in operation_stops(session.trace) if session.trace.site(e).source
                == "x @ self.W")  # fmt: skip
    session.goto(0, stop)
    view.show_snapshot(session.snapshot())
    assert view.card.isVisible() and view.card.height() > 200
