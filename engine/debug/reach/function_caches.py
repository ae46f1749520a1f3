"""What `functools.lru_cache` has kept, and how to have it back.

The cache of such a function is a dictionary that only the garbage collector shows. In a cache
without a size limit it holds the results. In one with a limit it holds links that are used again
for other keys: what was dropped from it cannot be put back, and is computed again.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import Any

from engine.debug.reach.contents import is_a

LRU_CACHE: Any = type(functools.lru_cache(lambda: None))


class FunctionCache:
    """The results that a cached function held.

    Attributes:
        function: the cached function.
        results: its results as they are held, by key; None where they cannot be read.
        reached: its results.
    """

    __slots__ = ("function", "reached", "results")

    def __init__(self, function: Any, held: Callable[[Any], Any]) -> None:
        self.function = function
        results = results_of(function)
        self.reached = tuple((results or {}).values())
        self.results = (
            None if results is None else {key: held(value) for key, value in results.items()}
        )

    def restore(self, value: Callable[[Any], Any]) -> None:
        """Put the results back; a function whose results were dropped computes them again.

        Args:
            value: gives the live object for a held one.
        """
        present, cache = results_of(self.function), _cache_of(self.function)
        if self.results is None or present is None or cache is None:
            self.function.cache_clear()
            return
        then = {key: value(held) for key, held in self.results.items()}
        if self.function.cache_parameters()["maxsize"] is None:
            cache.clear()
            cache.update(then)
        elif any(key not in present or present[key] is not then[key] for key in then):
            self.function.cache_clear()
        else:
            for key in present.keys() - then.keys():
                del cache[key]  # its link is dropped when its turn comes


def results_of(function: Any) -> dict[Any, Any] | None:
    """The results in the cache of a function, by key; None where they cannot be read."""
    cache = _cache_of(function)
    if not cache:
        return cache
    if function.cache_parameters()["maxsize"] is None:
        return dict(cache)
    # The function shows the keys and results of its links, oldest first, and then the cache.
    links = {LRU_CACHE, *map(type, cache.values())}
    referents = gc.get_referents(function)
    place = next(place for place, item in enumerate(referents) if item is cache)
    shown = [i for i in referents[:place] if not (is_a(i, type) and i in links)]
    if len(shown) % 2:
        return None
    found = dict(zip(shown[::2], shown[1::2], strict=True))
    return {key: found[key] for key in cache} if cache.keys() <= found.keys() else None


def _cache_of(function: Any) -> dict[Any, Any] | None:
    """The dictionary in which a cached function keeps its results or their links."""
    own = vars(function)
    for item in reversed(gc.get_referents(function)):
        if type(item) is dict and item is not own:
            return item if len(item) == function.cache_info().currsize else None
    return None
