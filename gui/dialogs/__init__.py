"""The dialogs, and the texts of errors."""
