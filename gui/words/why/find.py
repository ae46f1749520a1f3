"""Finds the derivation of a stop."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.wording import to_translate
from gui.words.fields import Fields
from gui.words.measured import Unknown
from gui.words.own import is_own, keys_at
from gui.words.saying import code, filled, say
from gui.words.why.activations import ACTIVATIONS
from gui.words.why.adagrad import ADAGRAD
from gui.words.why.adam import ADAM
from gui.words.why.affine import AFFINE
from gui.words.why.derivation import Derivation, NoDerivation
from gui.words.why.evidence import Evidence
from gui.words.why.generic import generic_rule
from gui.words.why.gradient import GRADIENT
from gui.words.why.keeping import KEEPING
from gui.words.why.loss import LOSS
from gui.words.why.momentum import MOMENTUM
from gui.words.why.sigmoid import SIGMOID
from gui.words.why.slope import SLOPE
from gui.words.why.softmax import SOFTMAX
from gui.words.why.table import Rule, Rules, derived
from gui.words.why.update import UPDATE

_N = to_translate
RULES: Rules = {
    **AFFINE, **SIGMOID, **ACTIVATIONS, **SOFTMAX, **LOSS, **KEEPING, **UPDATE,
    **GRADIENT, **SLOPE, **MOMENTUM, **ADAGRAD, **ADAM,
}  # fmt: skip
_UNFIT = (Unknown, IndexError, KeyError, TypeError, ValueError, ArithmeticError)
_NO_RULE = _N("words", "{code} was not computed by a rule that is known here.")
_MOVES = _N("words", "{code} gives cells that were there before: nothing is computed from them.")
_NO_RULES: Mapping[Form, str] = {
    Form.CREATION: _N("words", "{code} makes new cells: they are not computed from others."),
    Form.COPY: _MOVES,
    Form.INDEXING: _MOVES,
    Form.TRANSPOSE: _MOVES,
    Form.ASSIGNMENT: _N("words", "{code} keeps an array under a name: nothing is computed."),
}
_BEGINS = _N("words", "Nothing is computed here: the minibatch is about to enter.")


def why_title(snapshot: Snapshot) -> str:
    """The title of the stop's derivation, "" if there is none."""
    operation = snapshot.operation
    rule = None if operation is None else _rule(snapshot, operation)
    return "" if operation is None or rule is None else _title(rule, snapshot, operation)


def why(snapshot: Snapshot, cell: tuple[int, ...] | None) -> Derivation | NoDerivation:
    """The derivation at the cursor, for a cell of the result; None chooses one with much to see."""
    operation = snapshot.operation
    if operation is None:
        return NoDerivation(say(_N("words", "Nothing is computed here.")))
    rule = _rule(snapshot, operation)
    if rule is None:
        return NoDerivation(_no_rule(snapshot, operation))
    title = _title(rule, snapshot, operation)
    try:
        with np.errstate(all="ignore"):
            found = derived(title, rule.make(Evidence(snapshot, operation, cell)))
    except _UNFIT:
        return NoDerivation(
            say(
                _N(
                    "words", "{code}: its arrays were not kept, or they hold NaN or infinite cells."
                ),
                code=code(operation.source),
            )
        )
    if not all(holds(found)):
        return NoDerivation(
            say(
                _N("words", "{code} has another value here than the rule for it gives."),
                code=code(operation.source),
            )
        )
    return found


def holds(found: Derivation) -> list[bool]:
    """Whether each claim of a derivation is true."""
    claims = [claim for step in found.steps for claim in step.claims]
    return [
        abs(claim.left - claim.right)
        <= claim.tolerance * max(abs(claim.left), abs(claim.right)) + 1e-30
        for claim in claims
    ]


def _rule(snapshot: Snapshot, operation: Operation) -> Rule | None:
    if is_own(snapshot, operation):
        for key in keys_at(snapshot, operation):
            if key in RULES:
                return RULES[key]
        return None
    return generic_rule(operation)


def _title(rule: Rule, snapshot: Snapshot, operation: Operation) -> str:
    try:
        return filled(rule.title, Fields(snapshot, operation))
    except _UNFIT:
        return ""


def _no_rule(snapshot: Snapshot, operation: Operation) -> str:
    if not snapshot.position.event:
        return say(_BEGINS)
    return say(_NO_RULES.get(operation.form, _NO_RULE), code=code(operation.source))
