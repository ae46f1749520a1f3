"""The terms of the field that a sentence may use, in the order in which a reader meets them."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
        "transpose": r"\btransposed\b",
        "broadcast": r"\bbroadcast\b",
        "mask": r"\bthe mask\b",
    }.items()
}


def terms_in(*sentences: str) -> tuple[str, ...]:
    """The terms that sentences use, each once, in the order in which they appear."""
    found = []
    for sentence in sentences:
        prose = re.sub(r"`[^`]*`", lambda code: " " * len(code[0]), sentence)
        places = [
            (match.start(), term) for term, look in TERMS.items() if (match := look.search(prose))
        ]
        found += [term for _, term in sorted(places)]
    return tuple(dict.fromkeys(found))
