"""A session with a step of somebody's own goes on with that one, and with no other."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from engine import SGD, Session, train_step
from engine.data import tiny_digits
from engine.debug.session import open_session
from engine.debug.session_file import format as session_file
from engine.debug.travel.edits import SetCells
from engine.errors import SessionNotRead, StepDiffers, StepNotGiven
from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import tiny_net
from engine.nn.network import Network
from tests.engine.debug import own_steps
from tests.engine.debug.session_file.test_save_and_load import seen


def trained(step) -> Session:
    session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6, step=step)
    session.run(15)
    session.goto(8)
    session.edit(SetCells("Affine1.W", "0, 0", 0.5))
    session.run(4)
    session.goto(10, 12)
    return session


STEPS = {
    "a function": lambda: own_steps.plain,
    "one that was made": lambda: own_steps.made(0.2),
    "a method": lambda: own_steps.Trainer(0.2).step,
    "a counting one": lambda: own_steps.counting,
}


@pytest.mark.parametrize("make", STEPS.values(), ids=STEPS)
def test_it_goes_on_bit_for_bit_with_the_same_step(make, tmp_path):
    session = trained(make())
    path = session.save(tmp_path / "own.retrograd")
    opened = Session.load(path, step=make())
    assert opened.loaded.exact and opened.loaded.unlike == ()
    assert seen(opened) == seen(session)
    assert opened.event.file == session.event.file
    for there in (session, opened):
        there.goto(there.reach)
        there.run(5)
    assert seen(opened) == seen(session)
    assert Session.load(opened.save(tmp_path / "again"), step=make()).loaded.exact


def test_without_the_step_it_is_refused_with_a_sentence(tmp_path):
    path = trained(own_steps.plain).save(tmp_path / "own.retrograd")
    for given in ({}, {"network": tiny_net(), "optimizer": SGD(lr=0.5), "dataset": tiny_digits()}):
        with pytest.raises(StepNotGiven, match=r"plain of own_steps\.py") as caught:
            Session.load(path, **given)
        assert "Session.load(path, step=...)" in str(caught.value)


def changed_source(monkeypatch, tmp_path, old: str, new: str):
    """The same module after somebody has changed its text."""
    import importlib.util

    with open(own_steps.__file__, encoding="utf-8") as file:
        text = file.read()
    assert old in text
    path = tmp_path / "own_steps.py"
    path.write_text(text.replace(old, new), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("changed_own_steps", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "changed_own_steps", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("old", "new", "said"), [
    ("rate * gradient for", "2 * rate * gradient for", "scaled is another one"),
    ("RATE = 0.1", "RATE = 0.2", "RATE is 0.2, and was 0.1"),
    ("    network.backward()\n    optimizer", "    network.backward()\n\n    optimizer",
     "plain is another one"),
])  # fmt: skip
def test_another_source_or_setting_is_refused_and_named(monkeypatch, tmp_path, old, new, said):
    path = trained(own_steps.plain).save(tmp_path / "own.retrograd")
    module = changed_source(monkeypatch, tmp_path, old, new)
    with pytest.raises(StepDiffers) as caught:
        Session.load(path, step=module.plain)
    assert said in caught.value.differences and said in str(caught.value)


@pytest.mark.parametrize(("old", "new"), [
    ("class Trainer:", "class Another:"),  # which the step does not reach
    ("RATE = 0.1", "# a line more\n\nRATE = 0.1"),
])  # fmt: skip
def test_what_the_step_does_not_reach_may_be_another(monkeypatch, tmp_path, old, new):
    path = trained(own_steps.plain).save(tmp_path / "own.retrograd")
    module = changed_source(monkeypatch, tmp_path, old, new)
    assert Session.load(path, step=module.plain).loaded.exact


@pytest.mark.parametrize(("saved", "given", "said"), [
    (own_steps.made(0.2), own_steps.made(0.3), "rate is 0.3, and was 0.2"),
    (own_steps.made(0.2), own_steps.made(0.2, 0.1), "noise is 0.1, and was 0.0"),
    (own_steps.Trainer(0.2).step, own_steps.Trainer(0.4).step, "Trainer.rate is 0.4, and was 0.2"),
    (own_steps.plain, own_steps.made(0.1), "it is step, and not plain"),
    (own_steps.plain, train_step, "it is train_step, and not plain"),
    (train_step, own_steps.plain, "it is plain, and not train_step"),
])  # fmt: skip
def test_another_step_is_refused_and_the_difference_named(tmp_path, saved, given, said):
    path = trained(saved).save(tmp_path / "own.retrograd")
    with pytest.raises(StepDiffers) as caught:
        Session.load(path, step=given)
    assert said in caught.value.differences


def test_the_settings_of_a_partial_count(tmp_path):
    def step(rate, network, optimizer, x, t):
        loss = network.forward(x, t)
        network.backward()
        optimizer.update(network.parameters(), own_steps.scaled(network.gradients(), rate))
        return loss

    session = Session(tiny_net(), tiny_digits(), SGD(), batch_size=6, step=partial(step, 0.1))
    session.run(3)
    path = session.save(tmp_path / "own.retrograd")
    assert Session.load(path, step=partial(step, 0.1)).loaded.exact
    with pytest.raises(StepDiffers, match="partial"):
        Session.load(path, step=partial(step, 0.2))


@pytest.mark.slow
def test_texts_that_a_step_reads_count_and_are_in_no_file(tmp_path):
    def made(key):
        def step(network, optimizer, x, t):
            assert key
            return train_step(network, optimizer, x, t)

        return step

    path = trained(made("a secret")).save(tmp_path / "own.retrograd")
    assert b"secret" not in path.read_bytes()
    assert Session.load(path, step=made("a secret")).loaded.exact
    with pytest.raises(StepDiffers, match="key is another one"):
        Session.load(path, step=made("another"))


def test_train_step_may_be_named(tmp_path):
    path = trained(train_step).save(tmp_path / "a.retrograd")
    assert Session.load(path, step=train_step).loaded.exact
    assert Session.load(path).loaded.exact
    assert trained(train_step).loaded is None


def test_what_the_file_says_of_the_step_is_checked(tmp_path):
    path = trained(own_steps.plain).save(tmp_path / "own.retrograd")
    document, arrays = session_file.read(path)
    for note in (
        [],
        "x",
        {},
        {"name": 1},
        {"name": "a", "file": "b", "functions": 3, "values": {}},
    ):
        path.write_bytes(session_file.to_bytes({**document, "step": note}, arrays))
        with pytest.raises(SessionNotRead):
            Session.load(path, step=own_steps.plain)


def test_layers_of_one_s_own_whose_code_has_changed_are_refused(tmp_path):
    class Scaled(Affine):
        factor = 1.0

        def forward(self, x):
            return super().forward(x) * self.factor

    def network():
        rng = np.random.default_rng(0)
        W = rng.normal(0, 0.1, (tiny_digits().features, 3)).astype("float32")
        return Network([Scaled(W)], SoftmaxWithLoss())

    session = Session(network(), tiny_digits(), SGD(), batch_size=6)
    session.run(5)
    path = session.save(tmp_path / "a.retrograd")
    assert open_session(path, network(), None, SGD()).session.loaded.exact
    Scaled.factor = 1.5
    with pytest.raises(SessionNotRead, match=r"batch 0 has the loss .*, and had"):
        Session.load(path, network=network(), optimizer=SGD())
    Scaled.factor = 1.0 + 1e-4
    opened = Session.load(path, network=network(), optimizer=SGD())
    assert not opened.loaded.exact and opened.loaded.unlike == ()


CFG = {"lr": 0.5, "name": "a secret"}
COUNTS = {"batches": 0}
LOG = []


def configured(network, optimizer, x, t):
    """A step that reads one dictionary, and writes to another and to a list."""
    loss = network.forward(x, t)
    network.backward()
    COUNTS["batches"] += 1
    LOG.append(loss)
    scaled = own_steps.scaled(network.gradients(), CFG["lr"])
    optimizer.update(network.parameters(), scaled)
    return loss


def test_what_stands_in_a_dictionary_counts_where_it_is_only_read(tmp_path, monkeypatch):
    session = trained(configured)
    assert "COUNTS['batches']" not in session.step_note.values
    assert session.step_note.values["CFG['lr']"] == "0.5"
    path = session.save(tmp_path / "a.retrograd")
    assert b"secret" not in path.read_bytes()
    assert Session.load(path, step=configured).loaded.exact
    monkeypatch.setitem(CFG, "lr", 0.7)
    with pytest.raises(StepDiffers) as caught:
        Session.load(path, step=configured)
    assert caught.value.differences == ("CFG['lr'] is 0.7, and was 0.5",)


def test_a_file_from_before_items_were_noted_opens(tmp_path):
    path = trained(configured).save(tmp_path / "a.retrograd")
    document, arrays = session_file.read(path)
    values = document["step"]["values"]
    assert [name for name in values if name.endswith("]")]
    document["step"]["values"] = {k: v for k, v in values.items() if not k.endswith("]")}
    path.write_bytes(session_file.to_bytes(document, arrays))
    assert Session.load(path, step=configured).loaded.exact


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_numbers_of_numpy_s_count(tmp_path, kind):
    path = trained(own_steps.made(kind(1))).save(tmp_path / "a.retrograd")
    assert Session.load(path, step=own_steps.made(kind(1))).loaded.exact
    with pytest.raises(StepDiffers) as caught:
        Session.load(path, step=own_steps.made(kind(2)))
    assert caught.value.differences[0].startswith("rate is np.")


def test_what_is_not_noted_of_a_step_is_told_by_the_losses(tmp_path):
    path = trained(own_steps.made(np.array([0.5]))).save(tmp_path / "a.retrograd")
    assert Session.load(path, step=own_steps.made(np.array([0.5]))).loaded.exact
    with pytest.raises(StepDiffers, match=r"has the loss .*, and had"):
        Session.load(path, step=own_steps.made(np.array([5.0])))


HUGE = 10**5000
DEEP = ()
for _ in range(100):
    DEEP = (DEEP,)


class Hidden:
    """A setting that answers to nothing but by failing."""

    @property
    def __dict__(self):
        raise RuntimeError("not for you")


HIDDEN = Hidden()


def odd(network, optimizer, x, t):
    assert HUGE and DEEP and HIDDEN is not None
    return train_step(network, optimizer, x, t)


@pytest.mark.slow
def test_any_value_may_stand_in_a_global_of_a_step(tmp_path):
    path = trained(odd).save(tmp_path / "a.retrograd")
    assert Session.load(path, step=odd).loaded.exact


def test_a_step_that_ends_the_program_is_refused(tmp_path, monkeypatch):
    def leaving(network, optimizer, x, t):
        if COUNTS.get("leave"):
            raise SystemExit(3)
        return train_step(network, optimizer, x, t)

    path = trained(leaving).save(tmp_path / "a.retrograd")
    monkeypatch.setitem(COUNTS, "leave", True)
    with pytest.raises(SessionNotRead, match="SystemExit"):
        Session.load(path, step=leaving)
