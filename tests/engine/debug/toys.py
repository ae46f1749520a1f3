"""Small functions without side effects."""

# ruff: noqa
# (it is written as other people write)

import numpy as np


def double(v):
    return v * 2


def affine(x, W, b):
    z = x @ W + b
    return double(z.T)[0, 1:]


def loops(n):
    total = 0
    for i in range(n):
        total += i
    while total > 0:
        total -= 1
    return total


def branches(n):
    if n > 0:
        return 1
    elif n < -2 and n:
        return "low" if n < -5 else "#"
    return None


class Thing:
    def __init__(self):
        self.W = np.ones((2, 2))

    @property
    def total(self):
        return self.W.sum()


def attributes(thing):
    return thing.W.T * thing.total


def squares(n):
    return [i * i for i in range(n) if i or n]


def sums(x, a, n):
    y = (x * a + n) ** 2
    big = y[y > y.mean()]
    part = x[::-1][: n + 1] + [a, -a][n % 2]
    return y.sum() + big.sum() - part.max(initial=0) if n else {"a": a, **{"b": n}}["a"]


def shadowed(x, a, n):
    total = [v * a for v in x if v > 0] + [sum(n for n in range(3)), n]
    table = {v: [n * w for w in range(v)] for v in range(n)}
    text = f"{a:.2f} of {len(total)!r:>{n + 2}}"
    return table, (text, total), not a < n <= 4


def closed(x, a, n):
    def scaled(v, by=a * 2):
        return v * by + n

    power = lambda v: v**2  # noqa: E731
    n = n + 1
    return scaled(x).sum() + power(a) + sum(map(scaled, [1.0, 2.0]))


def walrus(x, a, n):
    if (m := x.max()) > a or (m := x.min()) < a:
        return m + n * 2
    match [m, n]:
        case [first, 0] if first > a - 1:
            return first * 2
        case [first, *rest] if len(rest) == n + 0:
            return first + sum(rest)
    return (x.sum() + a) * (n - 1)


def multiline(x, a, n):
    值 = (x
		+ a  # 中文
		- len("é日本")) * 2
    return np.where(值 > 0,
                    值, -值).sum(
                        axis=0) + n


PURE = [sums, shadowed, closed, walrus, multiline]
