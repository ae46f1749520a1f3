"""The commands of the window: run control, files, settings, questions, what-if."""
