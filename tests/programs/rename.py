"""Renaming every identifier of a program at random: what it computes stays the same.

Left as they are: keywords, builtins, dunders, what is imported, and the attributes and keyword
arguments that the program does not define itself (numpy's). Renamed strings are the keys of
dictionaries that the program makes, and what `getattr` and its like are given. A program must not
use an attribute of an array or a keyword of a library by a name that it defines as such itself,
and must not put keys together from parts.
"""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import random
import re
import token
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
BY_NAME = ("getattr", "setattr", "hasattr", "delattr")


@dataclass(frozen=True)
class Renaming:
    """A renamed source, and how texts of the old one read in it.

    Attributes:
        names, attributes, keywords, strings: which texts are renamed where they stand for that.
        imported: what the source imports; attributes of that are left.
        new: the new text of each.
    """

    source: str
    names: frozenset[str]
    attributes: frozenset[str]
    keywords: frozenset[str]
    strings: frozenset[str]
    imported: frozenset[str]
    new: Mapping[str, str]

    def text(self, text: str) -> str:
        """An expression, a statement or a qualified name of the old source."""
        return _rewritten(text, self)

    def name(self, text: str) -> str:
        """The end of a path: `W1` of `params['W1']`, `layers[0].W`."""
        return re.sub(r"\w+", lambda found: self.new.get(found[0], found[0]), text)

    def path(self, text: str) -> str:
        """A path from the step; the object whose method that is stays `self` in each."""
        if text == "self" or text.startswith("self."):
            return "self" + _rewritten(text, self)[len(_rewritten("self", self)) :]
        return _rewritten(text, self)


def renaming(source: str, seed: int) -> Renaming:
    """Rename all identifiers of a source; the same seed gives the same names."""
    sets = _defined(ast.parse(source))
    draw = random.Random(seed)
    new: dict[str, str] = {}
    taken = {*_words(source), *keyword.kwlist, *dir(builtins)}
    for old in sorted(set().union(*sets[:-1])):
        fresh = ""
        while not fresh or fresh in taken:
            fresh = "".join(draw.choices(LETTERS, k=draw.randint(1, 7)))
        taken.add(fresh)
        new[old] = fresh
    found = Renaming("", *map(frozenset, sets), new)
    return replace(found, source=_rewritten(source, found))


def _words(source: str) -> Iterator[str]:
    return (one.string for one in _tokens(source) if one.type == token.NAME)


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(text).readline))


def _own(name: str) -> bool:
    dunder = name.startswith("__") and name.endswith("__")
    return not dunder and name not in dir(builtins) and not keyword.iskeyword(name)


def _defined(tree: ast.Module) -> tuple[set[str], ...]:
    """The names, attributes, keyword arguments and keys that a source defines; what it imports."""
    names: set[str] = set()
    attributes: set[str] = set()
    keywords: set[str] = set()
    strings: set[str] = set()
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported |= {(one.asname or one.name).split(".")[0] for one in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
            keywords.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            attributes.add(node.attr)
        strings |= set(_keys(node))
        if isinstance(node, ast.ClassDef):
            attributes |= _members(node)
            keywords |= _members(node)
    attributes = {name for name in attributes if _own(name)}
    names = {name for name in names if _own(name)} - imported
    return names, attributes, {name for name in keywords if _own(name)}, strings, imported


def _members(node: ast.ClassDef) -> set[str]:
    """What a class defines in its body: methods, class attributes, fields."""
    found = set()
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef):
            found.add(inner.name)
        elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
            found.add(inner.target.id)
        elif isinstance(inner, ast.Assign):
            found |= {one.id for one in inner.targets if isinstance(one, ast.Name)}
    return found


def _keys(node: ast.AST) -> Iterator[str]:
    """The strings that a node uses as keys, or as the name of an attribute."""
    found: list[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        found += node.keys
    elif isinstance(node, ast.Subscript):
        found.append(node.slice)
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        found.append(node.left)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        found += node.args[1:2] if node.func.id in BY_NAME else []
    elif isinstance(node, ast.For) and isinstance(node.iter, (ast.Tuple, ast.List)):
        found += node.iter.elts
    for one in found:
        if (
            isinstance(one, ast.Constant)
            and isinstance(one.value, str)
            and one.value.isidentifier()
        ):
            yield one.value


def _rewritten(text: str, names: Renaming) -> str:
    """A text with its tokens renamed."""
    tokens = _tokens(text)
    lines = text.splitlines(keepends=True)
    called: list[bool] = []  # of each open bracket, whether it is that of a call or of a `def`
    edits: list[tuple[tokenize.TokenInfo, str]] = []
    nested = "<locals>" in text  # a qualified name: what stands behind a point may be a function
    for number, one in enumerate(tokens):
        before = tokens[number - 1] if number else None
        if one.string in ("(", "[", "{"):
            called.append(one.string == "(" and before is not None and _is_called(before))
        elif one.string in (")", "]", "}"):
            called.pop()
        elif one.type == token.STRING and one.string[1:-1] in names.strings:
            quote = one.string[0]
            edits.append((one, quote + names.new[one.string[1:-1]] + quote))
        elif one.type == token.NAME:
            if before is not None and before.string == ".":
                of = tokens[number - 2].string
                among = frozenset() if of in names.imported else names.attributes
                among |= names.names if nested else frozenset()
            elif called and called[-1] and tokens[number + 1].string == "=":
                among = names.keywords
            elif tokens[number + 1].string == "." and one.string not in names.names:
                among = names.attributes
            else:
                among = names.names
            if one.string in among:
                edits.append((one, names.new[one.string]))
    for one, new in reversed(edits):
        line = one.start[0] - 1
        lines[line] = lines[line][: one.start[1]] + new + lines[line][one.end[1] :]
    return "".join(lines)


def _is_called(before: tokenize.TokenInfo) -> bool:
    """Whether a bracket behind this token is that of a call."""
    named = before.type == token.NAME and not keyword.iskeyword(before.string)
    return named or before.string in (")", "]")
