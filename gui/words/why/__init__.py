"""Derivations: why a stop computes what it computes, with the numbers of its minibatch."""
