"""Places in the source that report, and how they are found again.

Compiled code can hold numbers and texts, but no objects of ours: a twin names a place by its index
in `SITES`, and whoever is told of an event looks there for the rest.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from engine.debug.events import Kind, Phase, Span

TOKEN = "<token>"  # the variable of a twin that holds the running call


@dataclass(slots=True, eq=False)
class Site:
    """A place in the source that reports.

    Attributes:
        phase: the pass that this line starts, for the outermost function.
        node: the syntax node (of the plain tree), for who wants to know what is computed here.
        stored: by type of the object, how an attribute here is read (a stored one is no event).
        shared: of a call, the names that other functions can bind too (closures).
    """

    kind: Kind
    file: str
    function: str
    span: Span
    source: str
    phase: Phase
    node: ast.AST
    stored: dict[type, Any] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()


SITES: list[Site] = []  # compiled code names its sites by their index here


def characters(lines: tuple[str, ...], line: int, column: int) -> int:
    """Columns count UTF-8 bytes; a screen counts characters."""
    text = lines[line - 1] if line <= len(lines) else ""
    return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))


def text_between(lines: tuple[str, ...], span: Span) -> str:
    """The source text of a span."""
    rows = list(lines[span.line - 1 : span.end_line])
    if not rows:
        return ""
    rows[-1] = rows[-1][: span.end_column]
    rows[0] = rows[0][span.column :]
    return "\n".join(rows)
