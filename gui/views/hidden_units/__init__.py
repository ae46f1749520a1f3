"""The hidden units panel; its class is in `view.py`."""
