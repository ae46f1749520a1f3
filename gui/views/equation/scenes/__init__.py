"""Pictures of their own for stops at which more can be seen than the arithmetic of arrays."""
