"""The scene of softmax and the loss: scores, probabilities, surprises, and p − t."""
