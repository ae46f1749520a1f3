"""A canvas of tiles: small arrays side by side."""
