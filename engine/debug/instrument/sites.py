"""A table of source places: instrumented code reports a number, the recorder finds the place.

Compiled code can hold only numbers and texts as constants. A twin therefore passes the index of a
site in `SITES`, and the recorder looks up the site there.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from engine.debug.events import Kind, Phase, Span

TOKEN = "<token>"  # the variable of a twin that holds the running call


@dataclass(slots=True, eq=False)
class Site:
    """A place in the source that reports an event.

    Attributes:
        phase: the pass that this line starts, for the outermost function.
        node: its syntax node, of the unmodified tree.
        stored: by type of the object, how the attribute is read here (a stored attribute has no
            event).
        shared: for a call, the variables of closures that another function may bind meanwhile.
        free: for a call, the other free variables.
        global_names: for a call, the global variables that the function's code names. Those that
            the file binds by `import`, `def` or `class` are left out.
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
    free: frozenset[str] = frozenset()
    global_names: tuple[str, ...] = ()


SITES: list[Site] = []


def characters(lines: tuple[str, ...], line: int, column: int) -> int:
    """The column in characters of a column in UTF-8 bytes, which `ast` counts."""
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
