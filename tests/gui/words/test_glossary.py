"""The glossary: every term has an entry, in plain words, and every place that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import gui.words.tables
from engine.options import Options, build_session
from gui.window.panels.table import PANELS
from gui.words.glossary import GLOSSARY, can_go, explained
from gui.words.saying import MOST_WORDS, words_in
from gui.words.tables.glossary import ENTRIES
from gui.words.terms import ALL_TERMS, places_in
from tests.gui.words.test_words import BANNED, prose, sources_of_engine

# Words of the field: used in a sentence, each needs an entry.
FIELD = (
    "logit", "jacobian", "hessian", "tensor", "regularization", "weight decay", "overfitting",
    "hyperparameter", "neuron", "one-hot", "dropout", "backpropagation", "derivative", "convex",
    "covariance", "entropy", "hidden layer", "convolution", "embedding", "feature", "perceptron",
    "adaptive", "residual", "clipping", "norm", "inference", "ground truth", "schedule", "warmup",
    "initialization", "cross-entropy", "epoch", "momentum", "saturation", "transpose",
)  # fmt: skip


def sentences(text: str) -> list[str]:
    """The sentences of a text; its code is one word."""
    return re.split(r"(?<=\.)\s+(?=[A-Zae0-9])", prose(text))


def texts_of_tables() -> list[str]:
    """All texts of the tables of words and of the captions."""
    found = []
    folder = Path(gui.words.tables.__file__).parent
    for path in [*folder.glob("*.py"), *folder.parent.glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name == "_N" and len(node.args) == 2:
                found.append(ast.literal_eval(node.args[1]))
    assert len(found) > 300
    return found


def test_the_terms_and_the_glossary_agree():
    assert set(GLOSSARY) == set(ALL_TERMS)
    assert len(GLOSSARY) == len(ENTRIES), "no term has two entries"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.term)
def test_an_entry_is_two_or_three_plain_sentences(entry):
    assert 2 <= len(sentences(entry.text)) <= 3, sentences(entry.text)
    for sentence in sentences(entry.text):
        assert words_in(sentence) <= MOST_WORDS, (words_in(sentence), sentence)
    plain = prose(entry.text)
    assert not re.search(rf"\b({'|'.join(BANNED)})\b", plain, re.IGNORECASE)
    assert "!" not in plain and "?" not in plain and plain.endswith(".")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.term)
def test_every_place_of_an_entry_exists(entry):
    panels, sources = {panel.id for panel in PANELS}, sources_of_engine()
    assert entry.see
    for see in entry.see:
        assert bool(see.panel) != bool(see.function)
        assert not see.panel or see.panel in panels
        assert not see.function or see.source in sources[see.function], see


@pytest.mark.parametrize("term", ALL_TERMS)
def test_the_pattern_of_a_term_finds_its_name(term):
    found = [place.term for place in places_in(f"What is {GLOSSARY[term].name} or the {term}.")]
    assert term in found


def test_no_word_of_the_field_is_used_without_an_entry():
    known = " ".join(GLOSSARY)
    for text in texts_of_tables():
        for word in FIELD:
            used = re.search(rf"\b{word}s?\b", prose(text), re.IGNORECASE)
            assert not used or word in known, (word, text)


def test_no_link_of_an_entry_is_dead():
    for term in GLOSSARY:
        entry = explained(term)
        assert set(entry.others) <= set(GLOSSARY) - {term}


def test_a_jump_is_offered_where_the_network_has_the_code():
    snapshot = build_session(Options(network="16-4-3")).snapshot()
    offered = {t: [can_go(see, snapshot) for see in e.see] for t, e in GLOSSARY.items()}
    assert offered["sigmoid"] == [True] and offered["ReLU"] == [False]
    assert offered["velocity"] == [False] and offered["SGD"] == [True]
    assert offered["loss"] == [True, True]
    assert [can_go(see, None) for see in GLOSSARY["loss"].see] == [True, False]


@pytest.mark.parametrize("name", ["dout", "dW", "W", "b", "x"])
def test_the_names_that_the_code_gives_to_arrays_are_found(name):
    assert [entry.term for entry in ENTRIES if f"`{name}`" in entry.text]
