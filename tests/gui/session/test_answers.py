"""Every answer carries what it was asked for, and is dropped where another run has come between."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtWidgets import QLineEdit

import gui.session.session_writer
from engine import NotFinite
from engine.debug.events import Position, Verb
from engine.debug.session import Session
from engine.debug.travel.edits import SetLearningRate
from engine.interop import save_npz
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD
from gui.dialogs.form_dialog import FormDialog
from gui.session.stored_parameters import For, StoredWanted
from gui.views.hidden_units.view import CHANGE, WEIGHTS, HiddenUnitsView
from gui.window.commands.questions import Question, QuestionKind, Subject
from tests.gui.sessions import make_session, toy_dataset

SECONDS = 20_000


def another(weight_init="he"):
    network = two_layer_net(seed=0, weight_init=weight_init)
    return Session(network, toy_dataset(), SGD(lr=0.1), 10, seed=0)


class Gate:
    """Holds the worker up while another session is being made, until it is opened."""

    def __init__(self, bridge, make=another) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.made = None

        def wait_and_make():
            self.reached.set()
            assert self.opened.wait(SECONDS / 1000)
            self.made = make()
            return self.made

        bridge.open(wait_and_make)
        assert self.reached.wait(SECONDS / 1000)


@pytest.fixture
def gate(window):
    made = []

    def make(make=another):
        made.append(Gate(window.bridge, make))
        return made[-1]

    yield make
    for one in made:
        one.opened.set()


def heard(bridge, *names):
    """What comes of these signals."""
    found = []
    for name in names:
        getattr(bridge, name).connect(lambda *args, name=name: found.append((name, *args)))
    return found


# Hidden units


def show_change(window, qtbot):
    window.docks["hidden_units"].raise_()
    view = window.hidden_units
    qtbot.waitUntil(view.isVisible)
    view._mode.button(CHANGE).click()
    qtbot.waitUntil(lambda: view._pages.currentWidget() is view.canvas)
    return view


def all_units(view):
    return next(tile for tile in view.canvas.tiles if tile.id == "all").array


def test_other_initial_weights_have_not_changed_at_batch_0(window, settled, qtbot):
    view = show_change(window, qtbot)
    assert not all_units(view).any()
    window.bridge.train(30)
    settled(window)
    qtbot.waitUntil(lambda: view._pages.currentWidget() is view.canvas and all_units(view).any())
    window.bridge.open(another)
    settled(window)
    assert window.snapshot.position == (0, 0)
    qtbot.waitUntil(lambda: view._pages.currentWidget() is view.canvas)
    assert not all_units(view).any(), "the start of the run before was taken off"
    window.bridge.undo()  # and back to the run before, which has changed
    settled(window)
    qtbot.waitUntil(lambda: view._pages.currentWidget() is view.canvas)
    W = window.snapshot.layers[0].parameters["W"]
    start = two_layer_net(seed=0).parameters()["Affine1.W"]
    np.testing.assert_array_equal(all_units(view), W - start)


def test_the_start_is_that_of_the_branch(window, settled, qtbot):
    """An edit before batch 0 changes what was there at first."""
    view = show_change(window, qtbot)
    window.bridge.train(5)
    settled(window)
    window.bridge.goto(Position(0, 0))
    settled(window)
    window.what_if.change_value("Affine1.W", "300, 7")
    (dialog,) = window.findChildren(FormDialog)
    dialog.findChildren(QLineEdit)[-1].setText("2")
    dialog.accept()
    settled(window)
    assert window.snapshot.layers[0].parameters["W"][300, 7] == 2
    qtbot.waitUntil(lambda: view._pages.currentWidget() is view.canvas)
    assert not all_units(view).any()


@pytest.mark.parametrize("use", list(For))
def test_the_answer_of_another_session_is_no_answer(qtbot, window, use):
    view: HiddenUnitsView = window.hidden_units
    window.docks["hidden_units"].raise_()
    qtbot.waitUntil(lambda: view._snapshot is window.snapshot)
    view._mode.button(WEIGHTS if use is For.SHOWN else CHANGE).click()
    view.slider.setValue(0)
    mine, other = window.snapshot.identity, make_session()
    other.run(3)
    parameters = {name: array + 7 for name, array in other.stored_parameters(0).items()}
    for identity in (other.identity, mine._replace(future=mine.future + 1000)):
        view.show_stored(StoredWanted(identity, 0, use), 0, parameters)
        assert view._then is None or view._then[1] is not parameters
        assert view._start is None or view._start is not parameters
    view.show_stored(StoredWanted(mine, 0, use), 0, parameters)
    assert (view._start if use is For.START else view._then[1]) is parameters


def test_a_question_that_comes_too_late_is_not_answered_by_the_next_session(
    window, settled, qtbot, gate
):
    bridge = window.bridge
    found = heard(bridge, "stored_found")
    there = gate()
    bridge.ask_stored(StoredWanted(window.snapshot.identity, 0, For.START))
    there.opened.set()
    settled(window)
    assert window.snapshot.identity == there.made.identity
    assert [question.identity for _, question, _, _ in found] == [there.made.identity] * len(found)


def test_of_questions_for_two_purposes_both_are_answered(window, settled, qtbot):
    bridge = window.bridge
    bridge.train(40)
    settled(window)
    stored, identity = window.snapshot.history.stored, window.snapshot.identity
    found = heard(bridge, "stored_found")
    for _ in range(20):
        bridge.ask_stored(StoredWanted(identity, 0, For.START))
        bridge.ask_stored(StoredWanted(identity, stored[-1], For.SHOWN))
    qtbot.waitUntil(lambda: {one[1].use for one in found} == set(For))
    assert {(one[1].use, one[2]) for one in found} == {
        (For.START, 0), (For.SHOWN, stored[-1]),
    }  # fmt: skip


# What is asked of a run in whose place another one comes


SEARCH = Question(QuestionKind.READS, Subject("self.W", "Affine1.W"))
ASKED = {
    "lend": lambda bridge, path: bridge.lend(),
    "export": lambda bridge, path: bridge.export(lambda parameters: save_npz(path, parameters)),
    "compare": lambda bridge, path: bridge.compare(0, 0),
    "find": lambda bridge, path: bridge.find(SEARCH),
    "save": lambda bridge, path: bridge.save(path, {}),
    "switch": lambda bridge, path: bridge.switch(0),
    "visit": lambda bridge, path: bridge.visit(Position(0, 2), 0),
    "edit": lambda bridge, path: bridge.edit(SetLearningRate(0.5)),
    "learning rate": lambda bridge, path: bridge.set_learning_rate(0.5),
    "rename": lambda bridge, path: bridge.rename_branch(0, "other"),
    "note": lambda bridge, path: bridge.annotate_branch(0, "other"),
    "breakpoints": lambda bridge, path: bridge.edit_breakpoints(lambda one: one.add(NotFinite())),
    "bookmarks": lambda bridge, path: bridge.edit_bookmarks(
        lambda one: one.add("here", Position(0, 0))
    ),
    "stations": lambda bridge, path: bridge.edit_stations(
        lambda one: one.add_station("Look.", Position(0, 0))
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("asked", sorted(ASKED))
def test_what_was_asked_of_the_run_before_is_not_done_to_the_next(
    asked, window, settled, qtbot, tmp_path, gate
):
    bridge, path = window.bridge, tmp_path / "of_the_run_before.retrograd"
    found = heard(
        bridge, "lent", "exported", "compared", "found", "not_found", "saved", "failed", "outdated"
    )
    there = gate()
    ASKED[asked](bridge, path)
    there.opened.set()
    settled(window)
    assert found == [("outdated",)]
    assert not path.exists()
    made, fresh = there.made, another()
    assert (made.position, made.reach, len(made.branches)) == ((0, 0), 0, 1)
    assert made.setup() == fresh.setup()
    assert [(one.name, one.note) for one in made.branches] == [("main", "")]
    assert not list(made.breakpoints) and not list(made.bookmarks)
    assert "another run was opened meanwhile" in window.notice.text()
    assert not bridge.running and not window.branches.comparing
    ASKED[asked](bridge, path)  # of the one that is seen now
    settled(window)
    assert found.count(("outdated",)) == 1
    assert not [one for one in found if one[0] == "failed"]


def test_steps_go_on_in_whatever_is_open(window, settled, gate):
    there = gate()
    window.bridge.step(Verb.INTO)
    there.opened.set()
    settled(window)
    assert there.made.position == (0, 1)


@pytest.mark.slow
def test_what_is_lent_says_of_which_network_and_batch_it_is(window, settled, qtbot):
    lent = heard(window.bridge, "lent")
    window.bridge.train(3)
    settled(window)
    window.bridge.lend()
    window.bridge.open(lambda: another(0.01))
    settled(window)
    ((_, one),) = lent
    assert (one.name, one.batch) == ("784-50-10", 3)
    assert (
        np.array_equal(one.network.parameters()["Affine1.b"].shape, (50,))
        and one.network is not window.bridge._worker.session.network
    )
    trained = make_session()
    trained.run(3)
    assert np.array_equal(
        one.network.parameters()["Affine1.W"], trained.network.parameters()["Affine1.W"]
    )


def test_a_slow_disk_does_not_give_the_next_run_the_file_of_the_one_before(
    window, settled, qtbot, tmp_path, monkeypatch
):
    path, go_on = tmp_path / "first.retrograd", threading.Event()
    plain = gui.session.session_writer.write

    def slowly(*args):
        assert go_on.wait(SECONDS / 1000)
        plain(*args)

    monkeypatch.setattr(gui.session.session_writer, "write", slowly)
    window.session_files.save_to(path)
    settled(window)
    window.bridge.open(another)
    settled(window)
    with qtbot.waitSignal(window.bridge.other_saved) as other:
        go_on.set()
    assert other.args == [path] and path.exists()
    assert window.session_files.path is None
    assert window.bridge._worker.origin.path is None
    assert str(path) in window.notice.text()


def test_a_dialog_that_asks_of_a_run_goes_with_it(window, settled, qtbot):
    window.what_if.change_value("Affine1.W", "300, 7")
    (dialog,) = window.findChildren(FormDialog)
    assert dialog.isVisible()
    window.bridge.open(another)
    settled(window)
    assert not [one for one in window.findChildren(FormDialog) if one.isVisible()]
    assert len(window.bridge._worker.session.branches) == 1


def test_who_wrote_it_is_said_only_where_it_was_found(window, settled, qtbot):
    question = Question(QuestionKind.WROTE, Subject("self.W", "Affine1.W"))
    window.bridge.train(2)
    settled(window)
    window.bridge.find(question)
    settled(window)
    assert "Affine1.W was written by" in window.notice.text()
    window.bridge.goto(Position(2, 0))
    settled(window)
    window.notice.say("nothing new")
    found, gone_on = heard(window.bridge, "found"), threading.Event()
    window.bridge.find(question)
    window.bridge.step(Verb.BATCH)
    window.bridge.edit_bookmarks(lambda _: gone_on.set())
    assert gone_on.wait(SECONDS / 1000)  # before it was drawn
    settled(window)
    assert len(found) == 1 and window.snapshot.position != found[0][2]
    assert window.notice.text() == "nothing new"
