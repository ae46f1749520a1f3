"""The members of a list, tuple or dictionary that holds arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


def members_of(value: object) -> Iterable[tuple[str, Any]]:
    """Each index or key, as Python writes it, and its member; empty without arrays."""
    if isinstance(value, Mapping):
        items = [(f"[{key!r}]", v) for key, v in value.items() if isinstance(key, str | int)]
    elif isinstance(value, list | tuple):
        items = [(f"[{i}]", v) for i, v in enumerate(value)]
    else:
        return []
    inner = (np.ndarray, Mapping, list, tuple)
    return (
        items if isinstance(value, Mapping) or any(isinstance(v, inner) for _, v in items) else []
    )
