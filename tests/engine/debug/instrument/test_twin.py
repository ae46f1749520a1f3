"""Twins: the same functions under the same names, sites where the source says."""

from __future__ import annotations

import linecache
import os
from pathlib import Path

import numpy as np
import pytest

from engine.debug.instrument.sites import SITES
from engine.debug.instrument.twin import compile_twin, read_source
from tests.engine.debug import foreign, foreign_errors, foreign_styles, foreign_writes, toys

MODULES = [foreign, foreign_errors, foreign_styles, foreign_writes, toys]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_function_has_a_twin_that_fits_in_its_place(module) -> None:
    twin = compile_twin(module.__file__)
    functions = [
        code for key, code in twin.plain.items() if not key[0].endswith(("comp>", "expr>"))
    ]
    assert len(functions) > 5
    for code in functions:
        reporting = twin.reporting_of(code)
        assert reporting is not None, code
        assert reporting is not code
        assert twin.plain_of(reporting) == code
        assert reporting.co_freevars == code.co_freevars
        assert reporting.co_varnames[: code.co_argcount] == code.co_varnames[: code.co_argcount]
        assert (reporting.co_name, reporting.co_flags & 0x2C) == (
            code.co_name,
            code.co_flags & 0x2C,
        )


def sources_of(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "written.py"
    file.write_text(text, encoding="utf-8")
    before = len(SITES)
    compile_twin(str(file))
    return [site.source for site in SITES[before:]]


def test_a_header_ends_at_its_colon(tmp_path) -> None:
    sources = sources_of(
        tmp_path,
        'def f(a="#:", *, b=lambda: {1: 2}):  # a comment: with a colon\n'
        '    if a == "#":  # and: another\n'
        "        pass\n"
        "    for (\n        x\n    ) in a[1:2]: pass\n"
        "    with open(a) as g, open(\n        b) as h:\n        pass\n",
    )
    assert 'def f(a="#:", *, b=lambda: {1: 2}):' in sources
    assert 'if a == "#":' in sources
    assert "for (\n        x\n    ) in a[1:2]:" in sources
    assert "with open(a) as g, open(\n        b) as h:" in sources


def test_a_form_feed_ends_no_line(tmp_path) -> None:
    assert "x + 1" in sources_of(tmp_path, "import os\n\x0c\ndef f(x):\n    return x + 1\n")


def test_lambdas_of_one_line_are_told_apart(tmp_path) -> None:
    file = tmp_path / "lambdas.py"
    file.write_text(
        "def f(n):\n    return lambda: n, lambda n: n, lambda: 1, lambda: (lambda: n)\n"
    )
    twin = compile_twin(str(file))
    assert len([key for key in twin.plain if "<lambda>" in key[0]]) == 5
    for code in twin.plain.values():
        assert twin.plain_of(twin.reporting_of(code)) == code


def test_a_twin_outside_of_a_recording_does_what_the_plain_code_does() -> None:
    twin = compile_twin(foreign_writes.__file__)
    function = foreign_writes.store_by_every_index
    plain = function.__code__
    expected = function(3)
    try:
        function.__code__ = twin.reporting_of(plain)
        assert np.array_equal(function(3), expected)
    finally:
        function.__code__ = plain


def test_the_source_of_a_cell_is_what_the_interpreter_remembers(monkeypatch):
    text = "def f():\n    return 1\n"
    for entry in ((len(text), None, text.splitlines(True), "<cell>"), (lambda: text,)):
        monkeypatch.setitem(linecache.cache, "<cell>", entry)
        assert read_source("<cell>") == text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_or_a_device_in_the_place_of_a_source_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    for path, reason in ((tmp_path / "pipe.py", "a pipe"), ("/dev/zero", "a pipe")):
        with pytest.raises(OSError, match=reason):
            read_source(str(path))
    large = tmp_path / "large.py"
    large.write_bytes(b"x = 1\n" * 2_000_000)
    with pytest.raises(OSError, match=r"12,000,000 bytes, where at most 10,485,760"):
        read_source(str(large))


def test_a_source_is_read_in_the_encoding_that_it_declares(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes("# coding: latin-1\r\nx = 'é'\r\n".encode("latin-1"))
    assert read_source(str(path)) == "# coding: latin-1\nx = 'é'\n"
