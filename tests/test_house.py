"""The rules of the house that a test can hold: what may be loaded, and what is shipped."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WINDOW = ("PySide6", "shiboken6", "pyqtgraph", "qtpy", "qtawesome", "superqt", "gui")


def loaded_by(statements: str) -> set[str]:
    """The top-level modules in a fresh process after the statements have run in it."""
    script = f"{statements}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def modules_of(package: str) -> list[str]:
    paths = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names]


def test_the_engine_loads_no_window():
    modules = modules_of("engine")
    assert "engine.debug.session" in modules
    loaded = loaded_by("\n".join(f"import {module}" for module in modules))
    assert "numpy" in loaded
    assert loaded.isdisjoint(WINDOW)


# Importing engine.nn runs engine/__init__.py, which offers all of the engine: this replaces it.
ALONE = """
import sys, types
sys.modules["engine"] = engine = types.ModuleType("engine")
engine.__path__ = ["engine"]
"""


def test_the_network_is_numpy_alone():
    """Someone who has never heard of the debugger can read and use it."""
    imports = "\n".join(f"import {module}" for module in modules_of("engine/nn"))
    strangers = "[n for n in sys.modules if n.startswith(('engine.debug', 'engine.data'))]"
    loaded = loaded_by(f"{ALONE}{imports}\nassert not {strangers}")
    assert loaded.isdisjoint({*WINDOW, "rich", "threadpoolctl", "pygments"})


@pytest.mark.parametrize(
    "resource",
    [
        "datasets/mnist/train-images-idx3-ubyte.gz",
        "datasets/mnist/LICENSE.txt",
        "fonts/Inter-LICENSE.txt",
        "fonts/JetBrainsMono-LICENSE.txt",
    ],
)
def test_what_is_shipped_is_found_where_it_is_looked_for(resource):
    found = files("resources")
    for part in resource.split("/"):
        found = found / part
    assert found.is_file()


def test_the_license_of_the_data_names_its_authors_and_terms():
    text = (files("resources") / "datasets" / "mnist" / "LICENSE.txt").read_text("utf-8")
    for said in ("LeCun", "Cortes", "Burges", "Attribution-ShareAlike 3.0"):
        assert said in text


def test_the_example_in_python_prints_what_it_promises():
    """The example of the session runs, and prints the expression that its comment promises."""
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    blocks = [block for block in page.split("\n\n") if block.startswith("    ")]
    first = next(n for n, block in enumerate(blocks) if "from engine import" in block)
    code = textwrap.dedent("\n".join(blocks[first : first + 2]))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    promised = code.rsplit("# ", 1)[1].strip()
    assert done.stdout.splitlines()[-1] == promised


def test_the_page_of_keys_has_the_keys_of_the_window():
    pytest.importorskip("PySide6")
    from gui.window.actions.table import TABLE

    page = (ROOT / "docs" / "keys.md").read_text("utf-8")
    missing = [(row.id, key) for row in TABLE for key in row.keys if f"`{key}`" not in page]
    assert not missing


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_links_to_is_there(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_no_folder_is_a_crowd():
    """Whoever opens a folder of ours sees its plan: 20 modules at most, the package's own aside."""
    folders = {path.parent for top in ("engine", "gui") for path in (ROOT / top).rglob("*.py")}
    counts = {
        folder.relative_to(ROOT): len([p for p in folder.glob("*.py") if p.stem != "__init__"])
        for folder in folders
    }
    assert len(counts) > 30
    assert not {folder: count for folder, count in counts.items() if count > 20}
