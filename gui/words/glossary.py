"""The glossary: what each term means, and where in the window it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.debug.snapshots.snapshot import Snapshot
from gui.words.saying import say
from gui.words.tables.glossary import ENTRIES, Entry, See
from gui.words.terms import places_in

__all__ = ["GLOSSARY", "Entry", "Explained", "See", "can_go", "explained"]

GLOSSARY: Mapping[str, Entry] = {entry.term: entry for entry in ENTRIES}


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry in the window's language.

    Attributes:
        title: the term, with a capital letter.
        text: the sentences; source stands between backticks.
        see: the places where it is seen.
        others: the other terms of the text that have entries, in their order.
    """

    term: str
    title: str
    text: str
    see: tuple[See, ...]
    others: tuple[str, ...]


def explained(term: str) -> Explained:
    """The entry of a term."""
    entry = GLOSSARY[term]
    name, text = say(entry.name), say(entry.text)
    others = tuple(p.term for p in places_in(text) if p.term != term and p.term in GLOSSARY)
    return Explained(term, name[:1].upper() + name[1:], text, entry.see, others)


def can_go(see: See, snapshot: Snapshot | None) -> bool:
    """Whether the place can be shown: a panel always, a stop where the network has its code."""
    if see.panel:
        return True
    if snapshot is None:
        return False
    owner = see.function.partition(".")[0]
    kinds = {layer.kind for layer in snapshot.layers} | {snapshot.setup.optimizer}
    return owner in kinds
