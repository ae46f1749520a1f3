"""The errors that a person can meet.

Each keeps what it found as fields, so that the window can say it in the user's language and a test
can ask for the numbers and not for the words. `str(error)` is the English sentence: what was found,
what was expected, where, and what to do.
"""

from __future__ import annotations


class RetrogradError(Exception):
    """The root of every error that is meant for a person's eyes."""
