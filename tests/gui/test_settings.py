"""Whatever the file of the settings holds, the window opens, and remembers again."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QRect, QSettings, QSize
from PySide6.QtWidgets import QMainWindow

from gui.look.appearance import Choice
from gui.settings import AUTOSAVE, GEOMETRY, PRESET, STATE, THEME
from gui.window.autosave import LEAST_SECONDS, MOST_SECONDS, SECONDS, seconds_of
from gui.window.main_window import MainWindow
from gui.window.panels.layout_presets import PRESETS
from tests.gui.sessions import make_session

INI = QSettings.Format.IniFormat
KEYS = (AUTOSAVE, THEME, PRESET, GEOMETRY, *(STATE.format(id) for id in PRESETS))
RAN: list[str] = []  # by a pickle, if it was unpickled


def run_by_a_pickle() -> object:
    RAN.append("it ran")
    raise SystemExit


class Harmful:
    def __reduce__(self):
        return run_by_a_pickle, ()


def pickled() -> str:
    """A Python object, as PySide writes it to a settings file."""
    data = pickle.dumps(Harmful())
    head = b"\0\0\0\x7f\0\0\0\x18PySide::PyObjectWrapper\0" + len(data).to_bytes(4, "big")
    return "@Variant(" + "".join(f"\\x{byte:02x}" for byte in head + data) + ")"


def real_state() -> str:
    window = QMainWindow()
    state = bytes(window.saveState(5).data())
    return "@ByteArray(" + "".join(f"\\x{byte:02x}" for byte in state[: len(state) // 2]) + ")"


# As they stand in the file, after the `=`.
LINES = (
    "", "abc", "nan", "inf", "-inf", "1e300", "-1", "0", "1e-300", "9" * 5000, "1,2,3", "\\0", '"',
    "true", "@Invalid()", "@ByteArray()", "@ByteArray(\\0\\0\\x1\\xff)", "@ByteArray(\\xff\\xfe)",
    "@Rect(0 0 99999999 99999999)", "@Rect(a b c d)", "@Size(-1 -1)", "@Point(1)",
    "@Variant(", "@Variant(\\0\\0\\0)", "@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\x4xxx\\0)",
    "\\x4e00\\xd800", "%00", "@@", "@String(dark)", "learn; drop", "light\\0", "[General]",
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of the settings that windows of this test have."""
    return tmp_path / "Retrograd" / "Retrograd.ini"


def opens(qtbot) -> MainWindow:
    window = MainWindow(make_session())
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert window.snapshot is not None and window.isVisible()
    assert window.layout_keeper.preset.id in PRESETS
    assert LEAST_SECONDS <= seconds_of(window.settings) <= MOST_SECONDS
    window.close()
    qtbot.waitUntil(lambda: window.bridge.finished)
    return window


@pytest.mark.slow
@pytest.mark.qt_log_ignore("unknown user type", extend=True)
@pytest.mark.parametrize("line", [*LINES, pickled])
def test_with_any_line_for_all_settings_it_opens_and_remembers(file, line, qtbot):
    text = line if isinstance(line, str) else line()
    sections: dict[str, list[str]] = {}
    for key in KEYS:
        section, name = key.split("/")
        sections.setdefault(section, []).append(f"{name}={text}")
    lines = [f"[{name}]\n" + "\n".join(there) for name, there in sections.items()]
    file.write_text("\n".join(lines) + "\n", encoding="latin-1")
    window = opens(qtbot)
    assert RAN == []
    window.settings.sync()
    again = QSettings(str(file), INI)
    assert isinstance(again.value(GEOMETRY), QByteArray)


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_with_half_of_what_it_wrote_it_opens(file, key, qtbot):
    section, name = key.split("/")
    file.write_text(f"[{section}]\n{name}={real_state()}\n", encoding="latin-1")
    opens(qtbot)


VALUES = st.one_of(
    st.text(max_size=40), st.integers(-(2**31), 2**31 - 1), st.floats(), st.booleans(),
    st.binary(max_size=80).map(QByteArray), st.lists(st.text(max_size=5), max_size=3),
    st.builds(QRect, *[st.integers(-(2**31), 2**31 - 1)] * 4),
    st.builds(QSize, *[st.integers(-(2**31), 2**31 - 1)] * 2),
)  # fmt: skip


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.fixed_dictionaries(dict.fromkeys(KEYS, VALUES)))
def test_with_values_of_any_kind_it_opens(qtbot, tmp_path, values):
    stored = QSettings(
        QSettings.defaultFormat(), QSettings.Scope.UserScope, "Retrograd", "Retrograd"
    )
    for key, value in values.items():
        stored.setValue(key, value)
    stored.sync()
    opens(qtbot)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_seconds_are_seconds(value):
    stored = QSettings("/nonexistent/none.ini", INI)
    stored.setValue(AUTOSAVE, value)
    seconds = seconds_of(stored)
    assert math.isfinite(seconds) and LEAST_SECONDS <= seconds <= MOST_SECONDS


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("5", 5),
        ("2.5", 2.5),
        ("abc", SECONDS),
        ("nan", SECONDS),
        ("1e300", SECONDS),
        ("0", SECONDS),
    ],
)
def test_a_sensible_number_of_seconds_is_heeded(file, line, seconds):
    file.write_text(f"[autosave]\nseconds={line}\n")
    assert seconds_of(QSettings(str(file), INI)) == seconds


@pytest.mark.slow
def test_where_the_file_is_a_folder_it_opens(file, qtbot):
    file.unlink(missing_ok=True)
    file.mkdir()
    opens(qtbot)


def test_where_the_folder_is_a_file_it_opens(file, qtbot):
    file.unlink(missing_ok=True)
    file.parent.rmdir()
    file.parent.write_text("in the way")
    opens(qtbot)


def test_where_the_file_cannot_be_read_it_opens(file, qtbot):
    file.chmod(0)
    try:
        opens(qtbot)
    finally:
        file.chmod(0o600)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 4096, Random(0).randbytes(4096), b"[" * 9999, b"=\n" * 999]
)
def test_with_no_settings_in_the_file_it_opens(file, content, qtbot):
    file.write_bytes(content)
    assert opens(qtbot).appearance.choice is Choice.SYSTEM
