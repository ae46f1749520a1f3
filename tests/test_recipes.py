"""What is added often is added in few places: a layer in 1 file, a breakpoint or a panel in 2.

A verb takes 3 files, a format to save a panel in 1, a scene 2, a guided walk 1.

Each recipe is followed in a copy of the code, what it adds is used there, and it is taken away.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = shutil.ignore_patterns("__pycache__")


@dataclass
class Copy:
    """A copy of the code that recipes change.

    Attributes:
        root: the folder with `engine`, `gui` and `resources`.
        insertions: what was put into each file, after which text.
    """

    root: Path
    insertions: dict[Path, list[tuple[str, str]]] = field(default_factory=dict)

    def contents(self) -> dict[Path, bytes]:
        """Every file but those that Python makes."""
        tops = ("engine", "gui", "resources")
        paths = (path for top in tops for path in (self.root / top).rglob("*"))
        return {p: p.read_bytes() for p in paths if p.is_file() and "__pycache__" not in p.parts}

    def file_of(self, name: str) -> Path:
        """The only file of this name, wherever in the tree it is."""
        (found,) = (path for path in self.root.rglob(name) if "__pycache__" not in path.parts)
        return found

    def insert(self, path: Path, after: str, text: str) -> None:
        """Put a text into a file, behind another that it has once; a new file has only the text."""
        old = path.read_text("utf-8") if path.exists() else ""
        assert not after or old.count(after) == 1, (path, after)
        start = old.index(after) + len(after)
        path.write_text(old[:start] + text + old[start:], "utf-8")
        self.insertions.setdefault(path, []).append((after, text))

    def take_away(self) -> None:
        """Undo all insertions, the last first."""
        for path, made in self.insertions.items():
            for after, text in reversed(made):
                old = path.read_text("utf-8")
                assert old.count(after + text) == 1
                path.write_text(old.replace(after + text, after), "utf-8")
            if not path.read_text("utf-8"):
                path.unlink()

    def run(self, script: str) -> None:
        """Run a script against the copy; it prints "done" at its end."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(script)], cwd=self.root,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1:] == ["done"], done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy that is as it was when a test has taken away what it added."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for package in ("engine", "gui", "resources"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=HIDDEN)
    copy = Copy(tmp_path)
    before = copy.contents()
    yield copy
    copy.take_away()
    assert copy.contents() == before


def touched(copy: Copy, before: dict[Path, bytes]) -> list[str]:
    """The names of the files that are new or other than before."""
    now = copy.contents()
    return sorted(path.name for path in now if now[path] != before.get(path))


LAYER = '''

class Softplus:
    """A ReLU without a corner.

    forward     y  = log(1 + eˣ)
    backward    dx = dout / (1 + e⁻ˣ)
    """

    name = "Softplus"

    def forward(self, x: ndarray) -> ndarray:
        """Any shape to the same."""
        self.x = x  # kept for backward
        return np.log(1 + np.exp(x))

    def backward(self, dout: ndarray) -> ndarray:
        """Any shape to the same."""
        return dout / (1 + np.exp(-self.x))
'''


def test_a_layer_is_one_file(copy):
    before = copy.contents()
    path = copy.root / "engine" / "nn" / "layers.py"
    copy.insert(path, path.read_text("utf-8"), LAYER)
    assert touched(copy, before) == ["layers.py"]
    copy.run("""
        import numpy as np
        from engine import SGD, Session, tiny_digits
        from engine.nn.layers import Softplus
        from engine.nn.models import chain
        from engine.numeric import Verdict, check_gradients

        network, data = chain((16, 4, 3), Softplus, 0, "float64", "xavier"), tiny_digits()
        x, t = data.batch(np.arange(12), "float64")
        for method in ("central", "incremental", "complex"):
            assert check_gradients(network, x, t, method).verdict is Verdict.AGREES
        session = Session(network, data, SGD(lr=0.5), batch_size=6)
        session.run(60)
        assert session.losses[-5:].mean() < 0.5 * session.losses[0]
        session.step_into()
        while session.event.layer != "Softplus1":
            session.step_into()
        (state,) = [one for one in session.snapshot().layers if one.name == "Softplus1"]
        assert state.parameters == {}
        print("done")
    """)


KIND = '''@dataclass(frozen=True, slots=True)
class LossBelow(Place):
    """Where a batch ends whose loss is below a limit."""

    limit: float
    takes_condition = False

    def __str__(self) -> str:
        return f"loss < {self.limit:g}"

    def events(self, trace: Trace, context: BatchContext) -> list[int]:
        """The last event of the batch."""
        return [len(trace) - 1] if context.losses[context.batch] < self.limit else []

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether its loss is below."""
        return live.loss < self.limit


'''
OFFER = """def _offer_loss(offer: Offer) -> None:
    asked = [Asked(_tr("Limit"), _tr("a number"), float)]
    ask = partial(offer.ask, _tr("Loss below"), "", asked, LossBelow)
    offer.menu.addAction(_tr("Loss below…"), ask)


"""
ROW = """\
    (
        PlaceKind(LossBelow, _offer_loss, lambda place: _tr("loss below {0}").format(place.limit)),
    ),
"""


def test_a_kind_of_breakpoint_is_two_files(copy):
    before = copy.contents()
    places, kinds = copy.file_of("places.py"), copy.file_of("breakpoint_kinds.py")
    text = places.read_text("utf-8")
    copy.insert(places, text[: text.index("KINDS: dict[")], KIND)
    copy.insert(places, '"Change",\n', '    "LossBelow",\n')
    copy.insert(places, "for kind in (", "LossBelow, ")
    copy.insert(kinds, "from engine import (\n", "    LossBelow,\n")
    text = kinds.read_text("utf-8")
    copy.insert(kinds, text[: text.index("def _tr(text")], OFFER)
    copy.insert(kinds, "GROUPS: tuple[tuple[PlaceKind, ...], ...] = (\n", ROW)
    assert touched(copy, before) == ["breakpoint_kinds.py", "places.py"]
    copy.run("""
        from engine import SGD, LossBelow, Session, tiny_digits, tiny_net
        from engine.debug.breakpoints.breakpoints import Breakpoints
        from engine.debug.breakpoints.files import from_json, to_json

        plain = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6)
        plain.run(40)
        limit = 0.7 * float(plain.losses[0])
        first = next(n for n, loss in enumerate(plain.losses) if loss < limit)

        session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6)
        one = session.breakpoints.add(LossBelow(limit))
        stopped = session.continue_(40)
        assert stopped.position.batch == first and stopped.hits[0].breakpoint == one.id
        assert session.continue_(40).position > stopped.position
        assert session.reverse_continue().position == stopped.position
        read = Breakpoints()
        assert from_json("points.json", to_json(session.breakpoints), read) == 1
        assert [point.place for point in read] == [LossBelow(limit)]
        opened = Session.load(session.save("a.retrograd"))
        assert [point.place for point in opened.breakpoints] == [LossBelow(limit)]

        from PySide6.QtWidgets import QApplication

        app = QApplication([])
        from gui.look.theme import DARK
        from gui.views.breakpoints.view import BreakpointsView

        view = BreakpointsView(DARK)
        view.show_snapshot(session.snapshot())
        assert view.tables()[0].values[0][0] == f"loss below {limit}"
        view.add_menu.aboutToShow.emit()
        (entry,) = [one for one in view.add_menu.actions() if one.text() == "Loss below…"]
        made = []
        view.changed.connect(made.append)
        entry.trigger()
        (dialog,) = [one for one in view.children() if one.objectName() == "form_dialog"]
        dialog.lines[0].setText("0.25")
        dialog.accept()
        made[0](read)
        assert [point.place for point in read][-1] == LossBelow(0.25)
        print("done")
    """)


VIEW = '''"""How many samples a minibatch has."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.widgets.view import View


class BatchSizeView(View):
    """Shows the number."""

    view_id = "batch_size"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.label = QLabel()
        QVBoxLayout(self).addWidget(self.label)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Batch size")

    def help_text(self) -> str:
        """What one sees, and what to look for."""
        return self.tr("The number of samples in this minibatch. The last may be smaller.")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say the number."""
        self.label.setText(str(len(snapshot.minibatch.indices)))
'''


def test_a_panel_is_two_files(copy):
    before = copy.contents()
    panels = copy.root / "gui" / "window" / "panels" / "table.py"
    new = copy.root / "gui" / "views" / "batch_size.py"
    copy.insert(new, "", VIEW)
    line = "from gui.views.activations import ActivationsView\n"
    copy.insert(panels, line, "from gui.views.batch_size import BatchSizeView\n")
    copy.insert(panels, "PANELS = (\n", "    Panel(BatchSizeView, PanelPlace.RIGHT_LOWER),\n")
    assert touched(copy, before) == ["batch_size.py", "table.py"]
    copy.run("""
        from PySide6.QtWidgets import QApplication

        app = QApplication([])
        from engine import SGD, Session, tiny_digits, tiny_net
        from gui.window import MainWindow
        from gui.views.batch_size import BatchSizeView

        session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6)
        window = MainWindow(session)
        window.show()
        (view,) = window.findChildren(BatchSizeView)
        menus = window.top.menu_bar.findChildren(type(window.top.menu_bar.addMenu("")))
        (menu,) = [one for one in menus if one.title() == "View"]
        (entry,) = [one for one in menu.actions() if one.text() == "Batch size"]
        dock = window.docks["batch_size"]
        if dock.isVisible():
            entry.trigger()
        window.layouts.show_panel("batch_size")
        while window.bridge.busy or view.label.text() != "6":
            app.processEvents()
        assert dock.isVisible() and entry.isChecked()
        assert view.visibleRegion().boundingRect().isValid()
        window.bridge.close()
        window.close()
        print("done")
    """)


VERBS = """    LAYER = "step_layer"
    BACK_LAYER = "step_back_layer"
"""
METHODS = '''    def step_layer(self) -> bool:
        """Move to the next event of another layer."""
        return self._forward(_of_another_layer)

    def step_back_layer(self) -> bool:
        """Move to the previous event of another layer."""
        return self._backward(_of_another_layer)

'''
PREDICATE = '''def _of_another_layer(trace: Trace, start: int) -> Callable[[int], bool]:
    """Layer: stop where another layer runs."""
    here = trace.frame(start).layer
    return lambda event: trace.frame(event).layer not in ("", here)


'''
METHOD_ROWS = """    Verb.LAYER: Cursor.step_layer,
    Verb.BACK_LAYER: Cursor.step_back_layer,
"""
IMPORT = "from engine.debug.record.trace import Trace\n"
ACTIONS = """    _step(
        Verb.LAYER, _N("actions", "Next layer"), _N("actions", "To where another layer runs"), "L"
    ),
    _step(
        Verb.BACK_LAYER,
        _N("actions", "Previous layer"),
        _N("actions", "To where another layer ran"),
        "Shift+L",
    ),
"""


def test_a_verb_is_three_files(copy):
    before = copy.contents()
    events = copy.root / "engine" / "debug" / "events.py"
    cursor = copy.root / "engine" / "debug" / "travel" / "cursor.py"
    actions = copy.root / "gui" / "window" / "actions" / "table.py"
    copy.insert(events, 'BACK_BATCH = "step_back_batch"\n', VERBS)
    copy.insert(cursor, "import StopInIt, TooLong\n", IMPORT)
    text = cursor.read_text("utf-8")
    copy.insert(cursor, text[: text.index("    def step(self, verb")], METHODS)
    text = cursor.read_text("utf-8")
    copy.insert(cursor, text[: text.index("_VERBS: Mapping")], PREDICATE)
    copy.insert(cursor, "_VERBS: Mapping[Verb, Callable[[Cursor], bool]] = {\n", METHOD_ROWS)
    copy.insert(actions, "_N = to_translate\nTABLE = (\n", ACTIONS)
    assert touched(copy, before) == ["cursor.py", "events.py", "table.py"]
    copy.run("""
        from types import SimpleNamespace

        from engine import SGD, Session, Verb, tiny_digits, tiny_net
        from gui.window.actions.table import TABLE

        session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6)
        assert not session.step(Verb.BACK_LAYER) and "step_back_layer" in session.blocked()
        layers = []
        while session.step(Verb.LAYER) and session.position.batch == 0:
            layers.append(session.event.layer)
        assert layers[:5] == ["Affine1", "Sigmoid1", "Affine2", "SoftmaxWithLoss", "Affine2"]
        there = session.position
        assert session.step(Verb.BACK_LAYER) and session.step(Verb.LAYER)
        assert session.position == there

        rows = {row.id: row for row in TABLE}
        taken = []
        window = SimpleNamespace(run=SimpleNamespace(step=taken.append))
        for id in ("step_layer", "step_back_layer"):
            rows[id].command(window)
        assert taken == [Verb.LAYER, Verb.BACK_LAYER] and rows["step_layer"].keys == ("L",)
        assert [rows[verb].menu.name for verb in taken] == ["STEP", "BACK"]
        print("done")
    """)


FORMAT = '''def as_json(table: Table) -> bytes:
    """The values as nested lists."""
    return json.dumps(np.asarray(table.values).tolist()).encode()


'''
ENTRY = """    SaveFormat(".json", to_translate("export", "Save as JSON…"), of_table=as_json),
"""


def test_a_format_of_panels_is_one_file(copy):
    before = copy.contents()
    export = copy.root / "gui" / "window" / "panels" / "export.py"
    copy.insert(export, "import io\n", "import json\n")
    text = export.read_text("utf-8")
    copy.insert(export, text[: text.index("@dataclass(frozen=True)\nclass CopyForm")], FORMAT)
    copy.insert(export, "SAVE_FORMATS = (\n", ENTRY)
    assert touched(copy, before) == ["export.py"]
    copy.run("""
        import json

        from PySide6.QtWidgets import QApplication

        app = QApplication([])
        from engine import SGD, Session, tiny_digits, tiny_net
        from gui.look.theme import DARK
        from gui.views.call_stack import CallStackView
        from gui.window.panels.dock import Dock

        session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6)
        view = CallStackView(DARK)
        view.show_snapshot(session.snapshot())
        dock = Dock(view)
        asked = []
        dock.save_asked.connect(asked.append)
        menu = dock._menu()
        (entry,) = [one for one in menu.actions() if one.text() == "Save as JSON…"]
        entry.trigger()
        (saving,) = asked
        assert saving.name.endswith(".json")
        assert json.loads(saving.content()())[0][0] == "train_step"
        print("done")
    """)


SCENE = '''"""The largest number of a sum, as a scene."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter, QPaintEvent

from engine.debug.snapshots.snapshot import Snapshot
from gui.views.equation.scenes.scene import StopScene


class LargestScene(StopScene):
    """Shows it where a sigmoid adds 1."""

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the stop is that sum."""
        operation = snapshot.operation
        return operation is not None and operation.source == "1 + np.exp(-x)"

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Largest")

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Measure the result."""
        assert snapshot.operation is not None
        self.setAccessibleDescription(str(np.max(snapshot.operation.result)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the number."""
        QPainter(self).drawText(self.rect(), 0, self.accessibleDescription())
'''


def test_a_scene_is_two_files(copy):
    before = copy.contents()
    table = copy.root / "gui" / "views" / "equation" / "scenes" / "table.py"
    copy.insert(table.parent / "largest.py", "", SCENE)
    line = "from gui.views.equation.scenes.kept import KeptScene\n"
    copy.insert(table, line, "from gui.views.equation.scenes.largest import LargestScene\n")
    copy.insert(table, "SCENES: tuple[type[StopScene], ...] = (\n", "    LargestScene,\n")
    assert touched(copy, before) == ["largest.py", "table.py"]
    copy.run("""
        from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

        app = QApplication([])
        from engine import SGD, Session, tiny_digits, tiny_net
        from gui.look.theme import DARK
        from gui.views.equation.scenes.largest import LargestScene
        from gui.views.equation.view import EquationView

        session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), batch_size=6)
        while session.event.source != "1 + np.exp(-x)":
            session.step_operation()
        view, title = EquationView(DARK), QWidget()
        row = QHBoxLayout(title)
        for control in view.title_widgets():
            row.addWidget(control)
        view.resize(900, 400)
        view.show()
        view.show_snapshot(session.snapshot())
        (scene,) = view.findChildren(LargestScene)
        assert scene.isVisible() and scene.size() == scene.parentWidget().size()
        assert scene.accessibleDescription() == str(session.event.value.max())
        buttons = [one.text() for one in title.findChildren(type(view._mode.button(0)))]
        assert "Largest" in buttons
        session.step_operation()
        view.show_snapshot(session.snapshot())
        assert not scene.isVisible()
        print("done")
    """)


WALK = """\
title = "One sum"
about = "one station, one minute"
network = "784-50-10"

[[station]]
say = "Each unit adds its bias."
point = "equation"
at = "Affine.forward [Affine1]: x @ self.W + self.b"
"""


def test_a_walk_is_one_file(copy):
    before = copy.contents()
    copy.insert(copy.root / "resources" / "walks" / "6-one-sum.toml", "", WALK)
    assert touched(copy, before) == ["6-one-sum.toml"]
    copy.run("""
        from PySide6.QtWidgets import QApplication

        app = QApplication([])
        from engine import SGD, Session, load_mnist, two_layer_net
        from gui.window import MainWindow

        window = MainWindow(Session(two_layer_net(), load_mnist(), SGD(lr=0.5)))
        window.show()
        walks = window.guides.walks
        walks.menu.aboutToShow.emit()
        (entry,) = [one for one in walks.menu.actions() if one.text().startswith("One sum")]
        while window.bridge.busy or window.snapshot is None:
            app.processEvents()
        entry.trigger()
        while window.bridge.busy or window.snapshot.event.source != "x @ self.W + self.b":
            app.processEvents()
        assert window.walk_strip.isVisible() and window.snapshot.event.layer == "Affine1"
        window.bridge.close()
        window.close()
        print("done")
    """)
