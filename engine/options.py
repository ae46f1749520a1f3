"""The options of a new run, from the command line or the window, and how to build its session."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.data import BUNDLED, load_idx_folder
from engine.debug.session import Session
from engine.errors import BadValue
from engine.nn.network import Network
from engine.nn.optimizers import OPTIMIZERS, Optimizer
from engine.presets import PRESETS, NetworkPreset

DTYPES = ("float32", "float64")
WEIGHT_INITS = ("xavier", "he")
MOST_EPOCHS = 1_000_000  # the largest number accepted from a file


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a run.

    Attributes:
        network: id of a preset.
        dataset: a folder of IDX files; None for the preset's own dataset.
        batch_size: None for the preset's.
        optimizer: a key of `OPTIMIZERS`; None for the preset's.
        learning_rate: None for the preset's, or, with another optimizer, that optimizer's default.
        weight_init: "xavier", "he" or a standard deviation; None for the preset's.

    Raises:
        BadValue: a setting is out of range for any dataset.
    """

    network: str = "784-50-10"
    dataset: Path | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    seed: int = 0
    epochs: int = 1
    optimizer: str | None = None
    dtype: str = "float32"
    weight_init: str | float | None = None

    def __post_init__(self) -> None:
        one_of("network", self.network, PRESETS)
        one_of("dtype", self.dtype, DTYPES)
        if self.batch_size is not None:
            at_least("batch size", self.batch_size, 1)
        at_least("seed", self.seed, 0)
        at_least("number of epochs", self.epochs, 1)
        if self.optimizer is not None:
            one_of("optimizer", self.optimizer, OPTIMIZERS)
        if self.learning_rate is not None:
            finite("learning rate", self.learning_rate, above=0)
        if isinstance(self.weight_init, str):
            one_of("weight initialisation", self.weight_init, WEIGHT_INITS)
        elif self.weight_init is not None:
            finite("weight initialisation", self.weight_init, above=0)

    @property
    def preset(self) -> NetworkPreset:
        """The network's entry in the table of presets."""
        return PRESETS[self.network]

    def to_json(self) -> dict[str, Any]:
        """The settings as a JSON object."""
        return {**asdict(self), "dataset": None if self.dataset is None else str(self.dataset)}

    @staticmethod
    def from_json(data: object) -> Options | None:
        """The settings in a JSON object; None if it has no valid settings."""
        if not isinstance(data, dict):
            return None
        try:
            dataset = data.get("dataset")
            found = Options(**{**data, "dataset": None if dataset is None else Path(dataset)})
        except (TypeError, ValueError, OverflowError, BadValue):
            return None
        whole = (found.batch_size, found.seed, found.epochs)
        if not all(type(value) is int or value is None for value in whole):
            return None
        return found if found.epochs <= MOST_EPOCHS else None


def at_least(name: str, value: int, least: int) -> None:
    """Check that an integer is not too small.

    Raises:
        BadValue: it is below `least`.
    """
    if value < least:
        raise BadValue(name, value, f"a whole number, {least} or greater")


def finite(name: str, value: float, above: float) -> None:
    """Check that a number is finite and above a limit.

    Raises:
        BadValue: it is not.
    """
    if not (math.isfinite(value) and value > above):
        raise BadValue(name, value, f"a finite number above {above:g}")


def one_of(name: str, value: str, choices: Any) -> None:
    """Check that a value is among the choices.

    Raises:
        BadValue: it is not; the message lists the choices.
    """
    if value not in choices:
        raise BadValue(name, value, f"one of {', '.join(choices)}")


def build_session(options: Options) -> Session:
    """Make a session from options, at its first event.

    Raises:
        BadValue: the batch size exceeds the dataset.
        DatasetError: the dataset cannot be read, or does not fit the network.
    """
    preset = options.preset
    network = _build_network(options)
    if options.dataset is None:
        dataset = BUNDLED[preset.dataset]()
    else:
        dataset = load_idx_folder(options.dataset)
    dataset.check_fits(*_ends(network))
    optimizer = _build_optimizer(options)
    batch_size = preset.batch_size if options.batch_size is None else options.batch_size
    return Session(network, dataset, optimizer, batch_size, options.seed)


def _build_network(options: Options) -> Network:
    wanted: dict[str, Any] = {"seed": options.seed, "dtype": options.dtype}
    if options.weight_init is not None:
        wanted["weight_init"] = options.weight_init
    return options.preset.build(**wanted)


def _build_optimizer(options: Options) -> Optimizer:
    make, rate = options.preset.optimizer, options.learning_rate
    if options.optimizer is not None and OPTIMIZERS[options.optimizer] is not make:
        # The preset's rate fits only its own optimizer: 0.5 is right for SGD, too large for Adam.
        make = OPTIMIZERS[options.optimizer]
        return make() if rate is None else make(lr=rate)
    return make(lr=options.preset.learning_rate if rate is None else rate)


def _ends(network: Network) -> tuple[int, int]:
    """Return the number of inputs and outputs of a network, from its first and last matrix."""
    matrices = [array for array in network.parameters().values() if array.ndim == 2]
    return matrices[0].shape[0], matrices[-1].shape[1]
