"""A file is asked for without one being opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QFileInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.dialogs.files import PlainIcons, ask_folder, ask_where_to_write


@pytest.fixture
def parent(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_file_that_never_gives_a_byte_is_told_by_its_name(qapp, tmp_path):
    os.mkfifo(tmp_path / "silent.npz")
    icons = PlainIcons()
    silent, folder = QFileInfo(str(tmp_path / "silent.npz")), QFileInfo(str(tmp_path))
    assert icons.type(silent) == "npz"
    assert icons.type(folder) == "Folder"
    assert icons.icon(silent).cacheKey() != icons.icon(folder).cacheKey()


@pytest.mark.parametrize("ask", ["file", "folder"])
def test_the_answer_is_handed_on_and_the_dialog_is_gone(qtbot, parent, tmp_path, ask):
    asked = []
    if ask == "file":
        ask_where_to_write(parent, "Write", "w.npz", "NumPy arrays (*.npz)", asked.append)
    else:
        ask_folder(parent, "Data", asked.append)
    dialog = parent.findChild(QFileDialog)
    assert isinstance(dialog.iconProvider(), PlainIcons)
    dialog.fileSelected.emit(str(tmp_path / "mine"))
    assert asked == [tmp_path / "mine"]
    dialog.reject()
    qtbot.waitUntil(lambda: parent.findChild(QFileDialog) is None)


def test_a_dialog_begins_where_the_last_one_ended(qtbot, parent, tmp_path):
    ask_folder(parent, "Data", lambda path: None)
    dialog = parent.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "weights.npz"))
    dialog.close()
    qtbot.waitUntil(lambda: parent.findChild(QFileDialog) is None)
    ask_where_to_write(parent, "Write", "w.npz", "NumPy arrays (*.npz)", lambda path: None)
    assert Path(parent.findChild(QFileDialog).directory().absolutePath()) == tmp_path
