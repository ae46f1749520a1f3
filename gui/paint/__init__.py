"""The painting of arrays: heat maps, grids, tiles, cells and their numbers."""
