"""How all of the window looks: colours, type, icons, style sheets."""
