"""The variables of a person's own modules come back, also those that were made later."""

from __future__ import annotations

import gc
import importlib
import sys
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.memory.state import State
from engine.debug.reach.own_modules import OwnCode, names_set_by

_NUMBERS = count()


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Imports modules from sources, out of a folder of their own."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names = []

    def modules(**sources):
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)
            names.append(name)
        importlib.invalidate_caches()
        return [importlib.import_module(name) for name in sources]

    yield modules
    for name in names:
        sys.modules.pop(name, None)


def test_a_module_that_is_reached_by_its_name_comes_back(made):
    """`import mynet; mynet.train_batch()`: nothing but the name of the module is seen."""
    number = next(_NUMBERS)
    net, script = made(
        **{
            f"net_{number}": "import numpy as np\nW = np.zeros(3)\ncount = 0\n"
            "def train_batch():\n global W, count\n W = W + 1\n count += 1\n return float(W[0])\n",
            f"script_{number}": f"import net_{number}\n"
            f"def step():\n    return net_{number}.train_batch()\n",
        }
    )
    own, states = OwnCode(script.step), []
    for batch in range(6):
        states.append(State([script.step], batch, own=own))
        script.step()
    for batch in (3, 5, 0):
        states[batch].restore()
        assert net.count == batch and net.W.tolist() == [batch] * 3
        assert script.step() == batch + 1


def test_names_that_a_function_made_later_are_gone_again(made):
    number = next(_NUMBERS)
    (script,) = made(
        **{
            f"later_{number}": "import numpy as np\nW = np.zeros(3)\n"
            "def step():\n    global W, velocity\n    velocity = np.ones(3)\n    W = W - velocity\n"
        }
    )
    with_modules = State([script.step], own=OwnCode(script.step))
    names_alone = State([script.step])
    for state in (with_modules, names_alone):
        script.step()
        assert script.velocity.tolist() == [1, 1, 1]
        state.restore()
        assert not hasattr(script, "velocity") and script.W.tolist() == [0, 0, 0]


def test_rebound_functions_and_two_names_of_one_array_come_back(made):
    number = next(_NUMBERS)
    source = (
        "import math, numpy as np\nW = np.arange(3.0)\nalso, row = W, W[1:]\n"
        "activation = np.tanh\n"
        "def relu(x):\n    return max(x, 0)\n"
        "def step():\n    global W, activation\n    activation = relu\n    W = W * 2\n"
    )
    (script,) = made(**{f"rebound_{number}": source})
    W = script.W
    state = State([script.step], own=OwnCode(script.step))
    script.step()
    W[:] = 7
    state.restore()
    assert script.W is W and script.also is W and script.activation is np.tanh
    W[1] = 9
    assert script.row[0] == 9 and script.relu is not None and script.math is not None


TYPED = """
import numpy as np
W = np.zeros(2)
i = 0
def step():
    global W, grown
    W = W + 1
    grown = [len(W)]
    return float(W[0])
"""


def test_what_a_person_types_stays_where_functions_cannot_have_set_it():
    """In a notebook the names of the program and those of the person share a namespace."""
    cells = {"__name__": "typed cells"}
    exec(TYPED, cells)
    state = State([cells["step"]], own=OwnCode(cells["step"]))
    cells["step"]()
    cells["i"] = 5
    cells["session"] = SimpleNamespace()
    state.restore()
    assert cells["W"].tolist() == [0, 0] and "grown" not in cells
    assert cells["i"] == 5 and "session" in cells


def test_a_name_that_is_set_through_the_dictionary_of_a_typed_namespace_comes_back():
    cells = {"__name__": "typed cells", "count": 0}
    exec("def step(name='count'):\n    globals()[name] += 1\n", cells)
    state = State([cells["step"]], own=OwnCode(cells["step"]))
    cells["step"]()
    state.restore()
    assert cells["count"] == 0


def test_libraries_frameworks_and_the_debugger_are_never_own():
    here = OwnCode(test_libraries_frameworks_and_the_debugger_are_never_own)
    names = {namespace["__name__"] for namespace in here.namespaces()}
    assert __name__ in names
    assert not any(name.startswith(("engine.", "gui.", "numpy", "_pytest")) for name in names)
    assert OwnCode(np.linalg.norm).namespaces() == OwnCode(State).namespaces() == []


class Shared:
    count = 0
    activation = SimpleNamespace(scale=np.ones(2))
    __slots__ = ("W",)


def test_class_attributes_come_back_and_later_ones_go():
    thing = Shared()
    thing.W = np.zeros(2)
    state = State([thing])
    Shared.count, Shared.later = 3, [1]
    Shared.activation.scale += 1
    del thing.W
    gc.collect()
    state.restore()
    assert Shared.count == 0 and not hasattr(Shared, "later")
    assert Shared.activation.scale.tolist() == [1, 1] and thing.W.tolist() == [0, 0]


def test_a_closures_variable_that_had_no_value_has_none_again():
    def outer():
        def step():
            nonlocal cache
            before = "cache" in locals()
            cache = np.ones(2)
            return before

        if step is None:
            cache = None
        return step

    step = outer()
    state = State([step])
    assert step() is False
    state.restore()
    with pytest.raises(ValueError, match="empty"):
        assert step.__closure__[0].cell_contents
    assert step() is False


def test_attributes_of_functions_dictionaries_and_arrays_come_back():
    class Parameters(dict):
        pass

    class Tensor(np.ndarray):
        pass

    def step():
        return step.calls

    step.calls = 0
    held = Parameters(W=np.zeros(2))
    held.version = 1
    tensor = np.zeros(2).view(Tensor)
    tensor.grad = np.ones(2)
    state = State([step, held, tensor])
    step.calls, held.version, held["b"] = 4, 2, 3
    tensor.grad += 1
    tensor.extra = 1
    state.restore()
    assert step() == 0 and held.version == 1 and list(held) == ["W"]
    assert tensor.grad.tolist() == [1, 1] and not hasattr(tensor, "extra")


@given(st.sampled_from([None, 2, 8]), st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_a_function_cache_serves_what_it_would_have_served(size, before, after):
    """Each result is an array that counts its calls, so serving another one shows."""
    from functools import lru_cache

    calls = []

    @lru_cache(maxsize=size)
    def counted(key):
        calls.append(key)
        return np.zeros(2)

    def call(keys):
        for key in keys:
            counted(key)[0] += 1

    call(before)
    kept = set(list(dict.fromkeys(reversed(before)))[:size])
    then = {key: counted(key).copy() for key in before if key in kept}
    state = State([counted])
    call(after)
    state.restore()
    calls.clear()
    results = {key: counted(key).copy() for key in then}
    evicted = size is not None and len({*before, *after}) > size
    for key, result in results.items():
        assert result.tolist() == then[key].tolist() or (evicted and key in calls)
    assert evicted or not calls
    fresh = next(key for key in range(6, 9))
    assert counted(fresh).tolist() == [0, 0]
    for key in set(after) - kept:
        if not evicted:
            assert counted(key).tolist() == [0, 0]  # it is computed again, and not served changed


def test_what_the_debugger_has_cached_is_no_state():
    """Its twins are among it: with other twins, the events of one batch would not be alike."""
    code = compile("x = 1", "made here", "exec")
    state = State([SimpleNamespace(names=names_set_by)])
    found = names_set_by(code)
    state.restore()
    assert names_set_by(code) is found
