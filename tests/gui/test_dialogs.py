from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton

from engine.errors import BadValue
from gui.dialogs import ErrorDialog, error_text
from gui.theme import DARK


def unforeseen() -> Exception:
    try:
        [][3]
    except IndexError as error:
        return error
    raise AssertionError


@pytest.fixture
def show(qtbot):
    def show_one(error: BaseException) -> ErrorDialog:
        dialog = ErrorDialog(error, DARK)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.open()
        return dialog

    return show_one


def test_an_error_is_read_and_copied(show):
    error = BadValue("batch size", -3, "a whole number")
    dialog = show(error)
    assert dialog.text.text() == str(error)
    QTest.mouseClick(dialog.findChild(QPushButton, "copy"), Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == str(error)


def test_an_unforeseen_error_comes_with_its_traceback(show):
    dialog = show(unforeseen())
    details = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "in unforeseen" in details
    QTest.mouseClick(dialog.findChild(QPushButton, "copy"), Qt.MouseButton.LeftButton)
    assert details in QApplication.clipboard().text()
    assert "IndexError" in dialog.text.text()


def test_return_and_escape_close_it(show):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = show(BadValue("seed", -1, "0 or more"))
        QTest.keyClick(dialog, key)
        assert not dialog.isVisible()


class Danish(QTranslator):
    def translate(self, context, source, disambiguation=None, n=-1):
        if context == "BadValue":
            return "{name}: {value} går ikke; ventet {expected}."
        return ""


def test_an_error_is_said_in_the_users_language(qapp):
    translator = Danish()
    QCoreApplication.installTranslator(translator)
    try:
        assert error_text(BadValue("seed", -1, "0")) == "seed: -1 går ikke; ventet 0."
    finally:
        QCoreApplication.removeTranslator(translator)
