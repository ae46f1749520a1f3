"""To parse a person's source without a word.

What Python has to say of it, an escape that is none or a comparison by `is`, it has said when the
file was imported. Newer versions say more, and to parse a file again would print it again, or
refuse the file where warnings are errors.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_alone = Lock()  # two at once could leave the process's filters as they are in here


@contextmanager
def unwarned() -> Iterator[None]:
    """Parse and compile in here without the warnings of syntax."""
    with _alone, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.11's of an escape
        yield
