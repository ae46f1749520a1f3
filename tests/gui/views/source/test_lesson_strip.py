"""The words above the source at every width: none is cut unseen, and the height stays."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from gui.look.style import load_fonts
from gui.look.theme import DARK, LIGHT
from gui.look.type_scale import SCALE
from gui.views.source.lesson_strip import LessonStrip
from gui.views.source.stop_dots import StopDots, dots_of
from gui.words.lesson import Lesson
from tests.gui.sessions import make_session

SHORT = Lesson("`x` is kept.", "It is used.")
LONG = Lesson(
    "Probability minus 1 at the right label, probability elsewhere: how each image's loss changes "
    "with each score.",
    "Divided by the number of images, this is the gradient: how the mean loss changes with each "
    "score.",
)
CODE = Lesson("`dz[rows, t] -= 1` < `a != b` gives (100, 784) & more.", "`x -> y` is computed.")


@pytest.fixture
def strip(qtbot):
    load_fonts()
    strip = LessonStrip(DARK)
    qtbot.addWidget(strip)
    strip.resize(900, 60)
    return strip


def show(strip: LessonStrip, lesson: Lesson, width: int) -> None:
    strip.show_lesson(lesson, DARK.forward)
    strip.show()
    strip.resize(width, strip.minimumHeight())
    QApplication.processEvents()


def document_of(strip: LessonStrip) -> QTextDocument:
    """What the label lays out, within the width that it has for it."""
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(strip.font())
    document.setHtml(strip.text())
    document.setTextWidth(strip.contentsRect().width())
    return document


def test_before_the_first_words_it_takes_no_room(strip):
    assert strip.isHidden() and strip.plain_text() == ""
    strip.show_lesson(None, DARK.forward)
    assert strip.isHidden()


@pytest.mark.parametrize("scale", [1.0, 1.15, 1.5])
@pytest.mark.parametrize("width", [240, 320, 500, 860, 1080, 1900])
@pytest.mark.parametrize("lesson", [SHORT, LONG, CODE])
def test_no_line_is_outside_and_what_is_cut_is_in_the_tooltip(strip, lesson, width, scale):
    SCALE.factor = scale
    strip.follow_type()
    show(strip, lesson, width)
    document = document_of(strip)
    assert document.size().height() <= strip.contentsRect().height()
    assert document.idealWidth() <= strip.contentsRect().width()
    shown = document.toPlainText().replace("\N{NO-BREAK SPACE}", " ")
    if shown == strip.plain_text():
        assert strip.toolTip() == ""
    else:
        assert shown.count("…") >= 1
        assert strip.toolTip() == strip.accessibleDescription() == strip.plain_text()


@pytest.mark.parametrize("width", [500, 860, 1080, 1900])
def test_at_the_width_of_a_panel_no_sentence_is_cut(strip, width):
    for lesson in (SHORT, LONG, CODE):
        show(strip, lesson, width)
        assert strip.toolTip() == ""


@pytest.mark.parametrize("width", [240, 500, 860, 1080, 1900])
def test_the_height_is_the_same_for_short_words_and_long(strip, width):
    heights = set()
    for lesson in (SHORT, LONG, CODE, SHORT):
        show(strip, lesson, width)
        heights.add(strip.height())
    assert len(heights) == 1


def test_a_sentence_longer_than_any_of_ours_is_given_room_that_stays(strip):
    show(strip, SHORT, 1080)
    before = strip.height()
    show(strip, Lesson("long words " * 16, "and more " * 10), 1080)
    after = strip.height()
    assert after > before and strip.toolTip() == ""
    show(strip, SHORT, 1080)
    assert strip.height() == after
    show(strip, SHORT, 1900)
    assert strip.height() < after


def test_code_is_in_the_code_font_and_without_ligatures(strip):
    show(strip, CODE, 900)
    document = document_of(strip)
    found = {}
    block = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            found[piece.text()] = piece.charFormat().font().family()
            pieces += 1
        block = block.next()
    assert found["dz[rows,\N{NO-BREAK SPACE}t] -= 1"] == found["x -> y"] == "JetBrains Mono"
    assert found[" is computed."] == "Inter"
    assert "`" not in document.toPlainText()
    assert {strip.font().featureValue(tag) for tag in strip.font().featureTags()} == {0, 1}


def test_the_words_can_be_selected_and_copied_by_mouse_and_keys(strip):
    show(strip, CODE, 900)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton)
    QTest.keyClick(strip, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(strip, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == (
        "dz[rows, t] -= 1 < a != b gives (100, 784) & more.\nNext: x -> y is computed."
    )
    strip.show_lesson(CODE, DARK.forward)  # such as after a measurement
    assert strip.hasSelectedText()


def test_a_screen_reader_is_told_each_new_sentence_once(strip, monkeypatch):
    said = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: said.append(event.message())
    )
    assert strip.accessibleName() == "Lesson" and isinstance(strip, QLabel)
    show(strip, SHORT, 900)
    strip.show_lesson(LONG, DARK.forward)
    strip.show_lesson(LONG, DARK.forward)
    assert said == ["x is kept. Next: It is used.", f"{LONG.happened} Next: {LONG.next}"]
    assert strip.accessibleDescription() == f"{LONG.happened}\nNext: {LONG.next}"


def test_it_follows_the_theme_and_is_dimmed_during_a_run(strip):
    show(strip, SHORT, 900)
    assert DARK.text in strip.text() and DARK.text2 in strip.text()
    strip.set_theme(LIGHT, LIGHT.forward)
    assert LIGHT.text in strip.text() and DARK.text not in strip.text()
    strip.set_dimmed(True)
    assert LIGHT.text not in strip.text() and LIGHT.text3 in strip.text()
    strip.set_dimmed(False)
    assert LIGHT.text in strip.text()


def test_the_stops_of_the_pass_are_dots_a_group_for_each_layer():
    session = make_session()
    session.goto(0, 9)
    assert dots_of(session.snapshot()) == StopDots((4, 5, 3, 12), 2, here=True)
    session.goto(0, 8)  # an event between two stops
    assert dots_of(session.snapshot()) == StopDots((4, 5, 3, 12), 2, here=False)
    session.goto(0, 133)
    assert dots_of(session.snapshot()).groups == (3, 3, 3, 2)
    session.goto(0, len(session.trace) - 1)
    dots = dots_of(session.snapshot())
    assert dots == StopDots((2, 2, 2, 2), 8, here=False)


def test_dots_never_stand_on_words(strip):
    dots = StopDots((3, 5, 3, 12), 4, here=True)
    for width in range(300, 1900, 50):
        for lesson in (SHORT, LONG):
            strip.show_lesson(lesson, DARK.forward, dots)
            strip.show()
            strip.resize(width, strip.minimumHeight())
            document = document_of(strip)
            document.size()  # lays it out
            last = document.lastBlock().layout()
            assert width < 1900 or strip.has_dots()
            if strip.has_dots():
                assert last.lineCount() == 1
                end = strip.contentsRect().left() + last.lineAt(0).naturalTextWidth()
                assert end < strip.width() - dots.width()
    strip.show_lesson(SHORT, DARK.forward, StopDots((40,) * 9, 4, here=True))
    assert not strip.has_dots()  # a deep network has more of them than there is room


def dots_under(strip: LessonStrip, term: str) -> int:
    """The pixels that are drawn in the line under a term."""
    image = strip.grab().toImage()
    place = strip.place_of(term)
    row = [image.pixel(x, place.bottom()) for x in range(place.left(), place.right())]
    return sum(pixel != max(set(row), key=row.count) for pixel in row)


def test_a_term_is_marked_at_each_stop_and_stands_out_where_it_is_new(strip):
    first = Lesson("The gradient of each.", "It goes on.")
    show(strip, first, 900)
    new = dots_under(strip, "gradient")
    show(strip, Lesson("The gradient of each.", "Then it ends."), 900)
    met = dots_under(strip, "gradient")
    assert 8 <= met < new


def test_the_focus_is_framed_for_keys_only_and_a_click_leaves_nothing_at_the_next_stop(strip):
    show(strip, SHORT, 900)
    strip.activateWindow()
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect().center())
    strip.setFocus(Qt.FocusReason.MouseFocusReason)
    assert strip.hasFocus() and not is_framed(strip)
    show(strip, LONG, 900)
    assert not strip.hasFocus()
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    assert is_framed(strip)
    show(strip, SHORT, 900)
    assert strip.hasFocus() and not is_framed(strip)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert is_framed(strip)


def is_framed(strip: LessonStrip) -> bool:
    corner = strip.grab().toImage().pixelColor(strip.width() - 1, strip.height() - 1)
    return corner.name() == DARK.accent.lower()
