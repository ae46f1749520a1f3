"""Formulas are typeset aside: once each, the last that was asked for first, without a crash."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject

from gui.paint.typeset import Box, Sheet, Typeset
from gui.paint.typesetter import MOST, Typesetter


def sheet(text: str) -> Sheet:
    return Sheet(text, 24, 19, 15, 900, 58, "#ffffff")


def made(text: str) -> Typeset:
    return Typeset(text.encode(), Box(0, 0, 1, 1), {}, {}, None, 1, 1)


class Maker:
    """Makes what it is asked for when it is let go, and notes it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[threading.Thread] = set()
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Event()

    def __call__(self, sheet: Sheet) -> Typeset:
        self.begun.set()
        assert self.go.wait(5)
        self.asked.append(sheet.mathml)
        self.threads.add(threading.current_thread())
        if sheet.mathml == "broken":
            raise ValueError("no formula")
        return made(sheet.mathml)


@pytest.fixture
def maker():
    maker = Maker()
    yield maker
    maker.go.set()


def test_a_formula_is_made_once_and_on_another_thread(qtbot, maker):
    typesetter = Typesetter(make=maker)
    with qtbot.waitSignal(typesetter.ready):
        assert typesetter.find(sheet("a")) == (False, None)
        assert typesetter.find(sheet("a")) == (False, None)
    assert typesetter.find(sheet("a")) == (True, made("a"))
    assert maker.asked == ["a"] and threading.main_thread() not in maker.threads


def test_what_cannot_be_typeset_is_told_and_not_tried_again(qtbot, maker):
    typesetter = Typesetter(make=maker)
    with qtbot.waitSignal(typesetter.ready):
        typesetter.find(sheet("broken"))
    assert typesetter.find(sheet("broken")) == (True, None)
    assert maker.asked == ["broken"]


def test_of_many_that_are_asked_for_at_once_only_the_last_is_made(qtbot, maker):
    typesetter = Typesetter(make=maker)
    maker.go.clear()
    typesetter.find(sheet("first"))
    qtbot.waitUntil(maker.begun.is_set)
    for text in "abcdef":
        typesetter.find(sheet(text))
    maker.go.set()
    qtbot.waitUntil(lambda: typesetter.find(sheet("f"))[0])
    assert maker.asked == ["first", "f"]


def test_the_oldest_is_forgotten(qtbot, maker):
    typesetter = Typesetter(make=maker)
    for n in range(MOST + 1):
        typesetter._on_made(sheet(str(n)), made(str(n)))
        typesetter.find(sheet("0"))  # used again: it stays
    assert typesetter.find(sheet("0"))[0] and not typesetter.find(sheet("1"))[0]


def test_an_answer_after_the_end_is_dropped(qtbot, maker):
    owner = QObject()
    typesetter = Typesetter(owner, maker)
    maker.go.clear()
    typesetter.find(sheet("late"))
    qtbot.waitUntil(maker.begun.is_set)
    owner.deleteLater()
    del owner
    qtbot.waitUntil(lambda: not _alive(typesetter))
    maker.go.set()
    qtbot.waitUntil(lambda: maker.asked == ["late"])


def _alive(thing: QObject) -> bool:
    try:
        thing.objectName()
    except RuntimeError:
        return False
    return True


def test_what_is_prepared_waits_for_what_is_asked_for_and_is_there_at_once(qtbot, maker):
    typesetter = Typesetter(make=maker)
    maker.go.clear()
    typesetter.find(sheet("now"))
    assert typesetter.prepare(sheet("later")) is None
    assert typesetter.prepare(sheet("last")) is None
    qtbot.waitUntil(maker.begun.is_set)
    typesetter.find(sheet("next"))
    maker.go.set()
    qtbot.waitUntil(lambda: typesetter.prepare(sheet("last")) is not None)
    assert maker.asked == ["now", "next", "later", "last"]
    assert typesetter.find(sheet("later")) == (True, made("later"))
