"""The scenes of softmax and the loss: scores, probabilities, surprises, and p − t."""
