"""A file of translations is all that a language takes."""

import subprocess
import sysconfig
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from benchmarks import translations
from engine.errors import BadValue
from gui.dialogs.dialog import error_text
from gui.look.languages import install_translation
from gui.window.actions.actions import translated
from gui.window.toolbar.setting_changes import SettingChange

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
    release(source)
    return tmp_path


@pytest.fixture
def installed(qapp):
    """Takes all translations away at the end."""
    yield
    for translator in QApplication.instance().findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()


def release(source):
    """Make the file that Qt reads."""
    command = [Path(sysconfig.get_path("scripts")) / "pyside6-lrelease", source]
    subprocess.run(command, check=True, capture_output=True)


def test_a_system_s_language_that_has_a_file_is_the_window_s(installed, folder):
    assert install_translation(QApplication.instance(), QLocale("da_DK"), folder)
    assert translated("Undo") == "Fortryd" and translated("Redo") == "Redo"


def test_any_other_system_s_window_is_english(qapp, folder):
    assert not install_translation(QApplication.instance(), QLocale("fr_FR"), folder)
    assert translated("Undo") == "Undo"


def test_all_texts_of_the_window_and_the_engine_can_be_translated(installed, tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "LANGUAGES", tmp_path)
    path = tmp_path / "retrograd_da.ts"
    path.write_text(DANISH, "utf-8")
    assert translations.main(["da"]) == 0  # keeps what is translated
    tree = ET.parse(path)
    for context in tree.getroot().iter("context"):
        assert context.findtext("name")
        for message in context.iter("message"):
            made = message.find("translation")
            if not made.text:
                made.attrib.clear()
                made.text = "§" + message.findtext("source")
    tree.write(path, "utf-8")
    release(path)
    assert install_translation(QApplication.instance(), QLocale("da_DK"), tmp_path)
    assert translated("Undo") == "Fortryd" and translated("Redo") == "§Redo"  # of a table
    assert SettingChange("seed", 3).title() == "§Change the seed to 3?"  # of a module
    said = error_text(BadValue("seed", -1, "0"))
    assert said == "§The seed is -1; expected 0."  # of the engine


@pytest.mark.parametrize("arguments", [[], ["--help"], ["de", "fr"], ["../de"], ["deutsch"]])
def test_what_is_no_language_makes_no_file(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(translations, "LANGUAGES", tmp_path)
    assert translations.main(arguments) == 2
    assert "Usage" in capsys.readouterr().err and not list(tmp_path.glob("*.ts"))
