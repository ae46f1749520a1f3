"""What is written as JSON comes back, to the last bit of each float."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exact_json import dumps, loads

floats = st.floats(allow_nan=False) | st.sampled_from([math.nan, -math.nan])
leaves = st.none() | st.booleans() | st.integers() | floats | st.text(st.characters(codec="utf-16"))
keys = st.text(max_size=5) | st.sampled_from(["$float", "$$float", "$$$float", "float"])
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)
documents.validate()  # now: it reads its own source, which may be edited before it is drawn from


def bits(value):
    """The value, with each float as its bytes."""
    if isinstance(value, float):
        return struct.pack(">d", value)
    if isinstance(value, dict):
        return {key: bits(item) for key, item in value.items()}
    return [bits(item) for item in value] if isinstance(value, list) else (type(value), value)


@given(documents)
@settings(deadline=None)
def test_a_document_comes_back_bit_for_bit(document):
    text = dumps(document)
    assert text.isascii()
    assert bits(loads(text)) == bits(document)


@pytest.mark.parametrize("value", ["nan", "x", 1, [], {"$float": "inf"}, math.inf])
@pytest.mark.parametrize("mark", ["$float", "$$float", "$$$float"])
def test_a_dictionary_that_looks_like_a_float_comes_back(mark, value):
    assert loads(dumps({"extra": {mark: value}})) == {"extra": {mark: value}}


def test_lone_surrogates_and_numpy_s_numbers_are_written():
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert loads(dumps({"path": name})) == {"path": name}
    assert loads(dumps([np.float32(0.1), np.int64(3), np.float64("inf")])) == [
        float(np.float32(0.1)), 3, math.inf,
    ]  # fmt: skip


@pytest.mark.parametrize("text", [
    '{"$float": "x"}', '{"$float": []}', '{"$float": 1}', "[" * 100_000, "9" * 5000, "{", "",
])  # fmt: skip
def test_what_is_no_document_is_a_value_error(text):
    with pytest.raises(ValueError):
        loads(text)
