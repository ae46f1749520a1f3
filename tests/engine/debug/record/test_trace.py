"""The events of a trace: which there are, where they lie, and how an exception ends them."""

from __future__ import annotations

import ast
import traceback
from functools import lru_cache
from pathlib import Path
from types import FunctionType, GeneratorType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.events import Kind
from engine.debug.record.recorder import Recorder
from tests.engine.debug import foreign_errors, toys
from tests.engine.debug.foreign import CASES
from tests.engine.debug.record.test_recorder import leftovers
from tests.engine.debug.watcher import copy_of

KINDS = {"line": "L", "expression": "E", "call": "C", "return": "R", "exception": "X"}


def told(function, *args) -> list[str]:
    """The events as text: the kind's letter and the source."""
    trace = Recorder(function, [], {}).record(*args)
    return [f"{KINDS[event.kind]} {event.source}" for event in trace]


def test_operands_come_before_what_is_computed_of_them() -> None:
    assert told(toys.affine, np.ones((2, 3)), np.ones((3, 2)), 1.0) == [
        "L z = x @ W + b",
        "E x @ W",
        "E x @ W + b",
        "L return double(z.T)[0, 1:]",
        "E z.T",
        "C def double(v):",
        "L return v * 2",
        "E v * 2",
        "R return v * 2",
        "E double(z.T)",
        "E double(z.T)[0, 1:]",
        "R return double(z.T)[0, 1:]",
    ]


def test_a_loop_has_its_line_again_before_each_turn() -> None:
    assert told(toys.loops, 2) == [
        "L total = 0",
        "L for i in range(n):",
        "E range(n)",
        "L total += i",
        "L for i in range(n):",
        "L total += i",
        "L while total > 0:",
        "E total > 0",
        "L total -= 1",
        "L while total > 0:",
        "E total > 0",
        "L return total",
        "R return total",
    ]


def test_only_the_branch_that_is_taken_is_told() -> None:
    assert told(toys.branches, -3) == [
        "L if n > 0:",
        "E n > 0",
        "L elif n < -2 and n:",
        "E n < -2",
        "E n < -2 and n",
        'L return "low" if n < -5 else "#"',
        "E n < -5",
        'E "low" if n < -5 else "#"',
        'R return "low" if n < -5 else "#"',
    ]


def test_stored_attributes_are_no_events_and_computed_ones_are() -> None:
    thing = toys.Thing()
    trace = Recorder(toys.attributes, [thing], {}).record(thing)
    expressions = [e.source for e in trace if e.kind is Kind.EXPRESSION]
    assert expressions == ["thing.W.T", "self.W.sum()", "thing.total", "thing.W.T * thing.total"]
    calls = [e.source for e in trace if e.kind is Kind.CALL]
    assert calls == ["def total(self):"]


def test_comprehensions_tell_their_parts() -> None:
    assert told(toys.squares, 2) == [
        "L return [i * i for i in range(n) if i or n]",
        "E range(n)",
        "E i or n",
        "E i * i",
        "E i or n",
        "E i * i",
        "E [i * i for i in range(n) if i or n]",
        "R return [i * i for i in range(n) if i or n]",
    ]


@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=6),
    st.floats(-10, 10),
    st.integers(0, 4),
    st.sampled_from(toys.PURE),
)
def test_an_expression_evaluates_to_its_value_in_what_is_in_sight(values, a, n, toy) -> None:
    """For code without side effects: `eval(source, globals, variables) == value` everywhere."""
    trace = Recorder(toy, [], {}).record(np.array(values), a, n)
    assert trace.error is None
    expressions = [event for event in trace if event.kind is Kind.EXPRESSION]
    assert len(expressions) > 3
    for event in expressions:
        variables = trace.locals_at(event.index)
        text = "(" + event.source + ")"
        value = eval(text, {**vars(toys), **variables})
        if isinstance(value, (FunctionType, GeneratorType, map)):
            assert type(value) is type(event.value)
        else:
            assert copy_of(value) == copy_of(event.value), event


@lru_cache
def nodes_of(file: str) -> tuple[str, dict, set]:
    """The text of a file, its syntax nodes by their span in characters, and where they start."""
    text = Path(file).read_text(encoding="utf-8")
    lines = text.split("\n")
    nodes = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.expr, ast.stmt)):
            start = lines[node.lineno - 1].encode()[: node.col_offset].decode()
            end = lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode()
            nodes[node.lineno, len(start), node.end_lineno, len(end)] = node
    return text, nodes, {span[:2] for span in nodes}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_spans_are_those_of_the_syntax_in_characters(name: str) -> None:
    case = CASES[name]()
    with case.warned():
        trace = Recorder(case.function, case.parts, {}).record(*case.args(0))
    places = {(event.file, event.kind, event.span, event.source) for event in trace}
    for file, kind, span, source in places:
        text, nodes, starts = nodes_of(file)
        if kind is Kind.EXPRESSION or tuple(span) in nodes:
            assert ast.get_source_segment(text, nodes[tuple(span)]) == source
        else:  # the header of a compound statement
            assert span[:2] in starts
            assert ast.parse(_completed(source))


def _completed(header: str) -> str:
    """A whole statement of a header."""
    if header.startswith("elif"):
        header = header[2:]
    if header.startswith("try"):
        return header + "\n pass\nfinally:\n pass"
    if header.startswith("match"):
        return header + "\n case _:\n  pass"
    return header + "\n pass"


@pytest.mark.slow
@pytest.mark.parametrize("function", foreign_errors.FUNCTIONS, ids=lambda f: f.__name__)
def test_a_trace_ends_where_the_plain_code_fails(function) -> None:
    """The same error at the same line and columns as in the plain code, operands in sight."""
    with pytest.raises(Exception) as plain:
        function(foreign_errors.Model(), np.arange(3.0))
    model = foreign_errors.Model()
    trace = Recorder(function, [model], {}).record(model, np.arange(3.0))
    assert leftovers() == []
    assert type(trace.error) is plain.type
    assert str(trace.error) == str(plain.value)
    frames = traceback.extract_tb(plain.value.__traceback__)
    frame = [f for f in frames if f.filename == foreign_errors.__file__][-1]
    lines = Path(frame.filename).read_text(encoding="utf-8").split("\n")
    last = trace[-1]
    assert last.kind is Kind.EXCEPTION
    assert last.value is trace.error
    start = len(lines[frame.lineno - 1].encode()[: frame.colno].decode())
    end = len(lines[frame.end_lineno - 1].encode()[: frame.end_colno].decode())
    if not last.source.startswith("assert"):  # of which Python sometimes points at the test alone
        assert tuple(last.span) == (frame.lineno, start, frame.end_lineno, end)
    assert last.frame.function.rpartition(".")[2] == frame.name or frame.name.startswith("<")
    assert sum(event.kind is Kind.EXCEPTION for event in trace) == 1
    assert trace.locals_at(len(trace) - 1)
    good = Recorder(foreign_errors.fine, [model], {}).record(model, np.arange(3.0))
    assert good.error is None
    assert good.result == foreign_errors.fine(foreign_errors.Model(), np.arange(3.0))


def test_after_a_caught_exception_the_stack_is_right() -> None:
    model = foreign_errors.Model()
    trace = Recorder(foreign_errors.catches, [model], {}).record(model, np.arange(3.0))
    assert trace.error is None
    for index, event in enumerate(trace):
        if event.frame.parent is not None and event.kind is Kind.CALL:
            caller = trace.stack(index)[1]
            assert caller.function == event.frame.parent.function
    afterwards = [e for e in trace if e.source == 'total += helper(len("after"))']
    assert [e.frame.depth for e in afterwards] == [0]
    helpers = [e for e in trace if e.kind is Kind.CALL and e.frame.function == "helper"]
    assert [e.frame.depth for e in helpers] == [1, 1]
    assert trace[-1].kind is Kind.RETURN
    assert trace[-1].frame.parent is None
