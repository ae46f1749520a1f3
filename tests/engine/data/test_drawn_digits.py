from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.data.drawn_digits import SHADES, drawn_digits, glyphs
from engine.data.mnist import tiny_digits
from engine.data.references import find_dataset, reference_to
from engine.options import Options, build_session


def turns(glyph):
    """The four turns of a picture, and their mirror images: the picture itself first."""
    return [form for k in range(4) for form in (np.rot90(glyph, k), np.rot90(glyph, k).T)]


def apart(first, second):
    """How many pixels, black against white, two pictures differ by."""
    return ((first - second) ** 2).sum() / (SHADES - 1) ** 2


def test_no_digit_can_be_mistaken_for_another_however_it_is_turned():
    for first, second in itertools.permutations(glyphs(), 2):
        assert all(apart(turned, second) >= 5 for turned in turns(first))


@pytest.mark.parametrize("digit", range(3))
def test_a_digit_that_was_turned_or_mirrored_can_be_seen_to_be(digit):
    glyph = glyphs()[digit]
    assert all(apart(turned, glyph) >= 2 for turned in turns(glyph)[1:])


def test_the_images_can_be_told_by_their_nearest_glyph_and_stand_upright():
    forms = np.array([turned for glyph in glyphs() for turned in turns(glyph)])
    data = drawn_digits()
    shades = data.images[:, None].astype(int) // (255 // (SHADES - 1))
    nearest = ((shades - forms) ** 2).sum(axis=(2, 3)).argmin(axis=1)
    assert (nearest // 8 == data.labels).mean() > 0.999
    assert (nearest == 8 * data.labels).mean() > 0.99


def test_its_pixels_have_one_decimal():
    assert set(np.unique(drawn_digits().images)) == {0, 51, 102, 153, 204, 255}


def test_there_are_as_many_of_each_digit_and_the_test_images_are_others():
    data = drawn_digits()
    assert (data.name, data.classes, data.features) == ("Digits 4×4", 3, 16)
    assert np.bincount(data.labels).tolist() == [1000] * 3
    assert np.bincount(data.test.labels).tolist() == [200] * 3
    assert not np.array_equal(data.images[:600], data.test.images)


def test_the_images_are_those_that_session_files_name():
    assert drawn_digits().checksum[:16] == "8277c106894bd163"
    assert find_dataset(reference_to(drawn_digits())) is drawn_digits()


def test_the_dataset_of_older_session_files_is_found():
    checksum = "12b89aff01988b588054f192e31dc66d8c27aa119ba86525452182338e72740f"
    older = {"name": "MNIST 4×4, 0 to 2", "samples": 18623, "classes": 3, "files": [],
             "bundled": "tiny_digits", "checksum": checksum}  # fmt: skip
    assert find_dataset(older) is tiny_digits()


def test_the_tiny_network_learns_it():
    session = build_session(Options(network="16-4-3"))
    session.run(200, accuracy_every=100)
    accuracies = session.snapshot().history.test_accuracies
    assert accuracies[0] < 0.5
    assert accuracies[-1] > 0.97
