"""Every way to overwrite something, and every kind of statement, in functions that take and give numbers."""

# ruff: noqa
# (it is written as other people write)

from __future__ import annotations

import contextlib
import functools
import heapq
import operator
import random
import warnings
from collections import OrderedDict, defaultdict, deque
from typing import Any

import numpy as np

from tests.engine.debug.foreign import Case, case

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "'continue' in a 'finally'", SyntaxWarning)  # by Python 3.14
    from tests.engine.debug.foreign_finally import leaves_early

_total = 0
_weights = np.zeros(3)


def store_by_every_index(n):
    a = np.arange(24.0).reshape(4, 6)
    start = a.copy()
    index = np.array([0, 2])
    a[index] = -1
    index += 1  # the index itself changes after it was used
    mask = a > 20
    a[mask] = 0
    mask[...] = True
    rows = [0, 1]
    a[rows, 1] += 5
    rows.append(3)
    a[::-1, 2:4] *= 2
    a[..., None][0, 0, 0] = 9
    a.T[1, :] = n
    a[-1][-1] = 100
    a[np.array([0, 0, 1]), np.array([0, 0, 1])] += 1  # repeats count once
    np.add.at(a, (np.array([0, 0]), np.array([3, 3])), 1)
    a.flat[3] = 42
    a.flat[[1, 2]] += 1
    a.ravel()[5:] -= 1
    a[1:3][0:1][:, ::2] = 7
    a[a[:, 0] > 3, 1:] /= 3
    a[()] = a + start
    return a.sum()


def write_by_call(n):
    a = np.arange(6.0) + n
    b = np.zeros(6)
    np.copyto(b, a)
    np.copyto(dst=b, src=2.0, where=a > 3)
    np.put(a, [0, 1], -5)
    np.place(a, a < 0, [8])
    np.putmask(b, b > 1, 1)
    np.add(a, b, b)
    np.sqrt(np.abs(b), out=b)
    np.subtract(a, 1, out=(a,))
    a.sort()
    a[::-1].sort()
    np.median(a, overwrite_input=True)
    a[::-1].sort()
    np.median(a, 0, None, True)
    a[::-1].sort()
    np.percentile(a=a, q=50, overwrite_input=True)
    a.partition(2)
    b.fill(3)
    a.put([2], 11)
    a.clip(0, 5, b)
    a.dot(np.eye(6), b)
    np.dot(a, np.eye(6), b)
    np.sum(np.ones((6, 2)), 1, None, b)
    np.cumsum(a, out=b)
    b.itemset if hasattr(b, "itemset") else None
    np.fill_diagonal(c := np.zeros((3, 3)), n)
    np.put_along_axis(c, np.array([[0, 1, 2]]), 4, 0)
    np.nan_to_num(c, copy=False)
    rng = np.random.default_rng(n)
    rng.shuffle(a)
    rng.random(out=b)
    rng.standard_normal(6, np.float64, b)
    a.view(np.uint64)[...] ^= np.uint64(1)
    np.einsum("i,i->i", a, a, out=b)
    np.matmul(c, c, c.copy())
    np.take(a, [0, 1, 2], 0, c[0])
    operator.iadd(a, 1)
    operator.setitem(a, slice(0, 2), 0)
    np.ndarray.sort(b)
    np.random.RandomState(n).shuffle(b)
    np.concatenate((a[:3], b[:3]), 0, a)
    setter = a.__setitem__
    setter(1, 77)
    functools.partial(np.multiply, a)(2, a)
    np.lib.stride_tricks.as_strided(a, (3,), (16,))[...] = 6
    np.lib.stride_tricks.sliding_window_view(a, 2, writeable=True)[1] = 5
    return a.sum() + b.sum() + c.sum()


def reshape_in_place(n):
    a = np.arange(6.0)
    keep = {"a": a}
    a.shape = (2, 3)
    a[0, 0] = n
    first = a[0] * 2
    a.shape = 3, 2
    a[2, 1] = -n
    keep["a"][1] = 0
    a.dtype = np.int64
    a.dtype = np.float64
    z = np.zeros(3, complex)
    z.real = a[:, 0]
    z.imag = 2
    z.flat = z[::-1].copy()
    return a.sum() + first.sum() + abs(z).sum() + keep["a"].shape[0]


def resize_in_place(n):
    a = np.arange(4.0)
    a[1] = n
    a.resize((3, 2))
    a[2] = 5
    a.resize(2, 2)
    return a


def mutate_containers(n):
    values = [3, 1, 2]
    values.append(n)
    values.sort()
    values[1:3] = [7, 8, 9]
    values += [1, 2]
    values *= 2
    del values[0]
    values.insert(0, np.zeros(2))
    values[0] += 1
    values[0][1] -= 3
    list.append(values, "end")
    heap = [5, 1, 4]
    heapq.heapify(heap)
    heapq.heappush(heap, 0)
    random.Random(0).shuffle(heap)
    table = {"a": 1, "b": [1]}
    table["b"].append(2)
    table.update(c=3)
    table |= {"d": 4}
    table.setdefault("e", []).append(n)
    dict.pop(table, "a")
    del table["c"]
    counts = defaultdict(list)
    counts["x"].append(1)
    counts["x"] += [2]
    ordered = OrderedDict(p=1, q=2)
    ordered.move_to_end("p")
    ordered.popitem(last=False)
    names = {"one"}
    names |= {"two"}
    names.add("three")
    names -= {"one"}
    line = deque([1, 2, 3], maxlen=3)
    line.append(4)
    line.rotate(1)
    raw = bytearray(b"abc")
    raw[0] = 65
    raw += b"d"
    nested = [[0, 0], [0, 0]]
    nested[1][0] = n
    pair = ([], {})
    pair[0].append(1)
    pair[1]["k"] = pair[0]
    keys, items = table.keys(), table.items()
    table["new"] = n
    return len(values) + len(heap) + sum(line) + len(keys) + len(items)


def several_targets(n):
    class Box:
        pass

    box = Box()
    box.v, box.w = np.zeros(3), [0, 0]
    a, box.v[1], (box.w[0], *rest), box.u = 1, n, (5, 6, 7), "u"
    b = box.t = c = np.ones(2)
    b[0], c[1] = c[1] + 1, b[0] + n
    for box.i, box.v[0] in enumerate((4, 5)):
        box.v[2] += box.i
    with contextlib.nullcontext(n) as box.held:
        box.held += 1
    (x, y), z = (1, 2), [3]
    [x, y] = y, x
    box.t += 1
    box.s: int = 5
    i: float = 2.5
    j: int
    del box.s, z, box.w[0]
    i, b[i := 1] = 7, 8
    return a + box.v.sum() + sum(rest) + box.i + box.held + x - y + b.sum() + i


def control_flow(n):
    total = 0
    k = 0
    while k < 4:
        k += 1
        if k == 2:
            continue
        elif k > 10:
            break
        else:
            total += k
    else:
        total += 100
    for i in range(3):
        for j in range(3):
            if j > i:
                break
            total += i * j
        else:
            total += 1000
    match (n, [total, k]):
        case (0, [first, *others]) if first < 0:
            total = -1
        case (int(number), [first, *others]) if first > number - 1000:
            total += number + first + len(others)
        case _:
            total = 0
    match {"kind": "dense", "size": n, "more": 1}:
        case {"kind": "conv"}:
            total += 7
        case {"kind": "dense" | "affine" as kind, "size": size, **other}:
            total += size + len(other) + len(kind)
    try:
        try:
            total += 1 / (n - n)
        except ZeroDivisionError as error:
            total += len(str(error))
            raise ValueError("again") from error
        else:
            total += 5
        finally:
            total += 11
    except (ValueError, TypeError) as error:
        message = str(error)
        total += len(message)
    with contextlib.suppress(KeyError):
        total += {}["missing"]
    assert total > -5000, f"{total} is too small"
    return total if total % 2 else (total, n)[0]


def comprehensions(n):
    i = "outer"
    square = [i * i for i in range(4)]
    table = {i: [j for j in range(i) if j != 1] for i in range(4) if (odd := i % 2)}
    unique = {abs(x) for x in (-1, 1, n)}
    nested = [[r * c for c in (r, r + 1)] for r in range(3)]
    lazily = sum(x * n for x in square if x)
    total = [y := 1, y**2, *square]
    try:
        bad = [1 / (k - 2) for k in range(5)]
    except ZeroDivisionError:
        bad = None
    inner = [(lambda v: v + n)(v) for v in range(2)]
    rows = [row.sum() for row in np.arange(6).reshape(2, 3)]
    rows = [sum(row) for row in [[a + b for a in (1, 2)] for b in (3, 4)]]
    starred = [*(q for q in (1, 2)), *[w for w in "ab"]]
    return i, table, unique, nested, lazily, total, bad, inner, odd, rows, starred


def batches(x, size):
    for start in range(0, len(x), size):
        part = x[start : start + size]
        part *= 2  # a generator that writes into its caller's array
        received = yield part
        if received:
            yield received


def generators(n):
    x = np.arange(8.0)
    total = 0
    for part in batches(x, 3):
        total += part.sum()
        x[-1] += 1
    pending = batches(x, 4)
    first = next(pending)
    second = pending.send("hello")
    doubled = list(batches(x, 5))
    return total + first.sum() + len(second) + doubled[0].sum()


def closures(n):
    count = 0
    values = np.zeros(3)

    def bump(by=np.ones(3), *, twice=False):
        nonlocal count
        count += 1
        values[count % 3] += n
        if twice:
            bump(by)
        return by * count

    def make(power):
        def apply(x):
            return x**power * count

        return apply

    a = bump()
    cube = make(3)
    count += 10
    b = bump(twice=True)
    c = cube(2)
    into = lambda z: np.add(z, count, out=z)
    into(values)
    later = [lambda: np.negative(values, out=values), lambda: values.fill(4)]
    for action in later:
        action()
    return a.sum() + b.sum() + c + values.sum()


def globals_and_names(n):
    global _total, _weights
    _total += n
    _weights += n
    _weights[0] = _total
    if n > 1000:
        never = 1
    seen = sorted(locals())
    del seen
    here = vars()
    x = here["n"]
    del x
    x = eval("n + 1")
    text = f"{x:>{n % 5 + 3}} {x!r} {_total + 1}"
    return len(text) + _weights.sum()


class Attributes:
    kind = "attributes"

    def __init__(self):
        self.x = np.zeros(2)
        self.log = []

    def run(self, n):
        self.__dict__["direct"] = n
        vars(self).update(also=n)
        setattr(self, "by_name", [n])
        object.__setattr__(self, "past", n)
        for name in ("p", "q"):
            setattr(self, name, np.full(2, n))
        self.p += 1
        self.x, old = self.x + 1, self.x
        self.log.append(old)
        delattr(self, "q")
        del self.past
        self.watched = n
        self.cached
        total = self.cached.sum() + self.doubled + self.made_up
        self.x[:] = self.kind == "attributes"
        self.kind = "mine"
        self.kind += "!"
        self.__secret = total
        self.change = self._change
        self.change()
        return self.__secret + self.x.sum()

    def _change(self):
        self.x[0] = 9

    @functools.cached_property
    def cached(self):
        return self.x * 3

    @property
    def doubled(self):
        self.asked = getattr(self, "asked", 0) + 1
        return self.asked * 2

    @property
    def watched(self):
        return self._watched

    @watched.setter
    def watched(self, value):
        self._watched = value + 0.5
        self.x += self._watched

    def __getattr__(self, name):
        if name.startswith("made"):
            return len(name)
        raise AttributeError(name)


def attributes(n):
    thing = Attributes()
    first = thing.run(n)
    return first + thing.run(n + 1)


class Tensor:
    """An array in a class with operators, some of which change it."""

    def __init__(self, data):
        self.data = data

    def __matmul__(self, other):
        out = self.data @ other.data
        return Tensor(out)

    def __iadd__(self, other):
        self.data += other
        return self

    def __setitem__(self, index, value):
        self.data[index] = value

    def __getitem__(self, index):
        return self.data[index]

    def __enter__(self):
        self.data *= 2
        return self

    def __exit__(self, *reason):
        self.data /= 2
        return True

    def __iter__(self):
        self.place = 0
        return self

    def __next__(self):
        self.place += 1
        if self.place > len(self.data):
            raise StopIteration
        return self.data[self.place - 1]


def operators(n):
    a = Tensor(np.eye(3))
    b = Tensor(np.full((3, 3), float(n)))
    c = a @ b
    c += 1
    c[0] = 5
    c[1] += 2
    with a as held:
        held[0] = -1
        raise KeyError("swallowed")
    total = [row.sum() for row in c] + [c[0].sum()]
    first, second, third = c
    largest = max(*c[2], *(row[0] for row in a))
    return sum(total) + first[0] + largest


def recovers(n):
    try:
        leaves_early(None)
    except TypeError:
        return recover_with_try(n), leaves_early(n)


def recover_with_try(n):
    try:
        with contextlib.nullcontext():
            return n + 1
    finally:
        n = 0


def 前向传播(n):
    权重 = np.arange(4.0)
    偏置 = "中文" and 1.5  # 注释：权重
    if n:
        结果 = (权重 * 2 + 偏置 * len("é日本")) @ 权重
        权重[0] = 9
    return 结果 if n else 权重.sum() + 偏置


def write_into_objects(n):
    boxes = np.empty((2, 2), dtype=object)
    boxes[0, 0] = np.zeros(2)
    boxes[1, :] = [1, "text"]
    boxes[0, 0] += n
    boxes[0][0][1] = 7
    boxes[0, 0] = boxes[0, 0] * 2
    row = boxes[0]
    row[1] = [n]
    row[1].append(3)
    part = np.zeros(3, dtype=[("a", float), ("b", int, 2)])
    part["a"] = n
    part["b"][1] += 4
    part[2]["a"] = 8
    part[1] = (5.0, (6, 7))
    for cell in np.nditer(part["a"], op_flags=["readwrite"]):
        cell[...] = cell * 2
    memory = memoryview(part["a"].copy())
    return part["a"].sum() + len(memory)


class Named(np.ndarray):
    pass


def write_into_an_array_of_another_class(n):
    own = np.arange(6.0).view(Named)
    own[1:3] = n
    own[:] += 1
    own[..., 4] = -n
    own[[0, 5]] *= 2
    own[own > 1] = 0
    return own.sum()


FUNCTIONS = [
    store_by_every_index, write_by_call, reshape_in_place, resize_in_place, mutate_containers,
    several_targets, control_flow, comprehensions, generators, closures, globals_and_names,
    attributes, operators, leaves_early, recovers, 前向传播, write_into_objects,
    write_into_an_array_of_another_class,
]  # fmt: skip


DEPRECATED = {}
if np.lib.NumpyVersion(np.__version__) >= "2.5.0":
    DEPRECATED[reshape_in_place] = "Setting the (shape|dtype) on a NumPy array has been deprecated"


def _register(function: Any) -> None:
    def build() -> Case:
        globals()["_total"], globals()["_weights"] = 0, np.zeros(3)
        return Case(function, [], lambda step: (step + 2,), DEPRECATED.get(function, ""))

    build.__name__ = function.__name__
    case(build)


for _function in FUNCTIONS:
    _register(_function)
