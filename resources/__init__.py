"""What the app ships besides its code: datasets, fonts, icons. Found with importlib.resources."""
