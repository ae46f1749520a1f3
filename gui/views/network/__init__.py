"""The network panel; its class is in `view.py`."""
