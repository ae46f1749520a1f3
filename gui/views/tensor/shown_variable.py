"""Finds the variable for the tensor view: the variable at the cursor, or a variable by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import Group, Snapshot, Variable
from gui.paint.values import is_drawable
from gui.widgets.members import members_of


def variable_at_cursor(snapshot: Snapshot) -> Variable | None:
    """The variable at the cursor.

    It is the value of the event's expression, return or exception. Before a line or a call, it is
    the value that the previous line set, else the first array in scope.
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


def variable_named(variables: Iterable[Variable], name: str) -> Variable | None:
    """The variable or member with this name: `self.v['Affine1.W']` is a member of `self.v`."""
    for variable in variables:
        if variable.name == name:
            return variable
        if name.startswith(f"{variable.name}["):
            members = (
                replace(variable, name=variable.name + index, value=value)
                for index, value in members_of(variable.value)
            )
            found = variable_named(members, name)
            if found is not None:
                return found
    return None


def parameter_of(snapshot: Snapshot, variable: Variable) -> str | None:
    """The full name of a variable's parameter, `Affine1.W`; None if it is no parameter.

    It is found by its name in its layer, else by its values: the optimizer has other names.
    """
    layer = snapshot.event.layer
    parameters = {
        f"{state.name}.{name}": array
        for state in snapshot.layers
        for name, array in state.parameters.items()
    }
    full_name = f"{layer}.{variable.name.removeprefix('self.')}"
    alike = [
        name
        for name, array in parameters.items()
        if array.shape == variable.value.shape and np.array_equal(array, variable.value)
    ]
    return full_name if full_name in alike else next(iter(alike), None)


def scale_key(snapshot: Snapshot, variable: Variable) -> str:
    """The key of a tensor from step to step: `Affine1 self.W`, `Affine1.forward x`."""
    event = snapshot.event
    function = snapshot.stack[0].function if snapshot.stack else event.frame.function
    place = event.layer if variable.group is Group.ATTRIBUTE and event.layer else function
    return f"{place} {variable.name}"
