from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadValue, DatasetUnreadable, ImagesDoNotFit, LabelBeyondOutputs
from engine.options import OPTIMIZERS, Options, build_session
from engine.presets import PRESETS


def test_the_defaults_are_the_default_network_on_mnist():
    session = build_session(Options())
    setup = session.setup()
    assert (setup.network, setup.dataset, setup.optimizer) == ("784-50-10", "MNIST", "SGD")
    assert (setup.batch_size, setup.learning_rate, setup.seed) == (100, 0.5, 0)
    assert setup.dtype == "float32"


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_preset_trains_on_its_own_dataset(preset, dtype):
    session = build_session(Options(network=preset, dtype=dtype, batch_size=20, seed=3))
    session.run(batches=2)
    assert np.isfinite(session.losses).all()
    assert all(array.dtype == dtype for array in session.network.parameters().values())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_optimizer_has_a_learning_rate_of_its_own(name):
    own = build_session(Options(optimizer=name)).optimizer
    assert type(own) is OPTIMIZERS[name]
    assert own.lr == (0.5 if name == "SGD" else OPTIMIZERS[name]().lr)
    assert build_session(Options(optimizer=name, learning_rate=0.25)).optimizer.lr == 0.25


def test_the_book_s_small_weights_can_be_had():
    weights = build_session(Options(weight_init=0.01)).network.parameters()["Affine1.W"]
    assert weights.std() == pytest.approx(0.01, rel=0.02)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("network", "784-51-10", "784-50-10, 784-10"),
        ("batch_size", 0, "batch size is 0"),
        ("learning_rate", 0.0, "learning rate is 0.0"),
        ("learning_rate", -1.0, "above 0"),
        ("learning_rate", math.nan, "finite"),
        ("learning_rate", math.inf, "finite"),
        ("seed", -1, "0 or greater"),
        ("epochs", 0, "1 or greater"),
        ("optimizer", "LBFGS", "SGD, Momentum, AdaGrad, Adam"),
        ("dtype", "float16", "float32, float64"),
        ("weight_init", "zeros", "xavier, he"),
        ("weight_init", math.nan, "finite"),
    ],
)
def test_a_bad_setting_is_told_with_what_would_do(setting, value, said):
    with pytest.raises(BadValue, match=said):
        Options(**{setting: value})


def test_a_batch_size_beyond_the_dataset_is_told_with_its_size():
    with pytest.raises(BadValue, match=r"60001; expected a whole number from 1 to 60,000"):
        build_session(Options(batch_size=60_001))


def write_dataset(folder: Path, side: int = 28, largest: int = 9) -> Path:
    images = np.zeros((30, side, side), np.uint8)
    labels = np.arange(30).astype(np.uint8) % (largest + 1)
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return folder


def test_a_folder_takes_the_place_of_the_bundled_dataset(tmp_path):
    session = build_session(Options(dataset=write_dataset(tmp_path), batch_size=30))
    assert (session.dataset.name, len(session.dataset)) == (tmp_path.name, 30)


def test_a_dataset_has_to_fit_the_network(tmp_path):
    with pytest.raises(ImagesDoNotFit, match="784 pixels: expected 16"):
        build_session(Options(dataset=write_dataset(tmp_path), network="16-4-3"))
    with pytest.raises(LabelBeyondOutputs, match="label 10"):
        build_session(Options(dataset=write_dataset(tmp_path, largest=10)))
    with pytest.raises(DatasetUnreadable):
        build_session(Options(dataset=tmp_path / "none"))


@pytest.mark.parametrize("change", [
    {"batch_size": 2.5}, {"seed": 1e400}, {"seed": True}, {"epochs": 10**9}, {"epochs": 2.0},
    {"learning_rate": 10**400}, {"learning_rate": math.nan}, {"network": []}, {"dataset": 5},
    {"weight_init": [1]}, {"more": 1},
], ids=str)  # fmt: skip
def test_what_a_file_says_that_no_options_can_be_is_none(change):
    sound = Options().to_json()
    assert Options.from_json(sound) == Options()
    assert Options.from_json({**sound, **change}) is None
