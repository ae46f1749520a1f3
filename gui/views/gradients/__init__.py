"""The gradients panel; its class is in `view.py`."""
