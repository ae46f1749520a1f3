"""What statements and calls store while a trace is gone through: variables, attributes, memory.

Between two events only the running statement stores. So what was stored before an event belongs to
the last statement of the event's frame, or to the call whose event it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.debug.events import Kind
from engine.debug.facets.graph import NONE, Graph, Made, StoredAt
from engine.debug.facets.plans import (
    Expression,
    Operand,
    Statement,
    Stores,
)
from engine.debug.facets.shadows import PLAIN_NUMBERS, Shadow, Shadows
from engine.debug.facets.variables import Variable, flat
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import is_a
from engine.debug.reach.placeholders import MISSING, FadedArray
from engine.debug.record.trace import Trace

NOTHING = Statement(Stores.NOT)
_OVERWRITES = frozenset({"fill", "copyto"})
_MOST_COMPARED = 1 << 20  # cells
_ndarray = np.ndarray
_Write = tuple[int, str, Any, Any, Any]  # moment, kind, thing, key, value


def _writes_of(trace: Trace) -> list[_Write]:
    """All writes to arrays, containers and attributes, in order."""
    history = trace.history
    found: list[_Write] = []
    for writes in history.arrays.values():
        found += [(moment, "array", writes.root, None, None) for moment in writes.at]
    for resizes in history.resized_at.values():
        for _, writes, _ in resizes:
            found += [(moment, "array", writes.root, None, None) for moment in writes.at]
    for container in history.containers.values():
        found += [(moment, "container", container.container, None, None) for moment in container.at]
    for known in history.objects.values():
        found += [
            (moment, "attribute", known.thing, name, value)
            for moment, (name, value) in zip(known.at, known.stores, strict=True)
        ]
    found.sort(key=lambda write: write[0])
    return found


class StoreReplay:
    """Goes through the stores of a trace.

    Args:
        trace: the trace.
        before: what global variables held before it, where known.
        rebound: the file and name of the global variables that the trace stores.
    """

    def __init__(
        self, trace: Trace, before: Mapping[Variable, Any], rebound: set[Variable]
    ) -> None:
        self.raw = trace._raw
        self.graph = Graph()
        self.shadows = Shadows(self.graph, self.raw, trace, before)
        self.shadows.rebound = rebound
        self.writes = _writes_of(trace)
        self.done = 0  # how many of them have been gone through

    def _item_leaf(self, container: Any, key: Any, value: Any) -> int:
        leaf = self.shadows.leaf(value, value, None, container, key)
        self.graph.items[id(container), key] = leaf
        return leaf

    def _key(self, index: Operand, shadow: Shadow) -> Any:
        return self.shadows.entry(index, shadow)[0]

    def _catch_up(self, event: int, shadow: Shadow, kind: Kind) -> list[Any]:
        """Go through the writes before an event; return the arrays that its own call wrote."""
        roots: list[Any] = []
        while self.done < len(self.writes) and self.writes[self.done][0] <= event:
            moment, what, thing, key, value = self.writes[self.done]
            self.done += 1
            if what == "array":
                if kind is Kind.EXPRESSION:
                    roots.append(thing)
                else:
                    self._written(moment, shadow, thing)
            elif what == "attribute":
                self._stored_attribute(moment, shadow, thing, key, value, kind)
            elif kind is not Kind.EXPRESSION:
                self._stored_item(moment, shadow, thing)
        return roots

    def _add_of_line(self, made: Made, shadow: Shadow, parents: list[int]) -> int:
        node = self.graph.add(made, shadow.line_event, parents)
        self.graph.of_line.setdefault(shadow.line_event, []).append(node)
        return node

    def _written(self, moment: int, shadow: Shadow, root: Any) -> None:
        """A statement has written to the memory of an array."""
        line, graph = shadow.line, self.graph
        found: list[int] = []
        if line.value is not None:
            self.shadows.collect(line.value, shadow, found)
        whole = line.stores is Stores.ASSIGN and len(line.targets) == 1 and line.targets[0].whole
        for target in line.targets:
            if target.index is not None:
                self.shadows.collect(target.index, shadow, found)
            if whole and target.base is not None:
                whole = self.shadows.entry(target.base, shadow)[0] is root
        if not whole:
            before = graph.memory.get(id(root))
            found.append(self.shadows.array_node(root) if before is None else before)
        node = graph.memory[id(root)] = self._add_of_line(Made.WRITE, shadow, found)
        graph.roots_of_writes[node] = id(root)
        graph.values[node] = root
        graph.stores.append(StoredAt(moment, shadow.line_event, None, None, root, node, id(root)))

    def _written_by_call(
        self, event: int, shadow: Shadow, plan: Expression, roots: list[Any], value: Any
    ) -> None:
        """A call has written to the memory of arrays."""
        graph = self.graph
        operands = list(plan.operands)
        found: list[int] = []
        whole = (plan.out is not None) or plan.method in _OVERWRITES
        if plan.method in _OVERWRITES and operands:
            target = operands[0]
            base = self.shadows.entry(target, shadow)[0]
            if not is_a(base, np.ndarray) and len(operands) > 1:  # `np.copyto(a, b)`
                target = operands[1]
            operands.remove(target)
        for operand in operands:
            self.shadows.collect(operand, shadow, found, False)
        for root in roots:
            if plan.out is None and root is not value and not self._has_changed(root, event):
                continue
            parents = list(found)
            if not whole:
                before = graph.memory.get(id(root))
                parents.append(self.shadows.array_node(root) if before is None else before)
            node = graph.memory[id(root)] = graph.add(Made.WRITE, event, parents)
            graph.of_line.setdefault(event, []).append(node)
            graph.roots_of_writes[node] = id(root)
            graph.values[node] = root
            graph.stores.append(StoredAt(event, event, None, None, root, node, id(root)))

    def _has_changed(self, root: Any, event: int) -> bool:
        """Whether a call has changed an array.

        Of a call that is not known, the log has all that it was given.
        """
        if root.size > _MOST_COMPARED:
            return True
        history = self.shadows.history
        before, after = history.as_of(root, event - 1), history.as_of(root, event)
        if isinstance(before, FadedArray) or isinstance(after, FadedArray):
            return True
        return not np.array_equal(before, after)

    def _stored_attribute(
        self, moment: int, shadow: Shadow, thing: Any, name: str, value: Any, kind: Kind
    ) -> None:
        node = NONE if kind is Kind.EXPRESSION else self._stored_node(shadow, value, name)
        node = self.shadows.node_of(value, node)
        self.graph.attributes[id(thing), name] = value, node
        self.graph.stores.append(StoredAt(moment, shadow.line_event, thing, name, value, node))

    def _stored_item(self, moment: int, shadow: Shadow, container: Any) -> None:
        for target in flat(shadow.line.targets):
            if target.base is None or target.attribute:
                continue
            if self.shadows.entry(target.base, shadow)[0] is not container:
                continue
            key = target.key if target.index is None else self._key(target.index, shadow)
            value, node = self._value_stored(shadow)
            node = self.shadows.node_of(value, node)
            if type(key) in (int, str):
                if type(key) is int and key < 0 and is_a(container, list):
                    key += len(container)
                self.graph.items[id(container), key] = node
            self.graph.stores.append(
                StoredAt(moment, shadow.line_event, container, key, value, node)
            )

    def _value_stored(self, shadow: Shadow) -> tuple[Any, int]:
        """What the running statement stores, and its node; of `a += b` only the node is known."""
        line = shadow.line
        if line.stores is Stores.AUGMENT:
            base, _ = self._augmented(shadow)
            if is_a(base, np.ndarray):
                return base, self.shadows.array_node(base)
            for node in self.graph.of_line.get(line_event := shadow.line_event, ()):
                if self.graph.made[node] is Made.WRITE and self.graph.at[node] == line_event:
                    return self.graph.values[node], node
            return MISSING, self._augment(shadow)
        if line.stores is Stores.ASSIGN and line.value is not None:
            return self.shadows.entry(line.value, shadow)
        return MISSING, NONE

    def _augmented(self, shadow: Shadow) -> tuple[Any, int]:
        """What a statement `a op= b` begins from."""
        target = shadow.line.targets[0]
        if target.name:
            return self.shadows.entry(Operand(name=target.name), shadow)
        if target.base is None:
            return MISSING, NONE
        thing, _ = self.shadows.entry(target.base, shadow)
        if target.attribute:
            return self.shadows.attribute_entry(thing, target.attribute)
        key = target.key if target.index is None else self._key(target.index, shadow)
        known = self.graph.items.get((id(thing), key), NONE) if type(key) in (int, str) else NONE
        value: Any = MISSING
        if is_a(thing, (list, dict, tuple)):
            try:
                value = thing[key]
            except (LookupError, TypeError):
                value = MISSING
        if known < 0 and type(key) in (int, str) and not is_a(value, np.ndarray):
            known = self._item_leaf(thing, key, value)
        return value, known

    def _augment(self, shadow: Shadow) -> int:
        """The node of the number that `a op= b` stores."""
        found: list[int] = []
        value, node = self._augmented(shadow)
        before = self.shadows.node_of(value, node)
        if before >= 0:
            found.append(before)
        if shadow.line.value is not None:
            self.shadows.collect(shadow.line.value, shadow, found)
        return self._add_of_line(Made.STORE, shadow, found)

    def _stored_node(self, shadow: Shadow, value: Any, name: str) -> int:
        """The node of a value that the running statement has stored under a name."""
        line = shadow.line
        if is_a(value, np.ndarray):
            if line.stores is not Stores.ASSIGN or line.value is None:
                return NONE
            held, node = self.shadows.entry(line.value, shadow)
            if held is not value and is_a(held, np.ndarray) and len(line.targets) == 1:
                self._adopt(value, held, node)
            return node if held is value or is_a(held, np.ndarray) else NONE
        if type(value) not in PLAIN_NUMBERS and not is_a(value, np.generic):
            return NONE
        if line.stores is Stores.AUGMENT and name in (
            line.targets[0].name, line.targets[0].attribute
        ):  # fmt: skip
            node = self._augment(shadow)
            self._know(value, node)
            return node
        if line.stores is Stores.ASSIGN and line.value is not None:
            held, node = self.shadows.entry(line.value, shadow)
            if held is value:
                return node
            part = _part_of(line, name)
            if part is not None:
                return self.shadows.entry(part, shadow)[1]
        if type(value) is int and line.stores in (Stores.ITERATE, Stores.ASSIGN):
            if line.counts:
                return NONE
            return self.shadows.leaf(value, value)
        return NONE

    def _know(self, value: Any, node: int) -> None:
        if type(value) not in (int, bool):
            self.graph.numbers[id(value)] = node

    def _adopt(self, value: Any, held: Any, node: int) -> None:
        """A variable holds the array of which the trace keeps a copy: they are one value."""
        memory = self.graph.memory
        root = root_of(value)
        if node >= 0 and id(root) not in memory and value.shape == held.shape:
            memory[id(root)] = node

    def _bind(self, event: int, shadow: Shadow, kind: Kind) -> None:
        """Take over the bindings of a frame before an event."""
        bindings = shadow.frame.bindings
        self.shadows.event = event if kind is Kind.CALL else shadow.line_event
        enters = kind is Kind.CALL or shadow.line is NOTHING
        while shadow.bound < len(bindings) and bindings[shadow.bound][0] <= event:
            _, name, value = bindings[shadow.bound]
            shadow.bound += 1
            if value is MISSING:
                shadow.env.pop(name, None)
            elif enters:
                shadow.env[name] = value, self._argument(shadow, value)
            else:
                node = self._stored_node(shadow, value, name)
                if is_a(value, np.ndarray):  # met here first, it is a leaf of this statement
                    node = self.shadows.node_of(value, node)
                shadow.env[name] = value, node
        self.shadows.event = event

    def _argument(self, shadow: Shadow, value: Any) -> int:
        """The node of an argument, by its identity in the frame that calls."""
        node = self.shadows.node_of(value, NONE) if is_a(value, np.ndarray) else NONE
        caller = shadow.parent
        if caller is None or not (
            is_a(value, np.ndarray) or type(value) in PLAIN_NUMBERS or is_a(value, np.generic)
        ):
            return node
        for event in reversed(caller.evals.values()):
            if self.raw[event][2] is value:
                return max(node, self.graph.of_event[event])
        for held, known in caller.env.values():
            if held is value:
                return max(node, known)
        return node

    def _store_variables(self, event: int, shadow: Shadow) -> None:
        """Note what the statement that has ended stored in variables that are not the frame's."""
        line = shadow.line
        if line.stores is Stores.NOT or line.stores is Stores.RETURN:
            return
        for target in flat(line.targets):
            if not target.name or target.name in shadow.env:
                continue
            key = shadow.file, target.name
            value, node = self._value_stored(shadow)
            if target not in line.targets:
                part = _part_of(line, target.name)
                value, node = (
                    self.shadows.entry(part, shadow) if part is not None else (MISSING, NONE)
                )
            node = self.shadows.node_of(value, node)
            self.graph.variables[key] = value, node
            self.graph.stores.append(StoredAt(event, shadow.line_event, None, key, value, node))


def _part_of(line: Statement, name: str) -> Operand | None:
    """The part of `a, b = x, y` that is stored under a name."""
    if line.value is None or not line.value.parts:
        return None
    for target in line.targets:
        if len(target.parts) == len(line.value.parts):
            for one, part in zip(target.parts, line.value.parts, strict=True):
                if name in (one.name, one.attribute):
                    return part
    return None
