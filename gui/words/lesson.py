"""The lesson of an event: what has happened, what comes next, and the terms that these use."""

from __future__ import annotations

from dataclasses import dataclass

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.wording import to_translate
from gui.words.captions import NO_CAPTION, Caption, caption_of
from gui.words.formula.compose import formula_of
from gui.words.formula.formula import Formula
from gui.words.generic import generic_words, not_finite
from gui.words.own import own_words
from gui.words.saying import MOST_WORDS, code, say, words_in
from gui.words.terms import terms_in

_N = to_translate
_FOLDS_AT = 3  # the round of a loop from which its number is said


@dataclass(frozen=True, slots=True)
class Lesson:
    """The words at an event. Source and names stand between backticks.

    Attributes:
        happened: one sentence, of 20 words at most.
        next: another.
        terms: of the field, in both, in their order: to be linked to their explanation.
        formula: of the line; None where it computes nothing.
        caption: of the picture.
        why: the title of the derivation that can be asked for, or "".
    """

    happened: str
    next: str
    terms: tuple[str, ...] = ()
    formula: Formula | None = None
    caption: Caption = NO_CAPTION
    why: str = ""


def lesson_of(snapshot: Snapshot) -> Lesson:
    """The lesson at the cursor. It is a pure function of the snapshot (and the window's language).

    The code of `engine.nn` has words of its own; any other code is described by its operation.
    """
    operation = snapshot.operation
    if operation is None:
        happened = say(_N("words", "{line} has been reached."), line=code(snapshot.event.source))
        return Lesson(happened, say(_N("words", "It runs.")))
    # Imported late: the derivations are not needed for the first picture of the window.
    from gui.words.why.find import why_title

    found = own_words(snapshot, operation)
    happened, coming = found or generic_words(snapshot, operation)
    if snapshot.event.kind is Kind.EXPRESSION or snapshot.event.kind is Kind.LINE:
        happened = not_finite(operation) or happened
    if found is None:
        happened = _folded(snapshot, happened)
    return Lesson(
        happened,
        coming,
        terms_in(happened, coming),
        formula_of(snapshot),
        caption_of(snapshot),
        why_title(snapshot),
    )


def _folded(snapshot: Snapshot, happened: str) -> str:
    """From the third round of a loop on, the sentence begins with the number of the round."""
    turn = snapshot.turn
    told = snapshot.operation is not None and snapshot.operation.source.startswith("for ")
    if turn is None or turn.number < _FOLDS_AT or told or snapshot.event.kind is Kind.EXCEPTION:
        return happened
    folded = say(
        _N("words", "Round {n} of {rounds}: {happened}"),
        n=turn.number,
        rounds=turn.rounds,
        happened=happened,
    )
    return folded if words_in(folded) <= MOST_WORDS else happened
