from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton

from engine.errors import BadValue, MeasurementFailed, RetrogradError, StepFailed
from engine.interop.weights import save_npz
from gui.dialogs.dialog import ConfirmDialog, ErrorDialog, error_text
from gui.look.theme import DARK
from gui.paint.values import brief


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
    shown = dialog.findChild(QPlainTextEdit)
    assert not shown.isVisible()
    QTest.mouseClick(dialog.findChild(QPushButton, "details"), Qt.MouseButton.LeftButton)
    assert shown.isVisible()
    details = shown.toPlainText()
    assert "in unforeseen" in details
    QTest.mouseClick(dialog.findChild(QPushButton, "copy"), Qt.MouseButton.LeftButton)
    assert details in QApplication.clipboard().text()
    assert "IndexError" in dialog.text.text()


def test_what_the_system_refuses_comes_without_a_traceback(show, tmp_path):
    try:
        save_npz(tmp_path / "nowhere" / "w.npz", {"W1": np.zeros((2, 3))})
    except RetrogradError as error:
        dialog = show(error)
    assert "nowhere" in dialog.text.text()
    assert dialog.findChild(QPlainTextEdit) is None
    assert dialog.findChild(QPushButton, "details") is None


def test_return_and_escape_close_it(show):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = show(BadValue("seed", -1, "0 or more"))
        QTest.keyClick(dialog, key)
        assert not dialog.isVisible()


def test_return_at_a_question_loses_nothing(qtbot):
    dialog = ConfirmDialog("Change it?", "The run is dropped.", "Start a new run", DARK)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    dialog.open()
    button = next(b for b in dialog.buttons.buttons() if b.text() == "Start a new run")
    button.setFocus()
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(button, Qt.Key.Key_Return)


class Danish(QTranslator):
    WORDS: ClassVar = {
        "BadValue": "{name}: {value} går ikke; ventet {expected}.",
        "StepFailed": "Bunke {batch} gik galt i {place}: {kind}: {error}.",
        "MeasurementFailed": "Ikke målt før bunke {batch}: {kind}: {error}.",
    }

    def translate(self, context, source, disambiguation=None, n=-1):
        advice = source.startswith(("Look at", "Check that"))
        return "Se efter." if advice else self.WORDS.get(context, "")


BROKEN = ValueError("shapes (3,) and (4,) do not fit.")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadValue("seed", -1, "0"), "seed: -1 går ikke; ventet 0."),
        (
            StepFailed(7, "Affine1", "x @ self.W", "/somewhere/layers.py", 19, BROKEN),
            "Bunke 7 gik galt i Affine1, `x @ self.W` (layers.py:19): "
            "ValueError: shapes (3,) and (4,) do not fit. Se efter.",
        ),
        (
            StepFailed(7, "", "", "", 0, BROKEN),
            "Bunke 7 gik galt i train_step: ValueError: shapes (3,) and (4,) do not fit. Se efter.",
        ),
        (
            MeasurementFailed(7, BROKEN),
            "Ikke målt før bunke 7: ValueError: shapes (3,) and (4,) do not fit. Se efter.",
        ),
    ],
)
def test_an_error_is_said_in_the_users_language(qapp, error, said):
    assert error_text(error) == str(error)
    translator = Danish()
    QCoreApplication.installTranslator(translator)
    try:
        assert error_text(error) == said
    finally:
        QCoreApplication.removeTranslator(translator)


def test_an_exception_that_cannot_be_said_is_shown_without_its_text(show):
    class Unspeakable(BaseException):
        def __str__(self) -> str:
            raise SystemExit

        __repr__ = __str__

    dialog = show(StepFailed(3, "Mine1", "x @ W", "mine.py", 7, Unspeakable()))
    assert "Mine1" in dialog.text.text() and "Unspeakable" in dialog.text.text()
    assert "(its text cannot be shown)" in dialog.text.text()
    assert "Unspeakable" in dialog.findChild(QPlainTextEdit).toPlainText()
    assert "(its text cannot be shown)" in brief(Unspeakable())
    show(Unspeakable())
