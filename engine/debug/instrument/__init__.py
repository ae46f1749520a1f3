"""Instrumentation: rewriting functions to report their values, and swapping in the new code."""
