"""The words for any code: from the operation, its operands' names and their shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.debug.events import Kind
from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.reading import is_array, shape_of
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.wording import to_translate
from gui.words.arithmetic import elementwise, function
from gui.words.measured import Unknown, numbers
from gui.words.rearranging import copy, indexing, transpose
from gui.words.reducing import product, reduction
from gui.words.saying import code, count, named, number, say, shape, value_text, whole

_N = to_translate


def generic_words(snapshot: Snapshot, operation: Operation) -> tuple[str, str]:
    """What has happened and what comes next, for code that no table knows."""
    return _happened(snapshot, operation), _next(snapshot)


def not_finite(operation: Operation) -> str:
    """That a result has cells that are NaN or infinite; "" if it has none, or was not kept."""
    result = operation.result
    if not is_array(result) or not isinstance(result, np.ndarray) or result.dtype.kind not in "fc":
        return ""
    if np.isfinite(result).all():
        return ""
    bad = result.size - int(np.count_nonzero(np.isfinite(result)))
    return say(
        _N("words", "{what} {shape}: {bad} of {cells} are NaN or infinite."),
        what=code(operation.name),
        shape=shape(result),
        bad=whole(bad),
        cells=count(result.size, "cell"),
    )


def _next(snapshot: Snapshot) -> str:
    event, ahead = snapshot.event, snapshot.ahead
    if event.kind is Kind.EXCEPTION:
        return say(_N("words", "The minibatch ends here."))
    if event.kind is Kind.LINE and (ahead is None or ahead.source not in event.source):
        return say(_N("words", "The line {line} runs."), line=code(event.source))
    if ahead is None:
        return say(_N("words", "Nothing more is computed in this minibatch."))
    if ahead.function != event.frame.function:
        place = ahead.function
        if ahead.layer:
            place = f"{ahead.layer}.{place.rpartition('.')[2]}"
        return say(
            _N("words", "{source} is computed, in {function}."),
            function=code(place),
            source=code(ahead.source),
        )
    return say(_N("words", "{source} is computed."), source=code(ahead.source))


def _happened(snapshot: Snapshot, operation: Operation) -> str:
    if operation.error is not None:
        return _raised(operation)
    if operation.form is Form.ASSIGNMENT and operation.source.startswith("for "):
        turn = snapshot.turn
        if turn is None or turn.source != operation.source:
            return _passed(snapshot, operation)  # the loop is over, or has not had a round
        return say(
            _N("words", "Round {n} of {rounds} of the loop: {name} is {value}."),
            n=turn.number,
            rounds=turn.rounds,
            name=code(operation.name),
            value=value_text(operation.result),
        )
    if snapshot.event.kind is Kind.LINE and not _is_fresh(snapshot, operation):
        return _passed(snapshot, operation)
    say_it = _SAYINGS.get(operation.form, _fallback)
    try:
        return say_it(operation)
    except (Unknown, TypeError, ValueError, IndexError):
        return _fallback(operation)  # such as an array whose values were not kept


def _is_fresh(snapshot: Snapshot, operation: Operation) -> bool:
    """Whether the operation of a line event is that of the statement just before."""
    ran = snapshot.ran
    return operation.form is Form.ARGUMENTS or (ran is not None and ran.source == operation.source)


def _passed(snapshot: Snapshot, operation: Operation) -> str:
    """A statement has run that set nothing, such as a test or a call for its effect."""
    ran = snapshot.ran
    if ran is None:
        return _arguments(operation)
    head = ran.source.partition(" ")[0]
    if head in ("if", "elif", "while"):
        test = code(ran.source.removeprefix(head).strip().removesuffix(":"))
        if ran.met is None:
            return say(_N("words", "The test {test} has led to this line."), test=test)
        if ran.met:
            return say(_N("words", "The test {test} is met: its lines run."), test=test)
        return say(_N("words", "The test {test} is not met: its lines are left out."), test=test)
    return say(_N("words", "{line} has run."), line=code(ran.source))


def _raised(operation: Operation) -> str:
    kind = type(operation.error).__name__
    if operation.mismatch is not None:
        (left, _), (right, _) = operation.mismatch.left, operation.mismatch.right
        a, b = operation.mismatch.sizes
        return say(
            _N("words", "{source} failed: {a} has {m}, where {b} has {n}."),
            source=code(operation.source),
            a=named(operation.operands[left]),
            m=whole(a),
            b=named(operation.operands[right]),
            n=whole(b),
        )
    if operation.operands:
        given = " · ".join(named(operand) for operand in operation.operands[:2])
        return say(
            _N("words", "{source} raised {kind}, given {operands}."),
            source=code(operation.source),
            kind=kind,
            operands=given,
        )
    return say(_N("words", "{source} raised {kind}."), source=code(operation.source), kind=kind)


def _given(operands: tuple[Operand, ...]) -> str:
    """Arguments in a few words, the arrays first."""
    arrays = [operand for operand in operands if is_array(operand.value)]
    chosen = (arrays or list(operands))[:2]
    return ", ".join(
        named(o)
        if shape_of(o.value)
        else f"{code(o.text)} = {value_text(o.value)}"
        if isinstance(o.value, (bool, int, float, str))
        else code(o.text)
        for o in chosen
    )


# Forms ---------------------------------------------------------------------------------------


def _creation(operation: Operation) -> str:
    return say(
        _N("words", "{source} makes a new array {shape}{holding}."),
        source=code(operation.source),
        shape=shape(operation.result),
        holding=_holding(operation.result),
    )


def _holding(value: Any) -> str:
    """The range of an array, after its shape."""
    try:
        cells = numbers(value)
    except Unknown:
        return ""
    low, high = number(cells.min()), number(cells.max())
    if cells.size == 1:
        return say(_N("words", ", its cell {value}"), value=low)
    if low == high:
        return say(_N("words", ", each cell {value}"), value=low)
    return say(_N("words", ", from {low} to {high}"), low=low, high=high)


def _lookup(operation: Operation) -> str:
    if is_array(operation.result):
        return say(
            _N("words", "{source} is looked up: an array {shape}."),
            source=code(operation.source),
            shape=shape(operation.result),
        )
    return _scalar(operation)


def _scalar(operation: Operation) -> str:
    if isinstance(operation.result, (bool, np.bool_)) and operation.operands:
        met = bool(operation.result)
        compared = [o for o in operation.operands if isinstance(o.value, (int, float, np.number))]
        where = ", ".join(
            f"{code(o.text)} = {number(o.value)}" for o in compared if not _is_literal(o)
        )
        if where:
            return say(
                _N("words", "{source} is {met}: {where}."),
                source=code(operation.source),
                met=met,
                where=where,
            )
    return say(
        _N("words", "{source} is {value}."),
        source=code(operation.source),
        value=value_text(operation.result),
    )


def _is_literal(operand: Operand) -> bool:
    return operand.text[:1].isdigit() or operand.text[:1] == "-"


def _collection(operation: Operation) -> str:
    return say(
        _N("words", "{source} gives {value}."),
        source=code(operation.source),
        value=value_text(operation.result),
    )


def _call(operation: Operation) -> str:
    given = _given(operation.operands)
    called = code(operation.symbol)
    if operation.result is None:
        if not given:
            return say(_N("words", "{call} has run, and returned nothing."), call=called)
        return say(
            _N("words", "{call} has run on {given}, and returned nothing."),
            call=called,
            given=given,
        )
    value = value_text(operation.result)
    if not given:
        return say(_N("words", "{call} has returned {value}."), call=called, value=value)
    return say(
        _N("words", "{call} was given {given}, and has returned {value}."),
        call=called,
        given=given,
        value=value,
    )


def _arguments(operation: Operation) -> str:
    given = _given(operation.operands)
    if not given:
        return say(_N("words", "{call} has been called."), call=code(operation.symbol))
    return say(
        _N("words", "{call} has been called with {given}."),
        call=code(operation.symbol),
        given=given,
    )


def _return(operation: Operation) -> str:
    operand = operation.operands[0]
    if operand.text == "None" or operation.result is None:
        return say(_N("words", "{call} ends, and returns nothing."), call=code(operation.symbol))
    if is_array(operation.result):
        return say(
            _N("words", "{call} returns {what}."), call=code(operation.symbol), what=named(operand)
        )
    return say(
        _N("words", "{call} returns {what}: {value}."),
        call=code(operation.symbol),
        what=code(operand.text),
        value=value_text(operation.result),
    )


def _assignment(operation: Operation) -> str:
    header = operation.source
    if header.startswith("for "):
        return say(
            _N("words", "In this round of the loop, {name} is {value}."),
            name=code(operation.name),
            value=value_text(operation.result),
        )
    if is_array(operation.result):
        template = _N("words", "{name} is set: an array {shape}{holding}.")
        if "." in operation.name or "[" in operation.name:
            template = _N("words", "{name} is stored: an array {shape}{holding}.")
        return say(
            template,
            name=code(operation.name),
            shape=shape(operation.result),
            holding=_holding(operation.result),
        )
    return say(
        _N("words", "{name} is set: {value}."),
        name=code(operation.name),
        value=value_text(operation.result),
    )


def _in_place(operation: Operation) -> str:
    old, name = operation.operands[0].value, code(operation.name)
    if not is_array(operation.result):
        return say(
            _N("words", "{name} changes from {old} to {new}."),
            name=name,
            old=value_text(old),
            new=value_text(operation.result),
        )
    before, after = numbers(old), numbers(operation.result)
    changed = int(np.count_nonzero(before != after))
    if changed == 0:
        return say(
            _N("words", "{name} {shape} is written in place, and no cell differs."),
            name=name,
            shape=shape(after),
        )
    if after.dtype.kind not in "iuf":
        return say(
            _N("words", "{name} {shape} changes in place: {n} of {cells}."),
            name=name,
            shape=shape(after),
            n=whole(changed),
            cells=count(after.size, "cell"),
        )
    most = np.abs(after.astype(np.float64) - before.astype(np.float64)).max()
    return say(
        _N("words", "{name} {shape} changes in place: {n} of {cells}, by {most} at most."),
        name=name,
        shape=shape(after),
        n=whole(changed),
        cells=count(after.size, "cell"),
        most=number(most),
    )


def _linked(operation: Operation) -> str:
    left, right = operation.operands[:2]
    return say(
        _N("words", "Each cell of {left} times each of {right}: {shape}."),
        left=named(left),
        right=named(right),
        shape=shape(operation.result),
    )


def _fallback(operation: Operation) -> str:
    source = code(operation.source)
    if operation.result is None:
        if operation.symbol == "append" and len(operation.operands) == 2:
            container, item = operation.operands
            return say(
                _N("words", "{item} is put at the end of {container}."),
                item=named(item),
                container=code(container.text),
            )
        given = _given(operation.operands)
        if given:
            return say(_N("words", "{source} has run, with {given}."), source=source, given=given)
        return say(_N("words", "{source} has run."), source=source)
    return say(
        _N("words", "{source} gives {value}."), source=source, value=value_text(operation.result)
    )


_SAYINGS: Mapping[Form, Callable[[Operation], str]] = {
    Form.PRODUCT: product,
    Form.ELEMENTWISE: elementwise,
    Form.FUNCTION: function,
    Form.REDUCTION: reduction,
    Form.TRANSPOSE: transpose,
    Form.INDEXING: indexing,
    Form.COPY: copy,
    Form.CREATION: _creation,
    Form.LOOKUP: _lookup,
    Form.COLLECTION: _collection,
    Form.SCALAR: _scalar,
    Form.CALL: _call,
    Form.LINKED: _linked,
    Form.ARGUMENTS: _arguments,
    Form.RETURN: _return,
    Form.IN_PLACE: _in_place,
    Form.ASSIGNMENT: _assignment,
    Form.FALLBACK: _fallback,
}
