"""The equation panel; its class is in `view.py`."""
