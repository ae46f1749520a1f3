"""Breakpoints hit where they say, forwards and backwards alike, and change nothing."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtLine,
    AtPass,
    Change,
    Named,
    NotFinite,
    Quantity,
)
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.breakpoints.matching import occurrences
from engine.debug.cells import cells_of, parse_index
from engine.debug.events import Kind, Phase, Position
from engine.debug.instrument.probes import probing
from engine.debug.run_control import StopReason, around
from engine.debug.session import Session
from engine.debug.travel import observers
from engine.debug.travel.edits import SetCells
from engine.errors import BadCondition, BadValue, NoSuchBreakpoint, NoSuchPlace
from engine.nn import layers, training
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import chain
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from tests.engine.debug.networks import tiny_dataset

LAYERS, TRAINING = layers.__file__, training.__file__
TEXT = Path(LAYERS).read_text("utf-8").split("\n")


def line_of(text: str, after: str = "") -> int:
    start = next((n for n, line in enumerate(TEXT) if after and after in line), 0)
    return next(n + 1 for n, line in enumerate(TEXT) if n >= start and text in line)


PRODUCT = line_of("return x @ self.W + self.b")
DERIVATIVE = line_of("return dout * self.y * (1 - self.y)")
BACKWARD = line_of("self.dW = self.x.T @ dout")
TRAINED = Path(TRAINING).read_text("utf-8").split("\n").index("    network.backward()") + 1


def make_session(rate: float = 0.5) -> Session:
    dataset = tiny_dataset()
    D = dataset.images[0].size
    network = chain((D, 5, dataset.classes), Sigmoid, 0, "float64", "xavier")
    return Session(network, dataset, SGD(lr=rate), 5, blas_threads=None)


def all_hits(session: Session, batches: int) -> list[Position]:
    """What a person who steps through every event would find, one batch after another."""
    found = []
    counts: dict[int, int] = {}
    for batch in range(batches):
        session.goto(batch)
        session.trace  # noqa: B018  it is recorded by being looked at
        here = set()
        for one in session.breakpoints.enabled:
            if one.log:
                continue
            for hit in occurrences(one, session.trace, around(session)):
                counts[one.id] = counts.get(one.id, 0) + 1
                if one.counts(counts[one.id]):
                    here.add(hit.event)
        found += [Position(batch, event) for event in sorted(here)]
        session.step_batch()
    return found


PLACES = st.sampled_from(
    [
        (AtLine(LAYERS, PRODUCT), ""),
        (AtLine(LAYERS, PRODUCT), "x.max() > 1.0"),
        (AtLine(LAYERS, PRODUCT), "abs(x @ self.W).max() > 1.3"),
        (AtLine(LAYERS, DERIVATIVE), "abs(dout).max() > .05"),
        (AtLine(LAYERS, BACKWARD), "self.x.shape[1] == 5 and batch % 3 == 1"),
        (AtLine(TRAINING, TRAINED), "loss < 1.3"),
        (AtLayer("Affine2", Phase.BACKWARD), ""),
        (AtLayer("Affine2", Phase.FORWARD), "x.mean() > .5"),
        (AtPass(Phase.UPDATE), ""),
        (AtBatch(4), ""),
        (AtEpoch(1), ""),
        (AtData("Affine1.W", "0, 1", Change.SIGN), ""),
        (AtData("Affine2.b", "", Change.CROSSES, 0.01), ""),
        (AtData("Affine2.b", "0"), ""),
        (AtData("Affine1.dW", "0, 1", Change.SIGN), ""),
        (AtData("Affine2.x", "-1", Change.CROSSES, 0.5), ""),
        (AtData("Affine2.dW", "1:3, 0"), ""),
        (NotFinite(), ""),
        (Named(Quantity.LOSS_RISE, above=0.05, batches=2), ""),
        (Named(Quantity.GRADIENT_RMS, "Affine1.W", below=0.01), ""),
        (Named(Quantity.GRADIENT_RMS, above=0.15), ""),
        (Named(Quantity.SATURATED, above=0.0), ""),
        (Named(Quantity.UPDATE_RATIO, "Affine2.W", 0.02, 0.08), ""),
        (Named(Quantity.UNCHANGED), ""),
    ]
)
HITS = st.sampled_from(["", ">= 3", "% 4", "== 2", "< 5"])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(PLACES, HITS), min_size=1, max_size=3), st.integers(3, 25))
def test_forwards_and_backwards_hit_what_stepping_would_find(chosen, batches):
    session = make_session()
    for (place, condition), hits in chosen:
        session.breakpoints.add(place, condition, hits)
    other = make_session()
    for one in session.breakpoints:
        other.breakpoints.add(one.place, one.condition, one.hits)
    expected = all_hits(other, batches)
    forwards = []
    while session.position.batch < batches:
        left = batches - session.position.batch
        stopped = session.continue_(left)
        if stopped.reason is not StopReason.BREAKPOINT or stopped.position.batch >= batches:
            break
        assert session.position == stopped.position
        forwards.append(stopped.position)
    # Event 0 of batch 0 is where it stands before it starts: nothing to stop at.
    assert forwards == [place for place in expected if place != (0, 0)]
    session.goto(batches)
    backwards = []
    while (stopped := session.reverse_continue()).reason is StopReason.BREAKPOINT:
        backwards.append(stopped.position)
    assert stopped.reason is StopReason.START and session.position == (0, 0)
    assert backwards[::-1] == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(PLACES, HITS), min_size=1, max_size=3))
def test_a_run_under_breakpoints_is_bit_for_bit_the_plain_one(chosen):
    plain, session = make_session(), make_session()
    plain.run(20)
    for (place, condition), hits in chosen:
        session.breakpoints.add(place, condition, hits)
    while session.position.batch < 20:
        if session.continue_(20 - session.position.batch).reason is StopReason.DONE:
            break
    session.goto(20) if session.reach >= 20 else session.run(20 - session.position.batch)
    assert session.losses[:20].tobytes() == plain.losses[:20].tobytes()
    session.goto(20)
    for name, array in session.network.parameters().items():
        assert array.tobytes() == plain.network.parameters()[name].tobytes()
    code = Affine.forward.__code__
    assert code.co_filename == LAYERS and "<probe>" not in code.co_names


def test_a_breakpoint_goes_to_the_next_line_that_runs_or_says_why_not():
    session = make_session()
    one = session.breakpoints.add(AtLine(LAYERS, line_of("def forward(self, x: ndarray)")))
    assert one.place == AtLine(LAYERS, line_of("self.x = x"))
    with pytest.raises(NoSuchPlace, match="nothing runs"):
        session.breakpoints.add(AtLine(LAYERS, 10_000))
    with pytest.raises(NoSuchPlace, match="nowhere"):
        session.breakpoints.add(AtLine("/nowhere.py", 1))
    assert session.breakpoints.at(AtLine(LAYERS, one.place.line)) is one
    assert len(session.breakpoints) == 1


def test_what_cannot_be_used_is_refused_and_changes_nothing():
    points = make_session().breakpoints
    one = points.add(AtLine(LAYERS, PRODUCT), "x.max() > 1")
    for fields in ({"condition": "1 +"}, {"log": "{"}):
        with pytest.raises(BadCondition):
            points.change(one.id, **fields)
    with pytest.raises(BadValue):
        points.change(one.id, hits="often")
    with pytest.raises(BadCondition):
        points.add(NotFinite(), "x > 1")
    assert list(points) == [one]
    changed = points.change(one.id, enabled=False)
    assert points.enabled == [] and points[one.id] is changed
    points.remove(one.id)
    assert list(points) == []


def test_a_condition_that_fails_stops_at_its_place_and_says_so():
    session = make_session()
    session.breakpoints.add(AtLine(LAYERS, PRODUCT), "x > 1")
    stopped = session.continue_(5)
    assert stopped.reason is StopReason.BREAKPOINT and stopped.position.batch == 0
    assert "use all(...) or any(...)" in stopped.hits[0].problem
    assert session.event.line == PRODUCT and session.event.kind is Kind.LINE


def test_a_logpoint_notes_and_goes_on():
    session = make_session()
    session.breakpoints.add(AtLine(TRAINING, TRAINED), log="loss {loss:.4f} in {batch}")
    assert session.continue_(4).reason is StopReason.DONE
    words = [f"loss {loss:.4f} in {batch}" for batch, loss in enumerate(session.losses)]
    assert [entry.text for entry in session.logged] == words
    assert [entry.batch for entry in session.logged] == [0, 1, 2, 3]


def test_a_message_can_be_noted_once_a_batch_and_as_often_as_its_hits_say():
    session = make_session()
    session.breakpoints.add(AtBatch(2), log="two {batch}")
    session.breakpoints.add(AtPass(Phase.BACKWARD), "batch > 0", "% 2", "back {batch}")
    session.breakpoints.add(AtLine(TRAINING, TRAINED), hits="== 3", log="third {batch}")
    session.breakpoints.add(AtData("Affine1.b", "0"), log="moved {batch}", hits="== 4")
    assert session.continue_(batches=5).reason is StopReason.DONE
    assert {entry.text for entry in session.logged} == {
        "two 2", "back 2", "back 4", "third 2", "moved 3"
    }  # fmt: skip


def test_a_message_whose_condition_fails_says_why_in_its_place():
    session = make_session()
    session.breakpoints.add(AtLine(LAYERS, PRODUCT), "nowhere > 1", log="here")
    session.breakpoints.add(AtPass(Phase.BACKWARD), "nothing > 1", log="there")
    assert session.continue_(batches=2).reason is StopReason.DONE
    texts = {entry.text for entry in session.logged}
    assert len(texts) == 2 and not texts & {"here", "there"}
    assert all("is not in scope" in text for text in texts)


@pytest.mark.parametrize("condition", ["batch % 2 == 1", "batch > 0"])
def test_hits_are_counted_only_where_the_condition_holds(condition):
    session = make_session()
    session.breakpoints.add(AtPass(Phase.BACKWARD), condition, "== 2")
    stopped = session.continue_(batches=9)
    assert stopped.position.batch == {"batch % 2 == 1": 3, "batch > 0": 2}[condition]
    assert session.reverse_continue().reason is StopReason.START


def test_what_could_not_be_counted_or_noted_is_refused():
    points = make_session().breakpoints
    with pytest.raises(BadCondition, match="batch and epoch"):
        points.add(AtPass(Phase.BACKWARD), "loss > 1", "== 2")
    with pytest.raises(BadValue, match="only stops"):
        points.add(NotFinite(), log="here")
    assert len(points) == 0


class Blows(Sigmoid):
    """Makes a NaN in its third batch."""

    calls = 0

    def forward(self, x):
        y = super().forward(x)
        self.seen = getattr(self, "seen", np.zeros(1)) + 1
        if self.seen[0] == 3:
            y = y * np.where(np.arange(y.shape[1]) == 2, np.nan, 1.0)
        return y


def test_where_the_first_nan_appears_it_stops_once():
    dataset = tiny_dataset()
    rng = np.random.default_rng(0)
    D = dataset.images[0].size
    network = Network(
        [Affine(rng.normal(size=(D, 4)), np.zeros(4)), Blows(),
         Affine(rng.normal(size=(4, dataset.classes)), np.zeros(dataset.classes))],
        SoftmaxWithLoss(),
    )  # fmt: skip
    session = Session(network, dataset, SGD(lr=0.1), 5, blas_threads=None)
    session.breakpoints.add(NotFinite())
    stopped = session.continue_(10)
    assert stopped.position.batch == 2 and session.event.layer == "Blows1"
    assert np.isnan(session.event.value).any()
    assert session.continue_(3).reason is StopReason.DONE
    assert session.reverse_continue().position == stopped.position


def test_what_is_not_finite_is_noticed_in_a_matrix_too():
    """Which multiplies otherwise than an array, be it all that a person keeps."""

    class KeepsMatrix:
        n = 0

        def forward(self, x):
            type(self).n += 1
            values = [[1.0, np.nan if self.n == 4 else 2.0]]
            self.kept = np.ndarray.view(np.array(values), np.matrix)
            return x

        def backward(self, dout):
            return dout

    dataset = tiny_dataset()
    W = np.ones((dataset.images[0].size, dataset.classes))
    network = Network(
        [Affine(W, np.zeros(dataset.classes)), KeepsMatrix()], SoftmaxWithLoss()
    )  # fmt: skip
    session = Session(network, dataset, SGD(lr=0.1), 5, blas_threads=None)
    session.breakpoints.add(NotFinite())
    assert session.continue_(10).position.batch == 3


def test_a_changed_rate_forgets_the_counts_after_it():
    session = make_session()
    session.breakpoints.add(AtLine(TRAINING, TRAINED), "loss > 0", "% 4")
    assert session.continue_(20).position.batch == 3
    assert session.continue_(20).position.batch == 7
    session.goto(5)
    session.set_learning_rate(0.1)
    assert session.continue_(20).position.batch == 7
    assert session.continue_(20).position.batch == 11


def test_going_back_can_be_called_off_and_is_then_where_it_was():
    session = make_session()
    session.run(30)
    session.breakpoints.add(AtLine(TRAINING, TRAINED), "loss > 1e9")
    session.goto(25, 3)
    told = []
    stopped = session.reverse_continue(told.append, lambda: True)
    assert stopped.reason is StopReason.PAUSED and session.position == (25, 3) and told


def test_a_probe_is_come_to_wherever_a_recording_has_its_line():
    session = make_session()
    places = {(LAYERS, n): n for n in range(1, len(TEXT))}
    seen = []
    with probing(places, lambda number, frame: seen.append(number)):
        session.run(1)
    other = make_session()
    trace = other.trace
    lines = [trace[e].line for e in range(len(trace))
             if trace.kind(e) is Kind.LINE and trace[e].file == LAYERS]  # fmt: skip
    assert seen == lines


def test_hit_counts_are_counted_as_they_say():
    one = Breakpoint(1, AtBatch(0), hits="% 3")
    assert [n for n in range(1, 10) if one.counts(n)] == [3, 6, 9]
    assert Breakpoint(1, AtBatch(0), hits="4").counts(4)
    assert not Breakpoint(1, AtBatch(0), hits="> 4").counts(4)
    with pytest.raises(BadValue):
        Breakpoint(1, AtBatch(0), hits="% 0").counts(1)


def test_one_that_is_set_while_it_runs_takes_effect_at_once():
    session = make_session()

    def progress(state):
        if not session.breakpoints:
            session.breakpoints.add(AtLine(TRAINING, TRAINED), "batch >= 0")

    with patch.object(observers, "REPORT_SECONDS", 0):
        stopped = session.continue_(1000, progress=progress)
    assert stopped.reason is StopReason.BREAKPOINT and stopped.position.batch == 2
    (one,) = session.breakpoints
    assert session.last_hits[one.id].position == stopped.position


@settings(max_examples=60, deadline=None)
@given(PLACES, HITS, st.sampled_from(["remove", "disable"]))
def test_one_of_any_kind_that_is_taken_away_while_it_runs_stops_no_more(chosen, hits, how):
    (place, condition), session, plain = chosen, make_session(), make_session()
    one = session.breakpoints.add(place, condition, hits)

    def take_away(_) -> None:
        if one.id in session.breakpoints and session.breakpoints[one.id].enabled:
            if how == "remove":
                session.breakpoints.remove(one.id)
            else:
                session.breakpoints.change(one.id, enabled=False)

    with patch.object(observers, "REPORT_SECONDS", 0.0):
        stopped = session.continue_(7, progress=take_away)
    plain.run(batches=7)
    assert (stopped.reason, stopped.position) == (StopReason.DONE, (7, 0))
    assert session.losses.tobytes() == plain.losses.tobytes()


@settings(max_examples=40, deadline=None)
@given(PLACES, st.integers(0, 3), st.integers(0, 40))
def test_a_run_until_a_place_stops_where_a_breakpoint_would(chosen, batch, event):
    place, one, other = chosen[0], make_session(), make_session()
    for session in (one, other):
        session.run(batches=batch)
        session.goto(batch, min(event, len(session.trace) - 1))
    other.breakpoints.add(place)
    expected, stopped = other.continue_(9), one.continue_(9, until=place)
    assert (stopped.reason, stopped.position) == (expected.reason, expected.position)
    assert one.position == stopped.position
    assert (len(one.breakpoints), one.last_hits) == (0, {})


def test_a_run_until_a_place_stops_at_a_breakpoint_that_comes_first_and_keeps_it():
    session = make_session()
    mine = session.breakpoints.add(AtLine(LAYERS, PRODUCT))
    stopped = session.continue_(9, until=AtLine(LAYERS, BACKWARD))
    assert [hit.breakpoint for hit in stopped.hits] == [mine.id]
    session.breakpoints.change(mine.id, enabled=False)
    stopped = session.continue_(9, until=AtLine(LAYERS, BACKWARD))
    assert session.event.line == BACKWARD
    assert [one.id for one in session.breakpoints] == [mine.id]
    with pytest.raises(NoSuchPlace):
        session.continue_(9, until=AtLine(LAYERS, 10**6))


def test_a_breakpoint_that_is_not_there_is_said_with_those_that_are():
    points = make_session().breakpoints
    with pytest.raises(NoSuchBreakpoint) as empty:
        points.remove(3)
    assert (empty.value.id, empty.value.there) == (3, ())
    ids = tuple(points.add(AtBatch(n)).id for n in range(3))
    points.remove(ids[1])
    before = (points.version, list(points))
    for ask in (points.remove, lambda id: points.change(id, enabled=False), points.__getitem__):
        with pytest.raises(NoSuchBreakpoint, match="no breakpoint 2; there are 1, 3") as found:
            ask(ids[1])
        assert (found.value.id, found.value.there) == (ids[1], (ids[0], ids[2]))
    assert (points.version, list(points)) == before


def test_a_batch_before_an_edit_is_judged_by_what_it_has_made_itself():
    """The edit gives the cell back the value that it had before the batch."""
    session = make_session()
    session.run(1)
    session.edit(SetCells("Affine2.b", "0", 0.0))
    session.run(3)
    session.breakpoints.add(AtData("Affine2.b", "0"))
    changed = all_hits(session, 4)
    assert [hit.batch for hit in changed] == [0, 1, 2, 3]
    session.goto(0)
    assert [session.continue_(4).position for _ in changed] == changed
    session.goto(4)
    assert [session.reverse_continue().position for _ in changed] == changed[::-1]


class Rebound:
    """A layer whose update puts another array in its parameter's place, wherever that is."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.W = np.zeros((3, 2))
        self.params = {"W": self.W}
        self.list = [self.W]
        self.nested = {"layers": [{"W": self.W}]}


class ReboundNet:
    loss = None
    layer_names = ("Dense",)

    def __init__(self, where: str) -> None:
        self.layers = [Rebound(where)]

    def parameters(self):
        layer = self.layers[0]
        homes = {
            "in place": layer.W, "attribute": layer.W, "dict": layer.params["W"],
            "list": layer.list[0], "nested": layer.nested["layers"][0]["W"],
        }  # fmt: skip
        return {"Dense.W": homes[layer.where]}

    def gradients(self):
        return {}


def rebinds(network, optimizer, x, t):
    layer = network.layers[0]
    change = np.outer([0, 1, 2], [1, 1])
    if layer.where == "in place":
        layer.W += change
    if layer.where == "attribute":
        layer.W = layer.W + change
    if layer.where == "dict":
        layer.params["W"] = layer.params["W"] + change
    if layer.where == "list":
        layer.list = [one + change for one in layer.list]
    if layer.where == "nested":
        layer.nested["layers"][0]["W"] = layer.nested["layers"][0]["W"] + change
    done = True
    return float(done)


@pytest.mark.parametrize("where", ["in place", "attribute", "dict", "list", "nested"])
def test_a_parameter_that_is_bound_anew_is_watched_like_one_that_is_written_into(where):
    session = Session(ReboundNet(where), tiny_dataset(), SGD(lr=0.5), 5, step=rebinds)
    store = 0  # the first event that sees the change, by the live objects
    while not session.network.parameters()["Dense.W"].any():
        store += 1
        session.goto(0, store)
    for cells in ("", "1, 0", "2, :"):
        session.goto(0)
        one = session.breakpoints.add(AtData("Dense.W", cells))
        assert session.continue_(3).position == Position(0, store)
        assert session.continue_(3).position == Position(1, store)
        assert session.reverse_continue().position == Position(0, store)
        session.breakpoints.remove(one.id)
    session.goto(0)
    session.breakpoints.add(AtData("Dense.W", "0, :"))  # changes by 0
    session.breakpoints.add(AtData("Dense.W", "1, 0", Change.CROSSES, 1.5))
    assert session.continue_(3).position == Position(1, store)
    session.goto(2)
    assert session.last_change("Dense.W", "1, 0", 0.5) == Position(1, store)
    assert session.last_change("Dense.W", "0, 0") is None
    assert session.last_write("Dense.W", "1, 0") == Position(0, store)


def test_a_parameter_that_comes_to_have_another_shape_has_changed():
    """As `b = b - db` makes of it where the bias's gradient was not summed over the batch."""

    def grows(network, optimizer, x, t):
        layer = network.layers[0]
        layer.W = layer.W[0] - np.zeros((5, 1))
        return 0.0

    session = Session(ReboundNet("attribute"), tiny_dataset(), SGD(lr=0.5), 5, step=grows)
    session.breakpoints.add(AtData("Dense.W"))
    session.breakpoints.add(AtData("Dense.W", "0, 0", Change.SIGN))
    stopped = session.continue_(3)
    assert stopped.position.batch == 0
    assert session.network.parameters()["Dense.W"].shape == (5, 2)
    assert [hit.breakpoint for hit in stopped.hits] == [1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dout > 'a'", "> does not work between an array (5, 4) of float64 and text"),
        ("dout + 'a' == 1", "+ does not work between an array (5, 4) of float64 and text"),
        ("exp('a')", "exp() is for numbers and arrays of them, not for text"),
        ("sum(dout, axis=7) > 0", "AxisError: axis 7 is out of bounds for array of dimension 2"),
        ("dout.reshape(3, 3)", "ValueError: cannot reshape array of size 20 into shape (3,3)"),
        ("(9**9999)**9999", "** with this exponent would take 31,697 bits of an integer"),
        ("'%1000000000d' % 5", "% would take 1,000,000,000 characters"),
        ("[dout]*10**8", "* would take 100,000,000 items"),
        ("sum([1.0]*10**8)", "* would take 100,000,000 items"),
    ],
)
def test_a_failed_condition_is_the_breakpoint_s_and_no_failed_batch(text, words):
    session = make_session()
    one = session.breakpoints.add(AtLine(LAYERS, BACKWARD), condition=text)
    stopped = session.continue_(5)
    assert stopped.reason is StopReason.BREAKPOINT and stopped.position.batch == 0
    problem = stopped.hits[0].problem
    assert problem.startswith(f"The expression {text} failed: {words}")
    assert "mend the code" not in problem and "array(" not in problem
    assert session.last_hits[one.id].problem == problem
    session.breakpoints.change(one.id, condition="", log=f"{{{text}}}")
    session.goto(0)
    session.continue_(5)
    assert words in session.logged[0].text and len(session.logged) == 10
    plain = make_session()
    plain.run(5)
    assert np.array_equal(session.losses, plain.losses)


def test_a_count_of_very_many_figures_is_refused():
    session = make_session()
    with pytest.raises(BadValue, match="hit count"):
        session.breakpoints.add(AtBatch(1), hits="9" * 5000)


def test_numbers_without_end_are_refused_as_they_are_typed():
    session = make_session()
    with pytest.raises(BadValue, match="hit count"):
        session.breakpoints.add(AtBatch(1), hits="9" * 5000)
    with pytest.raises(BadValue, match="number of batches"):
        session.breakpoints.add(Named(Quantity.LOSS_RISE, above=0.5, batches=-5))
    assert len(session.breakpoints) == 0


@pytest.mark.parametrize(
    "text", ["::0", "()", "(" * 5000, "-" * 100_000 + "1", "9" * 5000, "1, " * 500]
)
def test_an_index_that_cannot_be_is_refused(text):
    with pytest.raises(BadValue, match="index of cells"):
        parse_index(text)


@settings(max_examples=400, deadline=None)
@given(st.text("0123456789:,-+ ().[]eNTx_", max_size=12), st.sampled_from([(4, 3), (5,), ()]))
def test_whatever_is_typed_as_cells_is_an_index_or_refused_by_name(text, shape):
    """In the form of an edit, and in that of a search."""
    array = np.arange(float(np.prod(shape))).reshape(shape)
    for read in (
        lambda: cells_of(array, text),
        lambda: SetCells("W", text, 1.0).cells_in({"W": array}),
    ):
        try:
            found = read()
        except BadValue as error:
            assert error.name == "index of cells" and error.value == text
        else:
            assert np.isin(found, array).all()


@pytest.mark.parametrize("text", [
    "def f():\n    return " + "(" * 5000,
    "def f():\n    return " + "-" * 100_000 + "1",
    "def f():\n    return '\0'\n",
], ids=["brackets", "signs", "a null"])  # fmt: skip
def test_a_source_that_is_no_program_takes_no_breakpoint(tmp_path, text):
    path = tmp_path / "deep.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NoSuchPlace):
        make_session().breakpoints.add(AtLine(str(path), 2))


def test_the_last_change_is_not_a_rebinding_that_leaves_the_cell_as_it_was():
    def rebinds_twice(network, optimizer, x, t):
        layer = network.layers[0]
        layer.W = layer.W + 1
        layer.W = layer.W * np.array([[1], [2], [1]])
        return 0.0

    session = Session(ReboundNet("attribute"), tiny_dataset(), SGD(lr=0.5), 5, step=rebinds_twice)
    session.run(2)
    found = []
    for cells in ("0, 0", "1, 0"):
        session.goto(2)
        found.append(session.last_change("Dense.W", cells))
    first, second = found
    assert first.batch == second.batch == 1
    session.goto(*first)
    assert session.event.source == "layer.W = layer.W * np.array([[1], [2], [1]])"
    session.goto(*second)
    assert session.event.source == "return 0.0"
    session.goto(2)
    assert session.last_write("Dense.W", "0, 0") == second  # whatever it has changed


def test_a_change_that_is_taken_back_within_the_batch_is_stopped_at_where_it_began():
    """What counts is that the cells end otherwise; the first event that sees them so is told."""

    def wavers(network, optimizer, x, t):
        layer = network.layers[0]
        layer.W += 1
        layer.W -= 1
        layer.W += 2
        return 0.0

    session = Session(ReboundNet("in place"), tiny_dataset(), SGD(lr=0.5), 5, step=wavers)
    session.breakpoints.add(AtData("Dense.W", "0, 0"))
    session.continue_(1)
    assert session.event.source == "layer.W -= 1"


def test_cells_that_are_gone_are_no_failure_of_the_step():
    def prunes(network, optimizer, x, t):
        layer = network.layers[0]
        layer.W = layer.W[: 3 - (layer.W[0, 0] > 1)] + 1
        return 0.0

    session = Session(ReboundNet("attribute"), tiny_dataset(), SGD(lr=0.5), 5, step=prunes)
    session.breakpoints.add(AtData("Dense.W", "2, 0", Change.CROSSES, 99.0))
    with pytest.raises(BadValue, match="index of cells"):
        session.continue_(6)
    assert session.position == (3, 0) and session.reach == 3
    assert session.network.parameters()["Dense.W"].shape == (2, 2)


def test_a_breakpoint_that_was_changed_does_not_keep_what_it_has_said_before():
    session = make_session()
    one = session.breakpoints.add(AtLine(LAYERS, PRODUCT), "foo > 1")
    session.continue_(3)
    assert "foo is not in scope" in session.snapshot().last_hits[one.id].problem
    session.breakpoints.change(one.id, enabled=False)
    assert one.id in session.snapshot().last_hits
    session.breakpoints.change(one.id, enabled=True, condition="x.max() > 1e9")
    assert one.id not in session.snapshot().last_hits


def test_a_breakpoint_at_rest_stops_nothing_in_either_direction_and_is_kept():
    session = make_session()
    own = session.breakpoints.add(AtBatch(2), condition="batch > 1")
    version = session.breakpoints.version
    session.breakpoints.rest()
    set_meanwhile = session.breakpoints.add(AtBatch(4))
    assert session.breakpoints.version > version
    assert session.breakpoints.resting == [own]
    assert session.breakpoints.shown == session.breakpoints.enabled == [set_meanwhile]
    assert session.breakpoints.at(AtBatch(2)) is None
    assert session.continue_(6).position.batch == 4
    assert session.reverse_continue().reason is StopReason.START
    assert list(session.breakpoints) == [own, set_meanwhile]
    session.breakpoints.rest()  # not the one that has been set since
    assert session.breakpoints.shown == [set_meanwhile]
    session.breakpoints.wake()
    assert session.breakpoints.enabled == [own, set_meanwhile]
    session.goto(0)
    assert session.continue_(6).position.batch == 2


def test_hits_are_counted_also_in_batches_in_which_a_breakpoint_rested():
    session = make_session()
    session.breakpoints.add(AtPass(Phase.BACKWARD), hits="== 5")
    session.breakpoints.rest()
    assert session.continue_(3).reason is StopReason.DONE
    session.breakpoints.wake()
    assert session.continue_(6).position.batch == 4


def test_a_copy_of_resting_breakpoints_rests():
    session, other = make_session(), make_session()
    own = session.breakpoints.add(AtBatch(2), hits="== 1", log="here", enabled=False)
    session.breakpoints.rest()
    session.breakpoints.add(AtBatch(4))
    other.breakpoints.copy_from(session.breakpoints)
    assert [one.place for one in other.breakpoints.shown] == [AtBatch(4)]
    (copied,) = other.breakpoints.resting
    assert (copied.place, copied.hits, copied.log, copied.enabled) == (
        own.place, own.hits, own.log, own.enabled
    )  # fmt: skip
    other.breakpoints.rest_like(make_session().breakpoints)
    assert len(other.breakpoints.shown) == 2 and not other.breakpoints.resting
    other.breakpoints.rest_like(session.breakpoints)
    assert not other.breakpoints.shown
