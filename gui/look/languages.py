"""The language of the window: the system's, if it has a translation; else English.

A language is one file, `resources/languages/retrograd_<language>.qm` (`pyside6-lrelease` makes it).
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from gui.look.style import RESOURCES

LANGUAGES = RESOURCES / "languages"


def install_translation(
    application: QCoreApplication, locale: QLocale, folder: Path = LANGUAGES
) -> bool:
    """Translate all texts from now on; return whether the locale has a translation."""
    translator = QTranslator(application)
    if not translator.load(locale, "retrograd", "_", str(folder)):
        return False
    return application.installTranslator(translator)
