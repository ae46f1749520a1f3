"""What a window has for an audience: a pointer, a black screen, a clicker, no mouse at rest."""
