"""The kinds of breakpoint, one class each.

A new kind is a class here, and its name in `KINDS` and `__all__`. Its texts in the window are in
`gui/dialogs/breakpoint_kinds.py`. Kinds with much arithmetic have modules of their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.debug.breakpoints.cell_changes import AtData, Change
from engine.debug.breakpoints.context import BatchContext, EventIndex, LiveBatch
from engine.debug.breakpoints.lines import NO_PROGRAM, running_lines
from engine.debug.breakpoints.not_finite import NotFinite
from engine.debug.breakpoints.place import Place, Probe
from engine.debug.breakpoints.quantities import Named, Quantity
from engine.debug.conditions.scope import ConditionScope, scope_at
from engine.debug.events import Kind, Phase
from engine.debug.instrument.twin import read_source
from engine.debug.record.trace import Trace
from engine.errors import NoSuchPlace
from engine.own_code import ENGINE

__all__ = [
    "AtBatch",
    "AtData",
    "AtEpoch",
    "AtLayer",
    "AtLine",
    "AtPass",
    "Change",
    "Named",
    "NotFinite",
    "Quantity",
]
ROOT = Path(ENGINE).resolve().parent


@dataclass(frozen=True, slots=True)
class AtLine(Place):
    """Before a line of a source file runs."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line}"

    def placed(self) -> AtLine:
        """The line, or the next line with a statement."""
        try:
            lines = running_lines(self.file, read_source(self.file))
        except (OSError, *NO_PROGRAM) as error:
            raise NoSuchPlace(str(self), str(error) or type(error).__name__) from error
        later = [line for line in lines if line >= self.line]
        if not later:
            raise NoSuchPlace(str(self), "nothing runs on that line or after it")
        return AtLine(self.file, later[0])

    def scope(self) -> ConditionScope | None:
        """The names in scope at the line, according to the source."""
        try:
            return scope_at(self.file, self.line)
        except (OSError, *NO_PROGRAM):
            return None

    def line_in(self, file: str) -> int | None:
        """The line, if `file` is its own file."""
        return self.line if file == self.file else None

    def events(self, trace: Trace, context: BatchContext) -> Iterator[int]:
        """Each start of the line."""
        for event in range(len(trace)):
            site = trace.site(event)
            if site.kind is Kind.LINE and site.span.line == self.line and site.file == self.file:
                yield event

    def marks(self, index: EventIndex) -> Iterable[int]:
        """Each start of the line."""
        return index.events_of_line.get((self.file, self.line), ())

    def probe(self, layers: Mapping[str, Any]) -> Probe:
        """The line itself."""
        return Probe((self.file, self.line))

    def for_file(self) -> AtLine:
        """With a path relative to the engine's parent folder, if the file is in it."""
        path = Path(self.file)
        inside = path.is_relative_to(ROOT)
        return AtLine(path.relative_to(ROOT).as_posix(), self.line) if inside else self

    def from_file(self) -> AtLine:
        """With an absolute path."""
        # Not `Path.resolve`, which raises for a ring of links before Python 3.13.
        return AtLine(os.path.realpath(ROOT / self.file), self.line)


@dataclass(frozen=True, slots=True)
class AtLayer(Place):
    """Where a layer's forward or backward begins."""

    layer: str
    phase: Phase

    def __str__(self) -> str:
        return f"{self.layer}.{self.phase}"

    def events(self, trace: Trace, context: BatchContext) -> Iterator[int]:
        """Each call of the method."""
        if trace.layer_passes is not None:
            if (found := trace.layer_passes.get((self.layer, self.phase))) is not None:
                yield found[0]
            return
        layer = trace.layers.get(self.layer)
        for frame in trace.frames:
            if frame.owner is layer and frame.function.rpartition(".")[2] == self.phase:
                yield frame.call_event

    def marks(self, index: EventIndex) -> Iterable[int]:
        """The first call."""
        found = index.passes.get((self.layer, self.phase))
        return found[:1] if found is not None else ()

    def probe(self, layers: Mapping[str, Any]) -> Probe | None:
        """The first line of the method, if it is written in Python."""
        layer = layers.get(self.layer)
        code = getattr(getattr(type(layer), str(self.phase), None), "__code__", None)
        if code is None:
            return None
        file = code.co_filename
        lines = running_lines(file, read_source(file))
        return Probe((file, next(n for n in lines if n > code.co_firstlineno)), layer)


@dataclass(frozen=True, slots=True)
class AtPass(Place):
    """Where a pass begins: forward, backward, update."""

    phase: Phase
    counts_variables = False

    def __str__(self) -> str:
        return str(self.phase)

    def events(self, trace: Trace, context: BatchContext) -> list[int]:
        """The first event of the pass."""
        return [event for event in range(len(trace)) if trace.phase(event) is self.phase][:1]

    def marks(self, index: EventIndex) -> list[int]:
        """The first event of the pass."""
        return [band.first for band in index.bands if band.phase is self.phase][:1]


@dataclass(frozen=True, slots=True)
class AtBatch(Place):
    """Before the batch of this number."""

    batch: int

    def __str__(self) -> str:
        return f"batch {self.batch}"

    def events(self, trace: Trace, context: BatchContext) -> list[int]:
        """The first event of the batch."""
        return [0] if context.batch == self.batch else []

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether this is the batch."""
        return live.batch == self.batch


@dataclass(frozen=True, slots=True)
class AtEpoch(Place):
    """Before the first batch of the epoch of this number, counted from 0."""

    epoch: int

    def __str__(self) -> str:
        return f"epoch {self.epoch}"

    def events(self, trace: Trace, context: BatchContext) -> list[int]:
        """The first event of the epoch."""
        return [0] if context.batch == self.epoch * context.per_epoch else []

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether this is the first batch of the epoch."""
        return live.batch == self.epoch * live.per_epoch


KINDS: dict[str, type[Place]] = {
    kind.__name__: kind
    for kind in (AtLine, AtLayer, AtPass, AtBatch, AtEpoch, NotFinite, AtData, Named)
}
