"""Curves over batches."""
