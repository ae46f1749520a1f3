"""What the cursor's line has computed, and is about to store or to return."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import Snapshot

RETURNED = "return"


class JustComputed(NamedTuple):
    """A value that no variable holds yet.

    Attributes:
        layer: whose code computes it.
        target: where it goes: "self.dW", or `RETURNED`.
    """

    layer: str
    target: str
    value: Any


NOTHING = JustComputed("", "", None)


def just_computed(snapshot: Snapshot) -> JustComputed:
    """The whole value of the cursor's statement, if it is the one that has been computed."""
    event, statement = snapshot.event, snapshot.statement
    if event.kind is not Kind.EXPRESSION or statement is None:
        return NOTHING
    line, value = " ".join(statement.source.split()), " ".join(event.source.split())
    if line == f"return {value}":
        return JustComputed(event.layer, RETURNED, event.value)
    target, equals, right = line.partition(" = ")
    return JustComputed(event.layer, target, event.value) if equals and right == value else NOTHING
