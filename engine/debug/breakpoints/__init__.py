"""Breakpoints: where a run stops, their hits in a recorded batch, and the watch over a live run."""
