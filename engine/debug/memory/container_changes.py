"""Writes that touch one place of a list, a dict or a set, and how to undo them.

A copy of the whole container before each `append` of a loop would take time and memory that grow
with the square of the loop. A `Change` is as small as the write. Only plain lists, dicts and sets
have changes, and only writes whose effect is known beforehand; to know it runs no code of a
person's, so keys have plain types.
"""

from __future__ import annotations

from typing import Any

# Of a list: the length before items were added at the end; of any other write to it the start, the
# number of items there after the write, the items there before it, and the length after it (a write
# that was interrupted before it was done is not to be undone).
# Of a dict: the key, its value before the write or ABSENT. Of a set: the element that was added.
Change = int | tuple[Any, ...]


class _Absent:
    """The value of a key that is not there."""

    __slots__ = ()


ABSENT = _Absent()
_PLAIN_KEYS = frozenset({str, int, float, bool, type(None)})


def change_by_call(container: Any, method: str, args: tuple[Any, ...]) -> Change | None:
    """What `container.method(*args)` changes, just before the call; None: it is not known."""
    kind, count = type(container), len(args)
    if kind is list:
        if count == 1:
            if method == "append":
                return len(container)
            if method == "extend":
                return change_by_extension(container, args[0])
            if method == "pop":
                return _change_by_pop(container, args[0])
        elif method == "pop" and count == 0:
            return _change_by_pop(container, -1)
        elif method == "insert" and count == 2 and type(args[0]) is int:
            start, length = args[0], len(container)
            place = min(start, length) if start >= 0 else max(start + length, 0)
            return place, 1, (), length + 1
    elif kind is dict:
        if method == "setdefault" and count in (1, 2) and _is_plain(args[0]):
            return args[0], container.get(args[0], ABSENT)
    elif kind is set and method == "add" and count == 1 and _is_plain(args[0]):
        return () if args[0] in container else (args[0],)
    return None


def change_by_item(container: Any, index: Any) -> Change | None:
    """What `container[index] = ...` changes, just before it is set; None: it is not known."""
    if type(container) is dict:
        return (index, container.get(index, ABSENT)) if _is_plain(index) else None
    if type(container) is list and type(index) is int and -len(container) <= index < len(container):
        place = index % len(container)
        return place, 1, (container[place],), len(container)
    return None


def change_by_extension(container: Any, added: Any) -> Change | None:
    """What `container += added` and `container.extend(added)` change; None: it is not known."""
    if type(container) is list and type(added) in (list, tuple):
        return len(container)
    return None


def undo_change(contents: Any, change: Change) -> None:
    """Give a copy of a container what it held before a change."""
    if isinstance(change, int):
        del contents[change:]
    elif type(contents) is list:
        start, length, old, after = change
        if len(contents) == after:
            contents[start : start + length] = old
    elif type(contents) is dict:
        key, old = change
        if old is ABSENT:
            contents.pop(key, None)
        else:
            contents[key] = old
    else:
        contents.difference_update(change)


def _change_by_pop(container: list[Any], index: Any) -> Change | None:
    length = len(container)
    if type(index) is not int or not -length <= index < length:
        return None
    place = index % length
    return place, 0, (container[place],), length - 1


def _is_plain(key: Any) -> bool:
    """Whether to look a key up runs none but Python's own code."""
    kind = type(key)
    return kind in _PLAIN_KEYS or (kind is tuple and all(type(part) in _PLAIN_KEYS for part in key))
