"""A copy of everything that a set of objects reaches before a minibatch, and its way back.

A state has all that the next minibatch depends on: the attributes of the objects that the step
reaches; the arrays, containers, iterators and random generators that these reach; the variables of
closures, classes and modules that their code uses; all variables of the person's own modules; and
the process's global random states. `restore` puts it back into the same objects, bit for bit, so
names, aliases and views stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from types import CellType
from typing import Any, Protocol
from weakref import ref

import numpy as np

from engine.debug.memory.capture import PER_ARRAY, Capture, is_class_value
from engine.debug.memory.pool import MemoryPool
from engine.debug.reach.array_refs import (
    ArrayRef,
    Content,
    LiveArrays,
    PresentArrays,
    RootCopy,
    address_of,
    view_like,
)
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import attributes_of, put_attributes, refill
from engine.debug.reach.iterators import has_iterator, has_tape
from engine.debug.reach.own_modules import NOTHING_OWN, OwnCode, is_part_of, is_variable
from engine.debug.reach.placeholders import MISSING
from engine.debug.reach.random_states import GlobalRandom, put_generator_state

Array = np.ndarray[Any, Any]
_ALIGNED = 64  # bytes, at whose multiples arrays in one piece of memory begin


class Redrawn(Protocol):
    """Arrays that can be computed again; a state does not copy an array that equals one of them."""

    def find(self, array: Array) -> Callable[[], Array] | Content | None:
        """A function that returns an array equal to this one bit for bit, or None.

        A large array may be held as its content instead.
        """


class State(Capture):
    """Everything that a set of objects reaches before minibatch `batch`.

    Args:
        things: the objects to start from.
        batch: the minibatch that runs next.
        copies: False lists the arrays and copies none.
        given: arrays that can be computed again, and are not copied; the first that fits counts.
        pool: the memory for the copies; None takes new memory.
        own: the person's own modules, whose variables are all part of the state.
    """

    __slots__ = ("batch", "global_random")

    def __init__(
        self,
        things: Iterable[Any],
        batch: int = 0,
        copies: bool = True,
        given: Redrawn | Iterable[Redrawn] | None = None,
        pool: MemoryPool | None = None,
        own: OwnCode = NOTHING_OWN,
    ) -> None:
        super().__init__(things, own, copies)
        self.batch = batch
        self.global_random = GlobalRandom() if copies else None
        self.nbytes += self.global_random.nbytes if self.global_random else 0
        if copies:
            self._put_tapes_in_place()
            self._copy_all(given, pool)

    def _copy_all(self, given: Redrawn | Iterable[Redrawn] | None, pool: MemoryPool | None) -> None:
        """Copy the content of all roots into one piece of memory."""
        pieces: list[tuple[RootCopy, Array, int]] = []
        sources = given if isinstance(given, Iterable) else () if given is None else (given,)
        size = 0
        for root in self.roots.values():
            live = root.kept
            assert isinstance(live, np.ndarray)
            self.nbytes += PER_ARRAY
            drawn = next((d for s in sources if (d := s.find(live)) is not None), None)
            if drawn is not None:
                root.kept = drawn
                continue
            self.nbytes += live.nbytes
            if live.dtype.hasobject or not live.size or not live.flags.forc:
                root.kept = live.copy(order="K")
                continue
            pieces.append((root, live, size))
            size += -(-live.nbytes // _ALIGNED) * _ALIGNED
        memory = np.empty(size, np.uint8) if pool is None else pool.take(size)
        for root, live, place in pieces:
            copy: Array = np.ndarray(live.shape, live.dtype, memory, place, live.strides)
            copy[...] = live
            root.kept = copy

    # Putting back ------------------------------------------------------------------------------

    @property
    def is_right(self) -> bool:
        """False for a state in which a large array has turned out to be another than it was."""
        return all(
            root.kept.is_right for root in self.roots.values() if isinstance(root.kept, Content)
        )

    def restore(self, as_they_are: Set[int] = frozenset()) -> None:
        """Put everything back, into the same objects where these still exist.

        `as_they_are` are the ids of live arrays that are known to hold what they held: comparing a
        large one takes long.
        """
        live = LiveArrays(self.roots, as_they_are)
        for container, content in self._in_order():
            if isinstance(container, dict):
                refill(container, {key: live.value(v) for key, v in content.items()})
            elif isinstance(content, list):
                refill(container, [live.value(item) for item in content])
            else:
                refill(container, content)
        for thing, held in self.attributes:
            put_attributes(
                thing,
                {name: live.value(v) for name, v in held.items()},
                attributes_of(thing).keys(),
            )
        for cell, held in self.cells:
            _put_cell(cell, live.value(held))
        for cls, values in self.class_values:
            _put_class_values(cls, {name: live.value(held) for name, held in values.items()})
        for module, name, held in self.module_values:
            _put_variable(module, name, live.value(held))
        for namespace, values in self.namespaces:
            self._put_namespace(
                namespace, {name: live.value(held) for name, held in values.items()}
            )
        for cache in self.caches:
            cache.restore(live.value)
        for generator, state in self.generators:
            put_generator_state(generator, state)
        if self.global_random is not None:
            self.global_random.restore()

    def _in_order(self) -> list[tuple[Any, Any]]:
        """The containers; those with iterators last, since these may go over another one."""
        if not self.iterators:
            return self.containers
        return sorted(self.containers, key=lambda each: _has_iterators(each[1]))

    def _put_namespace(self, namespace: dict[str, Any], values: dict[str, Any]) -> None:
        """Give a module these variables; those of the person who types in it stay."""
        for name, value in list(namespace.items()):
            if (
                name not in values
                and is_variable(name, value, namespace)
                and self.own.may_be_set(namespace, name)
                and not is_part_of(namespace, name, value)
            ):
                del namespace[name]
        for name, value in values.items():
            present = namespace.get(name, MISSING)
            if present is not value and self._is_programs(namespace, name, present):
                namespace[name] = value

    def _is_programs(self, namespace: dict[str, Any], name: str, present: Any) -> bool:
        """Whether a variable is the program's, and not the person's."""
        return is_variable(name, present, namespace) and self.own.may_be_set(namespace, name)

    def _put_tapes_in_place(self) -> None:
        """Put new tapes into the places of their iterators."""
        if not any(ref.has_tape() for ref in self.iterators.values()):
            return
        live = PresentArrays()
        for thing, held in self.attributes:
            taped = {name: live.value(v) for name, v in held.items() if has_tape(v)}
            put_attributes(thing, taped, frozenset())
        for container, content in self.containers:
            if not isinstance(content, (dict, list)):
                continue
            for key, value in _items(content):
                if has_tape(value):
                    container[key] = live.value(value)
        for cell, value in self.cells:
            if has_tape(value):
                _put_cell(cell, live.value(value))
        for cls, values in self.class_values:
            for name, value in values.items():
                if has_tape(value):
                    setattr(cls, name, live.value(value))
        for module, name, value in self.module_values:
            if has_tape(value):
                module[name] = live.value(value)
        for namespace, values in self.namespaces:
            for name, value in values.items():
                if has_tape(value):
                    namespace[name] = live.value(value)

    def array_in_place_of(self, array: Array) -> Array | None:
        """A copy of the array that was in this array's place; None if there was none.

        The place is an attribute or an item of a container. A view that is made at each access,
        such as a part of one long vector, is found by its memory. Nothing is put back.
        """
        for thing, held in self.attributes:
            for name, value in attributes_of(thing).items():
                if value is array and type(held.get(name)) is ArrayRef:
                    return self._copied(held[name])
        for container, content in self.containers:
            if not isinstance(container, (dict, list)):
                continue
            then = content if isinstance(content, dict) else dict(enumerate(content))
            for key, value in _items(container):
                if value is array and type(then.get(key)) is ArrayRef:
                    return self._copied(then[key])
        root = root_of(array)
        known = self.roots.get(id(root))
        if known is None or known.itself() is not root:
            return None
        offset = address_of(array) - address_of(root)
        return self._copied(
            ArrayRef(id(root), ref(array), array.shape, array.strides, array.dtype, offset)
        )

    def _copied(self, held: ArrayRef) -> Array:
        return view_like(held, self.roots[held.root].copy).copy()

    def things(self) -> list[Any]:
        """The objects whose attributes the state has."""
        return [thing for thing, _ in self.attributes]

    def attributes_then(self, thing: Any) -> dict[str, Any]:
        """An object's attributes as they were; arrays and dictionaries are copies."""
        held = next(held for noted, held in self.attributes if noted is thing)
        return {name: self._copy_of(value) for name, value in held.items()}

    def _copy_of(self, held: Any) -> Any:
        if type(held) is ArrayRef:
            return self._copied(held)
        if type(held) is dict:
            content = next(c for container, c in self.containers if container is held)
            return {key: self._copy_of(value) for key, value in content.items()}
        return held

    def live_arrays(self) -> list[Array]:
        """The root arrays of this state that still exist."""
        return [array for root in self.roots.values() if (array := root.itself()) is not None]

    def live_containers(self) -> list[Any]:
        """The containers of this state."""
        return [container for container, _ in self.containers]


def _items(container: dict[Any, Any] | list[Any]) -> Iterable[tuple[Any, Any]]:
    return container.items() if isinstance(container, dict) else enumerate(container)


def _has_iterators(content: Any) -> bool:
    values = content.values() if isinstance(content, dict) else content
    return isinstance(content, (dict, list)) and any(map(has_iterator, values))


def _put_cell(cell: CellType, value: Any) -> None:
    if value is not MISSING:
        cell.cell_contents = value
        return
    with suppress(ValueError):  # it is empty
        del cell.cell_contents


def _put_variable(module: dict[str, Any], name: str, value: Any) -> None:
    if value is MISSING:
        module.pop(name, None)
    else:
        module[name] = value


def _put_class_values(cls: type, values: dict[str, Any]) -> None:
    for name in [n for n in vars(cls) if n not in values and is_class_value(cls, n)]:
        delattr(cls, name)
    for name, value in values.items():
        if vars(cls).get(name, MISSING) is not value:
            setattr(cls, name, value)
