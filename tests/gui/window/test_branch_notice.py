"""A change that makes a branch says so in place, says what is kept, and leads there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from engine import AtBatch, NotFinite
from engine.debug.events import Position
from engine.debug.travel.edits import SetCells, SetSeed
from gui.window.panels.title_row import TitleRow
from tests.gui.rest import at_rest

pytestmark = pytest.mark.slow

LEFT = Qt.MouseButton.LeftButton


def said(window) -> str:
    return window.notice.text() if window.notice.isVisible() else ""


def titles(window) -> dict[str, QRect]:
    """Where the titles are that are seen, by panel."""
    return {
        id: QRect(dock.row.mapTo(window, QPoint(0, 0)), dock.row.size())
        for id, dock in window.docks.items()
        if isinstance(dock.row, TitleRow) and not dock.row.visibleRegion().isEmpty()
    }


def covered_by(notice) -> list[str]:
    """The panels whose title lies under it."""
    place = notice.geometry()
    return [id for id, title in titles(notice.window()).items() if title.intersects(place)]


def follow(window, text: str) -> None:
    (link,) = [link for link in window.notice.links if link.text() == text]
    assert window.notice.rect().contains(link.geometry())
    QTest.mouseClick(link, LEFT)


def choose_rate(window, settled, rate: float) -> None:
    """In the menu of the chip."""
    name = f"learning_rate={rate}"
    next(a for a in window.choosers.rate_menu.actions() if a.objectName() == name).trigger()
    settled(window)


@pytest.fixture
def trained(window, settled):
    window.resize(1366, 768)
    window.bridge.train(6)
    settled(window)
    window.bridge.goto(Position(3, 9))
    settled(window)
    return window


def test_another_learning_rate_says_that_it_made_a_branch_and_leads_to_it(trained, qtbot, settled):
    choose_rate(trained, settled, 0.5)
    assert said(trained) == "New branch “learning rate 0.5” from batch 3 on; main is kept"
    trained.docks["branches"].close()
    follow(trained, "Show branches")
    qtbot.waitUntil(trained.branches.tree.isVisible)
    assert said(trained) == ""


def test_the_branches_are_shown_over_a_maximised_panel_too(trained, qtbot, settled):
    trained.docks["source"].maximise_asked.emit()
    choose_rate(trained, settled, 0.5)
    follow(trained, "Show branches")
    qtbot.waitUntil(trained.branches.tree.isVisible)
    assert trained.docks["variables"].isVisible() and trained.docks["source"].isVisible()


def test_the_way_back_to_what_was_kept_is_a_link_too(trained, settled):
    choose_rate(trained, settled, 0.5)
    follow(trained, "Back to main")
    settled(trained)
    assert [one.name for one in trained.snapshot.branches if one.current] == ["main"]
    assert said(trained) == "", "main is no new branch"


@pytest.mark.parametrize("edit", [SetCells("Affine1.W", "0, 0", 2.0), SetSeed(9)])
def test_so_does_each_other_edit(trained, settled, edit):
    trained.bridge.edit(edit)
    settled(trained)
    assert said(trained) == f"New branch “{edit}” from batch 3 on; main is kept"
    # The next branch comes from that one.
    trained.bridge.edit(SetSeed(11))
    settled(trained)
    assert said(trained) == f"New branch “seed 11” from batch 3 on; {edit} is kept"


def test_undo_and_redo_are_told_as_such(trained, settled):
    choose_rate(trained, settled, 0.5)
    for action, words in (("undo", "Undone: "), ("redo", "Redone: ")):
        trained.actions_by_id[action].trigger()
        settled(trained)
        assert said(trained) == f"{words}learning rate"


def test_at_the_end_of_the_run_there_is_no_branch_and_that_is_clear(trained, settled):
    trained.bridge.goto(Position(6, 0))
    settled(trained)
    choose_rate(trained, settled, 0.5)
    assert len(trained.snapshot.branches) == 1
    assert said(trained) == "The learning rate is 0.5 from batch 6 on."
    assert not trained.notice.links


def test_a_nan_that_is_put_in_is_said_to_be_no_stop(trained, settled):
    trained.bridge.edit(SetCells("Affine1.W", "0, 0", float("inf")))
    settled(trained)
    assert "does not stop at values that you set" not in said(
        trained
    )  # there is no such breakpoint
    trained.bridge.edit_breakpoints(lambda points: points.add(NotFinite()))
    trained.bridge.edit(SetCells("Affine1.W", "0, 0", float("nan")))
    settled(trained)
    assert "does not stop at values that you set" in said(trained)


@pytest.mark.parametrize("size", [(1366, 768), (1130, 640), (2560, 1440)])
@pytest.mark.parametrize("layout", ["learn", "debug", "present"])
def test_a_notice_lies_over_no_title_and_not_over_the_line_at_which_one_is(
    trained, qtbot, settled, size, layout
):
    trained.resize(*size)
    trained.layouts.choose(layout)
    qtbot.waitUntil(lambda: (trained.width(), trained.height()) == size)
    at_rest(trained, qtbot)
    trained.bridge.edit_breakpoints(lambda points: points.add(AtBatch(5), "batch > 1"))
    trained.bridge.train(9)
    settled(trained)
    assert said(trained).startswith("Stopped at batch 5")
    place = trained.notice.geometry()
    assert trained.rect().contains(place)
    assert len(titles(trained)) >= 3
    assert not covered_by(trained.notice)
    viewport, line = trained.source.current_line()
    assert not QRect(viewport.mapTo(trained, line.topLeft()), line.size()).intersects(place)


def test_a_long_one_lies_over_no_title_either(trained, settled):
    trained.notice.say("What is to be said takes more than a line of the window. " * 8)
    place = trained.notice.geometry()
    assert trained.rect().contains(place) and place.height() > 40
    assert not covered_by(trained.notice)


def test_it_makes_way_for_the_titles_when_the_window_is_resized(trained, qtbot):
    """Its panels move, and 0.15 s later the type is larger, and the titles with it."""
    trained.notice.say("Stopped at batch 5, batch > 1")
    for size in ((2560, 1440), (1130, 640)):
        trained.resize(*size)
        qtbot.waitUntil(lambda size=size: (trained.width(), trained.height()) == size)
        at_rest(trained, qtbot)
        qtbot.waitUntil(lambda: not covered_by(trained.notice))
        assert trained.rect().contains(trained.notice.geometry())
