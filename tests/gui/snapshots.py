"""Snapshots made by hand, so that a view can be tested without a session.

`make_snapshot()` stands at the event `x @ self.W` of `Affine1.forward` in batch 412 of a 784-50-10
network, whose arrays are the real ones of one forward and backward pass. Any field of `Snapshot`
can be overridden: `make_snapshot(cache=())`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.debug.events import Event, Frame, Kind, Phase, Position, Span
from engine.debug.snapshots.snapshot import (
    Band,
    CacheEntry,
    CacheState,
    Group,
    LayerProgress,
    LayerState,
    Minibatch,
    RunHistory,
    Setup,
    Snapshot,
    StackEntry,
    Variable,
)

SAMPLE = Path(__file__).with_name("sample_layers.py")
EVENT_COUNT = 129
CURSOR = 6
MATMUL = "x @ self.W"


class Affine:
    """Stands for the layer that owns the frame of `Affine1.forward`."""

    def __init__(self, name: str) -> None:
        self.name = name


def frozen(array: np.ndarray) -> np.ndarray:
    """The array itself, made read-only as those of a snapshot are."""
    array.flags.writeable = False
    return array


@cache
def arrays() -> SimpleNamespace:
    """The arrays of one minibatch of 100: both passes of a 784-50-10 network, in float32."""
    rng = np.random.default_rng(0)
    n = 100
    rows, columns = np.mgrid[0:28, 0:28] - 13.5
    radius = np.hypot(rows, columns)
    rings = rng.uniform(4, 10, (n, 1, 1))
    images = (255 * np.exp(-((radius - rings) ** 2) / 4)).astype(np.uint8)
    images[images < 20] = 0
    labels = rng.integers(0, 10, n)
    x = images.reshape(n, -1).astype(np.float32) / np.float32(255)
    W1 = (rng.standard_normal((784, 50)) * 0.04).astype(np.float32)
    b1 = (rng.standard_normal(50) * 0.01).astype(np.float32)
    W2 = (rng.standard_normal((50, 10)) * 0.2).astype(np.float32)
    b2 = (rng.standard_normal(10) * 0.01).astype(np.float32)
    matmul = x @ W1
    z1 = matmul + b1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = a1 @ W2 + b2
    y = np.exp(z2 - z2.max(axis=1, keepdims=True))
    y /= y.sum(axis=1, keepdims=True)
    loss = float(-np.log(y[np.arange(n), labels]).mean())
    dz2 = y.copy()
    dz2[np.arange(n), labels] -= 1
    dz2 /= n
    da1 = dz2 @ W2.T
    dz1 = da1 * (1 - a1) * a1
    made = {
        "images": images, "labels": labels, "x": x, "W1": W1, "b1": b1, "W2": W2, "b2": b2,
        "matmul": matmul, "z1": z1, "a1": a1, "z2": z2, "y": y, "dz2": dz2, "da1": da1, "dz1": dz1,
        "dW1": x.T @ dz1, "db1": dz1.sum(axis=0), "dW2": a1.T @ dz2, "db2": dz2.sum(axis=0),
        "indices": rng.integers(0, 60_000, n),
    }  # fmt: skip
    return SimpleNamespace(loss=loss, **{name: frozen(array) for name, array in made.items()})


def span_of(source: str, path: Path = SAMPLE, occurrence: int = 0) -> Span:
    """Where the text `source` (of one line) stands in the file, counting occurrences from 0."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        column = line.find(source)
        if column >= 0:
            if occurrence == 0:
                return Span(number, column, number, column + len(source))
            occurrence -= 1
    raise ValueError(f"{source!r} is not in {path}")


def make_frames(layer: str = "Affine1", function: str = "Affine.forward") -> Frame:
    """The frame of a layer's method below `Network.forward` and `train_step`."""
    folder = SAMPLE.parent
    outer = Frame(
        function="train_step", file=str(folder / "training.py"), first_line=12, owner=None,
        layer="", phase=Phase.FORWARD, parent=None, depth=0, call_event=0,
    )  # fmt: skip
    network = Frame(
        function="Network.forward", file=str(folder / "network.py"), first_line=28, owner=object(),
        layer="", phase=Phase.FORWARD, parent=outer, depth=1, call_event=1,
    )  # fmt: skip
    return Frame(
        function=function, file=str(SAMPLE), first_line=span_of("def forward").line,
        owner=Affine(layer), layer=layer, phase=Phase.FORWARD, parent=network, depth=2,
        call_event=3,
    )  # fmt: skip


def make_event(**overrides: Any) -> Event:
    """The expression event `x @ self.W` of `Affine1.forward`.

    `source` alone is enough to move it: line and span follow from where the text stands.
    """
    path = Path(overrides.get("file", SAMPLE))
    source = overrides.get("source", MATMUL)
    if "span" not in overrides:
        overrides["span"] = span_of(source, path)
    fields: dict[str, Any] = {
        "index": CURSOR, "kind": Kind.EXPRESSION, "phase": Phase.FORWARD, "layer": "Affine1",
        "file": str(path), "line": overrides["span"].line, "source": source,
        "value": arrays().matmul, "frame": make_frames(),
    }  # fmt: skip
    return Event(**(fields | overrides))


def make_variables() -> tuple[Variable, ...]:
    """What is in sight at `x @ self.W`; the gradients are those of batch 411."""
    a = arrays()
    return (
        Variable(MATMUL, a.matmul, Group.CURSOR),
        Variable("x", a.x, Group.LOCAL),
        Variable("self.W", a.W1, Group.ATTRIBUTE),
        Variable("self.b", a.b1, Group.ATTRIBUTE),
        Variable("self.x", a.x, Group.ATTRIBUTE, changed=True),
        Variable("self.dW", a.dW1, Group.ATTRIBUTE, stale=True),
        Variable("self.db", a.db1, Group.ATTRIBUTE, stale=True),
    )


def make_stack() -> tuple[StackEntry, ...]:
    """Three frames, the innermost first."""
    folder = SAMPLE.parent
    span = span_of(MATMUL)
    return (
        StackEntry("Affine1.forward", str(SAMPLE), span.line, span, CURSOR),
        StackEntry("Network.forward", str(folder / "network.py"), 31, None, 2),
        StackEntry("train_step", str(folder / "training.py"), 14, None, 0),
    )


def make_cache() -> tuple[CacheEntry, ...]:
    """Five stores of a forward pass, the first of which has happened."""

    def entry(
        name: str, shape: tuple[int, ...], nbytes: int, written: int, read: int, **more: Any
    ) -> CacheEntry:
        layer = name.split(".")[0]
        fields = {
            "name": name, "layer": layer, "shape": shape, "dtype": "float32", "nbytes": nbytes,
            "shared_with": "", "written": written, "read_by": (f"{layer}.backward",),
            "reads": (read,), "state": CacheState.NOT_YET,
        }  # fmt: skip
        return CacheEntry(**(fields | more))

    return (
        entry("Affine1.x", (100, 784), 313_600, 5, 116, state=CacheState.HELD),
        entry("Sigmoid1.out", (100, 50), 20_000, 16, 104),
        entry("Affine2.x", (100, 50), 0, 21, 92, shared_with="Sigmoid1.out"),
        entry("SoftmaxWithLoss.y", (100, 10), 4_000, 36, 72),
        entry("SoftmaxWithLoss.t", (100,), 800, 27, 74, dtype="int64"),
    )


def make_layers() -> tuple[LayerState, ...]:
    """Affine1 at work, the others still to come."""
    a = arrays()

    def layer(
        name: str, kind: str, equation: str, sizes: tuple[int, int], parameters: dict[str, Any],
        progress: LayerProgress, forward: tuple[int, int], backward: tuple[int, int],
    ) -> LayerState:  # fmt: skip
        out = (100, sizes[1]) if kind != "SoftmaxWithLoss" else ()
        return LayerState(
            name, kind, equation, (100, sizes[0]), out, parameters, {}, None, progress, forward,
            backward,
        )  # fmt: skip

    not_yet, now = LayerProgress.NOT_YET, LayerProgress.NOW
    affine1 = {"W": a.W1, "b": a.b1}
    affine2 = {"W": a.W2, "b": a.b2}
    return (
        layer("Affine1", "Affine", "x W + b", (784, 50), affine1, now, (3, 9), (112, 124)),
        layer("Sigmoid1", "Sigmoid", "1 / (1 + e⁻ᶻ)", (50, 50), {}, not_yet, (10, 18), (100, 111)),
        layer("Affine2", "Affine", "x W + b", (50, 10), affine2, not_yet, (19, 25), (88, 99)),
        layer(
            "SoftmaxWithLoss", "SoftmaxWithLoss", "-log softmax", (10, 1), {}, not_yet, (26, 66),
            (68, 87),
        ),
    )  # fmt: skip


def make_bands() -> tuple[Band, ...]:
    """The stretches of a batch of 129 events."""
    forward, backward, update = Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE
    return (
        Band(forward, "Affine1", "Affine1", 3, 9),
        Band(forward, "Sigmoid1", "Sigmoid1", 10, 18),
        Band(forward, "Affine2", "Affine2", 19, 25),
        Band(forward, "SoftmaxWithLoss", "SoftmaxWithLoss", 26, 66),
        Band(backward, "SoftmaxWithLoss", "SoftmaxWithLoss", 68, 87),
        Band(backward, "Affine2", "Affine2", 88, 99),
        Band(backward, "Sigmoid1", "Sigmoid1", 100, 111),
        Band(backward, "Affine1", "Affine1", 112, 116),
        Band(update, "Affine1.W", "Affine1", 117, 119),
        Band(update, "Affine1.b", "Affine1", 120, 122),
        Band(update, "Affine2.W", "Affine2", 123, 125),
        Band(update, "Affine2.b", "Affine2", 126, 128),
    )


def make_history(reach: int = 413) -> RunHistory:
    """A loss that falls from 2.3 to 1.3 with the noise of minibatches; a test each 50 batches."""
    rng = np.random.default_rng(1)
    batches = np.arange(reach)
    losses = 2.3 - 1.0 / (1 + np.exp((260 - batches) / 50)) + rng.normal(0, 0.06, reach)
    tested = np.arange(0, reach, 50)
    accuracies = 0.1 + 0.48 / (1 + np.exp((180 - tested) / 50))
    return RunHistory(losses, tested, accuracies, 2.3 - 2 * (accuracies - 0.1), reach, 600)


def make_held() -> np.ndarray:
    """What the entries of `make_cache` hold after each event."""
    events = np.arange(EVENT_COUNT)
    held = np.zeros(EVENT_COUNT, dtype=np.int64)
    for entry in make_cache():
        last = max(entry.reads, default=EVENT_COUNT)
        held[(entry.written <= events) & (events < last)] += entry.nbytes
    return held


def make_snapshot(**overrides: Any) -> Snapshot:
    """A whole snapshot at `x @ self.W`; a keyword replaces a field of that name."""
    a = arrays()
    kinds = tuple((Kind.LINE, Kind.EXPRESSION, Kind.EXPRESSION)[i % 3] for i in range(EVENT_COUNT))
    fields: dict[str, Any] = {
        "position": Position(412, CURSOR),
        "event": make_event(),
        "event_count": EVENT_COUNT,
        "kinds": kinds,
        "bands": make_bands(),
        "variables": make_variables(),
        "stack": make_stack(),
        "cache": make_cache(),
        "held_bytes": make_held(),
        "layers": make_layers(),
        "minibatch": Minibatch(a.indices, a.images, a.labels, None, None),
        "history": make_history(),
        "setup": Setup("784-50-10", "MNIST", "SGD", "float32", 100, 0.1, 0, False),
        "blocked": {},
    }
    return Snapshot(**(fields | overrides))
