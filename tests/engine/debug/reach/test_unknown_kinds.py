"""What cannot be put back is named."""

from __future__ import annotations

import argparse
import array
import decimal
import io
import logging
import pathlib
import random
import re
import socket
import sys
import threading
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from engine.debug.memory.state import State
from engine.debug.reach.unknown_kinds import named


def found(thing):
    def step():
        return thing

    return [(one.name, one.kind) for one in named(step, State([step]).unknown)]


@dataclass
class Loader:
    source: object


def test_an_open_file_a_lock_and_a_socket_are_named_with_their_paths(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("1\n2\n")
    with path.open() as file, socket.socket() as plug:
        held = Loader({"file": file, "more": [threading.Lock(), Loader(plug)]})
        assert sorted(found(held)) == [
            ("thing.source['file']", "_io.TextIOWrapper"),
            ("thing.source['more'][0]", "_thread.lock"),
            ("thing.source['more'][1].source", "socket.socket"),
        ]


def test_each_kind_that_hides_its_state_is_named():
    coroutine = waiting()
    for thing in (io.BytesIO(b"x"), memoryview(b"x"), random.SystemRandom(), threading.Event(),
                  coroutine, {iter([1, 2])}, frozenset([iter([1])])):  # fmt: skip
        assert found(Loader(thing)), thing
    coroutine.close()


async def waiting():
    return 1


class Slotted:
    __slots__ = ("W", "b")

    def __init__(self) -> None:
        self.W = np.zeros(2)


class Seed(int):
    pass


class Errors(ValueError):
    pass


@pytest.mark.parametrize(
    "thing",
    [
        Slotted(), Seed(3), Errors("x"), re.compile("a"), pathlib.Path("a"), decimal.Decimal(1),
        logging.getLogger("a"), sys.stdout, slice(3), range(3), argparse.Namespace(lr=1),
        np.random.PCG64(1), np.random.default_rng(1), SimpleNamespace(a=1), np.float32, len,
        property(len), iter([1]), array.array("d", [1.0]), np.dtype("f4"), np.add, Ellipsis,
    ],
    ids=lambda thing: type(thing).__name__,
)  # fmt: skip
def test_a_kind_that_is_known_is_not_named(thing):
    assert found(Loader(thing)) == []


def test_settings_numbers_and_generators_of_bits_come_back():
    held = SimpleNamespace(
        args=argparse.Namespace(lr=0.1), numbers=array.array("d", [1, 2]), bits=np.random.PCG64(3),
        draw=np.random.default_rng(4).random,
    )  # fmt: skip
    state = State([held])
    drawn = held.bits.random_raw(), held.draw()
    held.args.lr, held.args.decay = 0.01, 1
    held.numbers.append(3)
    state.restore()
    assert held.args == argparse.Namespace(lr=0.1) and held.numbers.tolist() == [1, 2]
    assert (held.bits.random_raw(), held.draw()) == drawn


def test_what_no_path_of_names_leads_to_is_named_by_its_kind():
    lock = threading.Lock()
    (one,) = named(lambda: None, [lock])
    assert one.name == "an object of _thread.lock" and one.thing is lock and one.path == ()
