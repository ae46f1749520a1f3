"""The timeline panel; its class is in `view.py`."""
