"""Which variable the tensor view shows: the one that the cursor is about, or one by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import Group, Snapshot, Variable
from gui.paint.values import is_drawable
from gui.widgets.members import members_of


def followed(snapshot: Snapshot) -> Variable | None:
    """The value that the cursor is about.

    That of the expression, return or exception of the event; before a line or a call, what the line
    before it has set, else the first array in sight.
    """
    cursor = [v for v in snapshot.variables if v.group is Group.CURSOR]
    if cursor:
        return cursor[0]
    event = snapshot.event
    if event.kind in (Kind.EXPRESSION, Kind.RETURN):
        return Variable(event.source or event.frame.function, event.value, Group.CURSOR)
    arrays = [v for v in snapshot.variables if is_drawable(v.value)]
    changed = [v for v in arrays if v.changed]
    fresh = [v for v in arrays if not v.stale]
    return next(iter(changed[-1:] + fresh + arrays), None)


def named(variables: Iterable[Variable], name: str) -> Variable | None:
    """The variable of this name, or the member: `self.v['Affine1.W']` of `self.v`."""
    for variable in variables:
        if variable.name == name:
            return variable
        if name.startswith(f"{variable.name}["):
            members = (
                replace(variable, name=variable.name + index, value=value)
                for index, value in members_of(variable.value)
            )
            found = named(members, name)
            if found is not None:
                return found
    return None


def parameter_of(snapshot: Snapshot, variable: Variable) -> str | None:
    """The full name of the parameter that a variable is, `Affine1.W`; None: it is none.

    By its name in its layer, else by its values: the optimizer calls it otherwise.
    """
    layer = snapshot.event.layer
    there = {
        f"{one.name}.{name}": array
        for one in snapshot.layers
        for name, array in one.parameters.items()
    }
    own = f"{layer}.{variable.name.removeprefix('self.')}"
    alike = [
        name
        for name, array in there.items()
        if array.shape == variable.value.shape and np.array_equal(array, variable.value)
    ]
    return own if own in alike else next(iter(alike), None)


def scale_key(snapshot: Snapshot, variable: Variable) -> str:
    """What a tensor is known by from step to step: `Affine1 self.W`, `Affine1.forward x`."""
    event = snapshot.event
    function = snapshot.stack[0].function if snapshot.stack else event.frame.function
    place = event.layer if variable.group is Group.ATTRIBUTE and event.layer else function
    return f"{place} {variable.name}"
