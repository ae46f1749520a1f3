"""Notices and bars that lie over the panels."""
