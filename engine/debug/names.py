"""Names and texts that a user gives to bookmarks and branches."""

from __future__ import annotations

import unicodedata

from engine.errors import BadValue

LONGEST = 80
LONGEST_TEXT = 600  # of a station: several lines of the strip


def checked_name(name: str) -> str:
    """A name without surrounding space; raises BadValue if empty, too long or unprintable."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise BadValue("name", name, f"of 1 to {LONGEST} characters, on one line")
    return name


def checked_text(what: str, text: str, least: int = 0) -> str:
    """A text of `least` to 600 characters, with single spaces between its words.

    Raises BadValue for another length, and for characters that no text file can hold.
    """
    text = " ".join(text.split())
    held = all(unicodedata.category(character) not in ("Cc", "Cs") for character in text)
    if not held or not least <= len(text) <= LONGEST_TEXT:
        raise BadValue(what, text, f"of {least} to {LONGEST_TEXT} characters")
    return text
