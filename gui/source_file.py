"""A source file as it is shown: its text, its syntax tree, its tokens, and the colours of these."""

from __future__ import annotations

import ast
import linecache
import sys
import sysconfig
import tokenize
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextDocument, QTextLayout
from PySide6.QtWidgets import QPlainTextDocumentLayout

import engine
from gui.theme import Theme, code_font

TAB_COLUMNS = 4
# Characters that end a paragraph or a frame in Qt, but not a line in Python.
_NOT_LINES = str.maketrans(dict.fromkeys("\u2028\u2029\ufdd0\ufdd1", "\ufffd"))


@dataclass(slots=True)
class SourceFile:
    """The text of a file with its document, which is coloured once a theme."""

    path: str
    text: str
    tree: ast.Module | None
    document: QTextDocument
    theme: str = ""
    tokens: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)

    def colour(self, theme: Theme) -> None:
        """Give the tokens the colours of a theme."""
        if self.theme == theme.name:
            return
        self.theme = theme.name
        formats = _formats(theme)
        for number, tokens in self.tokens.items():
            ranges = []
            for start, length, kind in tokens:
                piece = QTextLayout.FormatRange()
                piece.start, piece.length, piece.format = start, length, formats[kind]
                ranges.append(piece)
            self.document.findBlockByNumber(number).layout().setFormats(ranges)
        self.document.markContentsDirty(0, self.document.characterCount())


def utf16_length(text: str) -> int:
    """The length of a text as Qt counts it: two for each character beyond U+FFFF."""
    return len(text) + sum(character > "\uffff" for character in text)


def read_source(path: str) -> SourceFile | None:
    """Read a Python file in the encoding that it declares, or None where there is none to be read.

    Code that lives in no file (a notebook's cell) is looked up where Python's tracebacks find it.
    """
    try:
        with tokenize.open(path) as file:
            text = file.read()
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
        text = "".join(linecache.getlines(path))
        if not text:
            return None
    text = text.translate(_NOT_LINES)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        tree = None
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))
    document.setDocumentMargin(0)
    document.setDefaultFont(code_font())
    document.setUndoRedoEnabled(False)
    document.setPlainText(text)
    return SourceFile(path, text, tree, document, tokens=_tokens(text))


_SHOWN = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Operator.Word, "keyword"),
    (Keyword, "keyword"),
    (Name.Function, "definition"),
    (Name.Class, "definition"),
)


def _tokens(text: str) -> dict[int, list[tuple[int, int, str]]]:
    """The coloured tokens by block: start and length as Qt counts them, and the kind."""
    found: dict[int, list[tuple[int, int, str]]] = {}
    number = column = 0
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    for _, token, piece in lexer.get_tokens_unprocessed(text):
        kind = next((name for kind, name in _SHOWN if token in kind), None)
        for i, part in enumerate(piece.split("\n")):
            if i:
                number, column = number + 1, 0
            length = utf16_length(part)
            if kind and length:
                found.setdefault(number, []).append((column, length, kind))
            column += length
    return found


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


@lru_cache(maxsize=256)
def short_path(path: str) -> str:
    """A path as seen from the project, from `site-packages`, or from where Python imports it."""
    file = Path(path)
    roots = [Path(engine.__file__).resolve().parent.parent, Path(sysconfig.get_path("purelib"))]
    roots += sorted((Path(p) for p in sys.path if p), key=lambda p: len(p.parts), reverse=True)
    for root in roots:
        if file.is_relative_to(root):
            return file.relative_to(root).as_posix()
    return "/".join(file.parts[-2:])
