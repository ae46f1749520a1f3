"""Small records of writes that touch one place of a list, dict or set, and how to undo them.

Copying the whole container before each `append` of a loop would be quadratic in the length of the
loop. A `Change` is as small as the write. It exists only for plain lists, dicts and sets, and only
for writes with an effect known beforehand. Finding out must not run user code, so keys have plain
types.
"""

from __future__ import annotations

from typing import Any

# List, items added at the end: the length before the write.
# List, any other write: start, number of items there after the write, the items there before it,
# and the length after it, which tells whether an interrupted write was done at all.
# Dict: the key, and its value before the write or ABSENT.
# Set: the added element, or nothing.
Change = int | tuple[Any, ...]


class _Absent:
    """The value of a missing key."""

    __slots__ = ()


ABSENT = _Absent()
_PLAIN_KEYS = frozenset({str, int, float, bool, type(None)})


def change_by_call(container: Any, method: str, args: tuple[Any, ...]) -> Change | None:
    """What `container.method(*args)` is about to change; None: not known."""
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
    """What `container[index] = ...` is about to change; None: not known."""
    if type(container) is dict:
        return (index, container.get(index, ABSENT)) if _is_plain(index) else None
    if type(container) is list and type(index) is int and -len(container) <= index < len(container):
        place = index % len(container)
        return place, 1, (container[place],), len(container)
    return None


def change_by_extension(container: Any, added: Any) -> Change | None:
    """What `container += added` and `extend` are about to change; None: not known."""
    if type(container) is list and type(added) in (list, tuple):
        return len(container)
    return None


def undo_change(contents: Any, change: Change) -> None:
    """Undo a change in a copy of its container."""
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
    """Whether looking up a key runs no user code."""
    kind = type(key)
    return kind in _PLAIN_KEYS or (kind is tuple and all(type(part) in _PLAIN_KEYS for part in key))
