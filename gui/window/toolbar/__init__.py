"""The row at the top of the window: position, buttons and choosers."""
