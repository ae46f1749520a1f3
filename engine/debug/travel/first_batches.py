"""The first two batches of a program: recorded for its facets, and run twice to see if they repeat.

A program that reads a clock, a socket or a file that is read on, gives other numbers when a batch
runs again. It can be stepped through, but going back between stored states would show a run that
never was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from engine.debug.events import Kind
from engine.debug.reach.leaves import ATOMS
from engine.debug.reach.paths import Path, paths_from
from engine.debug.record.interruption import StopInIt, of_the_code
from engine.debug.record.trace import Trace
from engine.debug.travel.run import Run
from engine.errors import NotDeterministic

BATCHES = 2  # that run twice
MOST = 8  # that are recorded, where the first ones update no parameter
_LARGE = 8 * 2**20  # bytes; larger arrays are checked elsewhere, by their checksums


class FirstBatches(NamedTuple):
    """What the first batches have shown.

    Attributes:
        traces: their recordings, with all arrays; fewer if the run ends or fails before.
        difference: None if they repeat bit for bit.
    """

    traces: tuple[Trace, ...]
    difference: NotDeterministic | None


def first_batches(run: Run, look: Callable[[Sequence[Trace]], bool]) -> FirstBatches:
    """Record the first batches, run two again, and bring the live objects back before them.

    `look` receives the recordings while the live objects are at the end of the last, and returns
    whether they are enough: a program may update its parameters only every few batches.
    """
    step, after = run.program.step, []
    traces: list[Trace] = []
    while len(traces) < MOST:
        trace = run.record(len(traces), whole=True)
        run.leave(trace, len(traces))
        if trace.error is not None or not len(trace):
            break
        traces.append(trace)
        if len(traces) <= BATCHES:
            after.append(_fingerprint(step, trace.result))
        if len(traces) in (BATCHES, 2 * BATCHES, MOST) and look(traces):
            break
    run.go_back()
    again = list(_run_again(run, len(after)))
    found = next((batch for batch, (a, b) in enumerate(zip(after, again, strict=False)) if a != b),
                 None)  # fmt: skip
    difference = None if found is None else _difference(run, traces, found)
    run.go_back()
    return FirstBatches(tuple(traces), difference)


def _run_again(run: Run, batches: int) -> Iterator[Mapping[Path, Any]]:
    """Run the first batches plainly; yield the fingerprint after each, as far as they run."""
    for batch in range(batches):
        run.live = None
        try:
            result = run.step_plainly(batch)
        except BaseException as error:
            if not of_the_code(error) or isinstance(error, StopInIt):
                raise
            yield {}
            return
        run.live = batch + 1
        yield _fingerprint(run.program.step, result)


def _difference(run: Run, traces: list[Trace], batch: int) -> NotDeterministic:
    """Where a batch, recorded again, differs first from its recording."""
    run.go_back()
    for earlier in range(batch):
        again = run.record(earlier, whole=True)
        run.leave(again, earlier)
    again = run.record(batch, whole=True)
    run.leave(again, batch)
    before = traces[batch]
    for event in range(min(len(before), len(again))):
        site, other = before.site(event), again.site(event)
        if site is not other or (
            site.kind in (Kind.EXPRESSION, Kind.RETURN)
            and _bits(before.value(event)) != _bits(again.value(event))
        ):
            return NotDeterministic(batch, site.source, site.file, site.span.line)
    return NotDeterministic(batch, "", "", 0)


def _fingerprint(step: Callable[..., Any], result: Any) -> Mapping[Path, Any]:
    """The numbers, texts and arrays that a step reaches now, by path, and what it returned."""
    found: dict[Path, Any] = {(): _bits(result)}
    for path, value in paths_from(step):
        bits = _bits(value)
        if bits is not None:
            found[path] = bits
    return found


def _bits(value: Any) -> Any:
    """Something that differs where the bits of a number or an array differ; None for the rest."""
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject or value.nbytes > _LARGE:
            return None
        digest = blake2b(np.ascontiguousarray(value).data, digest_size=16).digest()
        return value.shape, str(value.dtype), digest
    if type(value) in ATOMS or isinstance(value, np.generic):
        return type(value), value.tobytes() if isinstance(value, np.generic) else repr(value)
    return None
