"""Expressions that the user types for breakpoints: they read variables and change nothing."""
