"""The words at every event: what they say, how they say it, and that they follow the numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import engine.nn
from engine.data import BUNDLED
from engine.debug.events import Kind
from engine.debug.explain.operation import Form
from engine.debug.reach.placeholders import FadedArray
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import StepFailed
from engine.nn.layers import Tanh
from engine.nn.models import chain
from engine.nn.optimizers import OPTIMIZERS, SGD
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.words import __main__ as command
from gui.words.entry import Key, When
from gui.words.fields import Fields
from gui.words.lesson import Lesson, lesson_of
from gui.words.own import WORDS, own_words
from gui.words.saying import MOST_WORDS, words_in
from gui.words.terms import terms_in
from tests.gui.words import foreign

BANNED = (
    "simply", "just", "obviously", "of course", "magic", "important", "learns", "learnt", "learned",
    "we", "our", "us", "you", "your", "easy", "easily", "clearly", "powerful", "amazing", "nice",
    "great", "vanishes", "note that",
)  # fmt: skip
FOREIGN = ("lists", "caches", "convolution", "recurrent", "layers")


def at_each(session: Session) -> Iterator[Snapshot]:
    batch = session.position.batch
    for event in range(len(session.trace)):
        session.goto(batch, event)
        yield session.snapshot()


def tanh_session() -> Session:
    network = chain((16, 4, 3), Tanh, 0, "float32", "xavier")
    return Session(network, BUNDLED["tiny_digits"](), SGD(0.1), 6, 0)


def at(session: Session, source: str, function: str = "", kind: Kind = Kind.EXPRESSION) -> Snapshot:
    """The snapshot of the first event of a source."""
    for event in session.trace:
        if event.kind is kind and event.source == source and function in event.frame.function:
            session.goto(session.position.batch, event.index)
            return session.snapshot()
    raise AssertionError(source)


def after(session: Session, source: str) -> Snapshot:
    """The snapshot of the first event at which a statement has just changed an array in place."""
    for snapshot in at_each(session):
        operation = snapshot.operation
        if operation.form is Form.IN_PLACE and operation.source == source:
            return snapshot
    raise AssertionError(source)


def prose(sentence: str) -> str:
    return re.sub(r"`[^`]*`", "x", sentence)


def check_tone(lesson: Lesson) -> None:
    for sentence in (lesson.happened, lesson.next):
        plain = prose(sentence)
        assert plain.strip(), lesson
        assert words_in(sentence) <= MOST_WORDS, sentence
        assert plain.endswith("."), sentence
        assert not re.search(r"\. [A-Z]", plain), sentence  # one sentence
        assert "{" not in plain and "}" not in plain, sentence
        assert "!" not in plain and "?" not in plain, sentence
        assert not re.search(rf"\b({'|'.join(BANNED)})\b", plain, re.IGNORECASE), sentence


@cache
def sources_of_engine() -> dict[str, set[str]]:
    """By qualified name of a function of engine.nn, the source of its statements and parts."""
    found: dict[str, set[str]] = {}
    for path in Path(engine.nn.__path__[0]).glob("*.py"):
        text = path.read_text("utf-8")
        for cls in [
            ast.parse(text),
            *[n for n in ast.parse(text).body if isinstance(n, ast.ClassDef)],
        ]:
            prefix = f"{cls.name}." if isinstance(cls, ast.ClassDef) else ""
            for function in cls.body:
                if isinstance(function, ast.FunctionDef):
                    parts = found.setdefault(prefix + function.name, set())
                    for node in ast.walk(function):
                        source = ast.get_source_segment(text, node) or ""
                        if isinstance(node, (ast.For, ast.If)):
                            source = source.partition("\n")[0]
                        parts.add(" ".join(source.split()))
    return found


@pytest.mark.parametrize("key", WORDS, ids=str)
def test_every_key_is_a_place_in_the_source(key: Key):
    sources = sources_of_engine()
    assert key.function in sources
    assert (key.when is When.CALLED) == (key.source == "")
    assert not key.source or key.source in sources[key.function]


def test_every_field_of_a_template_exists():
    for words in WORDS.values():
        for template in (words.happened, words.next, words.again):
            for name in re.findall(r"{(\w+)}", template):
                assert hasattr(Fields, name), template


@pytest.mark.parametrize(
    ("preset", "optimizer"), [*product(PRESETS, [None]), *product(["16-4-3"], OPTIMIZERS)]
)
def test_no_stop_is_silent_for_a_preset_and_the_tone_is_kept(preset, optimizer):
    session = build_session(Options(network=preset, optimizer=optimizer))
    for snapshot in at_each(session):
        check_tone(lesson_of(snapshot))


@pytest.mark.parametrize("name", FOREIGN)
def test_no_stop_is_silent_for_networks_of_other_peoples_making(name):
    session = foreign.networks()[name]
    for batch in range(2):
        for snapshot in at_each(session):
            lesson = lesson_of(snapshot)
            check_tone(lesson)
            if (
                snapshot.event.frame.function != "train_step"
                and "engine/nn" not in snapshot.event.file
            ):
                assert "`" in lesson.happened or "(" in lesson.happened, lesson
        if batch == 0:
            session.run(1)
            session.goto(1)


@pytest.mark.parametrize(
    "make",
    [
        *[lambda p=p: build_session(Options(network=p)) for p in PRESETS],
        *[lambda o=o: build_session(Options(network="16-4-3", optimizer=o)) for o in OPTIMIZERS],
        tanh_session,
    ],
)
def test_our_own_code_has_words_where_it_computes_or_stores(make):
    session = make()
    for snapshot in at_each(session):
        operation = snapshot.operation
        if not Path(snapshot.event.file).parent.samefile(engine.nn.__path__[0]):
            continue
        if snapshot.event.frame.function == "class_numbers":
            continue
        computed = snapshot.event.kind is Kind.EXPRESSION and (
            isinstance(snapshot.event.value, np.ndarray) and snapshot.event.value.ndim
        )
        stored = operation.form is Form.IN_PLACE and isinstance(operation.result, np.ndarray)
        if computed or stored:
            assert own_words(snapshot, operation) is not None, (snapshot.event.source, operation)


@pytest.mark.parametrize("name", FOREIGN)
def test_different_operations_have_different_words(name):
    said: dict[str, str] = {}
    for snapshot in at_each(foreign.networks()[name]):
        event, operation = snapshot.event, snapshot.operation
        computed = event.kind is Kind.EXPRESSION and isinstance(event.value, np.ndarray)
        if computed and "engine/nn" not in event.file:
            happened = lesson_of(snapshot).happened
            assert said.setdefault(happened, operation.source) == operation.source


def test_words_of_engine_are_not_said_of_others_code():
    """A class of the same name and text, in another file, is described by its operations."""
    session = foreign.networks()["lists"]
    snapshot = at(session, "np.dot(self.a[i], self.W[i])")
    assert lesson_of(snapshot).happened == (
        "`self.a[i]` (8, 36) times `self.W[i]` (36, 7): each of 8 rows of 36 becomes one of 7."
    )


def test_a_lesson_is_a_function_of_the_snapshot():
    session = build_session(Options(network="16-4-3"))
    snapshot = at(session, "x @ self.W")
    assert lesson_of(snapshot) == lesson_of(session.snapshot()) == lesson_of(snapshot)


# Numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lr", [0.5, 0.03])
def test_the_words_of_the_update_follow_the_learning_rate_and_the_gradient(lr):
    session = build_session(Options(network="16-4-3", learning_rate=lr))
    snapshot = after(session, "W -= self.lr * dW")
    before, now = snapshot.operation.operands[0].value, snapshot.operation.result
    step = float(np.abs(now - before).max())
    happened = lesson_of(snapshot).happened
    said = re.fullmatch(
        r"`Affine1\.W` .* by ([\d.]+) times it; the largest step is (\S+)\.", happened
    )
    assert said and float(said[1]) == lr
    assert float(said[2].replace("−", "-")) == pytest.approx(step, rel=5e-3)


def test_the_words_of_the_update_fold_after_two_parameters():
    session = build_session(Options(network="16-4-3"))
    said = [
        lesson_of(s).happened for s in at_each(session)
        if s.operation.form is Form.IN_PLACE and s.event.frame.function == "SGD.update"
    ]  # fmt: skip
    assert len(said) == 4
    assert ["in the same way" in sentence for sentence in said] == [False, False, True, True]
    assert said[2].startswith("`Affine2.W`, parameter 3 of 4, ")


@pytest.mark.parametrize("batch_size", [1, 6, 50])
def test_the_words_follow_the_batch_size(batch_size):
    session = build_session(Options(network="16-4-3", batch_size=batch_size))
    images = "1 image" if batch_size == 1 else f"{batch_size} images"
    assert f"over {images}" in lesson_of(at(session, "self.x.T @ dout")).happened
    happened = lesson_of(at(session, "dz / len(dz)")).happened
    assert happened == f"Divided by {batch_size}, because the loss is the mean over {images}."


@pytest.mark.parametrize("seed", [0, 1])
def test_the_words_follow_the_loss_and_the_classes(seed):
    session = build_session(Options(network="16-4-3", seed=seed))
    snapshot = at(session, "-log_y[rows, self.t].sum() / len(z)")
    loss = float(snapshot.event.value)
    said = re.search(r"labels, is ([\d.]+); equal guesses give ln (\d+) = ([\d.]+)\.",
                     lesson_of(snapshot).happened)  # fmt: skip
    assert said and float(said[1]) == pytest.approx(loss, rel=5e-3)
    assert (said[2], float(said[3])) == ("3", pytest.approx(np.log(3), abs=5e-3))


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([0.5, 0.5, 0.5, 0.5], "none is within 0.01 of an end"),
        ([0.001, 0.5, 0.5, 0.999], "50 % are within 0.01 of an end"),
        ([0.001, 0.002, 0.5, 0.999], "75 % are within 0.01 of an end"),
        ([0.001] * 4, "100 % are within 0.01 of an end"),
    ],
)
def test_the_words_follow_the_share_of_cells_near_an_end(cells, words):
    snapshot = at(build_session(Options(network="16-4-3")), "1 / (1 + np.exp(-x))")
    operation = replace(snapshot.operation, result=np.array([cells]))
    assert words in lesson_of(replace(snapshot, operation=operation)).happened


@pytest.mark.parametrize(
    ("cells", "words"), [([-1.0, 2.0], "there are none"), ([-81.0, -90.0], "here 2 cells")]
)
def test_the_words_follow_the_cells_that_could_overflow(cells, words):
    snapshot = at(build_session(Options(network="16-4-3")), "np.maximum(x, -80)")
    operand = replace(snapshot.operation.operands[0], value=np.array(cells))
    changed = replace(snapshot, operation=replace(snapshot.operation, operands=(operand,)))
    assert words in lesson_of(changed).happened


def test_the_words_follow_the_biases():
    session = build_session(Options(network="16-4-3"))
    assert "all of them are still 0" in lesson_of(at(session, "x @ self.W + self.b")).happened
    session.run(1)
    session.goto(1)
    snapshot = at(session, "x @ self.W + self.b")
    b = next(v.value for v in snapshot.variables if v.name == "self.b")
    low, high = (
        float(n.replace("−", "-"))
        for n in re.findall(r"from (\S+) to (\S+)\.$", lesson_of(snapshot).happened)[0]
    )
    assert (low, high) == (pytest.approx(b.min(), rel=5e-3), pytest.approx(b.max(), rel=5e-3))


def test_the_words_follow_the_mask_of_relu():
    session = build_session(Options(network="784-100-50-10"))
    snapshot = at(session, "x > 0")
    share = round(100 * snapshot.event.value.mean())
    assert f"in {share} % of its cells" in lesson_of(snapshot).happened


def test_cells_that_are_no_numbers_are_said():
    snapshot = at(build_session(Options(network="16-4-3")), "x @ self.W")
    broken = np.array([[1.0, np.nan], [np.inf, 2.0]])
    operation = replace(snapshot.operation, result=broken)
    assert lesson_of(replace(snapshot, operation=operation)).happened == (
        "`x @ self.W` (2, 2): 2 of 4 cells are NaN or infinite."
    )


def test_words_without_the_values_say_no_numbers():
    """A trace over its budget keeps the shapes of arrays alone."""
    session = build_session(Options(network="16-4-3"))
    for source in ("1 / (1 + np.exp(-x))", "np.maximum(x, -80)", "self.x.T @ dout"):
        snapshot = at(session, source)
        operation = snapshot.operation
        faded = FadedArray((6, 4), "float32")
        operands = tuple(replace(operand, value=faded) for operand in operation.operands)
        changed = replace(snapshot, operation=replace(operation, operands=operands, result=faded))
        check_tone(lesson_of(changed))


# Other people's code -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "source", "happened"),
    [
        (
            "lists",
            "delta @ self.W[i].T",
            "`delta` (8, 3) times `self.W[i]` transposed (3, 5): each of 8 rows of 3 becomes "
            "one of 5.",
        ),
        (
            "lists",
            "self.a[i].T.dot(delta)",
            "`self.a[i]` transposed (5, 8) times `delta` (8, 3): each of 15 cells adds up 8 "
            "products.",
        ),
        (
            "lists",
            "np.sum(delta, axis=0, keepdims=True)",
            "`delta` (8, 3): in each of 3 columns, 8 cells are added up.",
        ),
        (
            "lists",
            "np.dot(self.a[i], self.W[i]) + self.b[i]",
            "`self.b[i]` (1, 7) is added to every row of `np.dot(self.a[i], self.W[i])` (8, 7).",
        ),
        (
            "caches",
            "log_probs[np.arange(n), y]",
            "`log_probs[np.arange(n), y]` picks one of 3 cells in each of 8 rows of "
            "`log_probs` (8, 3).",
        ),
        (
            "caches",
            "self.params[name] * self.params[name]",
            "`self.params[name]` (36, 6) is squared, cell by cell",
        ),
        (
            "convolution",
            "window * self.W",
            "`window * self.W`: (8, 1, 3, 3) and (2, 3, 3) give (8, 2, 3, 3), a broadcast "
            "larger than both.",
        ),
        (
            "convolution",
            "np.pad(image, ((0, 0), (1, 1), (1, 1)))",
            "`image` (8, 6, 6) gets a border: now (8, 8, 8).",
        ),
        (
            "recurrent",
            "np.concatenate([row, h], axis=1)",
            "`row` (8, 6), `h` (8, 5) are joined: `np.concatenate([row, h], axis=1)` (8, 11).",
        ),
        (
            "recurrent",
            "self.joined.append(both)",
            "`both` (8, 11) is put at the end of `self.joined`.",
        ),
        (
            "layers",
            "dx[:, :1] - dx[:, 0]",
            "`dx[:, :1] - dx[:, 0]`: (8, 1) and (8,) give (8, 8), a broadcast larger than both.",
        ),
        (
            "layers",
            "np.outer(dx[0], spread[0])",
            "Each cell of `dx[0]` (6,) times each of `spread[0]` (8,): (6, 8).",
        ),
        (
            "layers",
            "x[order]",
            "`x[order]` takes 8 rows of `x` (8, 6) by number, as in `order` (8,).",
        ),
    ],
)
def test_the_words_of_other_peoples_code(name, source, happened):
    assert lesson_of(at(foreign.networks()[name], source)).happened.startswith(happened)


def test_a_mask_and_a_change_in_place_are_counted():
    session = foreign.networks()["layers"]
    snapshot = at(session, "self.x < 0")
    share = round(100 * snapshot.event.value.mean())
    assert lesson_of(snapshot).happened == f"`self.x < 0` (8, 6) is True in {share} % of its cells."
    snapshot = after(session, "dx[self.x < 0] = 0.1")
    changed = int((snapshot.operation.result != 1).sum())
    happened = lesson_of(snapshot).happened
    assert happened.startswith(f"`dx` (8, 6) changes in place: {changed} of 48 cells, by 0.9")


def test_rounds_of_a_loop_are_counted():
    session = foreign.networks()["recurrent"]
    rounds = [
        lesson_of(s).happened.partition(":")[0] for s in at_each(session)
        if s.event.source == "np.tanh(both @ self.W)"
    ]  # fmt: skip
    assert rounds[2:] == [f"Round {n} of 6" for n in (3, 4, 5, 6)]
    assert not any(text.startswith("Round") for text in rounds[:2])


def test_a_loop_without_a_round_says_no_round():
    session = build_session(Options(network="16-4-3"))
    inner = "for W in self.parameter_names[name]:"
    said = [
        lesson_of(s).happened
        for s in at_each(session)
        if s.event.source.startswith("for name, layer") and s.ran and s.ran.source == inner
    ]
    assert "`for W in self.parameter_names[name]:` has run." in said
    assert not any("Round" in sentence for sentence in said)


def test_tests_are_told_by_what_came_of_them():
    session = foreign.networks()["lists"]
    snapshot = at(session, "self.a.append(s)", kind=Kind.LINE)
    assert snapshot.ran.source.startswith("s = ")
    snapshot = at(session, "s = 1.0 / (1.0 + np.exp(-s))", kind=Kind.LINE)
    assert lesson_of(snapshot).happened == "The test `i < len(self.W) - 1` is met: its lines run."


def test_what_failed_is_said_with_its_shapes():
    session = foreign.broken()
    with pytest.raises(StepFailed):
        session.run(1)
    session.goto(0, len(session.trace) - 1)
    lesson = lesson_of(session.snapshot())
    check_tone(lesson)
    assert "x" in lesson.happened and "(8, 4)" in lesson.happened and "(5, 3)" in lesson.happened
    assert lesson.next == "The minibatch ends here."


# Terms -------------------------------------------------------------------------------------------


def test_a_sentence_brings_one_new_term_at_most():
    """Met in the order of the default minibatch, at the events that compute or store."""
    known: set[str] = set()
    for snapshot in at_each(build_session(Options())):
        operation = snapshot.operation
        value = snapshot.event.value
        first = snapshot.position.event == 0
        computed = snapshot.event.kind is Kind.EXPRESSION and isinstance(
            value, np.ndarray | np.floating
        )
        if not (first or computed or operation.form is Form.IN_PLACE):
            continue
        lesson = lesson_of(snapshot)
        for sentence in (lesson.happened, lesson.next):
            new = set(terms_in(sentence)) - known
            assert len(new) <= 1, (sentence, new)
            known |= new
    assert {"loss", "weight", "bias", "probability", "gradient", "slope", "learning rate"} <= known


def test_terms_in_code_are_no_terms():
    snapshot = at(build_session(Options(network="16-4-3")), "self.x.T @ dout")
    assert "bias" in lesson_of(snapshot).terms
    assert "gradient" in lesson_of(snapshot).terms


# The command -------------------------------------------------------------------------------------


def test_the_command_prints_each_event(capsys):
    assert command.main(["16-4-3"]) == 0
    printed = capsys.readouterr().out
    session = build_session(Options(network="16-4-3"))
    assert printed.count("\n      → ") == len(session.trace)
    assert "Every output of Sigmoid1 lies between 0 and 1" in printed


def test_the_command_refuses_an_unknown_preset(capsys):
    assert command.main(["1-2-3"]) == 2
    assert "1-2-3" in capsys.readouterr().err
