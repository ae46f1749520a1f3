"""The scenes of what a layer keeps, and of what a test asks of an array."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.debug.explain.operation import Form
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.views.equation.scenes.check import CheckScene, asked_of, names_in
from gui.views.equation.scenes.kept import KeptScene
from gui.views.equation.scenes.table import SCENES, scene_of
from tests.gui.words.foreign import networks


@pytest.fixture(scope="module")
def session():
    return build_session(Options(network="16-4-3"))


def at(session, source, layer):
    session.goto(0)
    for event in session.snapshot().operation_stops:
        session.goto(0, event)
        snapshot = session.snapshot()
        operation = snapshot.operation
        if operation is not None and (operation.source, operation.layer) == (source, layer):
            return snapshot
    raise AssertionError(source)


def shown(qtbot, kind, snapshot):
    scene = kind(DARK)
    qtbot.addWidget(scene)
    scene.resize(1000, 300)
    with qtbot.waitExposed(scene):
        scene.show()
    scene.show_snapshot(snapshot, None)
    return scene


def test_what_is_kept_leads_to_the_line_that_reads_it(session, qtbot):
    snapshot = at(session, "self.x = x", "Affine1")
    scene = shown(qtbot, KeptScene, snapshot)
    assert "self.x.T @ dout" in scene.accessibleDescription()
    with qtbot.waitSignal(scene.event_chosen) as told:
        place = scene.reader_places()[0].center().toPoint()
        qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=place)
    session.goto(0, told.args[0])
    assert session.snapshot().operation.source == "self.x.T @ dout"
    assert session.snapshot().operation.layer == "Affine1"
    scene.setFocus()
    qtbot.keyClick(scene, Qt.Key.Key_Down)
    with qtbot.waitSignal(scene.event_chosen) as again:
        qtbot.keyClick(scene, Qt.Key.Key_Return)
    assert again.args == told.args


def test_what_is_read_by_no_line_is_said_to_be(session, qtbot):
    snapshot = at(session, "self.x = x", "Affine2")
    entry = next(one for one in snapshot.cache if one.name == "Affine2.x")
    alone = replace(entry, reads=(), readers=(), read_by=(), shared_with="")
    scene = shown(qtbot, KeptScene, replace(snapshot, cache=(alone,)))
    assert "No line" in scene.accessibleDescription()
    assert scene.reader_places() == []
    assert not scene.grab().isNull()


def test_an_assignment_that_is_no_cache_is_not_kept(session):
    snapshot = at(session, "self.x = x", "Affine1")
    assert not KeptScene.fits(replace(snapshot, cache=()))


def test_a_test_is_shown_with_the_numbers_that_it_compares(session, qtbot):
    snapshot = at(session, "t.min() < 0 or t.max() >= K", "SoftmaxWithLoss")
    scene = shown(qtbot, CheckScene, snapshot)
    labels = next(v.value for v in snapshot.variables if v.name == "t")
    assert dict(scene._rows)["largest of t"] == str(labels.max())
    assert dict(scene._rows)["K"] == "3"
    assert scene.tables()[0].values.sum() == len(labels)
    more = tuple(
        replace(v, value=np.array([5, 5, 9])) if v.name == "t" else v for v in snapshot.variables
    )
    scene.show_snapshot(replace(snapshot, variables=more), None)
    assert dict(scene._rows)["smallest of t"] == "5"
    assert scene.tables()[0].values.tolist() == [[2, 0, 0, 0, 1]]


@pytest.mark.parametrize("values", [[np.nan, 1.0], [np.nan], [3.0, 3.0], [np.inf, -np.inf]])
def test_unusual_numbers_do_not_raise(session, qtbot, values):
    snapshot = at(session, "t.min() < 0 or t.max() >= K", "SoftmaxWithLoss")
    more = tuple(
        replace(v, value=np.array(values)) if v.name == "t" else v for v in snapshot.variables
    )
    scene = shown(qtbot, CheckScene, replace(snapshot, variables=more))
    assert not scene.grab().isNull()


def test_the_array_that_is_counted_alone_is_not_asked_about():
    assert names_in("-log_y[rows, self.t].sum() / len(z)")[:1] == ["log_y"]
    assert "z" not in names_in("-log_y[rows, self.t].sum() / len(z)")


def test_a_test_without_an_array_in_scope_has_no_scene(session):
    snapshot = at(session, "t.min() < 0 or t.max() >= K", "SoftmaxWithLoss")
    assert asked_of(replace(snapshot, variables=())) is None


def test_a_number_that_was_stored_is_shown_with_the_array_that_it_is_made_of(qtbot):
    snapshot = stored_number(networks()["caches"], "loss")
    assert asked_of(snapshot)[0] == "scores"
    scene = shown(qtbot, CheckScene, snapshot)
    assert "scores" in scene.accessibleDescription()


def stored_number(session, name):
    for event in session.snapshot().operation_stops:
        session.goto(0, event)
        operation = session.snapshot().operation
        if operation.form is Form.ASSIGNMENT and operation.name == name:
            return session.snapshot()
    raise AssertionError(name)


@pytest.mark.parametrize("name", ["lists", "caches", "convolution", "recurrent", "layers"])
def test_a_scene_that_fits_other_peoples_code_can_be_drawn(qtbot, name):
    session = networks()[name]
    made = {}
    for event in session.snapshot().operation_stops:
        session.goto(0, event)
        snapshot = session.snapshot()
        kind = scene_of(snapshot)
        if kind is None:
            continue
        if kind not in made:
            made[kind] = shown(qtbot, kind, snapshot)
        made[kind].show_snapshot(snapshot, 0)
        assert made[kind].name(snapshot)
        assert not made[kind].grab().isNull()
    assert made
    assert set(made) <= set(SCENES)
