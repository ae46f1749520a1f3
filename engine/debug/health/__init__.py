"""How well arrays and activations do."""
