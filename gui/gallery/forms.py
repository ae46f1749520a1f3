"""The moments of training in which the gallery shows a panel.

Each form is a function that trains a small real session and returns what a panel is given there.
To add a form, write such a function and name it in `FORMS`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine import (
    SGD,
    AtLayer,
    NotFinite,
    Session,
    SetCells,
    SetLearningRate,
    load_mnist,
    two_layer_net,
)
from engine.data import Dataset
from engine.debug.events import Phase
from engine.debug.queries.compare import Comparison
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.travel.trainer import MEMORY_BUDGET
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import chain
from engine.nn.network import Network

IMAGES, TESTS, BATCH_SIZE = 1000, 200, 100
EPOCH = IMAGES // BATCH_SIZE  # in batches
SMALL_BUDGET = 300_000  # bytes: less than one minibatch takes


@dataclass(frozen=True, slots=True)
class Moment:
    """The input of a panel.

    Attributes:
        snapshots: shown one after the other, as a person who steps would see them; may be empty.
        comparison: of two branches, for the panel that shows one; else None.
    """

    snapshots: tuple[Snapshot, ...]
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the panels.

    Attributes:
        words: what the session has done, as `--list` prints it.
        make: trains the session; called once a process.
    """

    words: str
    make: Callable[[], Moment]


@cache
def digits() -> Dataset:
    """The first images of MNIST, few enough that an epoch takes a few milliseconds."""
    whole = load_mnist()
    assert whole.test is not None
    test = Dataset(whole.name, whole.test.images[:TESTS], whole.test.labels[:TESTS], whole.classes)
    images, labels = whole.images[:IMAGES], whole.labels[:IMAGES]
    return Dataset(whole.name, images, labels, whole.classes, test)


def session_of(network: Network | None = None, memory_budget: int = MEMORY_BUDGET) -> Session:
    """A session on `digits()`, with 784-50-10 unless another network is given."""
    network = two_layer_net(seed=0) if network is None else network
    return Session(network, digits(), SGD(lr=0.5), BATCH_SIZE, 0, memory_budget)


def at(session: Session, source: str, layer: str = "") -> Moment:
    """Go to the first event of the batch with this source and layer, through the one before."""
    found = (e.index for e in session.trace if e.source == source and e.layer in ("", layer))
    event = next(e for e in found if session.trace[e].layer == layer)
    batch = session.position.batch
    snapshots = []
    for stop in (max(event - 1, 0), event):
        session.goto(batch, stop)
        snapshots.append(session.snapshot())
    return Moment(tuple(snapshots))


def now(session: Session) -> Moment:
    """The snapshot at the cursor."""
    return Moment((session.snapshot(),))


def trained(batches: int = 3) -> Session:
    """A session that has run for some batches."""
    session = session_of()
    session.run(batches, accuracy_every=1)
    return session


def deep() -> Moment:
    """A network of eleven layers, in the middle of its backward pass."""
    network = chain((784, 60, 50, 40, 30, 20, 10), Sigmoid, 0, "float32", "xavier")
    session = session_of(network)
    session.run(2)
    return at(session, "self.x.T @ dout", "Affine4")


def not_a_number() -> Moment:
    """A weight was set to NaN, and everything that reads it is NaN as well."""
    session = trained()
    session.edit(SetCells("Affine1.W", "300, 7", float("nan")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        session.run(2)
        return at(session, "x @ self.W", "Affine1")


def past_the_budget() -> Moment:
    """The trace of a minibatch is larger than the memory that it may take."""
    session = session_of(memory_budget=SMALL_BUDGET)
    session.run(1)
    assert not session.trace.is_whole
    return at(session, "self.x.T @ dout", "Affine1")


def raised() -> Moment:
    """The shapes of a product disagree: 50 columns meet 40 rows."""
    rng = np.random.default_rng(0)
    layers = [Affine(rng.normal(size=shape) * 0.05) for shape in ((784, 50), (40, 10))]
    session = session_of(Network([layers[0], Sigmoid(), layers[1]], SoftmaxWithLoss()))
    session.goto(0, len(session.trace) - 1)
    return now(session)


def marked() -> Moment:
    """Breakpoints with a condition, a hit count and a message, which were hit; and a bookmark."""
    session = session_of()
    session.breakpoints.add(NotFinite())
    session.breakpoints.add(AtLayer("Affine1", Phase.BACKWARD), log="loss {loss:.3f}")
    session.breakpoints.add(AtLayer("Affine2", Phase.FORWARD), hits="% 4")
    session.breakpoints.add(AtLayer("Sigmoid1", Phase.BACKWARD), condition="abs(dout).max() > 9")
    session.continue_(EPOCH)
    session.bookmarks.add("the fourth hit", session.position)
    return now(session)


def two_branches() -> Session:
    """The second branch left the first after two batches, with a smaller learning rate."""
    session = trained(2)
    session.run(4)
    session.goto(2)
    session.edit(SetLearningRate(0.05), name="slower")
    session.run(4, accuracy_every=2)
    return session


def compared() -> Moment:
    """The two branches side by side."""
    session = two_branches()
    comparison = session.compare(0, 1)
    return Moment((session.snapshot(),), comparison)


FORMS: dict[str, Form] = {
    "empty": Form("no session yet", lambda: Moment(())),
    "first": Form("the first stop of the first batch", lambda: now(session_of())),
    "forward": Form(
        "a product of the forward pass", lambda: at(trained(), "x @ self.W", "Affine1")
    ),
    "curve": Form(
        "an activation of the forward pass",
        lambda: at(trained(), "1 / (1 + np.exp(-x))", "Sigmoid1"),
    ),
    "backward": Form(
        "a product of the backward pass", lambda: at(trained(), "self.x.T @ dout", "Affine1")
    ),
    "loss": Form(
        "the mean of the surprises",
        lambda: at(trained(), "-log_y[rows, self.t].sum() / len(z)", "SoftmaxWithLoss"),
    ),
    "loop": Form("between two layers", lambda: at(trained(), "x = layer.forward(x)")),
    "kept": Form(
        "an array that a layer keeps", lambda: at(trained(), "if self.b is None:", "Affine1")
    ),
    "update": Form("an update of a parameter", lambda: at(trained(), "self.lr * dW")),
    "epoch": Form("after an epoch", lambda: now(trained(EPOCH))),
    "deep": Form("a network of eleven layers", deep),
    "nan": Form("a weight that is NaN", not_a_number),
    "budget": Form("a minibatch past the memory budget", past_the_budget),
    "raised": Form("a product whose shapes disagree", raised),
    "marked": Form("breakpoints and a bookmark", marked),
    "branches": Form("two branches", lambda: now(two_branches())),
    "compared": Form("two branches side by side", compared),
}


@cache
def moment(form: str) -> Moment:
    """The input of a panel in this form; trained once per process."""
    return FORMS[form].make()
