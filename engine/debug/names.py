"""The names that a person gives."""

from __future__ import annotations

from engine.errors import BadValue

LONGEST = 80


def checked_name(name: str) -> str:
    """A name without space around it; raises BadValue for none, or for too long a one."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise BadValue("name", name, f"of 1 to {LONGEST} characters, on one line")
    return name
