"""Statistics of arrays, and rules for unhealthy activations."""
