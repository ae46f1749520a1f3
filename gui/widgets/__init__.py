"""Small widgets that several views and dialogs share, and the base class of a view."""
