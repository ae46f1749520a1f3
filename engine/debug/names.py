"""Names that a user gives to bookmarks and branches."""

from __future__ import annotations

from engine.errors import BadValue

LONGEST = 80


def checked_name(name: str) -> str:
    """A name without surrounding space; raises BadValue if empty, too long or unprintable."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise BadValue("name", name, f"of 1 to {LONGEST} characters, on one line")
    return name
