"""What runs: a network with an optimizer and a dataset, or any step."""
