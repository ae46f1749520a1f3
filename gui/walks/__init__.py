"""Guided walks over the window: what a walk is, and how one is read from a file."""
