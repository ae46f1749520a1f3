"""Collect all texts to translate: `python -m benchmarks.translations de`.

Writes `resources/languages/retrograd_de.ts`, for Qt Linguist; translations in that file are kept.
`pyside6-lupdate` does not find the contexts of functions such as `_tr`, or the engine's sentences.
"""

from __future__ import annotations

import ast
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import engine.numeric  # noqa: F401 (its findings are sentences, too)
from engine.errors import Worded
from gui.dialogs.wording import in_the_window
from gui.look.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
WITH_CONTEXT = ("translate", "to_translate", "_N", "tr")
OF_MODULE = ("tr", "_tr")
Text = tuple[str, str]  # context and source


def all_texts() -> list[Text]:
    """The texts of the window and the sentences of the engine, sorted, each once."""
    modules = {path: ast.parse(path.read_text("utf-8")) for path in (ROOT / "gui").rglob("*.py")}
    contexts = {_name(path): context_of(tree) for path, tree in modules.items()}
    found = {text for tree in modules.values() for text in texts_of(tree, contexts)}
    return sorted(found | set(sentences(Worded)))


def sentences(kind: type[Worded]) -> Iterator[Text]:
    """The sentences of a class and its subclasses, as the window says them."""
    for text in (kind.sentence, kind.advice):
        if isinstance(text, str) and text:
            yield kind.__name__, in_the_window(text)
    for one in kind.__subclasses__():
        yield from sentences(one)


def context_of(tree: ast.Module) -> str:
    """The context of a module's own function `tr` or `_tr`; "" without one."""
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name in OF_MODULE:
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            return next(words[0] for call in calls if (words := strings(call)))
    return ""


def texts_of(tree: ast.Module, contexts: dict[str, str]) -> Iterator[Text]:
    """The texts of a module."""
    own = context_of(tree)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and {"tr", "_tr"} & {one.name for one in node.names}:
            own = contexts[str(node.module)]
    yield from _texts_in(tree, "", own)


def _texts_in(node: ast.AST, owner: str, own: str) -> Iterator[Text]:
    """The texts below a node, in a class called `owner`, in a module with the context `own`."""
    for inner in ast.iter_child_nodes(node):
        within = inner.name if isinstance(inner, ast.ClassDef) else owner
        if isinstance(inner, ast.Call):
            words, function = strings(inner), inner.func
            if isinstance(function, ast.Attribute) and function.attr == "tr":
                yield from ((owner, word) for word in words)
            elif isinstance(function, ast.Name) and function.id in OF_MODULE and own:
                yield from ((own, word) for word in words)
            elif getattr(function, "id", getattr(function, "attr", "")) in WITH_CONTEXT:
                yield from ((words[0], word) for word in words[1:])
        yield from _texts_in(inner, within, own)


def strings(call: ast.Call) -> list[str]:
    """The texts among the arguments of a call, both of `a if b else c`."""
    found = []
    for part in call.args:
        parts = (part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,)
        found += [
            p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)
        ]
    return found


def write(path: Path, language: str) -> int:
    """Write or renew a file for Linguist; returns the number of texts still to translate."""
    old: dict[Text, ET.Element] = {}
    if path.exists():
        for context in ET.parse(path).getroot().iter("context"):
            for message in context.iter("message"):
                made = message.find("translation")
                if made is not None and made.text:
                    old[context.findtext("name", ""), message.findtext("source", "")] = made
    root = ET.Element("TS", version="2.1", language=language)
    texts = all_texts()
    for name in sorted({context for context, _ in texts}):
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for source in (source for of, source in texts if of == name):
            message = ET.SubElement(context, "message")
            ET.SubElement(message, "source").text = source
            message.append(old.get((name, source), ET.Element("translation", type="unfinished")))
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ET.tostring(root, encoding="unicode") + "\n", "utf-8")
    return sum(text not in old for text in texts)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def main(arguments: list[str]) -> int:
    """Write the file of a language."""
    if len(arguments) != 1 or not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", arguments[0]):
        sys.stderr.write("Usage: python -m benchmarks.translations LANGUAGE, such as de or pt_BR\n")
        return 2
    path = LANGUAGES / f"retrograd_{arguments[0]}.ts"
    left = write(path, arguments[0])
    print(f"{path}: {left} of {len(all_texts())} texts are still to be translated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
