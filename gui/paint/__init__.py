"""What paints arrays: heat maps, grids, tiles, cells and their numbers."""
