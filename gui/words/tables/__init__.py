"""The words for the code of `engine.nn`, by function, event and source."""
