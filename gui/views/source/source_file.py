"""A source file for display: its text, its syntax tree, and its coloured tokens."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from time import perf_counter

from pygments.token import Comment, Keyword, Name, Number, Operator, String
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextDocument, QTextLayout
from PySide6.QtWidgets import QPlainTextDocumentLayout

from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.twin import read_source as source_text
from gui.look.theme import Theme, code_font

TAB_COLUMNS = 4
# Characters that end a paragraph or a frame in Qt, but not a line in Python.
_NOT_LINES = str.maketrans(dict.fromkeys("\u2028\u2029\ufdd0\ufdd1", "\ufffd"))


class SourceFile:
    """The text of a file with its document.

    Tokens are found and coloured a slice at a time, so that a long file does not block the window:
    call `colour` until it returns True.
    """

    def __init__(self, path: str, text: str, tree: ast.Module | None) -> None:
        self.path = path
        self.text = text
        self.tree = tree
        self.document = _document(text)
        self._theme = ""
        self._formats: dict[str, QTextCharFormat] = {}
        self._tokens: dict[int, list[tuple[int, int, str]]] = {}
        self._lexing = _tokens(text)

    def colour(self, theme: Theme, seconds: float) -> bool:
        """Colour tokens by a theme for a limited time; returns whether all have their colours."""
        if self._theme != theme.name:
            self._theme, self._formats = theme.name, _formats(theme)
            self._apply(self._tokens.keys())
        deadline = perf_counter() + seconds
        touched = set()
        for number, column, length, kind in self._lexing:
            self._tokens.setdefault(number, []).append((column, length, kind))
            touched.add(number)
            if perf_counter() > deadline:
                break
        else:
            self._apply(touched)
            return True
        self._apply(touched)
        return False

    def _apply(self, numbers: Collection[int]) -> None:
        if not numbers:
            return
        for number in numbers:
            ranges = []
            for start, length, kind in self._tokens[number]:
                piece = QTextLayout.FormatRange()
                piece.start, piece.length, piece.format = start, length, self._formats[kind]
                ranges.append(piece)
            self.document.findBlockByNumber(number).layout().setFormats(ranges)
        first = self.document.findBlockByNumber(min(numbers)).position()
        last = self.document.findBlockByNumber(max(numbers))
        self.document.markContentsDirty(first, last.position() + last.length() - first)


def utf16_length(text: str) -> int:
    """The length of a text as Qt counts it: two for each character beyond U+FFFF."""
    return len(text) + sum(character > "\uffff" for character in text)


def read_source(path: str) -> SourceFile | None:
    """Read a Python file in the encoding that it declares, or None if it cannot be read.

    Code without a file (a notebook's cell) comes from `linecache`, as in Python's tracebacks.
    """
    try:
        text = source_text(path).translate(_NOT_LINES)
    except OSError:
        return None
    try:
        with unwarned():
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deep
        tree = None
    return SourceFile(path, text, tree)


def _document(text: str) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))
    document.setDocumentMargin(0)
    document.setDefaultFont(code_font())
    document.setUndoRedoEnabled(False)
    document.setPlainText(text)
    return document


_SHOWN = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Operator.Word, "keyword"),
    (Keyword, "keyword"),
    (Name.Function, "definition"),
    (Name.Class, "definition"),
)


def _tokens(text: str) -> Iterator[tuple[int, int, int, str]]:
    """The coloured tokens: block, start and length as Qt counts them, and the kind."""
    number = column = 0
    # Not needed for the first picture of the window, and slow to import.
    from pygments.lexers.python import PythonLexer

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    for _, token, piece in lexer.get_tokens_unprocessed(text):
        kind = next((name for shown, name in _SHOWN if token in shown), None)
        for i, part in enumerate(piece.split("\n")):
            if i:
                number, column = number + 1, 0
            length = utf16_length(part)
            if kind and length:
                yield number, column, length, kind
            column += length


def _formats(theme: Theme) -> dict[str, QTextCharFormat]:
    colours = {
        "comment": theme.text3,
        "string": theme.code_string,
        "number": theme.code_number,
        "keyword": theme.code_keyword,
        "definition": theme.text,
    }
    formats = {}
    for kind, colour in colours.items():
        formats[kind] = QTextCharFormat()
        formats[kind].setForeground(QColor(colour))
    formats["comment"].setFontItalic(True)
    formats["definition"].setFontWeight(QFont.Weight.Bold)
    return formats
