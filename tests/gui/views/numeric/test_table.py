"""The contest's table: no name of a method is cut by columns that are wider than their texts."""

from __future__ import annotations

import pytest

from engine.numeric import Contestant, Method
from gui.look.theme import DARK
from gui.views.numeric.methods import ORDER
from gui.views.numeric.table import EVALUATIONS, MULTIPLE, NAME, ContestTable


def rows(seconds: float) -> dict[Method, Contestant]:
    """A row for each method, in which a run takes `seconds`."""
    return {
        method: Contestant(
            method, 15_680, 100, 100 * seconds, True, 15_680 * seconds, 1e9 * seconds
        )
        for method in ORDER
    }


@pytest.fixture
def table(qtbot) -> ContestTable:
    table = ContestTable(DARK)
    qtbot.addWidget(table)
    table.resize(530, 200)
    table.show()
    return table


def widths(table: ContestTable) -> list[int]:
    head = table.horizontalHeader()
    return [head.sectionSize(column) for column in range(EVALUATIONS, MULTIPLE + 1)]


def test_no_column_shrinks_while_a_method_runs(table):
    table.contest.show_rows(rows(12.3456), Method.CENTRAL)
    wide = widths(table)
    table.contest.show_rows(rows(1e-6), Method.CENTRAL)
    assert all(now >= before for now, before in zip(widths(table), wide, strict=True))


def test_at_its_end_they_are_as_wide_as_what_stands_in_them(table):
    table.contest.show_rows(rows(1e-6), None)
    fitting = widths(table)
    table.contest.show_rows(rows(12.3456), Method.CENTRAL)  # a first measurement may be far off
    assert sum(widths(table)) > sum(fitting)
    table.contest.show_rows(rows(1e-6), Method.CENTRAL)
    table.contest.show_rows(rows(1e-6), None)
    assert widths(table) == fitting
    assert table.horizontalHeader().sectionSize(NAME) >= table.sizeHintForColumn(NAME)
