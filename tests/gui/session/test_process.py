"""Work in a process of its own: heard, paused, called off, and never left over."""

from __future__ import annotations

import os
from multiprocessing import active_children
from pathlib import Path

import pytest

from engine.errors import BadValue, CodeRaised, NotCopied
from gui.session import process as process_module
from gui.session.process import Aside
from tests.gui.tasks import Count, Endless, Failing, Saying, Stuck, Unreadable, gone

pytestmark = pytest.mark.slow

SECONDS = 20_000  # for a process to start on a busy machine


@pytest.fixture
def aside(qtbot):
    aside = Aside()
    aside.said = []
    aside.heard.connect(aside.said.extend)
    yield aside
    aside.close()
    assert not active_children()


def is_there(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_it_is_heard_in_order_and_ends(aside, qtbot):
    with qtbot.waitSignal(aside.ended, timeout=SECONDS) as ended:
        aside.start(Count(500))
    assert ended.args == [None]
    assert aside.said[1:] == list(range(500))
    assert aside.said[0] != os.getpid()
    assert not aside.busy


@pytest.mark.parametrize("first", [True, False])
def test_its_error_comes_with_its_fields(aside, qtbot, first):
    with qtbot.waitSignal(aside.ended, timeout=SECONDS) as ended:
        aside.start(Failing(BadValue("h", -1, "a positive number"), first))
    (error,) = ended.args
    assert isinstance(error, BadValue) and (error.name, error.value) == ("h", -1)
    assert aside.said == [1] * first


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "error",
    [SystemExit(3), KeyboardInterrupt("3"), NotCopied(Unreadable(3, 4))],
    ids=lambda error: type(error).__name__,
)
def test_whatever_it_raises_it_ends_with_that(aside, qtbot, error, first):
    with qtbot.waitSignal(aside.ended, timeout=SECONDS) as ended:
        aside.start(Failing(error, first))
    assert "3" in str(ended.args[0]) or "Unreadable" in str(ended.args[0])
    assert isinstance(ended.args[0], CodeRaised)
    assert aside.said == [1] * first


def test_what_cannot_be_read_ends_it(aside, qtbot):
    with qtbot.waitSignal(aside.ended, timeout=SECONDS) as ended:
        aside.start(Saying())
    assert isinstance(ended.args[0], CodeRaised) and ended.args[0].kind == "TypeError"
    assert aside.said == []


def test_what_ends_without_a_word_ends(aside, qtbot, monkeypatch):
    monkeypatch.setattr(process_module, "serve", gone)
    with qtbot.waitSignal(aside.ended, timeout=SECONDS) as ended:
        aside.start(Count(3))
    assert isinstance(ended.args[0], RuntimeError)
    assert aside.said == []


def test_what_cannot_be_sent_is_worked_on_here(aside, qtbot):
    with qtbot.waitSignal(aside.ended, timeout=SECONDS):
        aside.start(lambda: iter([os.getpid(), 7]))
    assert aside.said == [os.getpid(), 7]


def test_paused_it_says_nothing_more_and_then_goes_on(aside, qtbot):
    aside.start(Endless())
    qtbot.waitUntil(lambda: len(aside.said) > 5, timeout=SECONDS)
    aside.pause(True)
    assert aside.paused

    def is_quiet() -> bool:
        before = len(aside.said)
        qtbot.wait(100)
        return len(aside.said) == before

    qtbot.waitUntil(is_quiet, timeout=SECONDS)
    before = len(aside.said)
    aside.pause(False)
    qtbot.waitUntil(lambda: len(aside.said) > before, timeout=SECONDS)


@pytest.mark.parametrize("task", [Endless(), Stuck()])
def test_called_off_it_is_gone_and_no_more_is_heard(aside, qtbot, task):
    aside.start(task)
    qtbot.waitUntil(lambda: bool(aside.said), timeout=SECONDS)
    pid = aside.said[0]
    assert is_there(pid)
    aside.cancel()
    said = len(aside.said)
    assert not aside.busy
    qtbot.waitUntil(lambda: not is_there(pid), timeout=SECONDS)
    assert len(aside.said) == said


def test_called_off_before_it_has_begun_it_never_begins(aside, qtbot):
    aside.start(Endless())
    aside.cancel()
    aside.close()
    assert aside.said == []


def test_closing_waits_until_the_process_is_gone(aside, qtbot):
    aside.start(Endless())
    qtbot.waitUntil(lambda: bool(aside.said), timeout=SECONDS)
    pid = aside.said[0]
    aside.close()
    assert not is_there(pid)


def test_another_piece_of_work_takes_the_place_of_the_first(aside, qtbot):
    aside.start(Endless())
    qtbot.waitUntil(lambda: bool(aside.said), timeout=SECONDS)
    first = aside.said[0]
    aside.said.clear()
    with qtbot.waitSignal(aside.ended, timeout=SECONDS):
        aside.start(Count(3))
    assert aside.said[1:] == [0, 1, 2]
    qtbot.waitUntil(lambda: not is_there(first), timeout=SECONDS)
