"""Exceptions in every sort of place."""

# ruff: noqa
# (it is written as other people write)

from __future__ import annotations

import functools

import numpy as np


class Model:
    def __init__(self):
        self.W = np.ones((3, 2))
        self.empty = []

    @property
    def broken(self):
        return self.W @ self.W

    def forward(self, x):
        y = x * 2
        return y @ self.W @ self.W

    def __matmul__(self, other):
        return self.W + other[5]

    def __iter__(self):
        return self

    def __next__(self):
        return self.missing


def helper(n):
    return 10 // (n - 3)


def fine(model, x):
    return float((x @ model.W).sum())


def in_numpy(model, x):
    z = (x * 2) @ (model.W + 1).T + np.ones(7)
    return z


def in_a_callee(model, x):
    before = x + 1
    return [before, model.forward(x)]


def in_a_property(model, x):
    return x, model.broken


def in_a_comprehension(model, x):
    return [[10 / (2 - k) for k in range(j)] for j in range(5)]


def in_a_lambda(model, x):
    act = lambda v: v.nothing  # noqa: E731
    return act(x) + 1


def in_a_generator(model, x):
    return sum(1 / v for v in [1, 0])


def in_an_operator(model, x):
    return model @ [1, 2]


def in_a_loop_that_is_none(model, x):
    for _ in (x.size + 1):
        x += 1


def in_an_iterator(model, x):
    for item in model:
        x += item


def in_a_store(model, x):
    x[0], x[model.W.shape[0]] = 1, 2


def in_a_single_store(model, x):
    x[model.W.size] = x.sum() + 1


def in_an_augmented_store(model, x):
    x[7] += 1


def in_an_in_place_operation(model, x):
    x += np.ones(
        2)


def in_an_attribute_store(model, x):
    x.flags.nothing = 3


def in_an_unpacking(model, x):
    a, b = x * 2
    return a


def in_a_name(model, x):
    return x + undefined  # noqa: F821


def in_a_name_too_early(model, x):
    y = x + late
    late = 1
    return y, late


def in_a_delete(model, x):
    del model.nothing


def in_a_delete_of_an_item(model, x):
    del model.empty[2]


def in_an_assertion(model, x):
    assert x.sum() < 0, f"{x.sum()} is not below 0"


def in_a_format(model, x):
    return f"{x.shape!r} {x.nothing}"


def in_an_argument(model, x):
    return np.zeros(3, dtype=model.empty[0])


def in_the_wrong_arguments(model, x):
    return helper(1, 2)


def in_a_partial(model, x):
    return functools.partial(np.reshape, x)((2, 2))


def in_a_subscript(model, x):
    return {"a": x}["b"]


def in_a_default(model, x):
    def inner(v=model.nothing):
        return v

    return inner


def in_a_with(model, x):
    with open(x.nothing) as stream:
        return stream


def in_a_handler(model, x):
    try:
        helper(3)
    except ZeroDivisionError as error:
        raise ValueError("said otherwise") from error


def raised_again(model, x):
    try:
        y = x + 1
        helper(3)
    except ZeroDivisionError:
        x = y * 2
        raise


def through_a_finally(model, x):
    try:
        return helper(3)
    finally:
        x[0] = helper(13)


def in_a_finally(model, x):
    try:
        return helper(13)
    finally:
        x[9] = 1


def 中文(model, x):
	权重 = x * 2; return "é日" if x is None else (权重 +
		model.W) @ x  # 形状不合


def catches(model, x):
    total = 0
    try:
        total += helper(3)
    except ZeroDivisionError:
        total += 1
    total += helper(len("after"))
    try:
        [model.forward(v) for v in (x, x)]
    except ValueError as error:
        total += len(str(error)) > 0
    return total


FUNCTIONS = [
    value
    for name, value in list(globals().items())
    if name.startswith(("in_", "raised", "through", "中"))
]
