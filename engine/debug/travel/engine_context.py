"""The process settings within which the engine runs: random states and BLAS threads.

The engine and its caller share one process. Each keeps its own global random states, so that the
caller's random numbers do not change a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

from engine.debug.reach.random_states import global_states, put_global_states
from engine.own_code import noted_ctrl_c


class EngineContext:
    """Switches between the settings of the engine and those of its caller.

    Args:
        blas_threads: the number of threads of BLAS within `engine()`; None leaves it as it is.
    """

    def __init__(self, blas_threads: int | None) -> None:
        self.blas_threads = blas_threads
        self._blas_pools = ThreadpoolController()
        self._random = global_states()

    @contextmanager
    def host(self) -> Iterator[None]:
        """Run the caller's code within a run, and keep the run's random states."""
        inside = global_states()
        try:
            yield
        finally:
            put_global_states(inside, global_states())

    @contextmanager
    def engine(self) -> Iterator[None]:
        """Run the engine with its own global random state and number of BLAS threads."""
        outside = global_states()
        put_global_states(self._random, outside)
        try:
            with noted_ctrl_c():
                if self.blas_threads is None:
                    yield
                else:
                    with self._blas_pools.limit(limits=self.blas_threads, user_api="blas"):
                        yield
        finally:
            self._random = global_states()
            put_global_states(outside, self._random)
