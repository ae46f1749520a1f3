"""The bar and the dialog about a batch that does not come back."""

from PySide6.QtWidgets import QWidget

from gui.look.theme import DARK
from gui.window.actions.table import TABLE
from gui.window.closing import HeldUpDialog
from gui.window.notices.held_up import HeldUpBar


def test_menu_bar_and_dialog_name_the_same_action_alike(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    bar = HeldUpBar(parent, parent, lambda: [])
    dialog = HeldUpDialog(DARK, parent)
    (text,) = (row.text for row in TABLE if row.id == "stop_in_it")
    assert bar.stop.text() == dialog.stop.text() == text
