"""A run's way back leaves alone what belongs to the process: built-ins, modules, registries."""

from __future__ import annotations

import builtins
import enum
import logging
import math
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import hypothesis
import numpy as np
import pytest

from engine.debug.memory.state import State

ROOT = Path(__file__).resolve().parents[4]

# In a process of its own: it lost `isinstance` when this failed.
NOTEBOOK = """
import numpy as np
from types import SimpleNamespace
from engine import Session, load_mnist
cells = {"__name__": "__main__"}
exec('''import numpy as np
class Affine:
    def __init__(self, W): self.W = W
    def forward(self, x): return x @ self.W
def step(network, optimizer, x, t):
    loss = float(network.layers[0].forward(x).mean())
    network.layers[0].W = network.layers[0].W * 0.5
    return loss
''', cells)
class Net:
    def __init__(self):
        self.layers = [cells["Affine"](np.ones((784, 3)))]
        self.loss = self
    def parameters(self):
        return {"W": cells and self.layers[0].W}
    def gradients(self):
        return {}
def make():
    return Session(Net(), load_mnist(), SimpleNamespace(), batch_size=2, step=cells["step"])
session = cells["session"] = make()
session.run(3)
losses = session.losses.tolist()
session.goto(1, 0)
assert float(session.network.layers[0].W[0, 0]) == 0.5
assert session.losses.tolist() == losses and session.position == (1, 0)
assert isinstance(session, Session)
print("fine")
"""


def test_a_closure_over_the_cells_of_a_notebook_leaves_the_builtins_alone():
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "fine\n", done.stderr[-2000:]


class Holder:
    def __init__(self, held: object) -> None:
        self.held = held
        self.W = np.zeros(2)


@pytest.mark.parametrize(
    "container",
    [
        vars(builtins), vars(math), vars(np), vars(hypothesis), sys.modules, sys.path,
        logging.getLogger().handlers,
    ],
    ids=["builtins", "math", "numpy", "hypothesis", "sys.modules", "sys.path", "handlers"],
)  # fmt: skip
def test_a_container_of_the_process_is_no_state(container):
    held = State([Holder(container)])
    assert not any(noted is container for noted in held.live_containers())


def test_the_environment_is_no_state(monkeypatch):
    held = State([Holder(os.environ)])
    monkeypatch.setenv("RETROGRAD_LATER", "1")
    held.restore()
    assert os.environ["RETROGRAD_LATER"] == "1"


def test_the_variables_of_a_persons_own_module_are_state():
    module = ModuleType("a_module_of_a_person")
    module.seen = [1]
    held = State([Holder(vars(module))])
    module.seen.append(2)
    module.later = 3
    held.restore()
    assert module.seen == [1] and not hasattr(module, "later")


def test_a_flag_that_was_combined_since_stays_the_same_object():
    class Mode(enum.Flag):
        FORWARD = 1
        BACKWARD = 2

    held = State([Holder(Mode)])
    both = Mode.FORWARD | Mode.BACKWARD
    held.restore()
    assert (Mode.FORWARD | Mode.BACKWARD) is both
