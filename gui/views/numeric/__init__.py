"""The numeric panel."""
