"""What the notes beside the source say."""

from __future__ import annotations

import ast
import textwrap

import numpy as np
import pytest

from engine.debug.events import Frame, Kind, Phase, Span
from engine.debug.snapshots.snapshot import Group, Variable
from gui.views.source.notes import notes_of
from tests.gui.snapshots import MATMUL, SAMPLE, make_event, make_snapshot, span_of

TREE = ast.parse(SAMPLE.read_text())
KEPT, PRODUCT = span_of("self.x = x").line, span_of(MATMUL).line


def texts(notes) -> dict[int, str]:
    return {note.line: note.texts[0] for note in notes}


def test_a_product_and_what_an_earlier_line_has_kept():
    notes = notes_of(make_snapshot(), TREE)
    assert texts(notes) == {
        KEPT: "100 × 784  float32",
        PRODUCT: "(100, 784) @ (784, 50) → (100, 50)",
    }
    assert [note.current for note in notes] == [False, True]
    assert notes[1].texts[-1] == "→ 100 × 50"


def test_a_sum_of_a_product_and_a_row():
    source = "x @ self.W + self.b"
    snapshot = make_snapshot(event=make_event(source=source, span=span_of(source)))
    assert texts(notes_of(snapshot, TREE))[PRODUCT] == "(100, 50) + (50,) → (100, 50)"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.CALL, {"self": object(), "x": np.zeros((100, 784))}, "call  x 100 × 784"),
        (Kind.CALL, {}, "call"),
        (Kind.RETURN, np.zeros((100, 50)), "returns 100 × 50"),
        (Kind.RETURN, None, "returns None"),
        (Kind.RETURN, 1.305, "returns 1.305"),
        (Kind.EXCEPTION, ValueError("shapes differ\nin detail"), "ValueError: shapes differ"),
        (Kind.EXPRESSION, 0.25, "→ 0.25"),
        (Kind.EXPRESSION, np.zeros(50), "→ (50,)"),
    ],
)
def test_each_kind_of_event_says_so(kind, value, text):
    event = make_event(kind=kind, value=value, source="dout.sum(axis=0)")
    notes = notes_of(make_snapshot(event=event), None)
    assert texts(notes) == {span_of(event.source).line: text}
    assert notes[0].error == (kind is Kind.EXCEPTION)


def test_a_line_about_to_run_says_nothing_yet():
    snapshot = make_snapshot(event=make_event(kind=Kind.LINE, value=None))
    assert PRODUCT not in texts(notes_of(snapshot, TREE))


def test_what_the_batch_before_has_left_is_no_note():
    stale = (Variable("self.x", np.zeros((100, 784)), Group.ATTRIBUTE, stale=True),)
    assert KEPT not in texts(notes_of(make_snapshot(variables=stale), TREE))


def notes_in(source: str, cursor: str, **values: np.ndarray) -> dict[str, str]:
    """The earlier notes of a function, by the text of their lines."""
    source = textwrap.dedent(source).strip("\n")
    lines = source.split("\n")
    line = next(i for i, text in enumerate(lines, 1) if cursor in text)
    frame = Frame("f", "f.py", 1, None, "", Phase.FORWARD, None, 0, 0)
    event = make_event(
        kind=Kind.LINE, value=None, file="f.py", source=cursor, span=Span(line, 0, line, 1),
        frame=frame,
    )  # fmt: skip
    variables = tuple(Variable(name, value, Group.LOCAL) for name, value in values.items())
    notes = notes_of(make_snapshot(event=event, variables=variables), ast.parse(source))
    return {lines[line - 1].strip(): text for line, text in texts(notes).items()}


A = np.zeros((2, 3), "float32")
B = np.zeros((3, 4), "float32")
C = np.zeros((2, 4), "float32")


def test_operands_that_were_set_again_are_not_spoken_of():
    got = notes_in(
        """
        def f(a, b):
            c = a @ b
            a = c
            return 1
        """,
        "return",
        a=C,
        b=B,
        c=C,
    )
    assert got == {"c = a @ b": "→ 2 × 4", "a = c": "2 × 4  float32"}


def test_only_the_last_line_that_sets_a_name_has_a_note():
    got = notes_in("def f(a):\n    c = a\n    c = a + a\n    return c", "return", a=A, c=A)
    assert got == {"c = a + a": "(2, 3) + (2, 3) → (2, 3)"}


def test_a_line_that_perhaps_did_not_run_has_none():
    got = notes_in(
        """
        def f(a, b):
            c = a
            if a is None:
                c = b
            return c
        """,
        "return",
        a=A,
        c=A,
    )
    assert got == {}


def test_lines_of_the_same_branch_have_run():
    got = notes_in("def f(a):\n    if a:\n        c = a\n        return c", "return", a=A, c=A)
    assert got == {"c = a": "2 × 3  float32"}


def test_a_loop_may_have_set_a_name_further_down():
    got = notes_in(
        """
        def f(a):
            c = a
            for d in a:
                e = a
                pass
                c = d
        """,
        "pass",
        a=A,
        c=A,
        e=A,
    )
    assert got == {"e = a": "2 × 3  float32"}


def test_an_inner_function_is_not_its_outer_one():
    got = notes_in(
        "def f(a):\n    def g():\n        pass\n    c = a\n    return c", "pass", a=A, c=A
    )
    assert got == {}
