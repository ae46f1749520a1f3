"""What lists, dicts and sets held before each write, kept in space that grows with the writes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.record.recorder import Recorder
from tests.engine.debug.watcher import differences, watching

WRITES: list[Any] = [
    lambda c, i, v: c["list"].append(v),
    lambda c, i, v: c["list"].insert(i, v),
    lambda c, i, v: c["list"].extend([v, i]),
    lambda c, i, v: c["list"].extend(c["list"][:3]),
    lambda c, i, v: c["list"].extend(n for n in (v, i)),
    lambda c, i, v: c["list"].pop(),
    lambda c, i, v: c["list"].pop(i),
    lambda c, i, v: c["list"].sort(),
    lambda c, i, v: c["list"].remove(v),
    lambda c, i, v: c["list"].__setitem__(i, v),
    lambda c, i, v: c["dict"].setdefault(v, i),
    lambda c, i, v: c["dict"].setdefault((v, str(i)), i),
    lambda c, i, v: c["dict"].pop(v),
    lambda c, i, v: c["dict"].update({v: i, i: v}),
    lambda c, i, v: c["set"].add(v),
    lambda c, i, v: c["set"].discard(v),
]


def write_by_hooks(c: dict[str, Any], kind: int, i: int, v: int) -> None:
    """Statements that write without a call."""
    if kind == 0:
        c["list"][i] = v
    elif kind == 1:
        c["dict"][v] = i
    elif kind == 2:
        c["list"] += [v, i]
    elif kind == 3:
        c["list"][i:] = [v]
    elif kind == 4:
        c["list"][i] += v
    elif kind == 5:
        c["dict"][str(v), i] = v
    elif kind == 6:
        del c["dict"][v]
    else:
        del c["list"][i]


def write_all(c: dict[str, Any], writes: list[tuple[int, int, int]]) -> int:
    for kind, i, v in writes:
        try:
            if kind < 8:
                write_by_hooks(c, kind, i, v)
            elif kind == 8:
                c["list"].append(v)
            elif kind == 9:
                c["list"].insert(i, v)
            elif kind == 10:
                c["list"].pop(i)
            elif kind == 11:
                c["set"].add(v)
            elif kind == 12:
                c["dict"].setdefault(v, i)
            else:
                WRITES[kind - 13](c, i, v)
        except (IndexError, KeyError, ValueError):
            continue
    return len(writes)


@given(
    st.lists(
        st.tuples(st.integers(0, 12 + len(WRITES)), st.integers(-6, 6), st.integers(0, 5)),
        max_size=14,
    )
)
def test_containers_are_shown_as_they_were_whatever_wrote_to_them(writes):
    containers = {"list": [3, 1, 2], "dict": {1: 2, 3: 4}, "set": {1, 2}}
    recorder = Recorder(write_all, [], {})
    with watching():
        trace = recorder.record(containers, writes)
    assert trace.error is None
    assert not differences(trace)


def test_going_back_and_forth_refills_a_container_as_it_was():
    containers = {"list": [3, 1, 2], "dict": {}, "set": set()}
    writes = [(8, 0, 5), (7, 0, 0), (1, 4, 4), (9, 1, 8), (10, 0, 0), (20, 0, 0), (11, 0, 7)]
    trace = Recorder(write_all, [], {}).record(containers, writes)
    end = len(trace) - 1
    last = {name: held.copy() for name, held in containers.items()}
    shown = [trace.as_of(containers, event) for event in range(len(trace))]
    for event in (0, end // 2, end, 3, end):
        trace.history.put_back(event, end)
        assert containers == shown[event]
        trace.history.put_back(end, event)
        assert containers == last


def fill(kind: str, size: int) -> Any:
    made: Any = {"append": [], "item": {}, "add": set(), "extend": [], "insert": [], "+=": []}[kind]
    for n in range(size):
        if kind == "append":
            made.append(n)
        elif kind == "item":
            made[n] = n
        elif kind == "add":
            made.add(n)
        elif kind == "extend":
            made.extend([n, n])
        elif kind == "insert":
            made.insert(0, n)
        else:
            made += [n]
    return made


@pytest.mark.parametrize("kind", ["append", "item", "add", "extend", "insert", "+="])
def test_a_loop_that_fills_a_container_takes_bytes_as_its_turns(kind):
    small, large = (Recorder(fill, [], {}).record(kind, size) for size in (200, 2_000))
    assert large.history.nbytes <= 10 * small.history.nbytes
    assert large.history.contents_at(large.result, len(large) // 2) != large.result


def take(queue: list[int]) -> int:
    queue.append(4)
    return queue.pop(0)


def test_a_sealed_trace_stays_true_of_containers_that_nobody_named():
    queue = [1, 2, 3]
    trace = Recorder(take, [], {}).record(queue)
    before = [trace.as_of(queue, event) for event in range(len(trace))]
    assert before[0] == [1, 2, 3] and before[-1] == [2, 3, 4]
    trace.seal([], [])
    queue.clear()
    assert [trace.as_of(queue, event) for event in range(len(trace))] == before
