"""The samples panel."""
