"""One minibatch as a trace: its events, values and frames."""
