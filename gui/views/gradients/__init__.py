"""The gradients panel."""
