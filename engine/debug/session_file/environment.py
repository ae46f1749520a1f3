"""The environment on which the last digits of a run depend: numpy, BLAS, its kernel and threads."""

from __future__ import annotations

import platform

import numpy as np
from threadpoolctl import threadpool_info


def run_environment(blas_threads: int | None) -> dict[str, str]:
    """The versions, kernels and threads that a run uses here, by name.

    Two runs in equal environments agree bit for bit.
    """
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    kernels = sorted(
        " ".join(str(pool.get(part, "")) for part in ("internal_api", "version", "architecture"))
        for pool in pools
    )
    threads = blas_threads if blas_threads is not None else max(
        (pool["num_threads"] for pool in pools), default=1
    )  # fmt: skip
    return {
        "numpy": np.__version__,
        "BLAS": ", ".join(kernels) or "none",
        "BLAS threads": str(threads),
        "processor": platform.machine(),
    }


def environment_changes(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    """The differences of two environments in words: `numpy 2.3 -> 2.4`."""
    return tuple(
        f"{name} {before.get(name, '?')} -> {value}"
        for name, value in now.items()
        if before.get(name) != value
    )
