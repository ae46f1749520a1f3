"""The numeric panel; its class is in `view.py`."""
