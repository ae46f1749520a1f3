"""Plays a guided walk over the window."""
