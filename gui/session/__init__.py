"""The seam between a session and the window: the worker thread, its commands, playback."""
