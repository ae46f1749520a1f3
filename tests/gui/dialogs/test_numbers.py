"""What a person may type for a number, and what is said of anything else."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.errors import BadValue
from gui.dialogs.numbers import AllowedNumber, NumberDialog
from gui.look.theme import DARK

RATE = AllowedNumber("learning rate", 0, whole=False)
BATCH = AllowedNumber("batch size", 1, 100)


@pytest.fixture
def asked(qtbot):
    answers: list[float] = []
    dialog = NumberDialog("Learning rate", RATE, 0.1, answers.append, DARK)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    return dialog, answers


@pytest.mark.parametrize(("typed", "value"), [("1e-4", 1e-4), ("0.5", 0.5), ("99999999", 99999999)])
def test_what_is_typed_replaces_what_was_there_and_is_taken_as_it_is(asked, typed, value):
    dialog, answers = asked
    QTest.keyClicks(dialog.focusWidget(), typed)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert answers == [value]
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("typed", "said"),
    [("0", "above 0"), ("0,5", "comma"), ("-1", "above 0"), ("nan", "“nan”"), ("1e999", "1e999")],
)
def test_what_cannot_be_is_said_and_return_does_nothing(asked, typed, said):
    dialog, answers = asked
    QTest.keyClicks(dialog.focusWidget(), typed)
    assert said in dialog.field.said.text()
    assert dialog.field.said.text().startswith("The learning rate is ")
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert answers == []
    assert dialog.field.line.text() == typed


@pytest.mark.parametrize("text", ["", "0", "101", "2.5", "1_0", "1e2"])
def test_a_whole_number_out_of_its_range_is_refused(text):
    with pytest.raises(BadValue, match="from 1 to 100"):
        BATCH.read(text)


def test_a_whole_number_within_it_is_read():
    assert BATCH.read(" 100 ") == 100
