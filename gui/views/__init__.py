"""One view a file; each has `show_snapshot(snapshot)` and knows no other view."""
