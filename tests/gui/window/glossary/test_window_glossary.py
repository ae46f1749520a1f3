"""Terms in the window: links to a card, the dialog of all terms, and the ways to where they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.debug.events import Kind
from gui.look.style import load_fonts
from gui.look.theme import DARK
from gui.views.source.lesson_strip import LessonStrip
from gui.walks.load import read_walk
from gui.widgets.term_label import TermLabel
from gui.window.glossary.card import TermCard
from gui.window.glossary.dialog import GlossaryDialog
from gui.window.panels.title_row import HelpBubble
from gui.words.glossary import GLOSSARY, explained
from gui.words.lesson import Lesson

FIRST = Lesson("The loss has a gradient.", "The gradient of the weights, and the bias.")


@pytest.fixture
def strip(qtbot):
    load_fonts()
    strip = LessonStrip(DARK)
    qtbot.addWidget(strip)
    strip.resize(900, 60)
    strip.show()
    return strip


def new_terms(strip) -> list[str]:
    return [anchor.name for anchor in strip._found() if anchor.new]


def test_a_sentence_has_one_new_term_at_most_and_each_is_new_once(strip):
    strip.show_lesson(FIRST, DARK.forward)
    assert strip.links() == ["loss", "gradient", "gradient", "weight", "bias"]
    assert new_terms(strip) == ["loss", "gradient"]
    strip.resize(500, 60)
    strip.set_dimmed(True)
    assert new_terms(strip) == ["loss", "gradient"], "as long as it is shown"
    strip.show_lesson(Lesson("Another loss.", "The weights and the bias."), DARK.forward)
    assert new_terms(strip) == ["weight"]
    strip.show_lesson(FIRST, DARK.forward)
    assert new_terms(strip) == ["bias"], "of two in a sentence, the other waits for its turn"


def test_a_link_is_reached_by_the_mouse_and_by_the_keys(strip, qtbot):
    strip.show_lesson(FIRST, DARK.forward)
    QApplication.processEvents()
    place = strip.place_of("loss")
    with qtbot.waitSignal(strip.term_asked) as asked:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place.center())
    assert asked.args[0] == "loss" and asked.args[1].topLeft() == strip.mapToGlobal(place.topLeft())
    with qtbot.waitExposed(strip):
        strip.activateWindow()
    strip.setFocus()
    with qtbot.waitSignal(strip.term_asked) as asked:
        QTest.keyClick(strip, Qt.Key.Key_Tab)
        QTest.keyClick(strip, Qt.Key.Key_Return)
    assert asked.args[0] in GLOSSARY


def test_code_is_no_link(strip):
    strip.show_lesson(Lesson("`loss` is the loss.", "`bias` runs."), DARK.forward)
    assert strip.links() == ["loss"]
    assert strip.place_of("loss").left() > strip.fontMetrics().horizontalAdvance("loss is")


def test_a_click_on_a_term_shows_its_entry_and_moves_nothing(window, settled, qtbot):
    window.layouts.choose("learn")
    settled(window)
    before = window.snapshot.position
    strip = window.source.lesson
    term = strip.links()[0]
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(term).center())
    card = window.findChild(TermCard)
    assert card.isVisible() and card.entry.term == term
    assert card.accessibleDescription() == explained(term).text.replace("`", "")
    QTest.keyClick(card.entry.text, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(TermCard) is None)
    settled(window)
    assert window.snapshot.position == before


def test_the_card_leads_to_other_terms_to_a_panel_and_to_a_stop(window, settled, qtbot):
    glossary = window.glossary
    glossary.show_term("gradient", window.rect())
    card = window.findChild(TermCard)
    card.entry.text.linkActivated.emit("new:loss")
    assert card.entry.term == "loss" and card.entry.head.text() == "Loss"
    to_panel, to_stop = card.entry.buttons
    window.docks["loss"].hide()
    to_panel.click()
    assert not window.docks["loss"].isHidden()
    glossary.show_term("loss", window.rect())
    window.findChildren(TermCard)[-1].entry.buttons[1].click()
    settled(window)
    event = window.snapshot.event
    assert event.kind is Kind.EXPRESSION and event.source == "-log_y[rows, self.t].sum() / len(z)"
    assert to_stop is not None


@pytest.mark.parametrize("term", GLOSSARY)
def test_each_place_that_is_offered_is_reached(borrowed_window, settled, term):
    window = borrowed_window
    for see, text in window.glossary.offered(GLOSSARY[term].see):
        assert text
        if see.function:
            window.bridge.goto_source(see.function, see.source)
            settled(window)
            snapshot = window.snapshot
            assert snapshot.event.frame.function == see.function
            found = {" ".join(snapshot.event.source.split())}
            found |= {snapshot.ran.source} if snapshot.ran is not None else set()
            found.add(snapshot.operation.source)
            assert see.source in found
        else:
            assert see.panel in window.docks


def test_a_place_that_the_batch_does_not_have_leaves_the_cursor(borrowed_window, settled):
    before = borrowed_window.snapshot.position
    borrowed_window.bridge.goto_source("ReLU.forward", "x > 0")
    settled(borrowed_window)
    assert borrowed_window.snapshot.position == before
    assert borrowed_window.glossary.offered(GLOSSARY["ReLU"].see) == []


def test_the_dialog_has_all_terms_and_finds_them(shared_window):
    window = shared_window
    window.actions_by_id["glossary"].trigger()
    dialog = window.findChild(GlossaryDialog)
    assert len(dialog.found()) == len(GLOSSARY)
    QTest.keyClicks(dialog.search, "grad")
    assert dialog.entry.term == "gradient" and "backward pass" in dialog.found()
    dialog.entry.text.linkActivated.emit("new:loss")
    assert dialog.entry.term == "loss" and dialog.terms.currentItem().text() == "Loss"
    dialog.search.setText("no such text")
    assert dialog.found() == [] and dialog._none.isVisible() and not dialog.entry.isVisible()
    dialog.search.clear()
    assert dialog.entry.isVisible() and len(dialog.found()) == len(GLOSSARY)
    row = dialog.terms.currentRow()
    QTest.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.terms.currentRow() == row + 1
    for row in range(dialog.terms.count()):
        dialog.terms.setCurrentRow(row)
        QApplication.processEvents()
        text = dialog.entry.text
        assert text.height() >= text.heightForWidth(text.width()), dialog.entry.term
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_an_entry_of_the_dialog_leads_to_a_panel(window, settled):
    window.glossary.show_all("epoch")
    dialog = window.findChild(GlossaryDialog)
    assert dialog.entry.term == "epoch"
    texts = [button.text() for button in dialog.entry.buttons]
    assert len(texts) == 2 and all("panel" in text for text in texts)
    dialog.entry.buttons[-1].click()
    assert not dialog.isVisible() and not window.docks["loss"].isHidden()


def test_the_card_stays_on_the_screen(window, settled):
    screen = window.screen().availableGeometry()
    corner = screen.bottomRight() - QPoint(5, 5)
    for term in ("sigmoid", "mask"):
        window.glossary.show_term(term, window.rect().translated(corner))
        card = window.findChildren(TermCard)[-1]
        assert screen.contains(card.geometry())
        card.close()


def test_a_term_in_a_panels_help_leads_to_its_entry(window, settled, qtbot):
    window.docks["loss"].explain()
    bubble = window.findChild(HelpBubble)
    label = bubble.findChild(TermLabel)
    term = label.links()[0]
    qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=label.place_of(term).center())
    card = window.findChild(TermCard)
    assert card is not None and card.isVisible() and not bubble.isVisible()
    assert card.entry.term == term
    card.close()


def test_a_term_of_a_walk_leads_to_its_entry(window, settled, qtbot):
    walk = read_walk('title = "A"\n[[station]]\nsay = "Here the loss is a `loss`."', "a.toml")
    window.guides.walks.start(walk)
    settled(window)
    say = window.walk_strip.say
    assert say.links() == ["loss"]
    qtbot.mouseClick(say, Qt.MouseButton.LeftButton, pos=say.place_of("loss").center())
    card = window.findChild(TermCard)
    assert card is not None and card.entry.term == "loss"
    assert window.walk_strip.isVisible()
    card.close()
