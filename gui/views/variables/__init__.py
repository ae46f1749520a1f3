"""The variables panel."""
