"""Who wrote this, who reads it next, what changed it last: each agrees with looking everywhere."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.events import Phase, Position
from engine.debug.reach.contents import attributes_of
from engine.debug.session import Session
from engine.debug.travel.edits import SetCells
from engine.errors import BadValue, NotInSight
from engine.nn.optimizers import SGD
from tests.engine.debug.networks import PLAIN, Recipe, recipes, tiny_dataset

BATCHES = 4


def source_at(session: Session, position: Position | None) -> str:
    assert position is not None
    session.goto(*position)
    return session.event.source.split("\n")[0]


def event_of(session: Session, source: str, layer: str = "", after: int = -1) -> int:
    return next(
        event.index
        for event in session.trace[after + 1 :]
        if event.source.startswith(source) and layer in ("", event.layer)
    )


def arrays_of(session: Session) -> dict[str, Any]:
    """By full name, the array attributes of the layers at the cursor: the live objects."""
    return {
        f"{layer}.{name}": value
        for layer, thing in session.layers.items()
        for name, value in attributes_of(thing).items()
        if isinstance(value, np.ndarray) and value.size
    }


def looked_everywhere(session: Session, name: str, cells: Any, before: Position) -> Any:
    """Step back event by event, to where the live array is another or its cells are."""
    for batch in range(before.batch, -1, -1):
        session.goto(batch)
        end = before.event if batch == before.batch else len(session.trace)
        later: Any = None
        for event in range(end - 1, -1, -1):
            session.goto(batch, event)
            array = arrays_of(session).get(name)
            now = None if array is None else (array, array[cells].tobytes())
            if later is not None and (now is None or now[0] is not later[0] or now[1] != later[1]):
                return Position(batch, event + 1)
            later = now
    return None


@settings(max_examples=25)
@given(recipes(), st.data())
def test_the_last_write_of_cells_is_what_looking_everywhere_finds(recipe, data):
    session = recipe.session()
    session.run(BATCHES)
    session.goto(data.draw(st.integers(0, BATCHES - 1), label="batch"))
    event = data.draw(st.integers(0, len(session.trace) - 1), label="event")
    session.goto(session.position.batch, event)
    here = session.position
    name = data.draw(st.sampled_from(sorted(arrays_of(session))), label="name")
    text, cells = data.draw(st.sampled_from([("0", 0), (":", slice(None)), ("-1", -1)]))
    found = session.last_write(name, text)
    whole = session.last_write(name)
    assert session.position == here
    expected = looked_everywhere(session, name, cells, here)
    assert found == expected
    # What is not asked about cells counts every write, also one that changes nothing.
    assert expected is None or (whole is not None and whole >= expected)


@settings(max_examples=25)
@given(recipes(), st.data())
def test_the_last_write_of_a_local_variable_lies_in_its_call(recipe, data):
    session = recipe.session()
    session.goto(0, data.draw(st.integers(1, len(session.trace) - 1), label="event"))
    trace, cursor = session.trace, session.position.event
    frame = trace.frame(cursor)
    there = {n: v for n, v in trace.locals_at(cursor).items() if n.isidentifier()}
    if not there:
        return
    name = data.draw(st.sampled_from(sorted(there)), label="name")

    def same(first: Any, second: Any) -> bool:
        if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
            return first.shape == second.shape and first.tobytes() == second.tobytes()
        return type(first) is type(second) and not isinstance(first, np.ndarray)

    found = session.last_write(name)
    bound = [m for m, n, _ in frame.bindings if n == name and m < cursor]
    changed = [
        e
        for e in range(frame.call_event + 1, cursor)
        if name in trace.locals_at(e, frame)
        and not same(trace.locals_at(e, frame)[name], trace.locals_at(e - 1, frame).get(name))
    ]
    if found is None:
        assert not bound and not changed
    else:
        assert found.event >= max([*bound, *changed])
        assert found.event in bound or isinstance(there[name], (np.ndarray, dict, list, tuple))


def parameters_after(recipe: Recipe, batches: int) -> list[dict[str, Any]]:
    session, found = recipe.session(), []
    for _ in range(batches + 1):
        found.append({name: a.copy() for name, a in session.network.parameters().items()})
        session.run(1)
    return found


@settings(max_examples=25)
@given(recipes(), st.data())
def test_the_last_change_is_that_of_the_batch_with_the_latest_difference(recipe, data):
    count = 12
    states = parameters_after(recipe, count)
    session = recipe.session()
    session.run(count)
    name = data.draw(st.sampled_from(sorted(states[0])), label="name")
    end = data.draw(st.integers(0, count), label="end")
    differences = [
        float(np.abs(after[name][0].astype(float) - before[name][0]).max())
        for before, after in pairwise(states)
    ]
    bound = data.draw(st.sampled_from([0.0, 10.0, *differences]), label="more than")
    session.goto(end)
    found = session.last_change(name, "0", bound)
    expected = max((b for b in range(end) if differences[b] > bound), default=None)
    if expected is None:
        assert found is None and session.position == (end, 0)
        return
    assert found is not None and found.batch == expected and session.position == found
    other = recipe.session()
    other.run(count)
    other.goto(*found)
    for full, array in other.network.parameters().items():
        assert array.tobytes() == session.network.parameters()[full].tobytes()
    assert session.trace.site(found.event) is other.trace.site(found.event)
    array = session.network.parameters()[name]
    now = session.trace.as_of(array, found.event)[0]
    assert now.tobytes() != session.trace.as_of(array, found.event - 1)[0].tobytes()


@settings(max_examples=25, deadline=None)
@given(recipes(), st.data())
def test_a_search_that_finds_nothing_has_told_of_the_largest_change(recipe, data):
    count = 9
    states = parameters_after(recipe, count)
    session = recipe.session()
    session.run(count)
    name = data.draw(st.sampled_from(sorted(states[0])), label="name")
    end = data.draw(st.integers(0, count), label="end")
    session.goto(end)
    seen: dict[int, float] = {}
    assert session.last_change(name, "0", 1e30, seen=seen.__setitem__) is None
    assert seen == {
        batch: float(np.abs(after[name][0].astype(float) - before[name][0]).max())
        for batch, (before, after) in enumerate(pairwise(states[: end + 1]))
    }


def test_a_person_s_change_is_told_apart_from_that_of_the_batch_before_it():
    session = Recipe().session()
    session.run(batches=4)
    session.goto(3)
    session.edit(SetCells("Affine1.W", "0, 2", 9.0))
    session.goto(3)
    seen: dict[int, float] = {}
    # Upon the edit only what is before it counts, and by how much.
    assert session.last_change("Affine1.W", "0, 2", 5.0, seen=seen.__setitem__) is None
    assert sorted(seen) == [0, 1, 2] and max(seen.values()) < 5.0


def test_what_was_nan_and_stays_so_has_not_changed_and_what_becomes_nan_infinitely():
    session = Recipe().session()
    session.run(batches=2)
    session.edit(SetCells("Affine1.W", ":", float("nan")))
    session.run(batches=2)
    assert session.last_change("Affine1.W", more_than=1e300) == (2, 0)
    session.goto(4)
    seen: dict[int, float] = {}
    session.last_change("Affine1.W", more_than=1e300, seen=seen.__setitem__)
    assert (seen[2], seen[3]) == (0.0, 0.0)


def test_a_change_in_the_cursor_s_own_batch_counts_once_it_lies_before():
    session = Recipe().session()
    session.run(3)
    session.goto(2)
    wrote = event_of(session, "for name, dW", after=event_of(session, "self.lr * dW"))
    session.goto(2, wrote + 1)
    assert session.last_change("Affine1.W") == (2, wrote)
    assert session.last_change("Affine1.W") == (1, wrote)


def test_a_parameter_can_be_named_as_it_is_in_sight():
    session = Recipe().session()
    session.run(3)
    session.goto(2)
    session.goto(2, event_of(session, "x @ self.W", "Affine2"))
    found = session.last_change("self.W", "0, 0")
    assert found is not None and found.batch == 1
    assert session.variables()["name"] == "Affine2.W"


def test_what_the_optimizer_keeps_is_followed_by_its_key():
    session = Recipe(optimizer="momentum").session()
    session.run(3)
    session.goto(2)
    session.goto(2, event_of(session, "W = parameters[name]"))
    found = session.last_write("self.v['Affine1.W']", "0, 0")
    assert found is not None and found.batch == 1
    session.goto(*found)
    session.step_back_into()
    assert session.event.source == "self.lr * dW"
    session.goto(0)
    session.goto(0, event_of(session, "for name, dW", after=event_of(session, "W += v")))
    made = []
    while (earlier := session.last_write("self.v['Affine1.W']")) is not None:
        made.append(earlier)
        session.goto(*earlier)
    # Moved, damped, put into the dictionary.
    assert [session.trace.site(there.event).source for there in made] == [
        "W += v", "v -= self.lr * dW", "v = self.v[name]",
    ]  # fmt: skip


def test_what_was_never_written_has_no_writer():
    session = Recipe().session()
    session.run(30)
    session.goto(29)
    assert session.last_write("Affine1.parameter_names") is None
    assert session.last_change("Affine1.W", more_than=1e6) is None
    assert session.position == (29, 0)
    session.goto(0)
    assert session.last_write("Affine1.W") is None


def test_a_search_can_be_called_off_and_tells_how_far_it_is():
    session = Recipe().session()
    session.run(1000)
    session.goto(999)
    session.goto(999, 5)
    told: list[int] = []
    found = session.last_change("Affine1.W", "", 1e6, told.append, lambda: True)
    assert found is None and session.position == (999, 5) and len(told) == 1
    assert session.last_write("Affine1.parameter_names", "", told.append, lambda: True) is None
    assert session.position == (999, 5) and len(told) == 2


def test_it_comes_back_to_a_batch_that_failed():
    session = Recipe().session()
    session.run(2)

    def fail(dout: Any) -> Any:
        raise RuntimeError("no")

    session.layers["Affine1"].backward = fail
    session.goto(2)
    here = (2, len(session.trace) - 1)
    session.goto(*here)
    assert session.error is not None
    found = session.last_write("Affine1.W")
    assert found is not None and found.batch == 1 and session.position == here


@pytest.mark.parametrize("name", ["nothing", "self.nothing", "Affine9.W", "self.W[0]", "a b", ""])
def test_a_name_that_is_not_in_sight_is_refused_with_those_that_are(name):
    session = Recipe().session()
    session.goto(0, event_of(session, "x @ self.W"))
    for search in (session.last_write, session.next_read):
        with pytest.raises(NotInSight) as caught:
            search(name)
        assert "self.W" in caught.value.known and "Affine1.W" in caught.value.known


def test_cells_and_values_that_cannot_be_are_refused():
    session = Recipe().session()
    session.run(1)
    for search in (session.last_write, session.next_read, session.last_change):
        for cells in ("99, 0", "x", "0, 0, 0"):
            with pytest.raises(BadValue):
                search("Affine1.W", cells)
    with pytest.raises(BadValue):
        session.last_write("Affine1.needs_dx", "0")
    for value in (-1.0, float("nan"), float("inf")):
        with pytest.raises(BadValue):
            session.last_change("Affine1.W", "", value)
    with pytest.raises(BadValue, match=r"Affine1\.W"):
        session.last_change("Affine1.needs_dx")


# Reading


def readers(session: Session, name: str) -> list[tuple[int, str]]:
    found = []
    while (there := session.next_read(name)) is not None:
        session.goto(*there)
        found.append((there.batch, session.event.source.split("\n")[0]))
    return found


def test_a_parameter_is_read_by_each_batch_as_far_as_the_run_reaches():
    session = Recipe(input_gradient=True).session()
    session.run(2)
    session.goto(0)
    one = ["x @ self.W", "self.W.T", "dout @ self.W.T", "for name, dW in gradients.items():"]
    assert readers(session, "Affine1.W") == [(b, source) for b in (0, 1) for source in one]


def test_what_forward_keeps_is_read_going_back():
    session = Recipe().session()
    session.run(1)
    session.goto(0)
    session.goto(0, event_of(session, "if self.b is None", "Affine1"))
    read = readers(session, "self.x")[:3]
    assert read == [(0, "x @ self.W"), (0, "self.x.T"), (0, "self.x.T @ dout")]


def test_a_local_variable_is_read_under_the_names_that_it_was_given():
    session = Recipe().session()
    session.goto(0, event_of(session, "return self.y", "Sigmoid1"))
    source = source_at(session, session.next_read("self.y"))
    assert source == "return self.y"
    source = source_at(session, session.next_read("self.y"))
    assert source.startswith("def forward")  # the next layer is passed it


def test_a_view_of_an_array_reads_it_and_what_is_written_into_is_not_read():
    session = Recipe(middle=("buffered",)).session()
    session.run(2)
    session.goto(1)
    session.goto(1, event_of(session, "y = self.y[: self.n]", "Buffered1"))
    read = readers(session, "Buffered1.y")
    assert read[:3] == [(1, "self.y[: self.n]"), (1, "return y"), (1, "return y")]
    assert (1, "self.x.T @ dout") in read  # the next layer has kept it
    assert not any("out=" in source for _, source in read)
    assert session.position.batch == 1  # it is no parameter


def test_the_index_of_a_store_is_read():
    session = Recipe().session()
    session.goto(0, event_of(session, "rows = np.arange(len(dz))"))
    source = source_at(session, session.next_read("self.t"))
    assert source == "return dz / len(dz)"  # behind `dz[rows, self.t] -= 1`


def test_numbers_are_read_by_their_name():
    session = Recipe().session()
    session.goto(0, event_of(session, "return -log_y"))
    assert session.next_read("total") is None
    session.goto(0, event_of(session, "for name, dW"))
    assert source_at(session, session.next_read("self.lr")) == "self.lr * dW"


@settings(max_examples=25)
@given(recipes(PLAIN))
def test_what_is_cached_is_read_where_the_cache_says(recipe):
    session = recipe.session()
    cache, phase = session.trace_index.cache, session.trace.phase
    start = next(e for e in range(len(session.trace)) if phase(e) is Phase.BACKWARD)
    for entry in cache:
        if entry.reads and not entry.shared_with:
            session.goto(0, start)
            found = session.next_read(entry.name)
            shared = [e for e in cache if entry.name in (e.name, e.shared_with) and e.reads]
            assert found == (0, min(e.reads[0] for e in shared))


def test_what_a_person_has_changed_was_written_before_the_batch():
    session = Recipe().session()
    session.run(batches=4)
    session.goto(3)
    session.edit(SetCells("Affine1.W", "0, :", 0.5))
    session.goto(3, 6)
    assert session.last_write("Affine1.W") == session.last_write("Affine1.W", "0, 2") == (3, 0)
    assert session.last_write("Affine1.W", "1, 2").batch == 2
    session.goto(3)
    assert session.last_write("Affine1.W", "0, 2").batch == 2
    session.switch(0)
    session.goto(3, 6)
    assert session.last_write("Affine1.W", "0, 2").batch == 2


def test_the_last_change_may_be_a_person_s():
    session = Recipe().session()
    session.run(batches=4)
    session.goto(3)
    session.edit(SetCells("Affine1.W", "0, 2", 9.0))
    session.run(batches=3)
    assert session.last_change("Affine1.W", "0, 2", more_than=5.0) == (3, 0)
    session.goto(5)
    # No batch, and no edit, has changed another cell by as much.
    assert session.last_change("Affine1.W", "1, 1", more_than=5.0) is None
    assert session.position == (5, 0)
    # Where one stands upon the edit, what is before it counts.
    session.goto(3)
    assert session.last_change("Affine1.W", "0, 2", more_than=5.0) is None
    assert session.last_change("Affine1.W", "0, 2").batch == 2


def test_a_parameter_that_is_a_view_of_a_rebound_vector_changes_with_its_batch():
    class Flat:
        loss = None
        layers = ()

        def __init__(self):
            self.vector = np.zeros(6)

        def parameters(self):
            return {"W": self.vector[:4].reshape(2, 2)}

        def gradients(self):
            return {}

    def step(network, optimizer, x, t):
        network.vector = network.vector + 1
        return 0.0

    session = Session(Flat(), tiny_dataset(), SGD(lr=0.5), 5, step=step)
    session.run(3)
    found = session.last_change("W", "0, 0")
    assert found == (2, len(session.trace) - 1)
