"""A file of translations is all that a language takes."""

import subprocess
import sysconfig
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from gui.look.languages import install_translation
from gui.window.actions.actions import translated

DANISH = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="da"><context><name>actions</name><message>
<source>Undo</source><translation>Fortryd</translation></message></context></TS>
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a Danish translation."""
    source = tmp_path / "retrograd_da.ts"
    source.write_text(DANISH, "utf-8")
    scripts = Path(sysconfig.get_path("scripts"))
    command = [scripts / "pyside6-lrelease", source, "-qm", tmp_path / "retrograd_da.qm"]
    subprocess.run(command, check=True, capture_output=True)
    return tmp_path


def test_a_system_s_language_that_has_a_file_is_the_window_s(qapp, folder):
    app = QApplication.instance()
    try:
        assert install_translation(app, QLocale("da_DK"), folder)
        assert translated("Undo") == "Fortryd" and translated("Redo") == "Redo"
    finally:
        for translator in app.findChildren(QTranslator):
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()


def test_any_other_system_s_window_is_english(qapp, folder):
    assert not install_translation(QApplication.instance(), QLocale("fr_FR"), folder)
    assert translated("Undo") == "Undo"
