"""The main window: it puts views, toolbar, menus and dialogs together."""

from gui.window.main_window import MainWindow

__all__ = ["MainWindow"]
