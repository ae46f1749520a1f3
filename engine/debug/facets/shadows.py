"""What variables, attributes, items and memory hold while a trace is gone through: their nodes.

An array is known by its memory: its node is the last write to the array that owns the memory, or,
if no write came since, the expression that made this view of it. A number is known by the place
that holds it, and where it is handed on through a container, by the identity of the object.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from engine.debug.events import Frame
from engine.debug.facets.graph import NONE, Graph, Leaf, Made
from engine.debug.facets.plans import Operand, Statement
from engine.debug.facets.variables import Variable
from engine.debug.instrument.swaps import swaps
from engine.debug.memory.mutations import CONTAINERS
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import attributes_of, dictionary_of, is_a
from engine.debug.reach.placeholders import MISSING, FadedArray
from engine.debug.record.trace import Raw, Trace

PLAIN_NUMBERS = frozenset({int, float, complex, bool})
_MOST_ITEMS = 4096  # of a container, whose items an operation reads
_UNKNOWN = (MISSING, NONE)
_ndarray = np.ndarray


class Shadow:
    """A frame while the trace is gone through.

    Attributes:
        env: by variable, its value and node.
        evals: the events of the running statement, by the span of their source.
        bound: how many bindings of the frame have been taken over.
        line: the plan of the running statement, and `line_event` its event.
        made: the nodes made by the effects of the running statement.
    """

    __slots__ = ("bound", "env", "evals", "file", "frame", "line", "line_event", "parent")

    def __init__(self, frame: Frame, parent: Shadow | None, event: int, line: Statement) -> None:
        self.frame = frame
        self.parent = parent
        self.file = frame.file
        self.env: dict[str, tuple[Any, int]] = {}
        self.evals: dict[Any, int] = {}
        self.bound = 0
        self.line = line
        self.line_event = event


class Shadows:
    """Finds the values and nodes of operands.

    Args:
        graph: the graph that is being built; leaves are added to it as they are met.
        raw: the events of the trace.
        trace: the trace.
        before: what global variables held before the batch, where known.
    """

    def __init__(
        self, graph: Graph, raw: list[Raw], trace: Trace, before: Mapping[Variable, Any]
    ) -> None:
        self.before = before
        self.rebound: set[Variable] = set()  # global variables that the batch stores
        self.graph = graph
        self.raw = raw
        self.history = trace.history
        self.objects = trace.history.objects
        self.containers = trace.history.containers
        self.event = 0
        self._namespaces: dict[str, dict[str, Any]] = {}

    def array_node(self, array: Any) -> int:
        """The node of an array; a leaf is made if its memory is not known."""
        root = array if array.base is None else root_of(array)
        graph = self.graph
        written = graph.memory.get(id(root))
        if written is None:
            written = graph.memory[id(root)] = self.leaf(root, array)
        if root is array:
            return written
        viewed = graph.views.get(id(array), NONE)
        return viewed if viewed > written else written

    def leaf(
        self, value: Any, seen: Any, variable: tuple[str, str] | None = None, owner: Any = None,
        name: Any = "",
    ) -> int:  # fmt: skip
        """A new leaf."""
        node = self.graph.add(Made.LEAF, self.event, ())
        self.graph.leaves[node] = Leaf(value, seen, variable, owner, name)
        return node

    def number_node(self, value: Any) -> int:
        """The node of a number that is known by its identity only: of a float, or numpy's."""
        kind = type(value)
        if kind is int or kind is bool:
            return NONE
        node = self.graph.numbers.get(id(value))
        if node is None:
            node = self.graph.numbers[id(value)] = self.leaf(value, value)
        return node

    def node_of(self, value: Any, node: int) -> int:
        """The node of a value, of which the source told `node`."""
        kind = type(value)
        if kind is _ndarray or is_a(value, np.ndarray):
            known = self.array_node(value)
            return node if node > known else known
        if node >= 0 or kind is FadedArray:
            return node
        if kind in PLAIN_NUMBERS or is_a(value, np.generic):
            return self.number_node(value)
        return NONE

    def collect(
        self, operand: Operand, shadow: Shadow, found: list[int], within: bool = True
    ) -> None:
        """Add the nodes of the data that an operand is, or, `within` a container, holds."""
        if operand.span is None and operand.parts:
            for part in operand.parts:
                self.collect(part, shadow, found)
            return
        value, node = self.entry(operand, shadow)
        if value is MISSING and node < 0:
            for part in operand.parts:
                self.collect(part, shadow, found)
            return
        data = self.node_of(value, node)
        if data >= 0:
            found.append(data)
        elif within and is_a(value, (tuple, *CONTAINERS)):
            self.expand(value, found, 3)

    def expand(self, value: Any, found: list[int], depth: int) -> None:
        """Add the nodes of the data in a container."""
        if is_a(value, (str, bytes, bytearray)) or len(value) > _MOST_ITEMS:
            return
        items = self.graph.items
        held = value
        if id(value) in self.containers:
            held = self.history.contents_at(value, self.event - 1)
        pairs = list(held.items()) if is_a(held, dict) else enumerate(list(held))
        for key, item in pairs:
            known = items.get((id(value), key), NONE) if type(key) in (str, int) else NONE
            node = self.node_of(item, known)
            if node >= 0:
                found.append(node)
            elif depth and is_a(item, (tuple, *CONTAINERS)):
                self.expand(item, found, depth - 1)

    def entry(self, operand: Operand, shadow: Shadow) -> tuple[Any, int]:
        """The value of an operand and the node that its source tells; `MISSING` if not known."""
        if operand.name:
            known = shadow.env.get(operand.name)
            return self.global_entry(operand.name, shadow) if known is None else known
        event = shadow.evals.get(operand.span)
        if event is not None:
            return self.raw[event][2], self.graph.of_event[event]
        if operand.base is not None:
            thing, _ = self.entry(operand.base, shadow)
            return self.attribute_entry(thing, operand.attribute)
        return _UNKNOWN

    def attribute_entry(self, thing: Any, name: str) -> tuple[Any, int]:
        """An attribute as it is stored; a number from before the batch is a leaf."""
        if name.startswith("__") and not name.endswith("__"):
            name = _mangled(thing, name)
        known = self.graph.attributes.get((id(thing), name))
        if known is not None:
            return known
        tracked = self.objects.get(id(thing))
        value: Any = MISSING
        if tracked is not None:
            value = tracked.first.get(name, MISSING)
        elif is_a(thing, (ModuleType, type)):
            value = (dictionary_of(thing) or vars(thing)).get(name, MISSING)
        elif thing is not MISSING:
            value = attributes_of(thing).get(name, MISSING)
        if value is MISSING and thing is not MISSING:
            value = _class_attribute(thing, name)
        node = NONE
        if type(value) in PLAIN_NUMBERS or is_a(value, np.generic):
            node = self.leaf(value, value, None, thing, name)
        self.graph.attributes[id(thing), name] = value, node
        return value, node

    def global_entry(self, name: str, shadow: Shadow) -> tuple[Any, int]:
        """A variable that is not the function's own; a number from before the batch is a leaf."""
        key = shadow.file, name
        known = self.graph.variables.get(key)
        if known is not None:
            return known
        namespace = self.namespace(shadow.frame)
        value = namespace.get(name, vars(builtins).get(name, MISSING))
        if key in self.rebound:  # its value now is not that of the beginning
            value = self.before.get(key, MISSING)
        node = NONE
        if value is MISSING or (
            name in namespace and (type(value) in PLAIN_NUMBERS or is_a(value, np.generic))
        ):
            node = self.leaf(value, value, key)
        self.graph.variables[key] = value, node
        return value, node

    def namespace(self, frame: Frame) -> dict[str, Any]:
        """The variables of the module of a frame's function, as they are now."""
        found = self._namespaces.get(frame.file)
        if found is None:
            found = self._namespaces[frame.file] = _globals_of(frame)
        return found


def _globals_of(frame: Frame) -> dict[str, Any]:
    for reference, plain, _ in list(swaps.known.values()):
        function = reference()
        if function is not None and plain.co_filename == frame.file:
            return function.__globals__
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == frame.file:
            return vars(module)
    return {}


def _mangled(thing: Any, name: str) -> str:
    for cls in type(thing).__mro__:
        mangled = f"_{cls.__name__.lstrip('_')}{name}"
        if mangled in attributes_of(thing):
            return mangled
    return name


def _class_attribute(thing: Any, name: str) -> Any:
    for cls in type(thing).__mro__:
        if name in vars(cls):
            return vars(cls)[name]
    return MISSING
