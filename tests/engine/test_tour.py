"""The tour, as a person sees it: what is on stdout, on stderr, and the exit status."""

from __future__ import annotations

import io
import os
import re

import numpy as np
import pytest
from rich.console import Console

from engine.data import Dataset
from engine.debug import Session
from engine.debug.events import Kind
from engine.event_table import describe, event_table
from engine.nn.models import tiny_net
from engine.nn.optimizers import SGD
from engine.options import Options, build_session
from engine.tour import run_tour


@pytest.fixture
def session():
    return build_session(Options(network="16-4-3", batch_size=500))


def dataset(test=None, count=20):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 4, 4), dtype=np.uint8)
    return Dataset("random", images, np.arange(count) % 3, classes=3, test=test)


def printed(table, width, encoding="utf-8"):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=stream, width=width).print(table)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_it_shows_every_event_trains_and_measures(session, capsys):
    assert run_tour(session) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert re.search(r"# +phase +layer +source +shape +range", out)
    numbers = [int(number) for number in re.findall(r"^ *(\d+)  \w", out, flags=re.MULTILINE)]
    assert numbers == list(range(len(session.trace)))
    assert re.search(r"forward +Affine1 +x @ self\.W +500×4 +−\d", out)
    accuracy = session.measurements[-1].accuracy
    assert f"test accuracy {accuracy:.2%}" in out
    assert session.reach == session.order.batches_per_epoch
    assert "\x1b" not in out


def test_the_run_is_the_session_s_own(session, capsys):
    other = build_session(Options(network="16-4-3", batch_size=500))
    run_tour(session, epochs=2)
    other.run(batches=2 * other.order.batches_per_epoch)
    np.testing.assert_array_equal(session.losses, other.losses)
    for name, array in other.network.parameters().items():
        np.testing.assert_array_equal(session.network.parameters()[name], array)
    assert "After epoch 2" in capsys.readouterr().out


def test_it_exports_the_trained_weights(session, tmp_path, capsys):
    assert run_tour(session, export=tmp_path / "weights.npz") == 0
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as read:
        for name, array in session.network.parameters().items():
            np.testing.assert_array_equal(read[name], array)
    out = capsys.readouterr().out
    assert str(tmp_path / "weights.npz") in out
    assert "Affine1.W  (16, 4)  float32" in out


def test_it_does_without_a_test_set(capsys):
    assert run_tour(Session(tiny_net(), dataset(), SGD(0.5), batch_size=7)) == 0
    assert "no test set" in capsys.readouterr().out


@pytest.mark.parametrize("width", [80, 60, 100, 200])
def test_no_column_is_cut(session, width):
    text = printed(event_table(session, width), width)
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    together = re.sub(r"\s", "", text)
    for event in session.trace:
        if event.kind is Kind.EXPRESSION:
            assert event.layer in text
            assert re.sub(r"\s", "", describe(event)[0].replace("x", "×")) in together


def test_a_terminal_without_unicode_gets_ascii(session):
    text = printed(event_table(session, 120, unicode=False), 120, encoding="ascii")
    assert re.search(r"500x4 +\|-\d", text)


def test_a_full_disk_is_one_sentence(session, tmp_path, capsys, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run_tour(session, export=tmp_path / "weights.npz") == 1
    err = capsys.readouterr().err
    assert "No space left on device" in err
    assert err.count("\n") == 1


def test_ctrl_c_is_one_sentence(session, tmp_path, capsys, monkeypatch):
    step = session.program.step

    def interrupted(*args):
        if session.reach == 3:
            raise KeyboardInterrupt
        return step(*args)

    monkeypatch.setattr(session.program, "step", interrupted)
    assert run_tour(session, export=tmp_path / "weights.npz") == 130
    err = capsys.readouterr().err
    assert err == "Interrupted after 3 minibatches. The weights were not exported.\n"
    assert not list(tmp_path.iterdir())


class Value:
    """An event as far as its description goes."""

    kind = Kind.EXPRESSION

    def __init__(self, value):
        self.value = value


@pytest.mark.parametrize(
    ("value", "shape", "span"),
    [
        (np.array([[1.0, -2.5]]), "1x2", "-2.5 to 1"),
        (np.zeros(3), "3", "0"),
        (np.array([1.0, np.nan, np.inf, 2.0]), "4", "1 to 2, 1 NaN, 1 inf"),
        (np.array([np.nan]), "1", "1 NaN"),
        (np.zeros((0, 3)), "0x3", ""),
        (np.array(["text"]), "1", "<U4"),
        (np.array(0.123456), "", "0.1235"),
        (np.float32(2.5), "", "2.5"),
        (7, "", "7"),
        (None, "", "None"),
        ({"W": 1}, "", "dict"),
        ("a" * 30, "", "a" * 17 + "..."),
    ],
)
def test_a_value_is_its_shape_and_range(value, shape, span):
    assert describe(Value(value)) == (shape, span)
