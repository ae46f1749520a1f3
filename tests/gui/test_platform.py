from __future__ import annotations

import subprocess
import sys

import pytest

from gui import platform

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X and Wayland are Linux's")


def test_qt_is_not_loaded_to_ask():
    code = "import gui.platform as p, sys; p.display_problem(); p.missing_libraries(); " \
           "sys.exit(any('PySide6' in name for name in sys.modules))"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@linux
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "no display"),
        ({"DISPLAY": ":987"}, "':987' cannot be connected to"),
        ({"WAYLAND_DISPLAY": "nothing-here"}, "'nothing-here' cannot be connected to"),
        ({"DISPLAY": ":987", "WAYLAND_DISPLAY": "nothing-here"}, "cannot be connected to"),
        ({"QT_QPA_PLATFORM": "xcb"}, "no display"),
        ({"QT_QPA_PLATFORM": "nonsense", "DISPLAY": ":0"}, "'nonsense'"),
    ],
)
def test_it_says_why_there_is_no_window(environment, said):
    assert said in platform.display_problem(environment)


@pytest.mark.parametrize("name", ["offscreen", "minimal", "vnc:size=800x600"])
def test_a_platform_without_a_server_needs_no_display(name):
    assert platform.display_problem({"QT_QPA_PLATFORM": name}) == ""


@linux
def test_missing_libraries_are_named_with_the_command_that_installs_them(monkeypatch):
    gone = {"libxcb-cursor.so.0", "libEGL.so.1"}
    monkeypatch.setattr(platform, "_loads", lambda name: name not in gone)
    missing = platform.missing_libraries({"DISPLAY": ":0"})
    assert set(missing) == gone
    assert platform.apt_line(missing) == "sudo apt-get install libegl1 libxcb-cursor0"
    # Without X, its libraries are not wanted.
    assert platform.missing_libraries({"QT_QPA_PLATFORM": "offscreen"}) == ["libEGL.so.1"]


@linux
def test_a_library_that_is_not_there_does_not_load():
    assert platform._loads("libc.so.6")
    assert not platform._loads("libretrograd-is-no-library.so.1")
