"""The box of a derivation: its steps, one at a time or all, and its trial."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from gui.look.theme import DARK, LIGHT
from gui.views.equation.lesson.why_box import WhyBox
from gui.words.why.derivation import Derivation, NoDerivation, Step, Trial, Tried

Key = Qt.Key
TRIAL = Trial("Affine1.W", (212, 18), 0.001, 1.0326e-5)
RIGHT = Tried(TRIAL, 1.0329e-5, 5e-9)
STEPS = (
    Step("`W[212, 18]` meets pixel 212.", "0.953 × −0.1257 = −0.1198", "image 88", term=0),
    Step("Let it grow by a little ε.", "ε × 0.953 × 0.00228", "image 88", term=2),
    Step("All images together."),
)
FOUND = Derivation("Why xᵀ?", "one weight first, then all 39,200", STEPS, TRIAL)


@pytest.fixture
def box(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(760, 420)
    other = QWidget(parent)
    other.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box = WhyBox(DARK, parent)
    box.place(QRect(0, 40, 760, 380), 300)
    with qtbot.waitExposed(parent):
        parent.show()
    parent.activateWindow()
    other.setFocus()
    box.other = other
    yield box


def read(box) -> list[str]:
    """The words that are in sight, in order."""
    labels = box.findChildren(QLabel, "step_words")
    return [label.text() for label in labels if label.isVisible()]


def is_in(text: str, label: str) -> bool:
    return text in label.replace("\N{NO-BREAK SPACE}", " ")


def press(*keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(QApplication.focusWidget(), key)


def test_it_opens_with_all_steps_their_numbers_and_the_keys(box):
    box.show_derivation(FOUND, None)
    assert len(read(box)) == 3 and box.isVisible() and box.hasFocus()
    assert is_in("W[212, 18]", read(box)[0]) and "`" not in read(box)[0]
    text = box.text()
    for said in ("Why xᵀ?", "39,200", "0.953 × −0.1257 = −0.1198", "image 88", "Being tried"):
        assert said in text
    assert box.accessibleName() == "Why xᵀ?" and box.accessibleDescription() == text


@pytest.mark.parametrize("forwards", [Key.Key_Space, Key.Key_Right, Key.Key_Down])
@pytest.mark.parametrize("back", [Key.Key_Left, Key.Key_Up])
def test_keys_explain_one_step_at_a_time_and_then_all(box, forwards, back):
    box.show_derivation(FOUND, RIGHT)
    seen = []
    for key in (forwards, forwards, back, forwards, forwards, forwards, back):
        press(key)
        seen.append((box.current, len(read(box)), box._trial.isVisible()))
    assert seen == [
        (0, 1, False), (1, 2, False), (0, 1, False), (1, 2, False), (2, 3, False), (None, 3, True),
        (2, 3, False),
    ]  # fmt: skip


def test_the_next_derivation_is_read_as_the_last_one_was(box):
    box.show_derivation(FOUND, RIGHT)
    press(Key.Key_Space)
    box.show_derivation(replace(FOUND, title="Why Wᵀ?"), None)
    assert box.current == 0 and len(read(box)) == 1
    press(Key.Key_End)
    assert len(read(box)) == 3
    box.show_derivation(replace(FOUND, title="Why the sum?"), None)
    assert box.current is None and len(read(box)) == 3


def test_a_trial_that_comes_later_leaves_the_step_where_it_is(box):
    box.show_derivation(FOUND, None)
    press(Key.Key_Space, Key.Key_Space)
    rows = list(box._rows)
    box.show_derivation(FOUND, RIGHT)
    assert box.current == 1 and box._rows == rows
    press(Key.Key_Space, Key.Key_Space)
    assert "measured +1.033e−5" in box.text()


def test_a_click_on_the_hint_explains_the_next_step(box):
    box.show_derivation(FOUND, RIGHT)
    for current in (0, 1, 2, None):
        QTest.mouseClick(box._head.next, Qt.MouseButton.LeftButton)
        assert box.current == current


def test_the_current_step_and_the_one_under_the_mouse_light_their_terms(box):
    lit = []
    box.term_lit.connect(lit.append)
    box.show_derivation(FOUND, RIGHT)
    press(Key.Key_Space, Key.Key_Space, Key.Key_Space)
    assert lit[-3:] == [0, 2, None]
    press(Key.Key_Space)
    assert lit[-1] is None
    row = box._rows[1]
    QTest.mouseMove(row, QPoint(5, 5))
    QTest.mouseMove(row, QPoint(8, 8))
    box._rows[1].pointed.emit(True)
    assert lit[-1] == 2
    box._rows[1].pointed.emit(False)
    assert lit[-1] is None


def closes(box, close) -> None:
    closed = []
    box.closed.connect(lambda: closed.append(True))
    box.show_derivation(FOUND, RIGHT)
    close()
    assert closed == [True] and not box.isVisible() and not box.is_open
    assert box.other.hasFocus()


def test_escape_closes_and_gives_the_keys_back(box):
    closes(box, lambda: press(Key.Key_Escape))


def test_its_button_closes(box):
    button = box._head.close_button
    closes(box, lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton))


def test_the_tick_stands_where_both_numbers_agree(box):
    box.show_derivation(FOUND, RIGHT)
    text = box._trial.text()
    assert text == (
        "Tried: W[212, 18] + 0.001 loss predicted +1.033e−5 measured +1.033e−5 0.03 % apart"
    )
    assert box._trial.mark == "ok"


@pytest.mark.parametrize("measured", [2.0e-5, -1.0326e-5, 1.04e-5, 0.0, float("nan")])
def test_a_wrong_prediction_is_said_plainly_and_has_no_tick(box, measured):
    box.show_derivation(FOUND, Tried(TRIAL, measured, 5e-9))
    assert box._trial.mark == "warning"
    assert "more than a curved loss and rounding explain" in box._trial.text()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_tick_and_warning_differ_in_colour_and_form(box, theme):
    box.set_theme(theme)
    grounds, marks = [], []
    for tried in (RIGHT, Tried(TRIAL, 2e-5, 5e-9)):
        box.show_derivation(FOUND, tried)
        image = box._trial.grab().toImage()
        grounds.append(image.pixelColor(image.width() - 12, image.height() // 2))
        marks.append(
            image.copy(0, 0, 30, image.height()).convertToFormat(image.Format.Format_Grayscale8)
        )
    green, yellow = grounds
    assert green.green() > green.red() and yellow.red() > yellow.blue()
    assert marks[0] != marks[1]
    assert QColor(theme.ok) != QColor(theme.warning)


def test_a_trial_without_an_allowance_must_be_exact():
    assert Tried(TRIAL, TRIAL.predicted).holds
    assert not Tried(TRIAL, TRIAL.predicted * 1.0001).holds


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (Trial("Affine2", (3, 7), 0.001, 0.0), "output of Affine2, [3, 7] + 0.001"),
        (Trial("W", (3,), -0.01, 0.0), "output of W, [3] − 0.01"),
        (Trial("Affine1.b", (4,), -0.001, 0.0), "b[4] − 0.001"),
        (Trial("Scale1.g", (), 1e-5, 0.0), "g + 1e−5"),
    ],
)
def test_the_moved_number_is_named(box, trial, said):
    box.show_derivation(replace(FOUND, trial=trial), None)
    assert said in box._trial.text()


def test_a_derivation_without_a_trial_has_no_row_for_it(box):
    box.show_derivation(replace(FOUND, trial=None), None)
    assert not box._trial.isVisible() and "Tried" not in box.text()


def test_a_trial_that_could_not_be_made_says_why(box):
    box.show_derivation(FOUND, None, "the layer cannot be copied")
    assert "Not tried: the layer cannot be copied" in box._trial.text() and not box._trial.mark


def test_a_stop_without_a_derivation_says_the_reason(box):
    box.show_derivation(FOUND, RIGHT)
    box.show_derivation(NoDerivation("`x.shape` is looked up, not computed."), None)
    assert read(box) == [] and box.text() == "x.shape is looked up, not computed."
    assert not box._trial.isVisible() and not box._head.next.isVisible()
    press(Key.Key_Space, Key.Key_Left, Key.Key_End)
    assert box.isVisible()
    box.show_derivation(NoDerivation(""), None)
    assert box.text()


def test_its_text_is_copied(box):
    box.show_derivation(FOUND, RIGHT)
    QTest.keyClick(box, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == box.text()
    label = box.findChild(QLabel, "step_words")
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


LONG = tuple(
    Step(f"Step {n} has `a[{n}, {n}]` and enough words to need a second line of the box, or more.",
         f"{n} × 0.0012345 + {n} × 0.0012345 = 0.12345", f"image {n}") for n in range(9)
)  # fmt: skip


@pytest.mark.parametrize("size", [(1300, 700), (700, 300), (430, 190), (330, 120)])
@pytest.mark.parametrize("walked", [False, True])
def test_nothing_lies_over_anything_else_and_all_can_be_reached(box, size, walked):
    box.parentWidget().resize(*size)
    box.place(QRect(0, 0, *size), 0)
    box.show_derivation(replace(FOUND, steps=LONG), RIGHT)
    parts = [*box._rows, *([box._trial] if box._trial.parent() is box._body else [])]
    for above, below in pairwise(parts):
        assert above.geometry().bottom() < below.geometry().top()
    for row in box._rows:
        labels = [label for label in row.findChildren(QLabel) if not label.isHidden()]
        for n, label in enumerate(labels):
            assert row.rect().contains(label.geometry())
            for other in labels[n + 1 :]:
                assert not label.geometry().intersects(other.geometry())
    if box._trial.parent() is box:
        assert not box._trial.geometry().intersects(box._scroll.geometry())
    assert box.parentWidget().rect().contains(box.geometry())
    if walked:
        for row in box._rows:
            press(Key.Key_Space)
            seen = box._scroll.viewport().visibleRegion().boundingRect()
            top = row.mapTo(box._scroll.viewport(), QPoint(0, 0)).y()
            assert top >= 0 and (top + row.height() <= seen.height() or top == 0)


WORDS = "Let the weight grow by a little ε: z grows by `ε × x[n, 3]`, the loss by that times it."
MANY = tuple(Step(WORDS, "ε × 0.996 × 8.90e−4 = ε × 8.87e−4", "image 53") for _ in range(5))


def test_it_covers_the_card_rather_than_hide_its_last_steps(box):
    beside, whole = QRect(0, 0, 560, 270), QRect(0, 0, 1060, 270)
    box.parentWidget().resize(1100, 300)
    box.place(beside, 300, whole)
    box.show_derivation(FOUND, RIGHT)
    assert box.geometry() == beside
    box.show_derivation(replace(FOUND, steps=MANY), RIGHT)
    assert box.geometry() == whole and not box._more.isVisible()
    assert box._scroll.verticalScrollBar().maximum() == 0


def test_it_says_that_there_is_more_below_until_the_end_is_reached(box):
    box.place(QRect(0, 40, 500, 230), 300)
    box.show_derivation(replace(FOUND, steps=MANY), RIGHT)
    bar = box._scroll.verticalScrollBar()
    assert bar.maximum() and box._more.isVisible()
    assert box._scroll.rect().contains(box._more.geometry())
    bar.setValue(bar.maximum())
    assert not box._more.isVisible()


def test_the_arrow_follows_the_place_that_it_is_told(box):
    def accents(x: int) -> int:
        image = box.grab().toImage()
        return sum(image.pixelColor(x, y).name() == DARK.accent for y in range(6))

    box.show_derivation(FOUND, RIGHT)
    assert accents(300) and not accents(500)
    box.point_at(500)
    assert accents(500) and not accents(300)
