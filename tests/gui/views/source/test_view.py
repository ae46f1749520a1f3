"""The source view: what it marks, where it scrolls, what it says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from engine.debug.events import Frame, Kind, Phase, Span
from gui.look.theme import DARK, LIGHT, mix
from gui.views.source.code_area import CodeArea
from gui.views.source.gutter import Gutter
from gui.views.source.view import SourceView
from gui.widgets.empty import EmptyState
from tests.gui.sessions import make_session
from tests.gui.snapshots import MATMUL, SAMPLE, make_event, make_snapshot, span_of
from tests.gui.words.test_words import at_each

PRODUCT = span_of(MATMUL).line


@pytest.fixture
def view(qtbot):
    view = SourceView(DARK)
    qtbot.addWidget(view)
    view.resize(840, 150)
    with qtbot.waitExposed(view):
        view.show()
    return view


def area_of(view) -> CodeArea:
    return view.findChild(CodeArea)


def event_in(path: Path, span: Span, **more):
    source = "\n".join(path.read_text(encoding="utf-8").split("\n")[span.line - 1 : span.end_line])
    frame = Frame("f", str(path), 1, None, "", Phase.FORWARD, None, 0, 0)
    fields = {"file": str(path), "span": span, "source": source, "frame": frame}
    return make_event(**(fields | more))


def pixels(view, rect) -> set[str]:
    """The colours inside a rectangle of the text's viewport."""
    image = area_of(view).viewport().grab(rect.toAlignedRect()).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def has_text_in(view, rect, colour: str) -> bool:
    """Whether text of this colour is drawn: thin strokes blend a little with the ground."""
    red, green, blue, _ = QColor(colour).getRgb()
    found = (QColor(name).getRgb() for name in pixels(view, rect))
    return any(abs(r - red) + abs(g - green) + abs(b - blue) < 60 for r, g, b, _ in found)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_line_and_the_expression_wear_the_phase(view, theme):
    view.set_theme(theme)
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    assert area.mark.line == PRODUCT
    (box,) = area.box_rects()
    assert mix(theme.forward, theme.panel, 0.24).name() in pixels(view, box)
    tint = mix(theme.forward, theme.panel, 0.12).name()
    assert tint in pixels(view, area.line_rect(PRODUCT))
    assert tint not in pixels(view, area.line_rect(PRODUCT - 1))


def test_a_theme_is_changed_while_shown(view, qtbot):
    view.show_snapshot(make_snapshot())
    line = area_of(view).line_rect(17)
    qtbot.waitUntil(lambda: has_text_in(view, line, DARK.code_keyword))
    assert not has_text_in(view, line, LIGHT.code_keyword)
    view.set_theme(LIGHT)
    assert has_text_in(view, line, LIGHT.code_keyword)


def test_the_end_of_a_long_file_is_coloured_too(view, tmp_path, qtbot):
    path = tmp_path / "long.py"
    path.write_text("def f(a, b):  # 中文\n    return a + 1\n" * 1000, encoding="utf-8")
    view.show_snapshot(at_line(path, 1999))
    line = area_of(view).line_rect(1999)
    qtbot.waitUntil(lambda: has_text_in(view, line, DARK.code_keyword))


def test_the_box_is_round_the_expression(view):
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    (box,) = area.box_rects()
    text = area.cursorForPosition(QPoint(int(box.left()) + 6, int(box.center().y())))
    end = area.cursorForPosition(QPoint(int(box.right()) - 4, int(box.center().y())))
    text.setPosition(end.position(), QTextCursor.MoveMode.KeepAnchor)
    assert text.selectedText() == "x @ self.W"


@pytest.mark.parametrize(
    ("line", "piece"),
    [
        ("\t\ty = foo(a)\t@ b", "foo(a)\t@ b"),
        ('s = "中文字符" + name  # 注释', "name"),
        ('s = "🙂🙂" + name', "name"),
        ('s = "🙂中\t🙂" @ 变量名 + 1', "变量名"),
    ],
)
def test_tabs_and_wide_characters_are_in_their_place(view, tmp_path, line, piece):
    path = tmp_path / "wide.py"
    path.write_text(f"# first\n{line}\n", encoding="utf-8")
    column = line.index(piece)
    span = Span(2, column, 2, column + len(piece))
    view.show_snapshot(make_snapshot(event=event_in(path, span)))
    area = area_of(view)
    (box,) = area.box_rects()
    middle = int(box.center().y())
    start = area.cursorForPosition(QPoint(int(box.left()) + 4, middle))
    end = area.cursorForPosition(QPoint(int(box.right()) - 3, middle))
    start.setPosition(end.position(), QTextCursor.MoveMode.KeepAnchor)
    assert start.selectedText() == piece


def test_a_box_of_several_lines_has_a_rectangle_each(view, tmp_path):
    path = tmp_path / "long.py"
    path.write_text("y = np.maximum(\n    x,\n    0.0,\n)\n")
    view.show_snapshot(make_snapshot(event=event_in(path, Span(1, 4, 4, 1))))
    area = area_of(view)
    rects = area.box_rects()
    assert len(rects) == 4
    assert rects[1].left() == pytest.approx(area.x_of(2, 4) - 3)
    assert rects[3].right() == pytest.approx(area.x_of(4, 1) + 3)


def test_the_encoding_is_the_one_that_the_file_declares(view, tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes("# coding: latin-1\nnom = 'été'\n".encode("latin-1"))
    event = make_event(
        file=str(path), span=Span(2, 6, 2, 11), source="'été'", frame=event_frame(path)
    )
    view.show_snapshot(make_snapshot(event=event))
    assert "nom = 'été'" in area_of(view).toPlainText()


def event_frame(path) -> Frame:
    return Frame("f", str(path), 1, None, "", Phase.FORWARD, None, 0, 0)


def test_a_file_that_is_gone_is_said_to_be(view, tmp_path):
    gone = tmp_path / "gone.py"
    event = make_event(
        file=str(gone), span=Span(3, 0, 3, 5), source="x @ W", frame=event_frame(gone)
    )
    view.show_snapshot(make_snapshot(event=event))
    missing = view.findChild(EmptyState)
    assert missing.isVisible() and not area_of(view).isVisible()
    assert str(gone) in missing.accessibleDescription()
    assert "x @ W" in missing.accessibleDescription()
    view.show_snapshot(make_snapshot())
    assert area_of(view).isVisible()


def test_a_file_is_read_once(view, tmp_path):
    path = tmp_path / "layer.py"
    path.write_text("a = 1\n")
    event = make_event(
        file=str(path), span=Span(1, 0, 1, 5), source="a = 1", frame=event_frame(path)
    )
    view.show_snapshot(make_snapshot(event=event))
    path.write_text("b = 2\n")
    view.show_snapshot(make_snapshot(event=event))
    assert area_of(view).toPlainText() == "a = 1\n"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.EXPRESSION, np.zeros((100, 50)), "(100, 784) @ (784, 50) → (100, 50)"),
        (Kind.CALL, {"x": np.zeros((100, 784))}, "call  x 100 × 784"),
        (Kind.RETURN, np.zeros((100, 50)), "returns 100 × 50"),
        (Kind.EXCEPTION, ValueError("no"), "ValueError: no"),
    ],
)
def test_the_event_says_what_it_is_at_the_end_of_its_line(view, kind, value, text):
    view.show_snapshot(make_snapshot(event=make_event(kind=kind, value=value)))
    area = area_of(view)
    note = next(note for note in area.mark.notes if note.current)
    rect, shown = area.note_place(note)
    assert shown == text
    assert rect.left() > area.end_of(PRODUCT)
    assert text in area.accessibleDescription()


def test_an_exception_is_boxed_in_its_own_colour(view):
    event = make_event(kind=Kind.EXCEPTION, value=ValueError("shapes"))
    view.show_snapshot(make_snapshot(event=event))
    (box,) = area_of(view).box_rects()
    assert mix(DARK.error, DARK.panel, 0.24).name() in pixels(view, box)


def test_a_line_about_to_run_has_no_box(view):
    view.show_snapshot(make_snapshot(event=make_event(kind=Kind.LINE, value=None)))
    assert area_of(view).box_rects() == []


def test_a_note_grows_shorter_with_the_window_and_stays_in_it(view):
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    note = next(note for note in area.mark.notes if note.current)
    earlier = next(note for note in area.mark.notes if not note.current)
    view.resize(640, 150)
    assert area.note_place(note)[1] == "→ 100 × 50"
    view.resize(300, 150)
    rect, _ = area.note_place(note)
    assert rect.right() <= area.viewport().width()
    assert area.note_place(earlier) is None


def test_an_exception_is_read_even_at_the_end_of_a_long_line(view, tmp_path):
    path = tmp_path / "long_line.py"
    path.write_text("y = foo(x)  # " + "and so on " * 20 + "\n")
    error = ValueError("operands could not be broadcast together")
    event = event_in(path, Span(1, 4, 1, 10), kind=Kind.EXCEPTION, value=error)
    view.show_snapshot(make_snapshot(event=event))
    area = area_of(view)
    rect, text = area.note_place(area.mark.notes[-1])
    assert text == "ValueError: operands could not be broadcast together"
    assert area.x_of(1, 10) < rect.left() < rect.right() <= area.viewport().width()


def test_a_shortened_note_says_all_under_the_mouse(view, qtbot):
    view.resize(640, 150)
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    rect, shown = area.note_place(area.mark.notes[-1])
    assert shown == "→ 100 × 50"
    place = rect.center().toPoint()
    hover = QHelpEvent(QEvent.Type.ToolTip, place, area.viewport().mapToGlobal(place))
    QApplication.sendEvent(area.viewport(), hover)
    assert QToolTip.text() == "(100, 784) @ (784, 50) → (100, 50)"
    QToolTip.hideText()


def long_file(tmp_path) -> Path:
    path = tmp_path / "long.py"
    lines = ["def f():"] + [f"    a{i} = {i}" for i in range(200)]
    path.write_text("\n".join(lines) + "\n")
    return path


def at_line(path, line):
    event = make_event(
        file=str(path), span=Span(line, 4, line, 6), source="a1", frame=event_frame(path),
        kind=Kind.LINE, value=None,
    )  # fmt: skip
    return make_snapshot(event=event)


def test_stepping_scrolls_only_near_an_edge(view, tmp_path):
    view.resize(840, 400)
    path, area = long_file(tmp_path), area_of(view)
    view.show_snapshot(at_line(path, 2))
    area.viewport().repaint()
    tops = []
    for line in range(2, 60):
        view.show_snapshot(at_line(path, line))
        top = area.verticalScrollBar().value()
        assert top <= line - 1 < top + area.visible_lines()
        tops.append(top)
    visible = area.visible_lines()
    still = visible - 4  # lines until the cursor is within three lines of the lower edge
    assert set(tops[:still]) == {0}
    assert all(0 <= b - a <= 1 for a, b in pairwise(tops))
    view.show_snapshot(at_line(path, 58))
    assert area.verticalScrollBar().value() == tops[-1]


def test_a_jump_and_a_smaller_window_keep_the_line_in_view(view, tmp_path):
    path, area = long_file(tmp_path), area_of(view)
    view.show_snapshot(at_line(path, 150))
    view.resize(840, 80)
    top = area.verticalScrollBar().value()
    assert top <= 149 < top + area.visible_lines()


def test_a_file_opens_where_the_lines_that_have_run_are_seen(view, tmp_path):
    path, area = long_file(tmp_path), area_of(view)
    view.show_snapshot(at_line(path, 150))
    before = 149 - area.verticalScrollBar().value()
    assert area.visible_lines() // 2 <= before < area.visible_lines() - 1


def test_a_function_that_fits_is_seen_from_its_head(view):
    view.show_snapshot(make_snapshot())
    assert area_of(view).verticalScrollBar().value() == span_of("def forward").line - 1


def test_the_subtitle_says_file_and_function_once(view, qtbot):
    said = []
    view.subtitle_changed.connect(said.append)
    view.show_snapshot(make_snapshot())
    view.show_snapshot(make_snapshot())
    assert said == ["tests/gui/sample_layers.py  Affine1.forward"]


def test_code_is_copied_by_mouse_and_keys(view, qtbot):
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    (box,) = area.box_rects()
    span = span_of(MATMUL)
    start = QPoint(int(area.x_of(PRODUCT, span.column)) + 1, int(box.center().y()))
    end = QPoint(int(area.x_of(PRODUCT, span.end_column)) + 1, int(box.center().y()))
    QTest.mousePress(area.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(area.viewport(), end)
    QTest.mouseRelease(area.viewport(), Qt.MouseButton.LeftButton, pos=end)
    qtbot.keyClick(area, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "x @ self.W"


def test_typing_changes_nothing(view, qtbot):
    view.show_snapshot(make_snapshot())
    qtbot.keyClicks(area_of(view), "abc")
    assert area_of(view).toPlainText() == SAMPLE.read_text()


def test_a_selection_outlives_a_step(view):
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    area.selectAll()
    view.show_snapshot(make_snapshot(event=make_event(source="x @ self.W + self.b")))
    assert area.textCursor().hasSelection()


def test_every_line_has_its_place(view):
    span = span_of("return dout @ self.W.T")
    view.show_snapshot(make_snapshot(event=make_event(source="dout @ self.W.T")))
    assert area_of(view).mark.line == span.line


@pytest.mark.parametrize("height", range(140, 162, 3))
def test_lines_are_shown_whole(view, qtbot, height):
    view.resize(840, height)
    view.show_snapshot(make_snapshot())
    area = area_of(view)
    line = area.line_rect(PRODUCT).height()
    room = area.viewport().height()
    assert room / line == pytest.approx(round(room / line))
    assert area.height() - line < area.viewport().geometry().bottom() + 1


@pytest.mark.parametrize("source", ["self.x = x", "W -= self.lr * dW", "dz[rows, self.t] -= 1"])
def test_a_store_that_has_run_is_marked_where_the_cursor_is_at_another_line(view, source):
    snapshot = next(
        at
        for at in at_each(make_session())
        if at.event.kind is Kind.LINE
        and at.operation.source == source
        and source == (at.ran and at.ran.source)
    )
    ran = snapshot.ran
    assert snapshot.event.line != ran.span.line, "the cursor is past it"
    view.show_snapshot(snapshot)
    area = area_of(view)
    assert area.mark.line == snapshot.event.line and area.mark.box == ran.span == area.mark.ran
    (box,) = area.box_rects()
    assert area.viewport().rect().contains(box.toRect()), "both are in sight"
    assert mix(DARK.phase(snapshot.event.phase), DARK.panel, 0.24).name() in pixels(view, box)
    assert f"{ran.span.line}: {source}  has run" in area.accessibleDescription()
    gutter = area.findChild(Gutter)
    edge = gutter.grab().toImage().pixelColor(2, round(box.center().y()))
    assert edge.name() == DARK.phase(snapshot.event.phase)


def test_a_line_that_has_only_been_reached_marks_no_other(view):
    session = make_session()
    session.goto(session.position.batch, 1)
    snapshot = session.snapshot()
    view.show_snapshot(snapshot)
    assert area_of(view).mark.ran is None
