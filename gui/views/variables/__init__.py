"""The variables panel; its class is in `view.py`."""
