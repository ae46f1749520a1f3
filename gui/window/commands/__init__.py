"""What a person asks the window for: running, files, settings, questions, what-if."""
