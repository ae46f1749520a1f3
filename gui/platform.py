"""Checks, before Qt is loaded, whether a window can be opened on this system.

Qt ends the process with a cryptic message when it finds no display, cannot connect to one, or
lacks one of X's libraries. Nothing in this module imports Qt, so that the app can ask first, say
what is missing in a sentence, and continue without a screen.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

# The libraries that Qt links, by the loader's name, and their Debian packages.
_QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_X_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
# Qt's platforms that draw without a display server.
_SERVERLESS = {"offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay"}


def end_process(status: int) -> NoReturn:
    """End the process at once, even if threads are running: some of them never return."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(
            OSError, ValueError, AttributeError
        ):  # the reader is gone, or there is no stream
            stream.flush()
    os._exit(status)


def display_problem(environment: Mapping[str, str] | None = None) -> str:
    """Say in English why no window can be opened, or "" when one can.

    Only Linux is checked: Windows and macOS always have a display for a program that a person has
    started.
    """
    if not sys.platform.startswith("linux"):
        return ""
    environment = os.environ if environment is None else environment
    platform = _platform(environment)
    if platform in _SERVERLESS:
        return ""
    if platform and not platform.startswith(("xcb", "wayland")):
        return f"QT_QPA_PLATFORM asks for {platform!r}, which this Qt does not have."
    problems = []
    if not platform.startswith("xcb") and environment.get("WAYLAND_DISPLAY"):
        problems.append(_wayland_problem(environment))
    if not platform.startswith("wayland") and environment.get("DISPLAY"):
        problems.append(_x_problem(environment["DISPLAY"]))
    if not problems:
        return "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."
    return "" if "" in problems else problems[0]


def missing_libraries(environment: Mapping[str, str] | None = None) -> list[str]:
    """The system libraries that Qt needs here and that the loader does not find."""
    if not sys.platform.startswith("linux"):
        return []
    environment = os.environ if environment is None else environment
    platform = _platform(environment)
    wayland = platform.startswith("wayland") or (
        not platform and environment.get("WAYLAND_DISPLAY") and not environment.get("DISPLAY")
    )
    wanted = dict(_QT_LIBRARIES)
    if platform not in _SERVERLESS and not wayland:
        wanted |= _X_LIBRARIES
    return [name for name in wanted if not _loads(name)]


def apt_line(libraries: list[str] | None = None) -> str:
    """The command that installs the packages of the missing libraries on Debian or Ubuntu."""
    libraries = missing_libraries() if libraries is None else libraries
    packages = _QT_LIBRARIES | _X_LIBRARIES
    return "sudo apt-get install " + " ".join(packages[name] for name in libraries)


def _platform(environment: Mapping[str, str]) -> str:
    """The first platform in QT_QPA_PLATFORM, without its options."""
    return environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _wayland_problem(environment: Mapping[str, str]) -> str:
    name = environment["WAYLAND_DISPLAY"]
    path = os.path.join(environment.get("XDG_RUNTIME_DIR", ""), name)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
    except OSError:
        return f"The Wayland display {name!r} cannot be connected to."
    return ""


def _x_problem(display: str) -> str:
    """Connect with libxcb as Qt does, with authorisation; without libxcb there is no answer."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return ""  # missing_libraries() reports it
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"The display {display!r} cannot be connected to." if failed else ""
