"""The hidden units panel."""
