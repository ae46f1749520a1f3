"""The plain training step, compared with the five matrix products that it needs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from engine.data import load_mnist
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD
from engine.nn.training import train_step

BATCH_SIZE = 100
CALLS = 10  # a round: so many of one side, then of the other, on the same minibatch


@dataclass(frozen=True, slots=True)
class PlainStep:
    """Times of 784-50-10 at batch 100, float32, on one BLAS thread, in microseconds.

    Attributes:
        step, gemms: the median of the rounds.
        least_step, least_gemms: the quickest round, the least disturbed by other work.
        rounds: the number of rounds, each of step and products.

    """

    step: float
    gemms: float
    least_step: float
    least_gemms: float
    rounds: int

    @property
    def ratio(self) -> float:
        """The step in units of its products."""
        return self.step / self.gemms

    @property
    def least_ratio(self) -> float:
        """The same of the quickest rounds."""
        return self.least_step / self.least_gemms


def measure(rounds: int = 600) -> PlainStep:
    """Time both in alternating rounds, each on the next minibatch of MNIST."""
    network, optimizer = two_layer_net(seed=0), SGD(lr=0.5)
    dataset = load_mnist()
    gemms = Gemms(784, 50, 10)
    steps, products = [], []
    with threadpool_limits(limits=1):
        for number in range(rounds):
            first = number * BATCH_SIZE % (len(dataset.labels) - BATCH_SIZE)
            x, t = dataset.batch(np.arange(first, first + BATCH_SIZE))
            steps.append(seconds(lambda x=x, t=t: train_step(network, optimizer, x, t)))
            products.append(seconds(lambda x=x: gemms(x)))
    steps, products = steps[rounds // 10 :], products[rounds // 10 :]  # the first ones warm up
    return PlainStep(
        step=median(steps) * 1e6,
        gemms=median(products) * 1e6,
        least_step=min(steps) * 1e6,
        least_gemms=min(products) * 1e6,
        rounds=len(steps),
    )


class Gemms:
    """The five products of a step, written into preallocated arrays."""

    def __init__(self, D: int, M: int, K: int) -> None:
        rng = np.random.default_rng(0)

        def array(*shape: int) -> np.ndarray:
            return rng.normal(0, 0.1, shape).astype(np.float32)

        self.W1, self.W2 = array(D, M), array(M, K)
        self.z1, self.z2 = array(BATCH_SIZE, M), array(BATCH_SIZE, K)
        self.a, self.d1, self.d2 = array(BATCH_SIZE, M), array(BATCH_SIZE, M), array(BATCH_SIZE, K)
        self.da, self.dW1, self.dW2 = array(BATCH_SIZE, M), array(D, M), array(M, K)

    def __call__(self, x: np.ndarray) -> None:
        """Run the five."""
        np.matmul(x, self.W1, out=self.z1)
        np.matmul(self.a, self.W2, out=self.z2)
        np.matmul(self.a.T, self.d2, out=self.dW2)
        np.matmul(self.d2, self.W2.T, out=self.da)
        np.matmul(x.T, self.d1, out=self.dW1)


def seconds(work: Callable[[], object]) -> float:
    """Duration of a call, the mean of a few, after one that fills the caches."""
    work()
    begin = perf_counter()
    for _ in range(CALLS):
        work()
    return (perf_counter() - begin) / CALLS


if __name__ == "__main__":
    result = measure()
    sys.stdout.write(
        f"plain step {result.step:.0f} us, its GEMMs {result.gemms:.0f} us: "
        f"ratio {result.ratio:.2f} (quickest rounds {result.least_ratio:.2f})\n"
    )
