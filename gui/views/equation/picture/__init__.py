"""The picture of an operation: its parts, and the functions that make them."""
