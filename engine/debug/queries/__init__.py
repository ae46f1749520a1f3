"""Queries over time: last write, last change and next read of a variable; branches compared."""
