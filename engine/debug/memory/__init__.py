"""What objects held, and how to have it back: copies, writes, the undo log, stored states."""
