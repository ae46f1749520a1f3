"""The window: draws what the session says, sends commands back."""
