"""A panel's values on the clipboard and in files, and the panel as a picture."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QPlainTextEdit

from engine import AtBatch
from engine.errors import FileNotWritten
from engine.files import write_whole
from gui.dialogs.dialog import ErrorDialog, MessageDialog
from gui.widgets.view import Table
from gui.window.panels import dock as panel_dock
from gui.window.panels.export import SAVE_FORMATS, SaveFormat, as_csv, for_numpy, for_spreadsheet
from tests.gui.menus import submenu

tables = arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.bool_, np.uint8]),
    array_shapes(min_dims=1, max_dims=2, max_side=4),
)


@given(tables)
def test_what_is_copied_for_numpy_makes_the_same_bits_again(values):
    text = for_numpy(Table("a", values))
    again = eval(text, {"np": np})
    assert again.dtype == values.dtype and again.shape == values.shape
    good = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
    assert again[good].tobytes() == values[good].tobytes()
    assert np.array_equal(np.isnan(again), ~good) if values.dtype.kind == "f" else True


@given(tables)
def test_a_spreadsheet_and_loadtxt_read_every_number_exactly(values):
    text = for_spreadsheet(Table("a", values))
    if values.dtype == bool:
        text = text.replace("True", "1").replace("False", "0")
    read_as = np.float64 if values.dtype.kind == "f" else np.int64  # neither holds all of the other
    again = np.loadtxt(io.StringIO(text), delimiter="\t", ndmin=2, dtype=read_as)
    np.testing.assert_array_equal(again.astype(values.dtype), np.atleast_2d(values))
    if values.dtype.kind != "b":
        file = io.BytesIO(as_csv(Table("a", values)))
        from_file = np.loadtxt(file, delimiter=",", ndmin=2, dtype=read_as)
        np.testing.assert_array_equal(from_file, again)


def test_headings_stand_above_and_at_the_left():
    table = Table("a", np.array([[1, 2], [3, 4]]), ["x", "y"], ["p", "q"])
    assert for_spreadsheet(table) == "\tx\ty\np\t1\t2\nq\t3\t4\n"
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"))))
    assert rows == [["", "x", "y"], ["p", "1", "2"], ["q", "3", "4"]]


def test_text_with_commas_and_lines_survives_csv():
    table = Table("a", np.array([['x, "y"', "two\nlines"]], dtype=object))
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline="")))
    assert rows == [['x, "y"', "two\nlines"]]


def test_a_file_that_cannot_be_written_is_refused_and_the_old_one_stays(tmp_path):
    folder = tmp_path / "folder"  # beside the settings
    folder.mkdir()
    old = folder / "a.csv"
    old.write_bytes(b"old")
    with pytest.raises(FileNotWritten, match="does not exist"):
        write_whole(folder / "none" / "a.csv", b"new")
    with pytest.raises(FileNotWritten, match="a folder"):
        write_whole(folder, b"new")
    assert old.read_bytes() == b"old"
    write_whole(old, b"new")
    assert old.read_bytes() == b"new" and list(folder.iterdir()) == [old]


def entry(menu: QMenu, *texts: str) -> QAction:
    """The entry that a path of texts leads to."""
    for text in texts:
        action = next(a for a in menu.actions() if a.text() == text)
        menu = submenu(action) or menu
    return action


def panel_menu(window, name: str) -> QMenu:
    return window.docks[name]._menu()


@pytest.mark.slow
def test_the_panel_s_menu_copies_an_array(window, qtbot, settled):
    for _ in range(9):
        QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.event.source == "x @ self.W"
    with qtbot.waitSignal(window.exporter.copied, timeout=10_000):
        entry(panel_menu(window, "equation"), "Copy for numpy", "self.W").trigger()
    again = eval(QApplication.clipboard().text(), {"np": np})
    W = window.snapshot.operation.operands[1].value
    assert again.dtype == W.dtype and again.tobytes() == np.ascontiguousarray(W).tobytes()


def save(window, qtbot, name: str, path: Path, *entries: str) -> None:
    entry(panel_menu(window, name), *entries).trigger()
    dialog = window.findChild(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


@pytest.mark.slow
def test_a_panel_is_saved_as_a_picture_and_its_values_as_csv(window, qtbot, settled, tmp_path):
    window.bridge.train(3)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    # Until it was measured on the test set there is one table, and so no menu of them.
    qtbot.waitUntil(lambda: len(window.docks["loss"].view.tables()) == 2, timeout=20_000)
    with qtbot.waitSignal(window.exporter.written):
        save(window, qtbot, "loss", tmp_path / "loss", "Save as CSV…", "loss")
    rows = list(csv.reader(io.StringIO((tmp_path / "loss.csv").read_text("utf-8-sig"))))
    assert rows[0] == ["batch", "loss"]
    np.testing.assert_array_equal(
        [float(row[1]) for row in rows[1:]], window.snapshot.history.losses
    )
    with qtbot.waitSignal(window.exporter.written):
        save(window, qtbot, "equation", tmp_path / "eq.png", "Save as PNG…")
    picture = QImage(str(tmp_path / "eq.png"))
    assert picture.size() == window.equation.picture().size() * 2
    with qtbot.waitSignal(window.exporter.written):
        save(window, qtbot, "equation", tmp_path / "eq.svg", "Save as SVG…")
    svg = (tmp_path / "eq.svg").read_bytes()
    assert QSvgRenderer(QByteArray(svg)).isValid() and b"<text" in svg


def test_a_format_of_the_table_is_in_the_menu_of_a_panel(
    window, qtbot, settled, tmp_path, monkeypatch
):
    text = SaveFormat(".txt", "Save as text…", of_table=lambda table: table.name.encode())
    monkeypatch.setattr(panel_dock, "SAVE_FORMATS", (*SAVE_FORMATS, text))
    with qtbot.waitSignal(window.exporter.written):
        save(window, qtbot, "timeline", tmp_path / "line", "Save as text…")
    assert (tmp_path / "line.txt").read_bytes() == b"Timeline"


def test_where_a_panel_was_saved_is_said(window, qtbot, settled, tmp_path):
    save(window, qtbot, "equation", tmp_path / "eq", "Save as PNG…")
    qtbot.waitUntil(lambda: window.findChild(MessageDialog) is not None)
    dialog = window.findChild(MessageDialog)
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "The panel was saved" in said and str(tmp_path / "eq.png") in said
    dialog.close()


@pytest.mark.slow
def test_a_refused_file_is_told_and_the_window_goes_on(window, qtbot, settled, tmp_path):
    save(window, qtbot, "equation", tmp_path / "none" / "a.png", "Save as PNG…")
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
    dialog = window.findChild(ErrorDialog)
    said = " ".join(
        [*(label.text() for label in dialog.findChildren(QLabel)),
         *(text.toPlainText() for text in dialog.findChildren(QPlainTextEdit))]
    )  # fmt: skip
    assert "was not written" in said
    dialog.close()
    window.activateWindow()  # as a window manager does
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert window.snapshot.position == (0, 1)


@pytest.mark.slow
def test_every_panel_has_a_name_help_and_a_menu_to_copy_and_save(window, qtbot, settled):
    # One that logs, so that the panels of breakpoints and of their messages have rows.
    window.bridge.edit_breakpoints(lambda points: points.add(AtBatch(1), log="loss {loss}"))
    settled(window)
    window.bridge.train(3)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    for name, dock in window.docks.items():
        dock.raise_()
        QApplication.processEvents()
        menu = panel_menu(window, name)
        texts = [action.text() for action in menu.actions()]
        assert {"Save as PNG…", "Save as SVG…", "Save as CSV…"} <= set(texts), name
        assert entry(menu, "Copy for a spreadsheet").isEnabled(), name
        for table in dock.view.tables():
            assert table.name and np.asarray(table.values).ndim in (1, 2), (name, table.name)
            assert for_spreadsheet(table)
        assert dock.view.help_text().count(".") >= 2, name
