"""The gradient check: parameters, layers, overwrites, and the findings."""
