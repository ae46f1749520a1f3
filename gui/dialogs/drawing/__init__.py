"""The dialog in which a digit is drawn."""
