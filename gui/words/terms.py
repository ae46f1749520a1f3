"""The terms of the field that a sentence may use, in the order in which a reader meets them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_CODE = re.compile(r"`[^`]*`")
# The term as a glossary names it, and how it looks within a sentence.
TERMS: Mapping[str, re.Pattern[str]] = {
    term: re.compile(pattern, re.IGNORECASE)
    for term, pattern in {
        "minibatch": r"\bminibatch\b",
        "loss": r"\bloss\b",
        "backward pass": r"\bbackward pass\b",
        "weight": r"\bweights?\b",
        "bias": r"\bbias(es)?\b",
        "sigmoid": r"\bthe sigmoid\b",
        "score": r"\bscores?\b",
        "probability": r"\bprobabilit(y|ies)\b",
        "gradient": r"\bgradients?\b",
        "slope": r"\bslope\b",
        "optimizer": r"\boptimizer\b",
        "parameter": r"\bparameters?\b",
        "learning rate": r"\blearning rate\b",
        "velocity": r"\bvelocity\b",
        "transpose": r"\btransposed?\b",
        "broadcast": r"\bbroadcast\b",
        "mask": r"\b(the|a|its) mask\b|\bwhose mask\b",
    }.items()
}
# Terms of which a sentence may have several: a reader has most of them from elsewhere.
MORE_TERMS: Mapping[str, re.Pattern[str]] = {
    term: re.compile(pattern)
    for term, pattern in {
        "forward pass": r"\bforward pass\b",
        "unit": r"\bunits?\b",
        "layer": r"\blayers?\b",
        "network": r"\bnetworks?\b",
        "label": r"\blabels?\b",
        "softmax": r"\b[Ss]oftmax\b",
        "cross-entropy": r"\bcross-entropy\b",
        "ReLU": r"\bReLU\b",
        "tanh": r"\btanh\b",
        "activation": r"\bactivations?\b",
        "momentum": r"\bmomentum\b",
        "SGD": r"\bSGD\b|\bgradient descent\b",
        "AdaGrad": r"\bAdaGrad\b",
        "Adam": r"\bAdam\b",
        "cache": r"\bcache\b",
        "chain rule": r"\bchain rule\b",
        "numerical gradient": r"\bnumerical gradients?\b",
        "one-hot": r"\bone-hot\b",
        "epoch": r"\bepochs?\b",
        "saturation": r"\bsaturat(ed|es|ion)\b",
        "vanishing gradient": r"\bvanishing gradients?\b",
        "matrix product": r"\bmatrix products?\b",
        "overflow": r"\boverflow(s|ed)?\b",
        "update": r"\bupdates?\b",
        "batch normalization": r"\bbatch normalization\b",
        "test set": r"\btest set\b",
    }.items()
}
ALL_TERMS: Mapping[str, re.Pattern[str]] = {**TERMS, **MORE_TERMS}


class TermPlace(NamedTuple):
    """A term in a sentence: the place of its first occurrence."""

    start: int
    end: int
    term: str


def places_in(sentence: str) -> list[TermPlace]:
    """The first occurrence of each term in a sentence, in their order; code has none.

    Of two that overlap, such as a gradient and a vanishing gradient, the longer is one.
    """
    prose = _CODE.sub(lambda code: " " * len(code[0]), sentence)
    found = [
        TermPlace(match.start(), match.end(), term)
        for term, look in ALL_TERMS.items()
        if (match := look.search(prose))
    ]
    taken: list[TermPlace] = []
    for one in sorted(found, key=lambda place: place.start - place.end):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
    return sorted(taken)


def terms_in(*sentences: str) -> tuple[str, ...]:
    """The `TERMS` that sentences use, each once, in the order in which they appear."""
    return tuple(
        dict.fromkeys(
            place.term for one in sentences for place in places_in(one) if place.term in TERMS
        )
    )
