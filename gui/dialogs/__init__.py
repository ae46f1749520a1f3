"""Dialogs, and the words of errors in them."""
