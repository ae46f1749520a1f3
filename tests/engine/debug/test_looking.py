"""Objects of a person's that raise when they are looked at: the debugger looks past their code."""

from __future__ import annotations

import numpy as np
import pytest

from engine import AtData, AtLayer, AtLine, Named, NotFinite, Quantity
from engine.debug.events import Phase, Verb
from engine.debug.reach.contents import attributes_of, has, look_up, put_attributes
from engine.debug.session import Session
from engine.errors import Described, MeasurementFailed
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from tests.engine.debug.networks import Recipe, tiny_dataset

ERRORS = [RuntimeError("not built yet"), SystemExit(3), KeyboardInterrupt()]


class Shy:
    """Scales; whoever asks for an attribute that is not there gets the class's error."""

    error: BaseException = RuntimeError()

    def __init__(self) -> None:
        self.scale = np.ones(1)
        self.helper = Helper()

    def __getattr__(self, name):
        raise type(self).error

    @property
    def shape(self):
        raise self.error

    lr = name = mask = parameter_names = shape

    def forward(self, x):
        self.y = self.helper(x * self.scale)
        return self.y

    def backward(self, dout):
        self.dscale = (dout * self.y).sum()
        return dout * self.scale


class Helper:
    """Is called, and stored; and tells of itself its class alone."""

    def __getattribute__(self, name):
        if name == "__class__":
            return Helper
        raise Shy.error

    def __call__(self, x):
        return x

    def __repr__(self):
        raise Shy.error

    def __eq__(self, other):
        raise Shy.error

    __hash__ = None


class Slotted:
    """Has slots alone, one of them empty."""

    __slots__ = ("dscale", "scale", "y")

    def __init__(self) -> None:
        self.scale = np.ones(1)

    __getattr__ = Shy.__getattr__
    error = property(lambda self: Shy.error)
    forward = lambda self, x: x * self.scale  # noqa: E731

    def backward(self, dout):
        self.dscale = dout.sum()
        return dout * self.scale


class Strict(Shy):
    """Gives its own attributes and methods, and raises for all else, be it `__dict__`."""

    def __getattribute__(self, name):
        if name.strip("_") in ("class", "scale", "y", "helper", "forward", "backward", "dscale"):
            return object.__getattribute__(self, name)
        raise Shy.error


class ShyRule(SGD):
    """An optimizer of this kind."""

    kept = Helper()

    def __getattr__(self, name):
        raise Shy.error


def session_of(layer) -> Session:
    network, _ = Recipe(middle=("tanh",)).build()
    network = Network([network.layers[0], layer, *network.layers[1:]], network.loss)
    return Session(network, tiny_dataset(), ShyRule(lr=0.1), 5, blas_threads=None)


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", [Shy, Slotted, Strict])
def test_whatever_it_raises_when_looked_at_the_debugger_works(kind, error, monkeypatch):
    session = session_of(kind())
    monkeypatch.setattr(Shy, "error", error)
    first = {name: array.tobytes() for name, array in session.network.parameters().items()}
    name = f"{kind.__name__}1"
    session.breakpoints.add(NotFinite())
    session.breakpoints.add(AtData("Affine1.W", "0, 0"), hits="> 5")
    session.breakpoints.add(AtLayer(name, Phase.FORWARD), "batch == 12")
    session.breakpoints.add(
        AtLine(__file__, Shy.forward.__code__.co_firstlineno + 1), "x.max() > 99"
    )
    session.breakpoints.add(Named(Quantity.DEAD, name, 2.0))
    while session.position.batch < 1:
        assert session.step_into()
        session.snapshot()
    session.continue_(batches=20)
    assert session.position.batch > 2
    for verb in Verb:
        session.goto(3)
        session.goto(3, 20)
        assert session.step(verb)
        snapshot = session.snapshot()
        assert snapshot.layers[1].name == name
    for event in (9, 30, len(session.trace) - 1):
        session.goto(3, event)
        for variable in session.variables():
            try:
                session.last_write(variable)
            except Described as told:
                assert str(told)
    with pytest.raises(MeasurementFailed):  # which copies the layers, and that asks them
        session.measure()
    assert session.evaluation() is None
    session.reverse_continue()
    session.goto(0)
    assert {n: a.tobytes() for n, a in session.network.parameters().items()} == first


def test_what_it_has_is_put_back():
    session, intact = session_of(Strict()), session_of(Strict())
    session.run(batches=9)
    intact.run(batches=4)
    session.goto(4)
    one, other = (attributes_of(there.network.layers[1]) for there in (session, intact))
    assert sorted(one) == sorted(other) == ["dscale", "helper", "scale", "y"]
    assert all(np.array_equal(one[n], other[n]) for n in ("dscale", "scale", "y"))


def test_a_session_with_such_a_layer_is_saved(tmp_path):
    session = session_of(Shy())
    session.run(batches=7)
    assert session.save(tmp_path / "a.retrograd").exists()


def test_an_attribute_that_raises_is_one_that_is_not_there(monkeypatch):
    monkeypatch.setattr(Shy, "error", SystemExit())
    shy = Shy()
    assert look_up(shy, "shape", 7) == 7 and look_up(shy, "nothing") is None
    assert not has(shy, "lr") and has(shy, "scale")


def test_attributes_are_put_past_the_class():
    class Both:
        __slots__ = ("__dict__", "a", "b")

        def __setattr__(self, name, value):
            raise RuntimeError

        __getattribute__ = __delattr__ = __setattr__

    thing = Both()
    put_attributes(thing, {"a": 1, "c": 2}, set())
    assert attributes_of(thing) == {"a": 1, "c": 2}
    put_attributes(thing, {"b": 3, "c": 4}, attributes_of(thing).keys())
    assert attributes_of(thing) == {"b": 3, "c": 4}
    put_attributes(thing, {}, attributes_of(thing).keys())
    assert attributes_of(thing) == {}
