"""What came of a training: its numbers in words, a card with its curves, and when it is shown."""
