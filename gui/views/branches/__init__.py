"""The branches panel."""
