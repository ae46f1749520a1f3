"""Export of weights to formats that other programs read."""

from __future__ import annotations

from engine.interop.weights import SavedArray, SavedWeights, check_target, save_npz

__all__ = ["SavedArray", "SavedWeights", "check_target", "save_npz"]
