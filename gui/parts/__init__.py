"""What the views are made of: painters, models and texts. They know no view and no window."""
