"""The panels: docks around the views, their layouts, and the export of their contents."""
