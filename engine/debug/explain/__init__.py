"""What an expression does, and which cells made a cell."""
