"""The table of panels: a row is all that a view takes to be a panel of the window."""

from PySide6.QtWidgets import QMenu

from gui.widgets.view import View
from gui.window.main_window import MainWindow
from gui.window.panels import layout
from gui.window.panels import table as panels
from gui.window.panels.layout_presets import COLUMNS, LARGE_COLUMNS, PanelPlace
from gui.window.panels.table import PANELS, Panel

OUTSIDE = {PanelPlace.MIDDLE_BOTTOM_RIGHT, PanelPlace.UNDER_ALL}


class NotepadView(View):
    view_id = "notepad"

    def title(self):
        return "Notepad"

    def help_text(self):
        return "It shows nothing. Look elsewhere."

    def show_snapshot(self, snapshot):
        pass


def test_each_panel_has_an_id_of_its_own_and_a_place_in_a_small_and_in_a_large_window():
    assert len({panel.id for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel.place in {place for column in COLUMNS for place in column} | OUTSIDE
        large = panel.large if panel.large is not None else panel.place
        assert large in {place for column in LARGE_COLUMNS for place in column} | OUTSIDE


def test_a_row_gives_a_view_a_dock_a_menu_entry_and_its_place(qtbot, session, monkeypatch):
    more = (*PANELS, Panel(NotepadView, PanelPlace.RIGHT_LOWER))
    for module in (panels, layout):
        monkeypatch.setattr(module, "PANELS", more)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.show()
    window.layouts.choose("debug")
    dock = window.docks["notepad"]
    assert not dock.isHidden()
    shared = window.tabifiedDockWidgets(dock)
    assert {one.objectName() for one in shared} == {"call_stack", "breakpoints", "log"}
    entries = [action.text() for menu in window.findChildren(QMenu) for action in menu.actions()]
    assert "Notepad" in entries
    window.layouts.choose("learn")
    assert dock.isHidden()
    window.close()
