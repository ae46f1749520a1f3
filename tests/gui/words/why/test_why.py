"""The derivations: that they hold, that their numbers are the minibatch's, and how they speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.data import BUNDLED
from engine.data.dataset import Dataset
from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import terms_of
from engine.debug.reach.placeholders import FadedArray
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import StepFailed
from engine.nn.layers import Sigmoid
from engine.nn.models import chain
from engine.nn.optimizers import OPTIMIZERS, SGD
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.words import __main__ as command
from gui.words.entry import When
from gui.words.saying import number, words_in
from gui.words.why.derivation import Claim, Derivation, NoDerivation, Step
from gui.words.why.find import RULES, why, why_title
from tests.gui.words import foreign
from tests.gui.words.test_words import (
    BANNED,
    FOREIGN,
    after,
    at,
    at_each,
    prose,
    sources_of_engine,
    tanh_session,
)

NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?(?:e−?\d+)?(?![\w.])")
ROUNDING = 6e-3  # of three significant digits
ROLES = r"\b(image|weight|bias|gradient|score|label|loss|pixel)s?\b"
SESSIONS: dict[str, Callable[[], Session]] = {
    **{p: lambda p=p: build_session(Options(network=p)) for p in PRESETS},
    **{
        o: lambda o=o: build_session(Options(network="16-4-3", optimizer=o))
        for o in OPTIMIZERS
        if o != "SGD"
    },
    "float64": lambda: build_session(Options(network="16-4-3", dtype="float64")),
    "one image": lambda: build_session(Options(network="16-4-3", batch_size=1)),
    "tanh": tanh_session,
}


def at_stops(session: Session) -> Iterator[Snapshot]:
    batch = session.position.batch
    for event in session.snapshot().operation_stops:
        session.goto(batch, event)
        yield session.snapshot()


def trained(session: Session, batches: int) -> Session:
    if batches:
        session.run(batches)
        session.goto(batches)
    return session


def found(snapshot: Snapshot, cell: tuple[int, ...] | None = None) -> Derivation:
    derivation = why(snapshot, cell)
    assert isinstance(derivation, Derivation), derivation
    return derivation


def true(claim: Claim) -> bool:
    apart = abs(claim.left - claim.right)
    return apart <= claim.tolerance * max(abs(claim.left), abs(claim.right)) + 1e-30


def value(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def with_operation(snapshot: Snapshot, **changes: object) -> Snapshot:
    assert isinstance(snapshot.operation, Operation)
    return replace(snapshot, operation=replace(snapshot.operation, **changes))


def check_step(step: Step) -> None:
    assert all(true(claim) for claim in step.claims), step
    shown, equals, result = step.numbers.rpartition(" = ")
    if not equals or "iB" in result or "bytes" in result:
        return
    said = [value(text) for part in step.numbers.split(" = ")[1:] for text in NUMBER.findall(part)]
    claimed = [claim.left for claim in step.claims]
    assert any(
        abs(a - b) <= ROUNDING * max(abs(a), abs(b)) + 1e-12 for a in said for b in claimed
    ), (step, said, claimed)
    arithmetic = re.fullmatch(r"(\S+) ([×/]) \(?([^\s()]+)\)? = (\S+)", step.numbers)
    if arithmetic and all(NUMBER.fullmatch(arithmetic[i]) for i in (1, 3, 4)):
        a, b, c = (value(arithmetic[i]) for i in (1, 3, 4))
        computed = a * b if arithmetic[2] == "×" else a / b
        assert computed == pytest.approx(c, rel=2 * ROUNDING, abs=1e-12), step
    assert shown


def check_tone(derivation: Derivation) -> None:
    assert derivation.title.endswith("?") and derivation.title.startswith("Why ")
    for step in derivation.steps:
        plain = prose(step.words)
        assert "{" not in plain and "}" not in step.numbers + step.about, step
        assert "!" not in plain and "?" not in plain, step
        assert not re.search(rf"\b({'|'.join(BANNED)})\b", plain, re.IGNORECASE), step
        for sentence in re.split(r"(?<=[.…]) (?=\S)", step.words):
            assert words_in(sentence) <= 20, sentence
        assert len(step.words.replace("`", "")) <= 125, step  # two lines of the box
        assert len(step.numbers) <= 40 and len(step.about) <= 40, step


@pytest.mark.parametrize("key", RULES, ids=str)
def test_every_key_is_a_place_in_the_source(key):
    assert key.when is not When.CALLED
    assert key.source in sources_of_engine()[key.function]


@pytest.mark.parametrize(("name", "batches"), [*product(SESSIONS, (0, 30))])
def test_every_stop_that_computes_is_derived_and_every_claim_holds(name, batches):
    for snapshot in at_stops(trained(SESSIONS[name](), batches)):
        derivation = why(snapshot, None)
        if snapshot.position.event == 0:  # nothing is computed there
            assert isinstance(derivation, NoDerivation) and why_title(snapshot) == ""
            continue
        assert isinstance(derivation, Derivation), (snapshot.event.source, derivation)
        assert derivation.title == why_title(snapshot)
        assert 2 <= len(derivation.steps) <= 6
        assert sum(len(step.claims) for step in derivation.steps) >= 2
        check_tone(derivation)
        for step in derivation.steps:
            check_step(step)


@pytest.mark.parametrize("name", ["784-50-10", "784-100-50-10"])
def test_the_derivation_is_of_the_cell_that_is_asked_for(name):
    for snapshot in at_stops(trained(SESSIONS[name](), 3)):
        shape = np.shape(snapshot.operation.result)
        if snapshot.position.event and shape and "keep" not in why_title(snapshot):
            for part in (0.0, 0.4, 1.0):
                cell = tuple(int(part * (n - 1)) for n in shape)
                for step in found(snapshot, cell).steps:
                    check_step(step)
    cell = (3, 2)
    words = found(at(SESSIONS["784-50-10"](), "x @ self.W"), cell).steps
    assert "`z[3, 2]`" in words[2].words


def test_a_cell_that_is_not_there_is_not_taken():
    snapshot = at(SESSIONS["16-4-3"](), "x @ self.W")
    assert why(snapshot, (6, 0)) == why(snapshot, (0,)) == why(snapshot, None)


def test_numbers_follow_the_arrays():
    snapshot = at(SESSIONS["16-4-3"](), "self.x.T @ dout")
    x, dout = snapshot.operation.operands
    twice = replace(dout, value=dout.value * 2)
    changed = with_operation(snapshot, operands=(x, twice), result=snapshot.operation.result * 2)
    before, now = found(snapshot), found(changed)
    last = [value(NUMBER.findall(each.steps[3].numbers)[-1]) for each in (before, now)]
    assert last[1] == pytest.approx(2 * last[0], rel=ROUNDING)
    assert now.trial.predicted == pytest.approx(2 * before.trial.predicted)


@pytest.mark.parametrize(
    "source",
    ["x @ self.W", "x @ self.W + self.b", "e / total", "dz / len(dz)", "self.x.T @ dout",
     "dout.sum(axis=0)", "dout @ self.W.T", "dout * self.y * (1 - self.y)", "self.lr * dW"],
)  # fmt: skip
def test_an_array_that_the_rule_does_not_give_is_not_derived(source):
    snapshot = at(SESSIONS["16-4-3"](), source)
    wrong = snapshot.operation.result * np.float32(1.01)
    reason = why(with_operation(snapshot, result=wrong), None)
    assert isinstance(reason, NoDerivation) and source in reason.reason


@pytest.mark.parametrize("name", ["784-50-10", "784-100-50-10", "Adam"])
def test_arrays_that_were_not_kept_and_numbers_that_are_none_give_a_reason(name):
    for snapshot in at_stops(SESSIONS[name]()):
        operation = snapshot.operation
        for fill in (None, np.nan):
            operands = tuple(
                replace(operand, value=_spoilt(operand.value, fill))
                for operand in operation.operands
            )
            result = _spoilt(operation.result, fill)
            variables = tuple(
                replace(variable, value=_spoilt(variable.value, fill))
                for variable in snapshot.variables
            )
            changed = with_operation(snapshot, operands=operands, result=result)
            if why_title(snapshot) == "Why keep t?":  # whole numbers, which are as they were
                continue
            derivation = why(replace(changed, variables=variables), None)
            assert isinstance(derivation, NoDerivation) and derivation.reason
            assert derivation.reason.endswith(".")


def _spoilt(value: object, fill: float | None) -> object:
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return value
    return FadedArray(value.shape, str(value.dtype)) if fill is None else np.full_like(value, fill)


def test_events_that_are_no_stops_have_a_reason_where_they_have_no_derivation():
    for snapshot in at_each(SESSIONS["16-4-3"]()):
        derivation = why(snapshot, None)
        if isinstance(derivation, NoDerivation):
            assert derivation.reason.endswith(".") and why_title(snapshot) == ""
        else:
            assert derivation.title == why_title(snapshot)


def test_what_failed_has_a_reason():
    session = foreign.broken()
    with pytest.raises(StepFailed):
        session.run(1)
    session.goto(0, len(session.trace) - 1)
    assert isinstance(why(session.snapshot(), None), NoDerivation)


@pytest.mark.parametrize("classes", [2, 10])
def test_a_network_of_few_classes_is_derived(classes):
    network = chain((16, 4, classes), Sigmoid, 0, "float32", "xavier")
    data = BUNDLED["tiny_digits"]()
    kept = Dataset("two", data.images, data.labels % classes, classes)
    for snapshot in at_stops(Session(network, kept, SGD(0.1), 6, 0)):
        if snapshot.position.event:
            found(snapshot)


def test_the_terms_are_those_of_the_list():
    session = trained(SESSIONS["784-50-10"](), 3)
    marked = 0
    for snapshot in at_stops(session):
        derivation = why(snapshot, None)
        if isinstance(derivation, NoDerivation):
            continue
        texts = {
            number(term.value)
            for cell in np.ndindex(*np.shape(snapshot.operation.result)[:2])
            for term in terms_of(snapshot.operation, cell, 1).terms
            if any(step.term is not None for step in derivation.steps)
        }
        for step in derivation.steps:
            if step.term is not None:
                assert step.term == 0 and any(text in step.numbers for text in texts), step
                marked += 1
    assert marked > 10


def test_the_trials_are_what_the_loss_does():
    """Each number that a derivation predicts is measured, on a network of its own in float64."""
    tried = 0
    for snapshot in at_stops(trained(SESSIONS["16-4-3"](), 5)):
        derivation = why(snapshot, None)
        if isinstance(derivation, NoDerivation) or derivation.trial is None:
            continue
        trial = derivation.trial
        measured = _loss(snapshot, trial.array, trial.index, trial.step) - _loss(snapshot)
        straight = 0.15 if abs(trial.step) > 0.002 else 0.01  # a whole step is a long one
        assert measured == pytest.approx(trial.predicted, rel=straight), trial
        tried += 1
    assert tried == 15  # 7 of the backward pass, 2 of each parameter's update


def _loss(
    snapshot: Snapshot, array: str = "", index: tuple[int, ...] = (), step: float = 0.0
) -> float:
    """The loss with a parameter, or a layer's output, changed in one cell."""
    parts = {
        f"{layer.name}.{name}": layer.before.get(name, W).astype(np.float64)
        for layer in snapshot.layers
        for name, W in layer.parameters.items()
    }
    if array in parts:
        parts[array][index] += step
    images = snapshot.minibatch.images
    x = images.reshape(len(images), -1) / 255
    for layer in ("Affine1", "Sigmoid1", "Affine2"):
        if layer == "Sigmoid1":
            x = 1 / (1 + np.exp(-x))
        else:
            x = x @ parts[f"{layer}.W"] + parts[f"{layer}.b"]
        if array == layer:
            x[index] += step
    rows = np.arange(len(x))
    return float(np.mean(np.log(np.exp(x).sum(axis=1)) - x[rows, snapshot.minibatch.labels]))


# Particular words --------------------------------------------------------------------------------


def test_the_derivation_of_the_gradient_of_the_weights():
    derivation = found(at(SESSIONS["784-50-10"](), "self.x.T @ dout", "Affine"))
    assert derivation.title == "Why xᵀ?"
    assert derivation.about == "one weight first, then all 500"
    assert derivation.steps[-1].numbers == "(50, 100) @ (100, 10) → (50, 10)"
    assert derivation.trial.array == "Affine2.W"


@pytest.mark.parametrize("batch_size", [2, 6, 50])
def test_the_title_of_the_division_has_the_number_of_images(batch_size):
    session = build_session(Options(network="16-4-3", batch_size=batch_size))
    assert why_title(at(session, "dz / len(dz)")) == f"Why divide by {batch_size}?"


def test_what_is_kept_names_the_line_that_will_read_it():
    session = SESSIONS["784-50-10"]()
    kept = {
        why_title(s): found(s).steps[1].words
        for s in at_stops(session)
        if why_title(s).startswith("Why keep")
    }
    assert kept["Why keep x?"].endswith("by `self.x.T @ dout`, in `Affine2.backward`.")
    assert "`dz[rows, self.t] -= 1`" in kept["Why keep t?"]


@pytest.mark.parametrize("lr", [0.5, 0.03])
def test_the_fall_of_the_loss_follows_the_learning_rate(lr):
    session = build_session(Options(network="16-4-3", learning_rate=lr))
    snapshot = after(session, "W -= self.lr * dW")
    dW = next(v.value for v in snapshot.variables if v.name == "dW")
    said = NUMBER.findall(found(snapshot).steps[-1].numbers)
    assert value(said[-1]) == pytest.approx(-lr * float((dW * dW).sum()), rel=ROUNDING)


# Other people's code -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOREIGN)
def test_other_peoples_lines_have_a_derivation_or_a_reason_and_no_roles(name):
    derived = 0
    for snapshot in at_stops(foreign.networks()[name]):
        derivation = why(snapshot, None)
        if isinstance(derivation, NoDerivation):
            assert derivation.reason.endswith("."), derivation
            continue
        if "engine/nn" in snapshot.event.file:
            continue
        derived += 1
        assert derivation.title == why_title(snapshot)
        check_tone(derivation)
        for step in derivation.steps:
            check_step(step)
            assert not re.search(ROLES, prose(step.words), re.IGNORECASE), step
    assert derived > 5


def test_a_transposed_operand_of_other_peoples_code():
    session = foreign.networks()["lists"]
    derivation = found(at(session, "delta @ self.W[i].T"))
    assert derivation.title == "Why transposed?"
    assert derivation.steps[1].words == (
        "The sum runs over the columns of `self.W[i]`, so its columns must become rows."
    )


def test_an_array_that_the_operation_does_not_give_is_not_derived():
    snapshot = at(foreign.networks()["lists"], "delta @ self.W[i].T")
    wrong = snapshot.operation.result + 1
    assert isinstance(why(with_operation(snapshot, result=wrong), None), NoDerivation)


# The command -------------------------------------------------------------------------------------


def test_the_command_prints_the_derivations(capsys):
    assert command.main(["--why", "16-4-3"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("Why xᵀ?") == 2 and "Trial: Affine1.W[" in printed
