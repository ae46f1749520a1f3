"""What is drawn follows from the room that there is, not from the rooms that there were."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug.session import Session
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.views.equation.view import EquationView
from gui.words.lesson import lesson_of

SIZES = ((560, 190), (700, 300), (1078, 372), (1500, 700), (2050, 880))


@cache
def session() -> Session:
    return build_session(Options())


def shown(view: EquationView, stop: int) -> None:
    run = session()
    run.goto(0)
    run.goto(0, run.snapshot().operation_stops[stop])
    snapshot = run.snapshot()
    view.show_snapshot(snapshot)
    view.show_lesson(lesson_of(snapshot), snapshot)


def picture(view: EquationView) -> list[tuple[object, ...]]:
    """Where everything is in the panel."""
    if view.scenes.isVisible():
        return [("scene", type(view.scenes.scene), view.scenes.geometry())]
    parts = [(type(one.part), one.rect, one.cells) for one in view.canvas.places]
    card = view.card.geometry() if view.card.isVisible() else None
    return [("canvas", view.canvas.geometry(), card), *parts]


@pytest.fixture(scope="module")
def views(qapp):
    """One that has had many sizes, and one that is new for each."""
    made = [EquationView(DARK) for _ in range(2)]
    for view in made:
        view.show()
    yield made
    for view in made:
        view.close()
        view.deleteLater()


def stops() -> int:
    run = session()
    run.goto(0)
    return len(run.snapshot().operation_stops)


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_picture_is_a_function_of_the_room(views, data):
    resized, fresh = views
    stop = data.draw(st.integers(0, stops() - 1), "stop")
    scenes = data.draw(st.booleans(), "scenes")
    before = data.draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=3), "sizes before")
    size = data.draw(st.sampled_from(SIZES), "size")
    for view in views:
        view.choose_scene(scenes)
    resized.resize(*before[0])
    fresh.resize(*size)
    for view in views:
        shown(view, stop)
    for other in (*before[1:], size):
        resized.resize(*other)
    assert picture(resized) == picture(fresh)


@pytest.mark.parametrize("stop", range(2))
def test_images_are_as_large_again_after_the_panel_was_small(views, stop):
    view = views[0]
    view.choose_scene(False)
    view.resize(*SIZES[-1])
    shown(view, stop)
    before = picture(view)
    view.resize(*SIZES[0])
    assert picture(view) != before
    view.resize(*SIZES[-1])
    assert picture(view) == before
