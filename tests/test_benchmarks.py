"""What `make bench` says at its end."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import torch_step
from benchmarks.__main__ import GROUPS, measured, table
from benchmarks.time_travel import Row


def test_a_missed_aim_says_of_what_it_is():
    rows = [
        Row("a loop", 2.0, "×", "2.5 or less"),
        Row("  past it / within it", 1.2, "×", "1.5 or less"),
        Row("an RNN", 2.0, "×", "2.5 or less"),
        Row("  past it / within it", 1.7, "×", "1.5 or less"),
        Row("a step", 1.4, "×", "below 1.5"),
        Row("the same, quickest rounds", 1.6, "×", "below 1.5"),
    ]
    lines = table(rows).splitlines()
    assert "| a loop: past it / within it | 1.20 × | 1.5 or less |" in lines
    assert lines[-3:] == [
        "2 of 6 aims are missed:",
        "an RNN: past it / within it: 1.70, aim 1.5 or less",
        "a step: the same, quickest rounds: 1.60, aim below 1.5",
    ]


def test_a_group_that_fails_is_shown_and_the_rest_goes_on(monkeypatch, capsys):
    rows = {"plain_step": [Row("a step", 1.4, "×", "below 1.5")], "deep": None}
    monkeypatch.setattr(command, "measured", lambda name: rows[name])
    assert command.main(["deep", "plain_step"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["deep", "failed"]
    assert "| a step | 1.40 × | below 1.5 |" in shown and "| deep | failed | |" in shown
    assert shown[-1] == "Failed, and not measured: deep."


def test_a_process_that_ends_badly_has_failed(monkeypatch):
    monkeypatch.setattr(command, "sys", SimpleNamespace(executable=sys.executable))
    monkeypatch.setattr(command, "ROWS", "--no-such-thing")
    assert measured("deep") is None


def test_where_all_is_measured_the_exit_code_is_0(monkeypatch, capsys):
    monkeypatch.setattr(command, "measured", lambda name: [])
    assert command.main([]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 of 0 aims are missed."


@pytest.mark.parametrize("name", GROUPS)
def test_each_group_says_what_it_measures(name):
    assert GROUPS[name].__doc__


class _Tensor:
    """As much of a tensor as the benchmark uses; its gradients are zero."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array

    def requires_grad_(self) -> _Tensor:
        return self

    def __matmul__(self, other: _Tensor) -> _Tensor:
        return _Tensor(self.array @ other.array)

    def __add__(self, other: _Tensor) -> _Tensor:
        return _Tensor(self.array + other.array)

    def backward(self) -> None:
        pass


def test_pytorch_takes_the_same_step_where_it_is_installed(monkeypatch):
    """With a stand-in, which has the names that are used."""
    steps = []
    torch = ModuleType("torch")
    torch.set_num_threads = lambda count: None
    torch.from_numpy = _Tensor
    torch.sigmoid = lambda z: _Tensor(1 / (1 + np.exp(-z.array)))
    torch.optim = SimpleNamespace(
        SGD=lambda parameters, lr: SimpleNamespace(
            zero_grad=lambda: None, step=lambda: steps.append((len(parameters), lr))
        )
    )
    shapes = []

    def cross_entropy(scores: _Tensor, t: _Tensor) -> _Tensor:
        shapes.append((scores.array.shape, t.array.shape))
        return _Tensor(np.zeros(()))

    torch.nn = SimpleNamespace(functional=SimpleNamespace(cross_entropy=cross_entropy))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(torch_step, "find_spec", lambda name: object())
    monkeypatch.setattr(torch_step, "ROUNDS", 20)
    [row] = torch_step.measure()
    assert row.what == "PyTorch eager / plain step" and row.value > 0
    assert len(steps) >= 20 and set(steps) == {(4, 0.5)}
    assert set(shapes) == {((100, 10), (100,))}


def test_without_pytorch_its_row_is_absent(monkeypatch):
    monkeypatch.setattr(torch_step, "find_spec", lambda name: None)
    assert torch_step.measure() == []
