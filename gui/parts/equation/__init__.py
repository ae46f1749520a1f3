"""The current expression as an equation of heat maps."""
