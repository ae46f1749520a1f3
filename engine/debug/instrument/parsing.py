"""Parse source without printing its warnings a second time.

Python warned about invalid escapes or comparisons by `is` when the file was imported. Parsing it
again would repeat the warnings, or refuse the file where warnings are errors.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_alone = Lock()  # two threads at once could leave the process's filters changed


@contextmanager
def unwarned() -> Iterator[None]:
    """A context in which parsing and compiling give no syntax warnings."""
    with _alone, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.11's of an escape
        yield
