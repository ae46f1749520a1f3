"""Breakpoints in the window: set by clicks and keys, edited in the table, hit both ways."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from engine import (
    AtBatch,
    AtData,
    AtLayer,
    AtLine,
    AtPass,
    Change,
    Named,
    NotFinite,
    Quantity,
)
from engine.debug.events import Phase, Position
from engine.nn import layers
from gui.dialogs.dialog import ErrorDialog
from gui.dialogs.form_dialog import FormDialog
from gui.look.type_scale import px
from gui.views.breakpoints.model import CONDITION, HITS, LAST, LOG, PLACE
from gui.views.breakpoints.table import checkbox_of
from gui.views.source.gutter import MARK_COLUMN
from tests.gui.menus import submenu
from tests.gui.rest import at_rest

LAYERS = layers.__file__
SHIFT = Qt.KeyboardModifier.ShiftModifier


def line_of(text: str) -> int:
    with open(LAYERS, encoding="utf-8") as source:
        return next(n for n, line in enumerate(source, start=1) if text in line)


PRODUCT = line_of("return x @ self.W + self.b")
BACKWARD = line_of("self.dW = self.x.T @ dout")


@pytest.fixture
def ready(window, qtbot, settled):
    """The window with the source of the layers, and its breakpoints in front."""
    window.resize(1366, 768)
    for _ in range(9):
        QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    window.docks["breakpoints"].raise_()
    qtbot.waitUntil(window.breakpoints.isVisible)
    return window


def click_line(window, line: int) -> None:
    area = window.source._area
    rect = area.line_rect(line)
    assert rect.isValid()
    QTest.mouseClick(
        area._gutter, Qt.MouseButton.LeftButton, pos=QPoint(10, int(rect.center().y()))
    )


def rows(window):
    model = window.breakpoints.table.breakpoints
    return [
        [model.data(model.index(r, c)) for c in range(LAST + 1)] for r in range(model.rowCount())
    ]


NAMES = {CONDITION: "condition", HITS: "hits", LOG: "log"}


def double_click(window, row: int, place: QPoint | None = None) -> None:
    """As a person does it: two clicks, the second of which Qt tells as a double one."""
    table = window.breakpoints.table
    index = table.breakpoints.index(row, PLACE)
    table.scrollTo(index)
    place = place or table.visualRect(index).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def line_in(window, column: int) -> QLineEdit:
    return next(
        line
        for line in window.breakpoints.table.findChildren(QLineEdit)
        if line.isVisible() and line.accessibleName() == NAMES[column]
    )


def edit(window, row: int, column: int, text: str, *, end=Qt.Key.Key_Return) -> QLineEdit:
    """Double-click a row and type into one of its lines."""
    double_click(window, row)
    line = line_in(window, column)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)
    if end is not None:
        press(line, end)
    return line


def press(line: QLineEdit, key) -> None:
    """End the editing, and let the line go, as happens between two of a person's actions."""
    QTest.keyClick(line, key)
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def trained(window, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    QTest.keyClick(window, key, modifier)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)


def test_a_click_beside_a_line_sets_one_and_another_takes_it_away(ready, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    (one,) = ready.snapshot.breakpoints
    assert one.place == AtLine(LAYERS, PRODUCT)
    assert ready.source._area._gutter.breakpoints == {PRODUCT: one}
    assert rows(ready)[0][PLACE] == f"layers.py:{PRODUCT}"
    click_line(ready, PRODUCT)
    settled(ready)
    assert ready.snapshot.breakpoints == () and rows(ready) == []


def test_the_keys_toggle_one_at_the_line(ready, settled):
    for key in (Qt.Key.Key_F9, Qt.Key.Key_B):
        QTest.keyClick(ready, key)
        settled(ready)
    assert ready.snapshot.breakpoints == ()
    QTest.keyClick(ready, Qt.Key.Key_F9)
    settled(ready)
    assert ready.snapshot.breakpoints[0].place == AtLine(LAYERS, ready.snapshot.event.line)


def test_training_stops_there_and_so_does_going_back(ready, qtbot, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    edit(ready, 0, HITS, "% 3")
    settled(ready)
    found = []
    for _ in range(3):
        trained(ready, qtbot, Qt.Key.Key_F5)
        found.append(ready.snapshot.position)
        assert ready.snapshot.event.line == PRODUCT
    assert rows(ready)[0][LAST] == f"batch {found[2].batch}, stop {found[2].event}"
    trained(ready, qtbot, Qt.Key.Key_C, SHIFT)
    assert ready.snapshot.position == found[1]
    trained(ready, qtbot, Qt.Key.Key_C, SHIFT)
    assert ready.snapshot.position == found[0]
    trained(ready, qtbot, Qt.Key.Key_C, SHIFT)
    assert ready.snapshot.position == Position(0, 0)
    assert not ready.actions_by_id["reverse_continue"].isEnabled()


def test_what_cannot_be_used_is_said_while_it_is_typed_and_not_taken(ready, qtbot, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    line = edit(ready, 0, CONDITION, "self.forward(x)", end=None)
    assert ".forward() cannot be used in conditions" in line.toolTip()
    for text, said in (
        ("abs(x, out=x).max() > 1", "abs() takes no out here"),
        ("round(x, 0, x).max() > 1", "round() takes 2 arguments by position"),
        ("-" * 5000 + "1", "nested too deeply"),
    ):
        line.setText(text)
        line.textEdited.emit(text)
        assert said in line.toolTip() and len(line.toolTip()) < 500
        assert said in ready.breakpoints.table.editor.reason.text()
    press(line, Qt.Key.Key_Return)
    settled(ready)
    assert ready.snapshot.breakpoints[0].condition == ""
    # What was typed is still there, with the reason; Escape gives it up.
    assert line.isVisible() and line.text() == "-" * 5000 + "1"
    assert "nested too deeply" in ready.breakpoints.table.editor.reason.text()
    press(line, Qt.Key.Key_Escape)
    assert ready.breakpoints.table.editor is None
    edit(ready, 0, CONDITION, "x.max() > 5")
    settled(ready)
    assert ready.snapshot.breakpoints[0].condition == "x.max() > 5"
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert ready.snapshot.position == Position(20, 0)  # a whole epoch


def test_a_name_that_is_not_in_sight_is_said_while_it_is_typed(ready, qtbot, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    line = edit(ready, 0, CONDITION, "self.w.max() > 5", end=None)
    assert "self.w is not in scope; in scope are: batch, " in line.toolTip()
    assert "self.W" in line.toolTip() and line.accessibleDescription() == line.toolTip()
    line.selectAll()
    QTest.keyClicks(line, "self.W.max() > 5")
    assert line.toolTip() == ""
    press(line, Qt.Key.Key_Return)
    settled(ready)
    line = edit(ready, 0, LOG, "loss {loss}", end=None)
    assert "loss is not in scope" in line.toolTip()
    press(line, Qt.Key.Key_Escape)


def test_a_condition_that_fails_stops_and_is_said(ready, qtbot, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    edit(ready, 0, CONDITION, "nowhere > 1")
    settled(ready)
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert ready.snapshot.event.line == PRODUCT
    assert "nowhere is not in scope" in rows(ready)[0][LAST]


def test_a_message_is_logged_and_leads_to_its_batch(ready, qtbot, settled):
    click_line(ready, BACKWARD)
    settled(ready)
    edit(ready, 0, LOG, "shape {dout.shape}")
    settled(ready)
    trained(ready, qtbot, Qt.Key.Key_F5)
    ready.docks["log"].raise_()
    qtbot.waitUntil(ready.log.isVisible)
    listed = ready.log.list
    assert listed.item(0).text().endswith("shape (10, 10)")
    assert listed.count() == 2 * 20 or listed.count() == 2 * 19
    listed.setCurrentItem(listed.item(10))
    listed.itemActivated.emit(listed.item(10))
    settled(ready)
    assert ready.snapshot.position == (ready.snapshot.logged[10].batch, 0)


def test_a_breakpoint_set_far_from_the_cursor_leaves_the_source_where_it_is(ready, qtbot, settled):
    ready.source._area.setFixedHeight(260)
    qtbot.waitUntil(lambda: ready.source._area.viewport().height() < 260)
    bar = ready.source._area.verticalScrollBar()
    bar.setValue(bar.maximum())
    there = bar.value()
    line = ready.source._area.visible_lines() // 2 + there
    current = ready.source._area.mark.line
    assert not 0 < ready.source._area.line_rect(current).center().y() < 260
    click_line(ready, line)
    settled(ready)
    assert len(ready.snapshot.breakpoints) == 1 and bar.value() == there
    QTest.keyClick(ready, Qt.Key.Key_S)  # and a step comes back to where the cursor is
    settled(ready)
    assert bar.value() != there


def test_disabled_it_does_not_stop_and_deleted_it_is_gone(ready, qtbot, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    model = ready.breakpoints.table.breakpoints
    model.setData(model.index(0, PLACE), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    settled(ready)
    assert not ready.snapshot.breakpoints[0].enabled
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert ready.snapshot.position.event == 0
    ready.breakpoints.table.setCurrentIndex(model.index(0, PLACE))
    QTest.keyClick(ready.breakpoints.table, Qt.Key.Key_Delete)
    settled(ready)
    assert ready.snapshot.breakpoints == ()


def test_the_menu_offers_layers_passes_and_nan(ready, settled):
    menu = ready.breakpoints.add_menu
    menu.aboutToShow.emit()
    inner = next(submenu(a) for a in menu.actions() if a.text() == "Backward of a layer")
    next(a for a in inner.actions() if a.text() == "Affine2").trigger()
    next(a for a in menu.actions() if a.text() == "NaN or infinity appears").trigger()
    settled(ready)
    places = [one.place for one in ready.snapshot.breakpoints]
    assert places == [AtLayer("Affine2", Phase.BACKWARD), NotFinite()]


def test_one_set_while_it_trains_takes_effect_at_once(ready, qtbot):
    ready.bridge.train(None)
    qtbot.waitUntil(lambda: ready.bridge.running is not None)
    click_line(ready, PRODUCT)
    qtbot.waitUntil(lambda: not ready.bridge.busy, timeout=20_000)
    assert ready.snapshot.event.line == PRODUCT


def test_running_to_a_line_stops_there_and_leaves_no_breakpoint(ready, qtbot, settled):
    area = ready.source._area
    block = area.block_of(BACKWARD)
    cursor = area.textCursor()
    cursor.setPosition(block.position())
    area.setTextCursor(cursor)
    area.setFocus()
    QTest.keyClick(area, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not ready.bridge.busy, timeout=20_000)
    assert ready.snapshot.event.line == BACKWARD
    assert ready.snapshot.breakpoints == ()


def choose_file(window, action: str, path) -> None:
    menu = window.breakpoints.add_menu
    menu.aboutToShow.emit()
    next(a for a in menu.actions() if a.text() == action).trigger()
    dialog = window.findChild(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_they_are_written_to_a_file_and_read_again(ready, qtbot, settled, tmp_path):
    click_line(ready, PRODUCT)
    settled(ready)
    edit(ready, 0, CONDITION, "x.max() > 5")
    settled(ready)
    file = tmp_path / "points.json"
    choose_file(ready, "Export…", file)
    settled(ready)
    assert json.loads(file.read_text("utf-8"))["breakpoints"][0]["place"]["file"].startswith(
        "engine/"
    )
    before = ready.snapshot.breakpoints
    choose_file(ready, "Import…", file)
    settled(ready)
    assert [(b.place, b.condition) for b in ready.snapshot.breakpoints] == [
        (before[0].place, "x.max() > 5")
    ] * 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "decode"),
        (b"{}", "not a file of breakpoints"),
        (b'{"format": "retrograd breakpoints", "version": 9, "breakpoints": []}', "version 9"),
        (b'{"format": "retrograd breakpoints", "version": 1, "breakpoints": [{"place": '
         b'{"kind": "AtBatch", "batch": "x"}}]}', "batch is"),
        (b'{"format": "retrograd breakpoints", "version": 1, "breakpoints": [{"place": '
         b'{"kind": "AtBatch", "batch": 1}, "condition": "open(1)"}]}', "this function cannot"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_right_is_refused_whole(ready, qtbot, settled, tmp_path, content, words):
    click_line(ready, PRODUCT)
    settled(ready)
    before = ready.snapshot.breakpoints
    file = tmp_path / "points.json"
    file.write_bytes(content)
    choose_file(ready, "Import…", file)
    qtbot.waitUntil(lambda: ready.findChild(ErrorDialog) is not None)
    assert words in ready.findChild(ErrorDialog).text.text()
    settled(ready)
    assert ready.snapshot.breakpoints == before


def open_form(window, *path: str) -> FormDialog:
    menu = window.breakpoints.add_menu
    menu.aboutToShow.emit()
    for text in path:
        action = next(a for a in menu.actions() if a.text() == text)
        menu = submenu(action) or menu
    action.trigger()
    return next(d for d in window.findChildren(FormDialog) if d.isVisible())


def fill(dialog: FormDialog, *texts: str) -> None:
    for line, text in zip(dialog.lines, texts, strict=True):
        line.selectAll()
        QTest.keyClicks(line, text)


def test_named_conditions_are_asked_for_in_a_form(ready, qtbot, settled):
    form = open_form(ready, "Gradient RMS leaves a range…", "Affine1.W")
    assert not form._ok.isEnabled() and "at least one" in form.said.text()
    fill(form, "1e-", "")
    assert not form._ok.isEnabled()
    fill(form, "1", "")
    assert form._ok.isEnabled() and form.said.text() == ""
    QTest.keyClick(form, Qt.Key.Key_Return)
    settled(ready)
    place = Named(Quantity.GRADIENT_RMS, "Affine1.W", 1.0, None)
    assert [one.place for one in ready.snapshot.breakpoints] == [place]
    assert rows(ready)[0][PLACE] == "gradient RMS of Affine1.W < 1"
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert ready.snapshot.event.layer == "Affine1" and ready.snapshot.last_hits


def test_an_epoch_that_leaves_a_parameter_unchanged_can_be_waited_for(ready, qtbot, settled):
    for name in ("any", "Affine2.b"):
        menu = ready.breakpoints.add_menu
        menu.aboutToShow.emit()
        inner = next(
            submenu(a) for a in menu.actions() if a.text() == "Parameter unchanged in a whole epoch"
        )
        next(a for a in inner.actions() if a.text() == name).trigger()
    settled(ready)
    assert [row[PLACE] for row in rows(ready)] == [
        "a parameter unchanged in a whole epoch", "Affine2.b unchanged in a whole epoch"
    ]  # fmt: skip
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert ready.snapshot.position == Position(20, 0)  # a whole epoch, which has changed them all


def test_cells_that_change_are_asked_for_and_waited_for(ready, qtbot, settled):
    form = open_form(ready, "A cell changes its sign…", "Affine2.b")
    fill(form, "x")
    assert "300, 7" in form.said.text() and not form._ok.isEnabled()
    fill(form, "2")
    QTest.keyClick(form, Qt.Key.Key_Return)
    settled(ready)
    assert ready.snapshot.breakpoints[0].place == AtData("Affine2.b", "2", Change.SIGN)
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert ready.snapshot.event.phase is Phase.UPDATE


def test_cells_of_any_tensor_that_a_layer_keeps_can_be_waited_for(ready, qtbot, settled):
    form = open_form(ready, "A cell changes its sign…", "Another tensor…")
    assert form.lines[0].text() == "Affine1.dW"
    fill(form, "dW", "0, 0")
    assert "such as Affine1.dW" in form.said.text() and not form._ok.isEnabled()
    fill(form, "Affine2.dW", "0, 2")
    QTest.keyClick(form, Qt.Key.Key_Return)
    settled(ready)
    assert ready.snapshot.breakpoints[0].place == AtData("Affine2.dW", "0, 2", Change.SIGN)
    trained(ready, qtbot, Qt.Key.Key_F5)
    assert (ready.snapshot.event.layer, ready.snapshot.event.phase) == ("Affine2", Phase.BACKWARD)


def test_a_batch_and_a_rise_of_the_loss_are_asked_for(ready, settled):
    form = open_form(ready, "Batch…")
    fill(form, "-1")
    assert not form._ok.isEnabled()
    fill(form, "7")
    QTest.keyClick(form, Qt.Key.Key_Return)
    form = open_form(ready, "Loss rises…")
    fill(form, "0.25", "5")
    QTest.keyClick(form, Qt.Key.Key_Return)
    settled(ready)
    assert [one.place for one in ready.snapshot.breakpoints] == [
        AtBatch(7), Named(Quantity.LOSS_RISE, "", None, 0.25, 5)
    ]  # fmt: skip


LONG = "abs(self.W).max() > 0.5 and abs(self.b).max() > 0.25 and x.max() > 0.125 or batch > 4000"


def row_rect(window, row: int):
    table = window.breakpoints.table
    return table.visualRect(table.breakpoints.index(row, PLACE))


def test_a_row_has_two_lines_that_fit_into_a_small_screen(ready, settled, qtbot):
    at_rest(ready, qtbot)
    # Panels that are laid out for one size keep their shares in another.
    ready.actions_by_id["reset_layout"].trigger()
    at_rest(ready, qtbot)
    ready.docks["breakpoints"].raise_()
    qtbot.waitUntil(ready.breakpoints.isVisible)
    for change in (
        lambda points: points.add(AtLine(LAYERS, PRODUCT), LONG, "% 100", "x {x.max():.3f}"),
        lambda points: points.add(Named(Quantity.UPDATE_RATIO, "Affine1.W", 1e-4, 0.01)),
    ):
        ready.bridge.edit_breakpoints(change)
    settled(ready)
    table = ready.breakpoints.table
    assert table.viewport().width() < 320
    assert not table.horizontalScrollBar().isVisible()
    for row in range(2):
        assert row_rect(ready, row).width() <= table.viewport().width()
        assert row_rect(ready, row).height() < 50
    index = table.breakpoints.index(0, PLACE)
    tip = index.data(Qt.ItemDataRole.ToolTipRole).split("\n")
    assert tip == [f"layers.py:{PRODUCT}", f"if {LONG}", "hits % 100", "log x {x.max():.3f}"]


def test_a_name_that_is_not_in_sight_is_said_in_the_row_too(ready, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    table = ready.breakpoints.table
    index = table.breakpoints.index(0, PLACE)

    def drawn(colour: str) -> bool:
        image, wanted = table.viewport().grab(table.visualRect(index)).toImage(), QColor(colour)
        pixels = (
            image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())
        )
        return any(
            abs(p.hue() - wanted.hue()) < 8 and p.saturation() > 120 and p.value() > 100
            for p in pixels
        )

    edit(ready, 0, CONDITION, "x.max() > 5")
    settled(ready)
    table.setCurrentIndex(table.breakpoints.index(-1, 0))
    assert not drawn(ready.appearance.theme.warning)
    edit(ready, 0, CONDITION, "self.w.max() > 5")
    settled(ready)
    table.setCurrentIndex(table.breakpoints.index(-1, 0))
    assert drawn(ready.appearance.theme.warning)
    assert "self.w is not in scope" in index.data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("place", ["place", "details", "left", "right", "last hit"])
def test_a_double_click_anywhere_on_a_row_edits_it(ready, qtbot, settled, place):
    click_line(ready, PRODUCT)
    settled(ready)
    trained(ready, qtbot, Qt.Key.Key_F5)
    rect, table = row_rect(ready, 0), ready.breakpoints.table
    at = {
        "place": QPoint(rect.left() + 60, rect.top() + 10),
        "details": QPoint(rect.left() + 60, rect.bottom() - 8),
        "left": QPoint(rect.left() + 2, rect.bottom() - 4),
        "right": QPoint(rect.right() - 2, rect.bottom() - 4),
        "last hit": table.link_of(0, rect).center().toPoint(),
    }[place]
    double_click(ready, 0, at)
    settled(ready)
    assert line_in(ready, CONDITION).hasFocus()
    press(line_in(ready, CONDITION), Qt.Key.Key_Escape)
    assert ready.breakpoints.table.hasFocus()


def test_enter_edits_the_current_row_and_all_three_are_one_change(ready, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    table = ready.breakpoints.table
    table.setFocus()
    table.setCurrentIndex(table.breakpoints.index(0, PLACE))
    QTest.keyClick(table, Qt.Key.Key_Return)
    for column, text in ((CONDITION, "x.max() > 5"), (HITS, "% 2"), (LOG, "here")):
        line_in(ready, column).setFocus()
        QTest.keyClicks(line_in(ready, column), text)
    press(line_in(ready, LOG), Qt.Key.Key_Return)
    settled(ready)
    (one,) = ready.snapshot.breakpoints
    assert (one.condition, one.hits, one.log) == ("x.max() > 5", "% 2", "here")
    ready.actions_by_id["undo"].trigger()
    settled(ready)
    (one,) = ready.snapshot.breakpoints
    assert (one.condition, one.hits, one.log) == ("", "", "")


def test_the_lines_that_are_typed_in_are_as_wide_as_the_row(ready, qtbot, settled):
    ready.bridge.edit_breakpoints(lambda points: points.add(NotFinite()))
    settled(ready)
    table = ready.breakpoints.table
    table.edit_row(0)
    editor = table.editor
    qtbot.waitUntil(lambda: editor.width() == table.viewport().width())
    for line in (editor.lines["condition"], editor.lines["log"], editor.reason):
        assert editor.width() - line.geometry().right() < 16


def test_what_is_wrong_is_kept_also_when_one_goes_on_elsewhere(ready, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    edit(ready, 0, CONDITION, "x.max() > 5")
    settled(ready)
    line = edit(ready, 0, CONDITION, "x.max( > 5")
    assert line.isVisible() and line.text() == "x.max( > 5"
    reason = ready.breakpoints.table.editor.reason
    assert reason.isVisible() and "x.max( > 5" in reason.text()
    ready.source._area.setFocus()
    ready.bridge.edit_breakpoints(lambda points: points.add(AtBatch(9)))
    settled(ready)
    assert line.isVisible() and line.text() == "x.max( > 5"
    assert ready.snapshot.breakpoints[0].condition == "x.max() > 5"
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "x.max() > 6")
    ready.source._area.setFocus()  # what can be used is taken
    settled(ready)
    assert ready.snapshot.breakpoints[0].condition == "x.max() > 6"
    assert ready.breakpoints.table.editor is None


def test_together_they_may_be_wrong_too(ready, settled):
    ready.bridge.edit_breakpoints(lambda points: points.add(AtPass(Phase.BACKWARD), hits="% 2"))
    settled(ready)
    line = edit(ready, 0, CONDITION, "dout.max() > 5")
    assert "batch and epoch only" in ready.breakpoints.table.editor.reason.text()
    assert line.isVisible() and ready.snapshot.breakpoints[0].condition == ""
    assert not [one for one in ready.findChildren(ErrorDialog) if one.isVisible()]


def test_a_kind_that_takes_none_says_so(ready, settled):
    ready.bridge.edit_breakpoints(lambda points: points.add(NotFinite()))
    settled(ready)
    double_click(ready, 0)
    assert not line_in(ready, CONDITION).isEnabled() and not line_in(ready, LOG).isEnabled()
    assert "none" in line_in(ready, CONDITION).placeholderText()
    assert line_in(ready, HITS).hasFocus()


def test_two_ticks_that_come_before_the_answer_to_the_first_are_two(ready, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    table = ready.breakpoints.table
    table.setCurrentIndex(table.breakpoints.index(0, PLACE))
    asked = []
    table.breakpoints.edited.connect(lambda _, fields: asked.append(fields))
    for _ in range(3):
        QTest.keyClick(table, Qt.Key.Key_Space)
    settled(ready)
    assert asked == [{"enabled": False}, {"enabled": True}, {"enabled": False}]
    assert not ready.snapshot.breakpoints[0].enabled


def test_a_click_ticks_the_box_and_one_on_the_last_hit_goes_there(ready, qtbot, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    trained(ready, qtbot, Qt.Key.Key_F5)
    hit = ready.snapshot.position
    QTest.keyClick(ready, Qt.Key.Key_S)
    settled(ready)
    assert ready.snapshot.position != hit
    table, rect = ready.breakpoints.table, row_rect(ready, 0)
    place = table.link_of(0, rect).center().toPoint()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settled(ready)
    assert ready.snapshot.position == hit
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=checkbox_of(row_rect(ready, 0)).center()
    )
    settled(ready)
    assert not ready.snapshot.breakpoints[0].enabled


def test_a_last_hit_without_room_beside_the_place_is_in_the_second_line(
    ready, qtbot, settled, monkeypatch
):
    click_line(ready, PRODUCT)
    settled(ready)
    trained(ready, qtbot, Qt.Key.Key_F5)
    table = ready.breakpoints.table
    table.setMaximumWidth(225)
    qtbot.waitUntil(lambda: table.viewport().width() <= 225)
    drawn = []

    def draw(painter, area, text, face, *rest, **named):
        drawn.append((text, area, face.width(text)))

    monkeypatch.setattr("gui.views.breakpoints.table.draw_text", draw)
    table.grab()
    assert [text for text, area, width in drawn if width > area.width() + 1] == []  # none is cut
    (place, above, _), (last, below, _), (always, beside, _) = drawn
    assert place == f"layers.py:{PRODUCT}" and last.startswith("batch ") and always == "always"
    assert above.bottom() <= below.top() and beside.right() < below.left()
    hit = ready.snapshot.position
    QTest.keyClick(ready, Qt.Key.Key_S)
    settled(ready)
    assert ready.snapshot.position != hit
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=below.center().toPoint())
    settled(ready)
    assert ready.snapshot.position == hit


def test_at_the_cursor_it_does_not_look_like_the_arrow_in_another_colour(ready, settled):
    gutter, cursor = ready.source._area._gutter, ready.snapshot.event
    _, row = ready.source.current_line()
    edges = [QPoint(px(MARK_COLUMN) // 2 + 2, row.center().y() + dy) for dy in (-6, 6)]

    def reds() -> list[bool]:
        image, red = gutter.grab().toImage(), QColor(ready.appearance.theme.error)
        return [image.pixelColor(edge) == red for edge in edges]

    assert reds() == [False, False]
    ready.setFocus()
    QTest.keyClick(ready, Qt.Key.Key_B)
    settled(ready)
    assert [one.place for one in ready.snapshot.breakpoints] == [AtLine(cursor.file, cursor.line)]
    assert reds() == [True, True]  # above the arrow, and below it


def test_one_that_is_removed_takes_its_editor_along(ready, settled):
    click_line(ready, PRODUCT)
    settled(ready)
    edit(ready, 0, CONDITION, "x.max( > 5")
    ready.bridge.edit_breakpoints(lambda points: points.remove(next(iter(points)).id))
    settled(ready)
    assert ready.breakpoints.table.editor is None and rows(ready) == []
    click_line(ready, PRODUCT)
    settled(ready)
    edit(ready, 0, CONDITION, "x.max() > 5")
    settled(ready)
    assert ready.snapshot.breakpoints[0].condition == "x.max() > 5"
