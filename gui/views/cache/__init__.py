"""The cache panel."""
