"""The look of the window: colours, type, icons, style sheets."""
