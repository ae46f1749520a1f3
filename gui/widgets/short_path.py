"""Paths of source files as the window shows them."""

from __future__ import annotations

import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

import engine


@lru_cache(maxsize=256)
def short_path(path: str) -> str:
    """A path as seen from the project, from `site-packages`, or from where Python imports it."""
    file = Path(path)
    roots = [Path(engine.__file__).resolve().parent.parent, Path(sysconfig.get_path("purelib"))]
    roots += sorted((Path(p) for p in sys.path if p), key=lambda p: len(p.parts), reverse=True)
    for root in roots:
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    return "/".join(file.parts[-2:])
