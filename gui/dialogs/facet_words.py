"""The words for a program's facets: what they are called, and what is said where one is missing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.debug.facets.facets import Found
from engine.debug.snapshots.snapshot import FacetState, Snapshot


def facet_of(snapshot: Snapshot, facet: str) -> FacetState | None:
    """What is known of a facet; None of a network, which declares all."""
    return next((one for one in snapshot.facets if one.facet == facet), None)


def is_missing(snapshot: Snapshot, facet: str) -> bool:
    """Whether a program's facet was not found."""
    known = facet_of(snapshot, facet)
    return known is not None and known.found == Found.NOT_FOUND


def is_certain(snapshot: Snapshot, facet: str) -> bool:
    """Whether it leaves no doubt what a facet is."""
    known = facet_of(snapshot, facet)
    return known is None or known.certain


def facet_name(facet: str) -> str:
    """The name of a facet; of one without words its own."""
    return {
        "parameters": _tr("Parameters"),
        "gradients": _tr("Gradients"),
        "passes": _tr("Passes"),
        "loss": _tr("Loss"),
        "learning_rate": _tr("Learning rate"),
        "layers": _tr("Layers"),
        "predictions": _tr("Predictions"),
        "labels": _tr("Labels"),
        "samples": _tr("Samples"),
    }.get(facet, facet)


def certainty(row: FacetState) -> str:
    """Whether a facet is certain, in a word or two."""
    if row.found == Found.DECLARED:
        return _tr("declared")
    if row.found == Found.NOT_FOUND:
        return _tr("not found")
    return _tr("certain") if row.certain else _tr("uncertain")


def where_to_name(facet: str) -> str:
    """Where a person can say what a facet is."""
    words = _tr("Say what it is in Network, What is what…: {0}.")
    return words.format(facet_name(facet))


def samples_words(snapshot: Snapshot) -> tuple[str, str]:
    """Why the samples are not shown as pictures: a title and a sentence."""
    known = facet_of(snapshot, "samples")
    if known is None:
        return _tr("No samples"), _tr("The minibatch has no images.")
    if known.found == Found.NOT_FOUND:
        words = _tr("What the samples of this program are was not found.")
        return _tr("No samples are known"), f"{words} {where_to_name('samples')}"
    if not known.text:
        return _tr("No samples yet"), _tr("This batch has not read them at the cursor yet.")
    words = _tr("They are {0}, and not known to be images: the panel Tensor shows them.")
    return _tr("Samples without pictures"), words.format(known.text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("facets", text)
