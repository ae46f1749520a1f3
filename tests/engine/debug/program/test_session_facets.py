"""What a session says of its program: found, declared, and at the cursor."""

from __future__ import annotations

import numpy as np
import pytest

from engine import SGD, Session, SetCells, SetLearningRate, load_mnist, two_layer_net
from engine.debug.events import Phase
from engine.debug.facets.facets import Found
from engine.errors import BadFacet, BadValue, GradientsNotReady
from tests.engine.debug.program.steps import SOFTMAX, module_of
from tests.programs.loading import load

__all__ = ["module_of"]
RETURNS = SOFTMAX.replace("RETURN", "return loss")
SILENT = SOFTMAX.replace("    RETURN\n", "")


def at_end(session: Session) -> Session:
    session.goto(0, len(session.trace) - 1)
    return session


def test_parameters_gradients_loss_and_rate_are_found(module_of):
    own = module_of(RETURNS)
    session = at_end(Session.from_step(own.step))
    facets = session.facets
    assert {n: a.shape for n, a in facets.parameters.value.items()} == {"W": (4, 3), "b": (3,)}
    assert facets.parameters.value["W"] is own.params["W"]
    assert {n: a.shape for n, a in facets.gradients.value.items()} == {"W": (4, 3), "b": (3,)}
    assert facets.loss.value == session.trace.result and facets.loss.found is Found.RETURNED
    assert facets.learning_rate.value == 0.1 and "lr" in facets.learning_rate.how
    seen = set(facets.passes.value)
    assert {Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE} <= seen
    assert facets.labels.value.tolist() == own.Y[:5].tolist()
    assert np.array_equal(facets.samples.value, own.X[:5])
    assert all(getattr(facets, name).how for name in ("parameters", "loss", "passes", "layers"))


def test_the_gradients_are_those_that_the_update_uses(module_of):
    own = module_of(RETURNS)
    session = Session.from_step(own.step)
    with pytest.raises(GradientsNotReady):
        session.gradients()
    assert session.gradients(ready_only=True) == {}
    before = own.params["W"].copy()
    gradient = at_end(session).gradients()["W"]
    assert np.allclose(before - 0.1 * gradient, own.params["W"], rtol=0, atol=1e-15)


def test_edits_reach_the_parameters_and_the_rate(module_of):
    own, bare = module_of(RETURNS), module_of(RETURNS)
    session = Session.from_step(own.step)
    session.run(3)
    session.edit(SetCells("W", "0, :", 2.0), SetLearningRate(0.5))
    session.run(2)
    for _ in range(3):
        bare.step()
    bare.params["W"][0] = 2.0
    bare.lr = 0.5
    losses = [bare.step() for _ in range(2)]
    assert session.losses[3:].tolist() == losses
    session.switch(0)
    assert own.lr == 0.1
    with pytest.raises(BadValue, match="network"):
        session.edit(*[_optimizer()])


def _optimizer():
    from engine import SetOptimizer

    return SetOptimizer("Adam")


def test_a_loss_is_declared_as_an_expression_at_the_end_of_the_step(module_of):
    own, bare = module_of(SILENT), module_of(SILENT)
    for _ in range(6):
        bare.step()
    session = Session.from_step(own.step)
    session.run(2)
    assert np.isnan(session.losses).all()
    session.facets.declare(loss="history[-1]")
    session.goto(0)
    session.run(4)
    session.step_into()
    session.step_batch()  # a recorded batch counts as one at full speed
    assert session.losses.tolist() == bare.history[:5]
    assert session.facets.loss.found is Found.DECLARED and session.facets.loss.certain
    session.facets.declare(loss="loss * 2")
    session.goto(0)
    session.run(2)
    assert session.losses[:2].tolist() == [2 * one for one in bare.history[:2]]
    assert own.step.__code__.co_code == bare.step.__code__.co_code


def test_declared_parameters_hold_and_can_be_taken_back(module_of):
    session = Session.from_step(module_of(RETURNS).step)
    session.facets.declare(parameters={"weights": "params['W']"})
    assert list(session.parameters()) == ["weights"]
    session.edit(SetCells("weights", "0, 0", 1.0))
    assert session.parameters()["weights"][0, 0] == 1.0
    session.facets.declare(parameters="")
    assert list(session.parameters()) == ["W", "b"]


@pytest.mark.parametrize(
    ("facets", "words"),
    [
        ({"loss": "loss +"}, "loss"),
        ({"loss": "open('x')"}, "not be used"),
        ({"loss": "__import__('os')"}, "not be used|underscore"),
        ({"learning_rate": "params"}, "not a number"),
        ({"learning_rate": "1 + 1"}, "no place"),
        ({"parameters": {"W": "nowhere"}}, "not an array"),
        ({"parameters": {"W": "Y"}}, "not an array of floats"),
        ({"parameters": "params"}, "names"),
        ({"passes": "x"}, "no such facet"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(module_of, facets, words):
    session = Session.from_step(module_of(RETURNS).step)
    with pytest.raises(BadFacet, match=words):
        session.facets.declare(**facets)
    assert session.facets.declared == {} and list(session.parameters()) == ["W", "b"]


def test_a_declared_loss_that_cannot_be_evaluated_fails_the_batch_with_the_reason(module_of):
    session = Session.from_step(module_of(RETURNS).step)
    session.facets.declare(loss="nowhere[0]")
    with pytest.raises(Exception, match="nowhere is not in scope"):
        session.run(1)


def test_a_networks_facets_are_declared(tmp_path):
    session = Session(two_layer_net(seed=0), load_mnist(), SGD(lr=0.5))
    facets = session.facets
    assert next(iter(facets.parameters.value)) == "Affine1.W"
    assert facets.parameters.found is Found.DECLARED and facets.learning_rate.value == 0.5
    assert facets.layers.value[0] == "Affine1"
    with pytest.raises(BadFacet, match="network"):
        facets.declare(loss="loss")


def test_a_snapshot_has_the_facets_and_the_layers(module_of):
    snapshot = at_end(Session.from_step(module_of(RETURNS).step)).snapshot()
    rows = {row.facet: row for row in snapshot.facets}
    assert rows["parameters"].text == "W 4 × 3, b 3" and rows["parameters"].certain
    assert rows["layers"].text == "" and not rows["layers"].certain
    (rest,) = snapshot.layers
    assert rest.name == "" and list(rest.parameters) == ["W", "b"] == list(rest.gradients)
    assert rest.full("W") == "W" and not snapshot.minibatch.indices.size


def test_what_layers_of_any_program_keep_is_known_at_once():
    with load("lists") as program:
        session = Session.from_step(program.step)
        snapshot = at_end(session).snapshot()
        kept = {entry.name: entry for entry in snapshot.cache}
        assert {"Affine1.x", "Sigmoid1.out", "Affine2.x"} <= kept.keys()
        assert kept["Affine1.x"].read_by == ("Affine1.backward",)
        assert {entry.function for entry in snapshot.stack} == {"Trainer.batch"}
        event = next(e.index for e in session.trace if e.source == "np.dot(x, W) + b")
        session.goto(0, event)
        assert session.snapshot().stack[0].function == "Affine1.forward"
