"""What a snapshot shows, read off a trace."""
