"""An operation as a picture: its parts, and what makes them."""
