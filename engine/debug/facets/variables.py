"""The global variables that a batch stores, and what they held at its end.

No recording says what a function stores in a variable of its module. The statements do.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from engine.debug.events import Kind
from engine.debug.facets.plans import Stores, Target, statement_plan
from engine.debug.instrument.sites import SITES
from engine.debug.record.trace import Trace

Variable = tuple[str, str]  # file and name


def rebound_by(trace: Trace) -> set[Variable]:
    """The file and name of the variables that statements store, and that are not the frame's."""
    found: set[Variable] = set()
    seen: set[int] = set()
    bound: dict[int, set[str]] = {}
    for number, frame, _ in trace._raw:
        if number in seen or SITES[number].kind is not Kind.LINE:
            continue
        seen.add(number)
        line = statement_plan(number)
        if line.stores in (Stores.NOT, Stores.RETURN, Stores.AUGMENT):
            continue
        for target in flat(line.targets):
            if target.name:
                if id(frame) not in bound:
                    bound[id(frame)] = {name for _, name, _ in frame.bindings}
                if target.name not in bound[id(frame)]:
                    found.add((frame.file, target.name))
    return found


def last_stored(trace: Trace, wanted: Set[Variable]) -> dict[Variable, Any] | None:
    """What a batch stored last in each of these variables, where its statements store it plainly.

    None if that takes its data flow, as for `a, b = f()`.
    """
    plain: dict[int, tuple[Variable, Any]] = {}
    other: set[int] = set()
    found: dict[Variable, Any] = {}
    running: dict[int, tuple[Variable, Any] | None] = {}
    for number, frame, value in trace._raw:
        site = SITES[number]
        if site.kind is Kind.LINE:
            if number not in plain and number not in other:
                line = statement_plan(number)
                names = {(frame.file, target.name) for target in flat(line.targets)} & wanted
                if names and (line.stores is not Stores.ASSIGN or len(line.targets) > 1
                              or line.value is None or line.value.span is None
                              or not line.targets[0].name):  # fmt: skip
                    return None
                other.add(number)
                if names:
                    assert line.value is not None
                    plain[number] = names.pop(), line.value.span
            running[id(frame)] = plain.get(number)
        elif site.kind is Kind.EXPRESSION:
            known = running.get(id(frame))
            if known is not None and known[1] == site.span:
                found[known[0]] = value
    return found


def flat(targets: tuple[Target, ...]) -> list[Target]:
    """Targets, those within tuples of targets one by one."""
    found: list[Target] = []
    for target in targets:
        found += flat(target.parts) if target.parts else [target]
    return found
