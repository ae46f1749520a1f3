"""The samples panel; its class is in `view.py`."""
