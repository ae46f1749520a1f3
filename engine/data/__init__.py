"""Datasets, and the order in which their minibatches come."""
