"""Gradients of weights and biases as sums over the images of the minibatch."""
