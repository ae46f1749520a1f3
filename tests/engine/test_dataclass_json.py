"""Dataclasses written as JSON dictionaries and read back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest

from engine.dataclass_json import NOT_DESCRIBED, from_dictionary, to_dictionary


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Sample:
    text: str
    count: int
    size: float = 0.5
    limit: float | None = None
    colour: Colour = Colour.RED


KINDS = {"Sample": Sample}


@pytest.mark.parametrize("sample", [Sample("a", 3), Sample("", 0, 2.0, 1.5), Sample("b", 1, 1e300)])
def test_what_is_written_is_read_back(sample):
    assert from_dictionary(KINDS, "kind", to_dictionary(sample, "kind")) == sample


def test_a_whole_number_is_a_float_where_one_is_wanted():
    read = from_dictionary(KINDS, "kind", {**to_dictionary(Sample("a", 3), "kind"), "limit": 2})
    assert repr(read.limit) == "2.0"


@pytest.mark.parametrize("change", [
    {"kind": "Other"}, {"kind": None}, {"text": 1}, {"count": "1"}, {"count": True}, {"count": 1.0},
    {"count": 11}, {"count": -1}, {"size": None}, {"size": True}, {"size": 10**400}, {"limit": "1"},
    {"colour": "blue"}, {"colour": []},
])  # fmt: skip
def test_a_field_of_another_type_or_out_of_its_range_is_refused(change):
    data = {**to_dictionary(Sample("a", 3), "kind"), **change}
    with pytest.raises(NOT_DESCRIBED):
        from_dictionary(KINDS, "kind", data, most=10)


@pytest.mark.parametrize("missing", ["kind", "text", "count", "size", "limit", "colour"])
def test_a_missing_field_is_refused(missing):
    data = to_dictionary(Sample("a", 3), "kind")
    del data[missing]
    with pytest.raises(NOT_DESCRIBED):
        from_dictionary(KINDS, "kind", data)
