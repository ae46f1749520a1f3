"""The window: it draws the session's snapshots and sends it commands."""
