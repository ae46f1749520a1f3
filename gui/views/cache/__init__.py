"""The cache panel; its class is in `view.py`."""
