"""What a step reaches: the contents of objects, and the ways to them."""
