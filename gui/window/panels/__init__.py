"""The docks round the views, their layouts, and saving what a panel shows."""
