"""The top row: chips, buttons and choosers."""
