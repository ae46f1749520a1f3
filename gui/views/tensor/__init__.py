"""The tensor panel; its class is in `view.py`."""
