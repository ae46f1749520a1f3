"""The source panel; its class is in `view.py`."""
