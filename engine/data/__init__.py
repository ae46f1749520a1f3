"""Datasets, and the order of their minibatches."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.data.drawn_digits import drawn_digits
from engine.data.load import load_idx, load_idx_folder
from engine.data.mnist import load_mnist, tiny_digits
from engine.data.order import BatchOrder
from engine.data.references import BUNDLED

__all__ = [
    "BUNDLED",
    "BatchOrder",
    "Dataset",
    "drawn_digits",
    "load_idx",
    "load_idx_folder",
    "load_mnist",
    "tiny_digits",
]
