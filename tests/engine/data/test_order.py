from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import BatchOrder
from engine.errors import BadValue


@st.composite
def orders(draw):
    count = draw(st.integers(1, 60))
    return BatchOrder(count, draw(st.integers(1, count)), draw(st.integers(0, 2**70)))


def drawn(order: BatchOrder, batch: int) -> list[int]:
    return order.indices(batch).tolist()


@given(order=orders(), epoch=st.integers(0, 1000))
def test_every_sample_comes_exactly_once_an_epoch(order, epoch):
    first = epoch * order.batches_per_epoch
    batches = [drawn(order, first + number) for number in range(order.batches_per_epoch)]
    assert sorted(sample for batch in batches for sample in batch) == list(range(order.count))
    assert all(len(batch) == order.batch_size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= order.batch_size


@given(order=orders(), asked=st.lists(st.integers(0, 200), max_size=20))
def test_a_batch_does_not_depend_on_what_was_asked_before(order, asked):
    alone = [drawn(BatchOrder(order.count, order.batch_size, order.seed), batch) for batch in asked]
    assert [drawn(order, batch) for batch in asked] == alone


@given(order=orders(), batch=st.integers(0, 10_000))
def test_an_epoch_is_so_many_batches(order, batch):
    assert order.epoch(batch) == batch // order.batches_per_epoch


def test_epochs_and_seeds_differ():
    first, other = BatchOrder(1000, 1000, seed=0), BatchOrder(1000, 1000, seed=1)
    assert drawn(first, 0) != drawn(first, 1)
    assert drawn(first, 0) != drawn(other, 0)


def test_the_order_of_a_seed_stays_as_it_is():
    """Saved runs rely on it, and numpy may change how a Generator shuffles: then this tells."""
    assert BatchOrder(60_000, 100, seed=0).indices(0)[:4].tolist() == [4013, 23840, 29603, 43011]
    assert BatchOrder(60_000, 100, seed=0).indices(600)[:4].tolist() == [48620, 20956, 45422, 160]


def test_the_samples_of_a_batch_cannot_be_changed():
    order = BatchOrder(10, 5, seed=0)
    with pytest.raises(ValueError, match="read-only"):
        order.indices(0)[0] = 3
    assert order.indices(0).dtype == np.int64


@pytest.mark.parametrize(
    ("count", "batch_size", "seed", "name"),
    [
        (0, 1, 0, "number of samples"),
        (10, 0, 0, "batch size"),
        (10, -1, 0, "batch size"),
        (10, 11, 0, "batch size"),
        (10, 5, -1, "seed"),
    ],
)
def test_what_is_out_of_range_is_refused(count, batch_size, seed, name):
    with pytest.raises(BadValue) as caught:
        BatchOrder(count, batch_size, seed)
    assert caught.value.name == name


def test_there_is_no_batch_before_the_first():
    with pytest.raises(IndexError):
        BatchOrder(10, 5, seed=0).indices(-1)
