"""The panel says what it has found in words, whatever the gradients look like."""

from __future__ import annotations

import numpy as np
import pytest

from engine.debug.session import Session
from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.numeric import Method, Verdict
from gui.look.theme import DARK, LIGHT
from gui.views.numeric.controls import LIMITS
from gui.views.numeric.pages import CONTEST, DIRECTIONS, RESULTS, SWEEP, VALUES
from gui.window.main_window import MainWindow
from tests.engine.numeric.networks import KeepsOut, Scale
from tests.gui.sessions import toy_dataset
from tests.gui.views.numeric.test_view import choose, click, ended, take_part

LOOKS = {
    "not summed": lambda d: d,
    "a list": lambda d: list(d.sum(0)),
    "missing": lambda d: None,
    "NaN": lambda d: np.where(np.arange(10) == 3, np.nan, d.sum(0)),
    "integers": lambda d: (10 * d.sum(0)).astype(int),
    "a number": lambda d: float(np.abs(d).sum()),
    "an axis more": lambda d: d.sum(0, keepdims=True),
}


class Own(Affine):
    """Its db has another look."""

    def __init__(self, look):
        rng = np.random.default_rng(0)
        W = rng.normal(size=(784, 10)) * 0.01
        super().__init__(W.astype("float32"), np.zeros(10, "float32"))
        self.look = look

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = LOOKS[self.look](dout)
        return dx


class Listed:
    """Keeps its parameters where nobody looks."""

    def __init__(self):
        self.params = [np.random.default_rng(0).normal(size=(784, 10)).astype("float32")]

    def forward(self, x):
        self.x = x
        return x @ self.params[0]

    def backward(self, d):
        self.grads = [self.x.T @ d]
        return d @ self.params[0].T


def only_W(network, optimizer, x, t):
    loss = network.forward(x, t)
    network.backward()
    for name, W in network.parameters().items():
        if name.endswith("W"):
            W -= 0.1 * network.gradients()[name]
    return loss


@pytest.fixture
def panel(qtbot, settled):
    windows = []

    def make(*layers):
        network = Network(layers, SoftmaxWithLoss())
        session = Session(network, toy_dataset(), SGD(0.1), 10, step=only_W)
        window = MainWindow(session)
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(1366, 768)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        window.layouts.choose("numeric")
        settled(window)
        qtbot.waitUntil(window.numeric.isVisible)
        return window.numeric

    yield make
    for window in windows:
        window.numeric.shut_down()
        window.bridge.close()


def compare(view, qtbot):
    take_part(view, Method.INCREMENTAL)
    choose(view.controls.limit, LIMITS[0])
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    qtbot.waitUntil(lambda: ended(view), timeout=60_000)
    view._draw()
    view.values.refresh()


def show_all(view, settled):
    """All pages, parameters and themes: none of it raises."""
    for page in (CONTEST, SWEEP, RESULTS, VALUES):
        view.show_page(page)
        view.tables()
    for theme in (LIGHT, DARK):
        view.set_theme(theme)
        for place in range(view.values.parameter.count()):
            choose(view.values.parameter, view.values.parameter.itemData(place))
            view.values.refresh()
            view.grab()
    settled(view.window())


@pytest.mark.slow
@pytest.mark.parametrize("look", sorted(LOOKS))
def test_a_gradient_of_another_look_is_said(look, panel, qtbot, settled):
    view = panel(Own(look))
    compare(view, qtbot)
    view.show_page(VALUES)
    show_all(view, settled)
    said, check = view.verdict.text(), view._state.check
    choose(view.values.parameter, "Own1.b")
    words = view.values.words()
    tiles = {tile.id: tile for tile in view.values.canvas.tiles}
    known = view._state.numeric[Method.INCREMENTAL]["Own1.b"]
    assert np.isfinite(known).all() and known.shape == (10,)
    if look == "an axis more":
        assert check.verdict in (Verdict.AGREES, Verdict.AGREES_AS_FAR_AS_CAN_BE)
        assert said.startswith("Backpropagation agrees")
        assert set(tiles) == {"numeric", "backprop", "difference", "error"}
    elif look == "missing":
        assert check.verdict is Verdict.NOT_EXAMINED
        assert said.startswith(
            "Backpropagation was not examined as a whole Own1.b: Own1 sets no db"
        )
        assert "The examined part agrees: " in said
        assert "Own1 sets no db" in words
        assert set(tiles) == {"numeric", "backprop"} and tiles["backprop"].missing[0]
    else:
        assert check.verdict is Verdict.DISAGREES and len(check.findings) == 1
        assert said.startswith("Backpropagation disagrees, first in Own1")
        assert str(check.findings[0]) in said and str(check.findings[0]) in words
        fits = look in ("NaN", "integers", "a number")
        assert set(tiles) == (
            {"numeric", "backprop", "difference", "error"} if fits else {"numeric", "backprop"}
        )
        if look == "not summed":
            assert "db is (10, 10); b is (10,): not summed over the batch" in said
            assert tiles["backprop"].missing[0] == "10 × 10, not (10,)"
            assert "numeric" not in said, "both values of what agrees are beside the point"
    result = view.results.results.results[0]
    assert result.verdict in said


@pytest.mark.slow
def test_a_taylor_test_of_a_gradient_that_does_not_fit_ends_with_a_sentence(panel, qtbot):
    view = panel(Own("not summed"))
    view.show_page(DIRECTIONS)
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    qtbot.waitUntil(lambda: ended(view), timeout=60_000)
    assert "The gradient along a direction cannot be computed" in view.verdict.text()
    assert "not summed over the batch" in view.verdict.text()


def test_a_network_without_parameters_cannot_be_started_and_it_says_why(panel, qtbot, settled):
    view = panel(Listed())
    notice = view.window().notice.text()
    assert "training changes nothing" in notice and "Listed1.params" in notice
    assert "nothing to differentiate" in view.contest.formula.text()
    start = view.controls.start
    assert not start.isEnabled()
    assert "nothing to differentiate" in start.toolTip() and "Listed1.params" in start.toolTip()
    click(start)
    assert ended(view) and view._state is None
    assert view.verdict.text().startswith("No parameter: there is nothing to differentiate")
    assert "Listed1.params" in view.verdict.text()
    show_all(view, settled)


@pytest.mark.slow
def test_a_layer_that_spoils_another_s_cache_is_named(panel, qtbot, settled):
    rng = np.random.default_rng(0)
    first = Affine(rng.normal(size=(784, 6)) * 0.05, rng.normal(size=6))
    view = panel(first, KeepsOut(), Scale(), Affine(rng.normal(size=(6, 10)), np.zeros(10)))
    compare(view, qtbot)
    said = view.verdict.text()
    assert said.startswith("Backpropagation disagrees, first in Scale1")
    assert "Scale1.forward writes into out, which KeepsOut1 keeps (`x *= 0.5`" in said
    view.show_page(VALUES)
    show_all(view, settled)
    choose(view.values.parameter, "Affine1.W")
    assert "Scale1.forward writes into out" in view.values.words()
    assert "because of Scale1" in view.values.words()


def test_a_notice_is_said_once_for_each_run(panel, settled, qtbot):
    view = panel(Listed())
    window = view.window()
    window.notice.say("")
    window.bridge.train(2)  # now there are gradients in a list, too
    settled(window)
    assert not window.notice.isVisible()
    window.bridge.open(
        lambda: Session(Network([Listed()], SoftmaxWithLoss()), toy_dataset(), SGD(0.1), 10)
    )
    settled(window)
    assert window.notice.isVisible() and "Listed1.params" in window.notice.text()
    assert window.notice.geometry().right() < window.width()
