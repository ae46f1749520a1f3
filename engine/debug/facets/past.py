"""What a step reached before each of some recorded batches, and after the last one.

The present is known; where a batch has changed a place since, its undo log tells what was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.debug.facets.evidence import Batch, Step
from engine.debug.memory.mutations import CONTAINERS
from engine.debug.reach.contents import attributes_of, is_a
from engine.debug.reach.paths import Access, Path, Way, follow
from engine.debug.reach.placeholders import MISSING, item_of


class Past:
    """Follows paths in the past.

    Args:
        batches: the recorded batches, one after the other.
        step: the step, as it is now.
    """

    def __init__(self, batches: Sequence[Batch], step: Step) -> None:
        self.batches = batches
        self.step = step

    def at(self, path: Path, number: int) -> Any:
        """The object at a path before batch `number` of these; `MISSING` if that is not known."""
        value: Any = self.step
        for access in path:
            value = self._next(value, access, number)
            if value is MISSING:
                return MISSING
        return value

    def _next(self, value: Any, access: Access, number: int) -> Any:
        later = self.batches[number:]
        if access.way is Way.GLOBAL:
            return self._global(value, access, number)
        if access.way is Way.CELL:
            for batch in later:
                frame = batch.trace.frames[0] if batch.trace.frames else None
                for _, name, bound in frame.bindings if frame is not None else ():
                    if name == access.key:
                        return bound
        if access.way is Way.ATTRIBUTE:
            for batch in later:
                if id(value) in batch.trace.history.objects:
                    return batch.trace.history.attributes_at(value, -1).get(access.key, MISSING)
            if not is_a(value, type):
                return attributes_of(value).get(access.key, MISSING)
        if access.way is Way.ITEM and is_a(value, CONTAINERS):
            for batch in later:
                if id(value) in batch.trace.history.containers:
                    return item_of(batch.trace.history.contents_at(value, -1), access.key)
            return item_of(value, access.key)
        return follow(value, (access,))

    def _global(self, value: Any, access: Access, number: int) -> Any:
        name = access.key
        for batch in reversed(self.batches[:number]):
            wanted = {key for key in batch.rebound if key[1] == name}
            if wanted:
                for held in batch.last_stored(wanted).values():
                    return held
        if any(stored == name for batch in self.batches[number:] for _, stored in batch.rebound):
            return MISSING
        return follow(value, (access,))
