"""The log: it follows its end until somebody reads further up."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from engine.debug.breakpoints.breakpoints import Logged
from gui.look.theme import DARK
from gui.views.log import LogView
from tests.gui.snapshots import make_snapshot


@pytest.fixture
def view(qtbot):
    view = LogView(DARK)
    qtbot.addWidget(view)
    view.resize(300, 120)
    with qtbot.waitExposed(view):
        view.show()
    return view


def log(view, count: int, first: int = 0) -> None:
    logged = tuple(Logged(1, n, 0, f"loss {n}") for n in range(first, first + count))
    view.show_snapshot(make_snapshot(logged=logged))
    QApplication.processEvents()


def last_in_sight(view) -> str:
    inside = view.list.viewport().rect()
    seen = [
        view.list.item(n).text()
        for n in range(view.list.count())
        if inside.contains(view.list.visualItemRect(view.list.item(n)))
    ]
    return seen[-1]


def test_the_last_line_is_in_sight_also_when_the_panel_was_hidden_or_is_made_smaller(view):
    for count in (3, 50, 120):
        log(view, count)
        assert last_in_sight(view).endswith(f"loss {count - 1}")
    view.hide()
    log(view, 200)
    view.show()
    for height in (120, 60, 90, 300):
        view.resize(300, height)
        QApplication.processEvents()
        assert last_in_sight(view).endswith("loss 199")
    log(view, 210)
    assert last_in_sight(view).endswith("loss 209")


def test_who_has_scrolled_back_reads_there(view):
    log(view, 100)
    bar = view.list.verticalScrollBar()
    bar.setValue(20)
    there = last_in_sight(view)
    log(view, 150)
    assert last_in_sight(view) == there
    bar.setValue(bar.maximum())
    log(view, 180)
    assert last_in_sight(view).endswith("loss 179")
    log(view, 5, first=900)  # another run
    assert last_in_sight(view).endswith("loss 904")
