"""Which Python the Makefile sets up a venv with, and when it makes one anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ANEW = "-m venv --clear"
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"PYTHON", "VENV", "LOWEST", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
}

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or sys.platform == "win32", reason="there is no make here"
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with the Makefile and the project's file, and no venv yet."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def installed(house: Path) -> Path:
    """The same, with the venv of this Python."""
    venv.create(house / ".venv", with_pip=False)
    (house / ".venv" / ".installed").touch()
    return house


def make(house: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=house, env=ENVIRONMENT | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def said(house: Path, *arguments: str, **environment: str) -> str:
    """What `make run` would do, without doing it."""
    done = make(house, "--dry-run", "run", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def another_python(folder: Path) -> Path:
    """A Python whose base is another installation's."""
    path = folder / "python-elsewhere"
    path.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c \"import sys; sys.base_prefix = '/elsewhere'; "
        'exec(sys.argv[1])" "$2"\n'
    )
    path.chmod(0o755)
    return path


def test_the_first_run_makes_the_venv_before_anything_is_installed(house):
    steps = said(house)
    assert steps.index(f"python3 {ANEW} .venv") < steps.index("pip install")
    assert steps.index("pip install") < steps.index("main.py")


def test_a_venv_that_is_there_stays(installed):
    for arguments in ((), (f"PYTHON={sys.executable}",)):
        steps = said(installed, *arguments)
        assert "main.py" in steps
        assert ANEW not in steps and "pip install" not in steps


def test_a_python_that_is_asked_for_is_honoured(installed):
    other = another_python(installed)
    for steps in (said(installed, f"PYTHON={other}"), said(installed, PYTHON=str(other))):
        assert steps.index(f"{other} {ANEW} .venv") < steps.index("pip install")


def test_a_venv_is_not_made_anew_for_what_was_only_written_to_the_project_s_file(installed):
    later = (installed / ".venv" / ".installed").stat().st_mtime + 60
    os.utime(installed / "pyproject.toml", (later, later))
    steps = said(installed)
    assert "pip install" in steps
    assert ANEW not in steps


def test_a_venv_whose_python_is_gone_is_made_anew(installed):
    python = installed / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(installed / "no" / "such" / "python")
    assert f"python3 {ANEW} .venv" in said(installed)


def test_a_venv_whose_python_has_become_another_is_made_anew(installed):
    """As that of the system does in an upgrade: it finds no folder for its packages."""
    (folder,) = (installed / ".venv" / "lib").iterdir()
    folder.rename(folder.with_name("python3.1"))
    assert f"python3 {ANEW} .venv" in said(installed)


@pytest.mark.parametrize(
    ("allowed", "named"), [(">=3.7,<3.9", "3.7 to 3.8"), (">=3.97,<3.99", "3.97 to 3.98")]
)
def test_a_python_that_is_too_new_or_too_old_is_one_sentence_and_no_venv(house, allowed, named):
    text = (house / "pyproject.toml").read_text("utf-8")
    (house / "pyproject.toml").write_text(
        re.sub('requires-python = "[^"]*"', f'requires-python = "{allowed}"', text), "utf-8"
    )
    done = make(house, "run", f"PYTHON={sys.executable}")
    assert done.returncode
    sentence, *rest = done.stderr.splitlines()
    assert sentence.startswith(f"Retrograd needs Python {named} ")
    assert f"{sys.executable} is Python {sys.version.split()[0]}" in sentence
    assert all(line.startswith("make: ") for line in rest)
    assert not (house / ".venv").exists()


def test_what_is_no_python_leaves_the_venv_as_it_is(installed):
    done = make(installed, "run", "PYTHON=no-such-python")
    assert done.returncode
    assert "no-such-python is no Python" in done.stderr
    assert (installed / ".venv" / ".installed").exists()


def test_the_lowest_versions_are_those_of_the_project_s_file(house):
    project = tomllib.loads((house / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    lowest = [re.sub(r">=([\d.]+).*", r"==\1", one) for one in wanted]
    assert all("==" in one for one in lowest)
    venv.create(house / ".venv-lowest", with_pip=False)
    done = make(house, ".venv-lowest/lowest.txt", "VENV=.venv-lowest")
    assert done.returncode == 0, done.stderr
    assert (house / ".venv-lowest" / "lowest.txt").read_text("utf-8").split() == lowest
    steps = make(house, "--dry-run", "test-lowest").stdout
    assert '--editable ".[dev]" --constraint .venv-lowest/lowest.txt' in steps


def test_the_fast_tests_lint_nothing_and_the_whole_ones_leave_nothing_out(installed):
    fast = make(installed, "--dry-run", "test-fast").stdout
    assert '-m "not slow"' in fast and "--hypothesis-profile=fast" in fast
    assert "ruff" not in fast and "mypy" not in fast
    whole = make(installed, "--dry-run", "test").stdout
    assert "ruff check" in whole and "mypy" in whole and "lint-imports" in whole
    assert "slow" not in whole and "profile" not in whole
