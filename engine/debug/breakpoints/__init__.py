"""Breakpoints: places, hits in a recorded batch, and the watch over a run at full speed."""
