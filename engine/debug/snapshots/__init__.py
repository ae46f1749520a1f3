"""Snapshots: immutable views of a session at its cursor, and what they derive from a trace."""
