"""Weights in and out, in the formats that others read."""
