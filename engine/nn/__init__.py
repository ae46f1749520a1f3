"""The network that a learner reads and steps through: numpy only."""
