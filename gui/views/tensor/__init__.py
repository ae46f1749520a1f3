"""The tensor panel."""
