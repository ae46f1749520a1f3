"""What the pages name exists: paths, modules, and names in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from numpy import ndarray

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("engine", "gui", "tests", "benchmarks", "resources", "docs")
MADE = re.compile(r"docs/screenshots|resources/languages(/.*)?")  # by commands that the pages name
PLACEHOLDER = re.compile(r"NAME|<\w+>")  # of a file that a recipe adds

PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./<>-]*")
FILE = re.compile(r"(?<![\w.])[\w./]+\.py\b(?!:)")
MODULE = re.compile(r"(?<![\w./-])(?:engine|gui|benchmarks)(?:\.\w+)+")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.py)?")


@cache
def files() -> list[str]:
    """All files of the code, from the root."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    return ["main.py", *(path.relative_to(ROOT).as_posix() for path in found)]


@cache
def words() -> set[str]:
    """All words of the sources."""
    sources = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "main.py"]
    sources += [path for top in FOLDERS[:4] for path in (ROOT / top).rglob("*.py")]
    sources.remove(Path(__file__).resolve())
    return {word for path in sources for word in re.findall(r"\w+", path.read_text("utf-8"))}


def is_file(name: str) -> bool:
    """Whether a path from the root, or the end of one, is a file or a folder."""
    name = name.strip("./")
    if PLACEHOLDER.search(name):
        return (ROOT / name).parent.is_dir() or PLACEHOLDER.search(
            Path(name).parent.name
        ) is not None
    if MADE.fullmatch(name) or (ROOT / name).exists():
        return True
    return name.endswith(".py") and any(f"/{file}".endswith(f"/{name}") for file in files())


def is_module(name: str) -> bool:
    """Whether a dotted name is a module, or a name in one."""
    path = ROOT / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    inside = path.parent
    source = inside / "__init__.py" if inside.is_dir() else inside.with_suffix(".py")
    return source.exists() and re.search(rf"\b{path.name}\b", source.read_text("utf-8")) is not None


def blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The indented blocks, each with the paragraph before it."""
    before = ""
    for part in re.split(r"\n\s*\n", text):
        lines = part.split("\n")
        if all(line.startswith("    ") for line in lines if line):
            yield before, [line for line in lines if line]
        else:
            before = part


def missing_of_tree(before: str, lines: list[str]) -> list[str]:
    """The names in the first column of a tree that do not exist where they stand in it."""
    roots = [ROOT / span for span in re.findall(r"`([\w/]+)`", before) if (ROOT / span).is_dir()]
    above: list[tuple[int, Path]] = []
    missing = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        column = re.split(r"\s{2,}", line.strip())[0]
        above = [(depth, folder) for depth, folder in above if depth < indent]
        beside = above[-1][1] if above else None
        for name in column.split(", "):
            if not re.fullmatch(r"[\w./-]+(?:/|\.py)", name):
                break
            inside = [*roots, ROOT] if beside is None else [beside, ROOT]
            found = next((one / name for one in inside if (one / name).exists()), None)
            if found is None:
                missing.append(name)
            elif found.is_dir():
                above.append((indent, found))
            else:
                beside = found.parent
    return missing


def missing_of_floors(lines: list[str]) -> list[str]:
    """The names of floors, as in `gui: window -> views`, that are no modules there."""
    missing, package = [], ""
    for line in lines:
        head, colon, rest = line.partition(":")
        if colon:
            package = head.strip()
        names = re.findall(r"\w+", rest if colon else line)
        missing += [
            name for name in names if not is_module(f"{package}.{name}" if package else name)
        ]
    return missing


def missing_names(text: str) -> list[str]:
    """All that a page names and that does not exist."""
    prose = "\n".join(line for line in text.split("\n") if not line.startswith("    "))
    spans = re.findall(r"`([^`\n]+)`", prose)
    named = [name for span in (text, *spans) for name in PATH.findall(span)]
    named += [name for span in spans for name in FILE.findall(span)]
    missing = [name for name in named if not is_file(name)]
    missing += [name for name in MODULE.findall(text) if not is_module(name)]
    missing += [span for span in spans if NAME.fullmatch(span) and not is_known(span)]
    for before, lines in blocks(text):
        if any(" -> " in line for line in lines) and not any("/" in line for line in lines):
            missing += missing_of_floors(lines)
        else:
            missing += missing_of_tree(before, lines)
            missing += [name for line in lines for name in FILE.findall(line) if not is_file(name)]
    return sorted(set(missing))


def is_known(name: str) -> bool:
    """Whether a word in a code span is one in the sources."""
    return name in words() or is_file(name) or (ROOT / name).is_dir() or hasattr(ndarray, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_is_there(page):
    assert missing_names(page.read_text("utf-8")) == []


WRONG = {
    "See `gui/parts/heatmap.py`.": "gui/parts/heatmap.py",
    "See `heat_map.py`.": "heat_map.py",
    "A row of `SAVE_FORMS`.": "SAVE_FORMS",
    "    python -m engine.dumps --json": "engine.dumps",
    "    pytest tests/engine/nowhere": "tests/engine/nowhere",
    "    gui/   the window\n      views/  the panels\n      parts/  of them": "parts/",
    "    gui/\n      views/\n        dock.py": "dock.py",
    "    engine/nn/network.py, layer.py": "layer.py",
    "`engine/debug` is a column:\n\n    session.py\n    gather.py": "gather.py",
    "    gui: window -> parts": "parts",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_name_is_found(text):
    assert missing_names(text) == [WRONG[text]]


def test_the_files_that_the_code_names_are_there():
    sources = [path for top in FOLDERS[:4] for path in (ROOT / top).rglob("*.py")]
    sources.remove(Path(__file__).resolve())
    for path in sources:
        named = [name for name in PATH.findall(path.read_text("utf-8")) if name.endswith(".py")]
        assert [name for name in named if not is_file(name)] == [], path


def row_patterns() -> list[str]:
    """What the names of the benchmarks' rows look like, from the texts in their sources."""
    found = []
    for path in (ROOT / "benchmarks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [getattr(part, "value", None) for part in parts]  # None or a node: filled in
            words = [re.escape(text) if isinstance(text, str) else ".*" for text in texts]
            if len("".join(words).replace(".*", "")) > 6:
                found.append("".join(words))
    return found


def test_each_figure_has_its_row():
    page = (ROOT / "docs" / "figures.md").read_text("utf-8")
    names = re.findall(r"^\| ([^|]+?) \|.*\|$", page, re.MULTILINE)[2:]
    assert len(names) > 15
    patterns = row_patterns()

    def printed(text: str) -> bool:
        return any(re.fullmatch(pattern, text) for pattern in patterns)

    assert [n for n in names if not (printed(n) or all(map(printed, n.split(": "))))] == []
