"""Twins: a source file compiled a second time, so that every expression reports its value.

The whole file is parsed, rewritten and compiled, but never executed. The recorder only assigns the
code objects of its functions to the live functions (`__code__`), so that objects, classes and
closures keep their identity. A twin evaluates the same operations in the same order as the plain
code. Every node keeps its position, so that a traceback points at the expression that failed.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import io
import linecache
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from engine.debug.events import Span
from engine.debug.instrument.outer_names import outer_names_in
from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.rewrite_functions import FunctionRewriter
from engine.debug.instrument.sites import characters, text_between
from engine.errors import FileNotRead
from engine.files import LARGEST_TEXT, read_regular

_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR  # these have no twins
_FUTURE = __future__.annotations.compiler_flag
_Key = tuple[str, int, int]  # qualified name, first line, and of a lambda the column


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A compiled source file: its functions' plain and reporting code."""

    file: str
    lines: tuple[str, ...]
    plain: dict[_Key, CodeType]
    reporting: dict[_Key, CodeType]

    def reporting_of(self, code: CodeType) -> CodeType | None:
        """The twin of live code; None if the live code differs from the compiled source."""
        key = key_of(code)
        reporting = self.reporting.get(key)
        if reporting is None or self.plain.get(key) != code:
            return None
        return reporting if reporting.co_freevars == code.co_freevars else None

    def plain_of(self, code: CodeType) -> CodeType | None:
        """The plain code of a twin's code."""
        plain = self.plain.get(key_of(code))
        return plain if plain is not None and plain.co_freevars == code.co_freevars else None

    def span_of(self, positions: tuple[int | None, ...]) -> Span:
        """The span, in characters, of a position in bytes as in `code.co_positions()`."""
        line, end_line, column, end_column = positions
        if line is None or end_line is None:
            return Span(1, 0, 1, 0)
        return Span(
            line,
            characters(self.lines, line, column or 0),
            end_line,
            characters(self.lines, end_line, end_column or 0),
        )

    def text_of(self, span: Span) -> str:
        """The source text of a span."""
        return text_between(self.lines, span)


def read_source(file: str) -> str:
    """The text of a source file, by its own declared encoding.

    Only an ordinary file of at most `LARGEST_TEXT` bytes is read.

    Raises:
        OSError: the file cannot be read, and the interpreter does not remember its source either.
    """
    problem = f"no source for {file}"
    try:
        content = io.BytesIO(read_regular(file, LARGEST_TEXT))
        encoding, _ = tokenize.detect_encoding(content.readline)
        content.seek(0)
        return io.TextIOWrapper(content, encoding).read()
    except FileNotRead as error:
        problem = error.reason
    except (SyntaxError, UnicodeDecodeError) as error:
        problem = str(error)
    remembered = remembered_source(file)
    if remembered:
        return remembered
    raise OSError(problem)


def remembered_source(file: str) -> str:
    """The source that the interpreter remembers, such as a notebook cell's; else "".

    This reads the cache of `linecache` and not `linecache` itself, which would open any file.
    """
    known: Any = linecache.cache.get(file)
    if known is None:
        return ""
    if len(known) > 1:
        return "".join(known[2])
    try:
        return known[0]() or ""  # a lazy entry: the source comes from a module's loader
    except (ImportError, OSError):
        return ""


def compile_twin(file: str, inherited: int = 0) -> Twin:
    """Parse and compile a file and its twin.

    Code made by `exec` inherits the `from __future__` imports of its surroundings: `inherited` are
    the flags of its code objects.

    Raises:
        OSError: the source cannot be read.
        SyntaxError: it does not parse.
    """
    return _compile(file, read_source(file), inherited & _FUTURE)


@lru_cache(maxsize=256)
def _compile(file: str, text: str, flags: int) -> Twin:
    lines = tuple(text.split("\n"))  # not splitlines, which splits at form feeds, too
    with unwarned():
        plain_tree = ast.parse(text, file)
        plain = compile(plain_tree, file, "exec", flags, dont_inherit=True)
        rewriter = FunctionRewriter(file, lines, outer_names_in(text, file, plain_tree))
        tree = rewriter.rewrite(ast.parse(text, file))
        reporting = compile(tree, file, "exec", flags, dont_inherit=True)
    return Twin(file, lines, dict(functions_in(plain)), dict(functions_in(reporting)))


def functions_in(code: CodeType) -> Iterator[tuple[_Key, CodeType]]:
    """All functions in compiled code, nested ones included, each with its key."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and not constant.co_flags & _ASYNC:
            yield key_of(constant), constant
            yield from functions_in(constant)


def key_of(code: CodeType) -> _Key:
    """Identifies a function of a file; the column tells several lambdas of a line apart."""
    column = 0
    if code.co_name == "<lambda>":
        places = [
            (line, start)
            for line, end_line, start, end in code.co_positions()
            if line is not None and start is not None and (line, start) != (end_line, end)
        ]  # a function's first instructions have no position, or an empty one
        column = min(places)[1] if places else 0
    return code.co_qualname, code.co_firstlineno, column
