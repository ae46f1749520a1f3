"""Expressions of a person, over what is in sight: they read and change nothing."""
