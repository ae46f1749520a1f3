"""A `finally` that goes on with the loop: Python 3.14 warns of it as it compiles, and runs it."""

from __future__ import annotations

import numpy as np


def leaves_early(n):
    out = np.zeros(2)
    try:
        out[0] = 1
        if n % 2:
            return out
        out[0] = 2
    finally:
        out[1] = 3
    for i in range(3):
        try:
            if i == 1:
                return out
        finally:
            out += 1
            if n > 4:
                continue  # noqa: B012
    return out
