"""What the panel of numerical differentiation is made of."""
