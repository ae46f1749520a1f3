"""The breakpoints panel; its class is in `view.py`."""
