"""The same training step by PyTorch, eager, beside ours: where PyTorch is installed."""

from __future__ import annotations

from importlib.util import find_spec
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.plain_step import BATCH_SIZE, seconds
from benchmarks.time_travel import Row
from engine.data import load_mnist
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD
from engine.nn.training import train_step

ROUNDS = 300


def measure() -> list[Row]:
    """One thread each, the same minibatches and the same first weights; no rows without it."""
    if find_spec("torch") is None:
        return []
    import torch

    torch.set_num_threads(1)
    network, optimizer = two_layer_net(seed=0), SGD(lr=0.5)
    W1, b1, W2, b2 = (
        torch.from_numpy(array.copy()).requires_grad_() for array in network.parameters().values()
    )
    theirs = torch.optim.SGD([W1, b1, W2, b2], lr=0.5)

    def step(x: torch.Tensor, t: torch.Tensor) -> None:
        loss = torch.nn.functional.cross_entropy(torch.sigmoid(x @ W1 + b1) @ W2 + b2, t)
        theirs.zero_grad()
        loss.backward()
        theirs.step()

    dataset = load_mnist()
    ratios = []
    with threadpool_limits(limits=1):
        for number in range(ROUNDS):
            first = number * BATCH_SIZE % (len(dataset) - BATCH_SIZE)
            x, t = dataset.batch(np.arange(first, first + BATCH_SIZE))
            ours = seconds(lambda x=x, t=t: train_step(network, optimizer, x, t))
            tensors = torch.from_numpy(x), torch.from_numpy(t)
            ratios.append(seconds(lambda given=tensors: step(*given)) / ours)
    return [Row("PyTorch eager / plain step", median(ratios[ROUNDS // 10 :]), "×", "above 1")]
