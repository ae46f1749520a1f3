"""Steps as people write them, for sessions that are saved and opened."""

from __future__ import annotations

RATE = 0.1
calls = 0


def scaled(gradients, rate):
    return {name: rate * gradient for name, gradient in gradients.items()}


def plain(network, optimizer, x, t):
    loss = network.forward(x, t)
    network.backward()
    optimizer.update(network.parameters(), scaled(network.gradients(), RATE))
    return loss


def made(rate, noise=0.0):
    """A step with its settings in a closure."""

    def step(network, optimizer, x, t):
        loss = network.forward(x + noise, t)
        network.backward()
        optimizer.update(network.parameters(), scaled(network.gradients(), rate))
        return loss

    return step


def counting(network, optimizer, x, t):
    """It sets a global itself, which is no setting."""
    global calls
    calls += 1
    return plain(network, optimizer, x, t)


class Trainer:
    def __init__(self, rate):
        self.rate = rate
        self.seen = 0

    def step(self, network, optimizer, x, t):
        self.seen += len(x)
        loss = network.forward(x, t)
        network.backward()
        optimizer.update(network.parameters(), scaled(network.gradients(), self.rate))
        return loss
