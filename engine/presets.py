"""Preset networks, each with a label for menus, its dataset and its optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.nn.models import (
    deep_relu_net,
    deep_sigmoid_net,
    one_layer_net,
    three_layer_net,
    tiny_net,
    two_layer_net,
)
from engine.nn.network import Network
from engine.nn.optimizers import SGD, Optimizer


@dataclass(frozen=True, slots=True)
class NetworkPreset:
    """A ready-made network with settings for it: they train all well but the deep ones.

    Attributes:
        id: its sizes, as `Setup.network` says them: "784-50-10", "784-30x5-10-relu".
        label: its name in menus.
        description: a sentence.
        build: makes the network; takes `seed`, `dtype` and `weight_init`, all optional.
        optimizer: makes the optimizer; takes `lr`.
        dataset: id of its dataset: "mnist" (784 pixels, 10 classes) or "drawn_digits" (4 × 4
            pixels, the digits 0 to 2).
        batch_size: samples in a minibatch.
    """

    id: str
    label: str
    description: str
    build: Callable[..., Network]
    optimizer: Callable[..., Optimizer]
    learning_rate: float
    dataset: str
    batch_size: int = 100


PRESETS: dict[str, NetworkPreset] = {
    preset.id: preset
    for preset in (
        NetworkPreset(
            id="784-50-10",
            label="Two layers, sigmoid",
            description="A hidden layer of 50 sigmoid units, with biases: the book's network.",
            build=two_layer_net,
            optimizer=SGD,
            learning_rate=0.5,
            dataset="mnist",
        ),
        NetworkPreset(
            id="784-10",
            label="One layer, no bias",
            description="A single product and softmax, without biases: every weight can be seen.",
            build=one_layer_net,
            optimizer=SGD,
            learning_rate=0.5,
            dataset="mnist",
        ),
        NetworkPreset(
            id="784-100-50-10",
            label="Three layers, ReLU",
            description="Two hidden layers with ReLU: deeper, and better at digits.",
            build=three_layer_net,
            optimizer=SGD,
            learning_rate=0.1,
            dataset="mnist",
        ),
        NetworkPreset(
            id="16-4-3",
            label="Tiny: every number on the screen",
            description="Four hidden units on 4 × 4 pixels: every number fits on the screen.",
            build=tiny_net,
            optimizer=SGD,
            learning_rate=0.5,
            dataset="drawn_digits",
            batch_size=6,
        ),
        NetworkPreset(
            id="784-30x5-10-sigmoid",
            label="Deep, sigmoid: its gradient vanishes",
            description="Five hidden layers with sigmoids and small weights: it does not learn.",
            build=deep_sigmoid_net,
            optimizer=SGD,
            learning_rate=0.1,
            dataset="mnist",
        ),
        NetworkPreset(
            id="784-30x5-10-relu",
            label="Deep, ReLU: learns with Xavier",
            description="The same with ReLU: it learns once its weights begin as Xavier or He say.",
            build=deep_relu_net,
            optimizer=SGD,
            learning_rate=0.1,
            dataset="mnist",
        ),
    )
}
