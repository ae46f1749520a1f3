"""The branches panel; its class is in `view.py`."""
