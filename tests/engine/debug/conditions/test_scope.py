"""What the source says is in sight is what there is when the line has run."""

from __future__ import annotations

import pytest

from engine.debug.breakpoints.matching import sight
from engine.debug.conditions.scope import ConditionScope, scope_at
from engine.debug.events import Kind
from engine.debug.run_control import around
from tests.engine.debug.networks import Recipe

OWN = """
import elsewhere

class Base:
    scale: float = 1.0
    def __init__(self):
        self.low = 0

class Layer(Base):
    def forward(self, x, *rest, flag=True, **more):
        total = 0
        for row in x:
            total += row
        try:
            self.high, n = total, 1
        except ValueError as problem:
            pass
        def inner(y):
            return y
        return total

class Foreign(elsewhere.Layer):
    def forward(self, x):
        return x

def plain(a):
    return a
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    file = tmp_path_factory.mktemp("own") / "own.py"
    file.write_text(OWN, "utf-8")
    return str(file)


def line_of(text: str) -> int:
    return OWN[: OWN.index(text)].count("\n") + 1


def test_everything_that_a_recorded_line_sees_is_among_the_names():
    session = Recipe().session()
    trace = session.trace
    for event in range(len(trace)):
        site = trace.site(event)
        if site.kind is Kind.LINE:
            there = scope_at(site.file, site.span.line)
            names = {name for name in sight(trace, event, around(session)) if name != "self"}
            missing = {name for name in names if not there.has(name)}
            assert not missing, (site.source, missing)


def test_arguments_locals_and_attributes_of_the_class_and_its_bases(own):
    found = scope_at(own, line_of("total += row"))
    assert found == ConditionScope(
        frozenset((
            "batch", "epoch", "x", "rest", "flag", "more", "total", "row", "n", "problem",
            "self.high", "self.low", "self.scale",
        )), False,
    )  # fmt: skip


def test_a_class_with_a_base_elsewhere_may_have_more(own):
    found = scope_at(own, line_of("return x"))
    assert found.is_open and found.has("self.anything") and not found.has("anything")


def test_a_plain_function_and_no_function(own):
    assert scope_at(own, line_of("return a")).names == {"batch", "epoch", "a"}
    assert scope_at(own, 2).names == {"batch", "epoch"}
