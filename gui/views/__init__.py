"""The panels' views: each is a module or a folder, draws snapshots, and knows no other view."""
