"""What a stop's lesson has beside its sentences: formula, legend, derivation."""
