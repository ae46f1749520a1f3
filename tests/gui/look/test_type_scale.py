"""All type is on one scale: nothing is too small for its screen, and nothing is cut."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSettings, Qt
from PySide6.QtGui import QAction, QColor, QFont, QHelpEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QToolTip,
    QWidget,
)

from engine.debug.events import Position, Verb
from engine.debug.travel.edits import SetLearningRate
from engine.numeric.studies.directions import ProbeDirection
from gui.dialogs.dialog import AboutDialog
from gui.look.theme import DARK, LIGHT, Theme
from gui.look.type_scale import SCALE, SIZES, px
from gui.paint import text as rows
from gui.paint.sample_grid import SampleList
from gui.paint.text import Face, code_face
from gui.paint.track import short_names
from gui.paint.values import taken_text
from gui.views.branches.plots import BranchPlots
from gui.views.branches.tree import ACCURACY
from gui.views.equation import curve
from gui.views.numeric.studies import Studies, Study
from gui.views.timeline import event_row
from gui.widgets.chosen_cell import ChosenCell
from gui.widgets.row_view import RowView
from gui.window.main_window import MainWindow
from tests.gui.rest import at_rest

pytestmark = pytest.mark.slow

CONTAINED = Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive
SCREENS = {"debug": (2560, 1440, 14), "present": (1366, 768, 16)}


@pytest.fixture
def painted(monkeypatch) -> Iterator[dict[int, str]]:
    """The sizes of the fonts that painters use, each with a family that has it; icons left out."""
    found: dict[int, str] = {}
    set_font = QPainter.setFont

    def recorded(painter: QPainter, font: QFont) -> None:
        if "codicon" not in font.family():
            found[font.pixelSize()] = font.family()
        set_font(painter, font)

    monkeypatch.setattr(QPainter, "setFont", recorded)
    yield found


@pytest.fixture
def cut(monkeypatch) -> list[str]:
    """The texts that did not fit where they were drawn."""
    found: list[str] = []
    elided = Face.elided

    def recorded(face: Face, text: str, width: float, mode: Qt.TextElideMode) -> str:
        found.append(text)
        return elided(face, text, width, mode)

    monkeypatch.setattr(Face, "elided", recorded)
    return found


@pytest.fixture
def sized(window, qtbot, settled) -> Callable[[str, int, int], MainWindow]:
    """The window in a size, and then in a layout that is made for it, at rest.

    Panels that are laid out for one size keep their shares in another.
    """

    def have(preset: str, width: int, height: int) -> MainWindow:
        window.resize(width, height)
        qtbot.waitUntil(lambda: window.size().toTuple() == (width, height))
        at_rest(window, qtbot)
        window.layouts.choose(preset)
        at_rest(window, qtbot)
        settled(window)
        return window

    return have


@pytest.fixture
def make_window(qtbot, session, settled, tmp_path) -> Iterator[Callable[[str], MainWindow]]:
    """A function that opens a window in a layout, at the size of type of that layout."""
    made = []

    def make(preset: str) -> MainWindow:
        settings = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
        settings.setValue("layout/preset", preset)
        window = MainWindow(session, settings=settings)
        made.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        return window

    yield make
    for window in made:
        window.bridge.close()


def everywhere(window: MainWindow, settled, step: int = 7) -> Iterator[int]:
    """Go through the batch, and stop wherever another kind of thing is seen."""
    for event in range(0, window.snapshot.event_count, step):
        window.bridge.goto(Position(window.snapshot.position.batch, event))
        settled(window)
        QApplication.processEvents()
        yield event


def small_widgets(window: QWidget, least: int) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.accessibleName()} in {type(widget.parent()).__name__}"
        for widget in window.findChildren(QWidget)
        if not (isinstance(widget, QToolButton) and not widget.text())  # of an icon alone
        and not 0 < widget.font().pixelSize() >= least
    ]


@pytest.mark.parametrize("preset", SCREENS)
def test_nothing_is_smaller_than_what_can_be_read(sized, qtbot, settled, painted, preset):
    width, height, least = SCREENS[preset]
    window = sized(preset, width, height)
    window.bridge.train(12)
    settled(window)
    window.run.step(Verb.INTO)
    settled(window)
    painted.clear()
    for dock in window.docks.values():
        dock.setVisible(True)
        dock.raise_()
        QApplication.processEvents()
        settled(window)
        dock.grab()
    for _ in everywhere(window, settled):
        pass
    window.grab()
    assert painted
    assert min(painted) >= least, painted
    assert not small_widgets(window, least)
    assert QToolTip.font().pixelSize() >= least


@pytest.fixture
def low(monkeypatch) -> set[tuple[str, str]]:
    """Who painted a text into a box that is lower than its letters, which cuts them."""
    found = set()
    paint = rows.draw_text

    def recorded(painter, rect, text, face, *rest, **named):
        letters = face.metrics.capHeight()
        letters += 0 if text.isdecimal() else face.metrics.descent()
        if text and rect.width() > 0 and rect.height() < letters:
            found.add((sys._getframe(1).f_code.co_qualname, text))
        paint(painter, rect, text, face, *rest, **named)

    for name, module in list(sys.modules.items()):
        if name.startswith("gui.") and getattr(module, "draw_text", None) is paint:
            monkeypatch.setattr(module, "draw_text", recorded)
    return found


@pytest.mark.parametrize("preset", ["present", "debug"])
def test_no_text_is_higher_than_what_it_stands_in(low, sized, qtbot, settled, preset):
    window = sized(preset, 2560, 1440)
    window.bridge.train(12)
    settled(window)
    window.run.step(Verb.INTO)
    settled(window)
    window.choice.choose(ChosenCell("Affine1.W", (300, 7)))
    for id, dock in window.docks.items():
        was_open = not dock.isHidden()
        window.layouts.show_panel(id)
        QApplication.processEvents()
        settled(window)
        dock.grab()
        dock.setVisible(was_open)
    # A panel that is opened in a layout of few takes from the timeline, which has no room then.
    low -= {one for one in low if one[0].startswith(("TimelineView", "EventRow"))}
    for _ in everywhere(window, settled):
        window.grab()
    assert not low, sorted(low)


def test_present_cuts_neither_caption_nor_line_of_code(sized, settled, cut):
    window = sized("present", 1366, 768)
    code = window.source.findChild(QPlainTextEdit)
    for event in everywhere(window, settled, step=1):
        cut.clear()
        for name in ("network", "source", "equation", "timeline"):
            window.docks[name].grab()
        assert not cut, event
        assert code.horizontalScrollBar().maximum() == 0
        for note in code.mark.notes:
            place = code.note_place(note)
            assert place is None or place[0].left() >= code.end_of(note.line)
        top = code.firstVisibleBlock().firstLineNumber()
        assert top == code.verticalScrollBar().value()  # it begins with the beginning of a line
        line, height = code.cursorRect().height(), code.viewport().height()
        assert height % line < 4 or line - height % line < 4


@pytest.mark.parametrize("size", [(1366, 768), (2560, 1440)])
def test_in_present_each_band_of_the_timeline_has_a_name(sized, monkeypatch, size):
    drawn = []
    draw = event_row.draw_text
    monkeypatch.setattr(event_row, "draw_text", lambda *a: (drawn.append(a[2]), draw(*a))[1])
    window = sized("present", *size)
    drawn.clear()
    window.run.step(Verb.INTO)
    window.timeline.resize(window.timeline.width() - 1, window.timeline.height())
    window.timeline.grab()
    snapshot = window.snapshot
    labels = frozenset(band.label for band in snapshot.bands)
    for band in snapshot.bands:
        if any(band.first <= stop <= band.last for stop in snapshot.operation_stops):
            assert set(short_names(band.label, labels)) & set(drawn), band.label
    drawn.clear()
    window.timeline.set_every_stop(True)
    window.timeline.grab()
    assert {"parameters", "params"} & set(drawn)


def test_in_present_the_words_at_a_curve_leave_it_in_sight(sized, settled, monkeypatch):
    """Where the index has no room it is left out: it stands beside the arrays."""
    drawn = {}
    draw = curve.draw_text

    def note(painter, rect, text, *more):
        drawn[text] = rect
        draw(painter, rect, text, *more)

    monkeypatch.setattr(curve, "draw_text", note)
    window = sized("present", 1366, 768)
    while not window.snapshot.event.source.startswith("1 / (1 +"):
        window.run.step(Verb.INTO)
        settled(window)
    drawn.clear()
    window.docks["equation"].grab()
    name = next(rect for text, rect in drawn.items() if text.startswith("1 / (1 +"))
    (tag,) = (rect for text, rect in drawn.items() if " → " in text)
    assert tag.width() < 0.9 * name.width()
    assert tag.height() >= px(20)


def test_a_wrapped_expression_is_boxed_in_all_its_rows(sized, settled):
    window = sized("present", 1366, 768)
    code = window.source.findChild(QPlainTextEdit)
    seen = 0
    for _ in everywhere(window, settled):
        for rect in code.box_rects():
            seen += 1
            assert rect.left() >= 0 and rect.right() <= code.viewport().width()
    assert seen


def test_a_theme_changed_in_present_leaves_the_code_as_large(sized, settled):
    window = sized("present", 1366, 768)
    code = window.source.findChild(QPlainTextEdit)

    def sizes() -> tuple[int, int]:
        return code.font().pixelSize(), code.document().defaultFont().pixelSize()

    before = sizes()
    assert min(before) >= 16
    for name in ("light", "dark", "light"):
        window.findChild(QAction, f"theme_{name}").trigger()
        settled(window)
        assert sizes() == before


@pytest.mark.parametrize("seen", [True, False])
def test_a_theme_change_leaves_nothing_of_the_other_theme(sized, settled, seen):
    """Neither in the panels that are seen, nor in those that are not there meanwhile."""
    window = sized("debug", 1366, 768)
    window.bridge.train(15)
    settled(window)
    for preset in ("numeric", "debug"):  # what is laid out twice may be so in another way
        window.layouts.choose(preset)
        pictures(window, settled)
    for name in ("dark", "light"):
        window.findChild(QAction, f"theme_{name}").trigger()
        settled(window)
        if name == "light":
            fresh = pictures(window, settled)
    window.findChild(QAction, "theme_dark").trigger()
    settled(window)
    dark = pictures(window, settled)
    for name, picture in dark.items():
        assert picture != fresh[name], name
    if not seen:
        window.layouts.choose("numeric")
    window.findChild(QAction, "theme_light").trigger()
    settled(window)
    window.layouts.choose("debug")
    again = pictures(window, settled)
    assert [name for name in fresh if again[name] != fresh[name]] == []


def test_a_chart_that_was_not_seen_meanwhile_has_the_colours_of_the_theme(qtbot):
    panel = QWidget()
    qtbot.addWidget(panel)
    studies = Studies(DARK, panel)
    x = np.geomspace(1e-4, 1e-1, 4)
    for number in range(2):
        studies.take(ProbeDirection(number, 2, x, x, x**2, x > 0, 2.0, 1.0, 0.5, 0.5))
    page = studies.page(Study.DIRECTIONS)
    page.resize(500, 300)
    with qtbot.waitExposed(panel):
        panel.show()
    studies.draw()

    def colours() -> set[str]:
        items = page.plot.plot.listDataItems()
        return {item.opts["pen"].color().name() for item in items if item.isVisible()}

    assert colours() == {DARK.accent, DARK.text3}
    page.hide()
    studies.set_theme(LIGHT)
    studies.draw()
    page.show()
    qtbot.waitUntil(lambda: colours() == {LIGHT.accent, LIGHT.text3})
    assert LIGHT.text2 in page.plot.findChild(QLabel).text()


def pictures(window: MainWindow, settled) -> dict:
    found = {}
    for name, dock in window.docks.items():
        dock.raise_()
        QApplication.processEvents()
        settled(window)
        QApplication.processEvents()
        found[name] = dock.grab().toImage()
    return found


def test_layouts_leave_nothing_of_one_another_s_size(window, settled):
    widgets = [
        w for w in window.findChildren(QWidget)
        if w.isVisible() and not (isinstance(w, QToolButton) and not w.text())
    ]  # fmt: skip

    def fixed(widget: QWidget) -> int | None:
        height = widget.minimumHeight()
        return height if height == widget.maximumHeight() else None

    def fonts() -> list[tuple[object, ...]]:
        return [(type(w).__name__, w.objectName(), w.font().pixelSize(), fixed(w)) for w in widgets]

    before = fonts()
    for preset in ("present", "learn", "present", "debug"):
        window.layouts.choose(preset)
        settled(window)
        QApplication.processEvents()
    assert fonts() == before


def icon_sizes(window: MainWindow) -> dict[str, int]:
    buttons = [b for b in window.findChildren(QToolButton) if not b.icon().isNull()]
    return {
        f"{b.parent().objectName()} {b.accessibleName() or b.text()}": b.iconSize().width()
        for b in buttons
        if not b.objectName().startswith("qt_")
    }


def test_icons_are_as_large_whichever_layout_the_window_opened_in(window, qtbot, make_window):
    plain = icon_sizes(window)
    large = make_window("present")
    large.resize(1366, 768)  # in a smaller window huge type is less so
    at_rest(large, qtbot)
    assert SCALE.factor > 1.2
    large.layouts.choose("debug")
    large.resize(window.size())
    at_rest(large, qtbot)
    assert SCALE.factor == 1.0
    assert icon_sizes(large) == plain


def least_heights(window: MainWindow) -> dict[str, int]:
    return {
        f"{type(b.parent()).__name__} {b.accessibleName()} {b.text()}": b.minimumHeight()
        for b in window.findChildren(QToolButton)
        if b.minimumHeight() > 1 and not b.objectName().startswith("qt_")
    }


def test_buttons_are_as_high_whichever_layout_the_window_opened_in(window, qtbot, make_window):
    plain = least_heights(window)
    large = make_window("present")
    large.layouts.choose("debug")
    large.resize(window.size())
    at_rest(large, qtbot)
    assert least_heights(large) == plain


@given(
    st.lists(st.floats(1.0, 4.0), min_size=1, max_size=6),
    st.sampled_from(SIZES),
)
def test_a_size_comes_back_whatever_scales_it_went_through(factors, size):
    """As fonts are taken from scale to scale by the size that they have on the screen."""
    shown, before = size, 1.0
    for factor in (*factors, 1.0):
        sizes = {round(s * before): round(s * factor) for s in SIZES}
        assert len(sizes) == len(SIZES)
        shown, before = sizes[shown], factor
    assert shown == size


@pytest.mark.parametrize("size", [(1366, 768), (2048, 1152), (2560, 1440)])
def test_variables_are_read_whole_where_there_is_room(sized, settled, cut, size):
    """2048 pixels are what a screen of 2560 has at a scale of 1.25."""
    window = sized("debug", *size)
    for _ in range(8):
        window.run.step(Verb.INTO)
        settled(window)
        cut.clear()
        window.docks["variables"].grab()
        usual = {"10 × 784", "784 × 50", "parameter_names"} if size[0] > 1366 else {"10 × 784"}
        assert not usual & set(cut)
        assert size[0] == 1366 or not any(text.startswith("loss = ") for text in cut)


@pytest.mark.parametrize("factor", [1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.45])
def test_what_two_samples_were_taken_for_is_read_apart(qtbot, monkeypatch, factor):
    monkeypatch.setattr(SCALE, "factor", factor)
    rows = SampleList()
    qtbot.addWidget(rows)
    rows.resize(1000, 300)
    with qtbot.waitExposed(rows):
        rows.show()
    words = code_face(11).width(taken_text(4, 9))
    assert rows.gridSize().width() - words >= px(9)


def test_how_many_are_wrong_is_read_whole_on_a_scaled_screen(sized, settled):
    window = sized("debug", 2048, 1152)
    for said in ("labels", "wrong"):
        row = window.docks["samples"].row
        assert said in row.subtitle.text()
        words = row.subtitle.fontMetrics().horizontalAdvance(row.subtitle.text())
        assert words <= row.subtitle.width()
        window.bridge.goto(Position(0, window.snapshot.event_count - 1))
        settled(window)


# The sheet is the window's


def ground(widget: QWidget, at: tuple[int, int] | None = None) -> QColor:
    picture = widget.grab().toImage()
    x, y = at or (picture.width() // 2, 3)
    return picture.pixelColor(x, y)


@pytest.mark.parametrize(("choice", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_dialogs_menus_and_tooltips_have_the_theme_of_the_window(
    window, qtbot, qapp, choice: str, theme: Theme
):
    for other in ("dark", "light", choice):
        window.findChild(QAction, f"theme_{other}").trigger()
    assert not qapp.styleSheet() and window.styleSheet()
    dialog = AboutDialog(theme, window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert ground(dialog) == QColor(theme.bg)
    menu = window.top.menu_bar.actions()[0].menu()
    menu.popup(window.pos())
    assert ground(menu, (menu.width() // 2, 3)) == QColor(theme.panel)
    menu.close()
    inner = QMenu(window.docks["loss"])
    inner.addAction("one")
    inner.popup(window.pos())
    assert ground(inner, (inner.width() // 2, 3)) == QColor(theme.panel)
    inner.close()
    button = window.findChild(QToolButton, "step_into_button")
    asked = QHelpEvent(
        QHelpEvent.Type.ToolTip, button.rect().center(), button.mapToGlobal(button.rect().center())
    )
    QApplication.sendEvent(button, asked)
    tip = next(w for w in qapp.topLevelWidgets() if isinstance(w, QLabel) and w.isVisible())
    assert tip.text()
    assert ground(tip, (2, 2)) == QColor(theme.raised)
    QToolTip.hideText()


# Large screens


def test_a_first_start_takes_the_screen_and_a_second_what_it_was_left(qtbot, tmp_path):
    settings = QSettings(str(tmp_path / "empty.ini"), QSettings.Format.IniFormat)
    first = MainWindow(settings=settings)
    qtbot.addWidget(first)
    assert first.layout_keeper.fills_screen
    with qtbot.waitExposed(first):
        first.show()
    first.close()
    second = MainWindow(settings=settings)
    qtbot.addWidget(second)
    assert not second.layout_keeper.fills_screen
    second.close()


def test_a_large_window_gives_breakpoints_and_branches_a_place_of_their_own(sized, qtbot, settled):
    together = ("breakpoints", "branches", "call_stack", "loss")

    def seen(window: MainWindow) -> set[str]:
        return {n for n in together if not window.docks[n].visibleRegion().isEmpty()}

    window = sized("debug", 1366, 768)
    assert seen(window) == {"call_stack", "loss"}
    small = {name: dock.geometry().getRect() for name, dock in window.docks.items()}
    window = sized("debug", 2560, 1440)
    assert seen(window) == set(together)
    assert window.docks["branches"].width() > 400
    assert window.docks["breakpoints"].width() > 400
    window.docks["branches"].close()
    at_rest(window, qtbot)
    window = sized("debug", 1366, 768)
    assert seen(window) == {"call_stack", "loss"}
    assert window.docks["loss"].geometry().getRect() == small["loss"]
    window = sized("debug", 2560, 1440)
    assert seen(window) == set(together) - {"branches"}  # as it was left there


def test_branches_in_their_own_place_have_all_columns_and_a_wide_chart(sized, qtbot, settled):
    window = sized("debug", 2560, 1440)
    for rate in (0.05, 0.2, 0.4):
        window.bridge.edit(SetLearningRate(rate))
        settled(window)
    view = window.branches
    qtbot.waitUntil(lambda: len(view.tree.branches) == 4)
    at_rest(window, qtbot)
    head = view.tree.header()
    last = head.sectionViewportPosition(ACCURACY) + head.sectionSize(ACCURACY)
    assert last <= view.tree.viewport().width()
    rows = [view.tree.visualItemRect(item) for item in view.tree.findItems("", CONTAINED)]
    assert len(rows) == 4
    assert max(rect.bottom() for rect in rows) <= view.tree.viewport().height()
    assert view.findChild(BranchPlots).width() > 0.8 * view.width()
    sized("debug", 1366, 768)
    assert view.findChild(BranchPlots).width() < 0.6 * view.width()


def test_no_column_of_a_large_window_has_room_that_nothing_uses(sized):
    window = sized("debug", 2560, 1440)
    cards = window.network.cards()
    foot = cards[-1].mapTo(window.network, cards[-1].rect().bottomLeft()).y()
    assert window.network.height() - foot < 0.12 * window.network.height()


def test_rows_of_a_large_window_end_where_their_panel_does(sized):
    window = sized("debug", 2560, 1440)
    for name in ("variables", "cache", "call_stack"):
        for view in window.docks[name].findChildren(RowView):
            assert view.header().length() <= view.viewport().width(), name


def test_the_type_follows_the_size_of_the_window(sized):
    sizes = [
        (sized("debug", width, height), px(11))[1]
        for width, height in ((1366, 768), (1920, 1080), (2560, 1440), (1366, 768))
    ]
    assert sizes[0] == sizes[-1] == 11
    assert sizes[0] < sizes[1] < sizes[2] == 14


# Present


def test_present_drops_what_is_secondary_and_offers_the_other_theme(sized, settled):
    window = sized("debug", 1366, 768)
    before = [pill.isVisible() for pill in window.top.pills]
    assert any(before)
    window = sized("present", 1366, 768)
    assert not any(pill.isVisible() for pill in window.top.pills)
    row = window.docks["source"].row
    assert not row.subtitle.isVisible()
    other = window.top.findChild(QToolButton, "other_theme")
    assert other.isVisible() and other.text() == "Light"
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    settled(window)
    assert window.appearance.theme is LIGHT and other.text() == "Dark"
    assert window.findChild(QAction, "theme_light").isChecked()
    window = sized("debug", 1366, 768)
    assert [pill.isVisible() for pill in window.top.pills] == before
    assert row.subtitle.isVisible() and not other.isVisible()


def test_a_start_in_present_leaves_the_pills_out_when_the_data_has_come(
    qtbot, session, settled, tmp_path
):
    settings = QSettings(str(tmp_path / "present.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout/preset", "present")
    window = MainWindow(session, settings=settings)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    qtbot.waitUntil(lambda: not window.layout_keeper.following)
    assert px(11) >= 16
    assert not any(pill.isVisible() for pill in window.top.pills)
    window.close()


@pytest.mark.parametrize(
    ("preset", "width"),
    [("present", 1366), ("present", 1280), ("present", 1130), ("learn", 1366)],
)
def test_the_row_at_the_top_has_room_for_all_that_is_left_in_it(sized, preset, width):
    window = sized(preset, width, 768)
    if width == 1366:
        words = {b.text() for b in window.top.findChildren(QToolButton) if b.isVisible()}
        assert {"Back", "Train"} <= words
        assert preset == "present" or {"Over", "Out"} <= words  # there the position is large
    parts = [
        QRect(part.mapTo(window, part.rect().topLeft()), part.size())
        for part in (window.top.chip, *window.top.findChildren(QToolButton))
        if part.isVisible()
    ]
    parts.sort(key=QRect.left)
    for one, following in pairwise(parts):
        assert one.right() < following.left()
    for button in window.top.findChildren(QToolButton):
        if button.isVisible() and button.text() and button not in window.top.pills:
            assert button.width() >= button.sizeHint().width()
    for pill in window.top.pills:
        assert not pill.isVisible() or pill.text().endswith(pill.shown())
