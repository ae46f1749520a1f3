"""The main window: views, toolbar, menus and dialogs put together."""

from gui.window.main_window import MainWindow

__all__ = ["MainWindow"]
