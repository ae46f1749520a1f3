"""The equation panel."""
