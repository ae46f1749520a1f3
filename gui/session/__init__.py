"""The connection of session and window: the bridge, the worker's thread and commands, playback."""
