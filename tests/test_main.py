"""The command line as a person meets it: the exit status, and what is on stdout and stderr."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import main
from engine import tour
from engine.options import Options, build_session

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
# What makes Qt look for a display, and what changes how a terminal is written to.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "COLUMNS", "FORCE_COLOR"}
}
TINY = ("--network", "16-4-3", "--batch-size", "1000")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_the_tour_trains_the_default_network_to_over_90_percent(tmp_path):
    done = run("--tour", "--export", str(tmp_path / "weights.npz"))
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.rsplit("test accuracy ", 1)[1]
    assert float(said.split("%")[0]) > 90
    assert "600/600" in done.stdout
    assert "\x1b" not in done.stdout
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as read:
        shapes = {name: read[name].shape for name in read.files}
    assert shapes == {
        "Affine1.W": (784, 50),
        "Affine1.b": (50,),
        "Affine2.W": (50, 10),
        "Affine2.b": (10,),
    }


def test_without_a_display_it_says_so_and_runs_the_tour():
    done = run(*TINY)
    assert done.returncode == 0
    if sys.platform.startswith("linux"):
        assert done.stderr.startswith("There is no display")
        assert done.stderr.count("\n") == 1
        assert "After epoch 1" in done.stdout


def test_help_explains_every_option():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    parser = main.build_parser()
    for action in parser._actions:
        assert action.help
        assert all(option in done.stdout for option in action.option_strings)
    for preset in main.PRESETS.values():
        assert preset.description in done.stdout


@pytest.mark.parametrize("tour", [(), ("--tour",)])
def test_without_a_display_a_session_goes_on_where_it_was(tour, tmp_path):
    session = build_session(Options(network="16-4-3", batch_size=1000))
    session.run(batches=25)
    session.goto(3, 20)
    path = session.save(tmp_path / "a.retrograd")
    done = run("--open", str(path), *tour, "--export", str(tmp_path / "weights.npz"))
    assert done.returncode == 0
    assert "Opened after 25 minibatches, at event 20 of minibatch 3." in done.stdout
    assert f"Minibatch 3, its {len(session.trace)} events" in done.stdout
    epoch = session.order.batches_per_epoch
    assert f"After minibatch {25 + epoch}:" in done.stdout
    session.goto(25)
    session.run(batches=epoch)
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as read:
        for name, array in session.network.parameters().items():
            assert read[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("content", [None, b"", b"nothing of the kind"])
def test_without_a_display_a_session_that_is_none_is_refused(content, tmp_path):
    path = tmp_path / "a.retrograd"
    if content is not None:
        path.write_bytes(content)
    done = run("--open", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(f"retrograd: The session {path} was not opened")


@pytest.mark.parametrize("terminal", ["dumb", "xterm-256color"])
def test_a_pipe_gets_plain_text_of_a_sensible_width(terminal):
    done = run("--tour", *TINY, TERM=terminal)
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 120


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is Unix's")
@pytest.mark.parametrize(
    ("terminal", "coloured"), [("xterm-256color", True), ("dumb", False), ("unknown", False)]
)
def test_only_a_terminal_that_can_gets_colours(terminal, coloured):
    leader, follower = os.openpty()
    environment = {**ENVIRONMENT, "TERM": terminal, "COLUMNS": "80"}
    command = [sys.executable, str(ROOT / "main.py"), "--tour", *TINY]
    with subprocess.Popen(command, env=environment, stdout=follower, stderr=follower) as process:
        os.close(follower)
        parts = []
        try:
            while part := os.read(leader, 1 << 16):
                parts.append(part)
        except OSError:  # Linux's way to say that the other end was closed
            pass
        os.close(leader)
    output = b"".join(parts).decode()
    assert process.returncode == 0
    assert "After epoch 1" in output
    assert ("\x1b" in output) == coloured


def test_a_terminal_without_unicode_is_no_obstacle():
    done = run("--tour", *TINY, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1000x4" in done.stdout
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--batch-size", "0"], "batch size is 0; expected a whole number, 1 or greater"),
        (["--batch-size", "ten"], "batch size is 'ten'; expected a whole number"),
        (["--batch-size", "60001"], "1 to 60,000"),
        (["--lr", "nan"], "learning rate is nan; expected a finite number above 0"),
        (["--lr", "inf"], "finite"),
        (["--lr", "-1"], "above 0"),
        (["--lr", "fast"], "learning rate is 'fast'"),
        (["--seed", "-1"], "seed is -1"),
        (["--seed", "1.5"], "seed is '1.5'; expected a whole number"),
        (["--epochs", "0"], "1 or greater"),
        (["--epochs", ""], "number of epochs is ''"),
        (["--network", "lenet"], "one of 784-50-10, 784-10, 784-100-50-10, 16-4-3"),
        (["--optimizer", "LBFGS"], "SGD, Momentum, AdaGrad, Adam"),
        (["--dtype", "int8"], "float32, float64"),
        (["--weight-init", "zeros"], "xavier, he"),
        (["--dataset", "no/such/folder"], "no/such/folder cannot be read"),
        (["--dataset", str(ROOT / "engine")], "has no train-images-idx3-ubyte"),
        (["--export", "no/such/folder/weights.npz"], "does not exist"),
        (["--export", str(ROOT)], "it is a folder"),
        (["--no-such-option"], "--no-such-option"),
        (["--lr"], "--lr: expected one argument"),
        (["leftover"], "leftover"),
    ],
)
def test_a_bad_value_is_one_clear_sentence_and_status_2(arguments, said, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main.main(["--tour", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""  # in particular, nothing was trained
    assert err.startswith("retrograd: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.fixture
def window(monkeypatch):
    """Stand-in for the window: it takes the options and gives a status."""
    opened = []

    def run_window(options, session):
        opened.append(options if session is None else (options, session))
        return 0

    monkeypatch.setitem(sys.modules, "gui.app", types.SimpleNamespace(run_window=run_window))
    monkeypatch.setattr(main, "window_problem", lambda: "")
    return opened


def test_the_window_gets_the_session_to_go_on_with(window, tmp_path, capsys):
    path = build_session(Options(network="16-4-3")).save(tmp_path / "a.retrograd")
    assert main.main(["--open", str(path)]) == 0
    assert window == [(Options(), path)]
    path.write_bytes(b"nothing of the kind")
    assert main.main(["--open", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("option", ["--open", "--dataset"])
def test_a_pipe_or_a_device_is_refused_before_a_window_opens(window, tmp_path, capsys, option):
    os.mkfifo(tmp_path / "train-images-idx3-ubyte")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"")
    path = tmp_path / "train-images-idx3-ubyte" if option == "--open" else tmp_path
    assert main.main([option, str(path)]) == 2
    assert "a device or a pipe" in capsys.readouterr().err
    assert not window


def test_the_window_gets_the_options(window):
    arguments = ["--network", "784-10", "--lr", "0.1", "--seed", "7", "--batch-size", "50"]
    folder = str(ROOT / "resources" / "datasets" / "mnist")
    assert main.main([*arguments, "--epochs", "3", "--optimizer", "Adam", "--dataset", folder]) == 0
    (options,) = window
    assert (options.network, options.learning_rate, options.seed) == ("784-10", 0.1, 7)
    assert (options.batch_size, options.epochs, options.optimizer) == (50, 3, "Adam")
    assert options.dataset == Path(folder)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--dataset", "no/such"], "no/such"), (["--batch-size", "60001"], "1 to 60,000")],
)
def test_what_cannot_be_used_is_told_before_a_window_opens(window, arguments, said, capsys):
    assert main.main(arguments) == 2
    assert said in capsys.readouterr().err
    assert not window


def test_the_window_exports_from_its_menu(window, tmp_path, capsys):
    assert main.main(["--export", str(tmp_path / "weights.npz")]) == 2
    assert "--tour" in capsys.readouterr().err
    assert not window


def test_missing_libraries_are_named_with_the_line_that_installs_them(monkeypatch):
    monkeypatch.setattr(main, "display_problem", lambda: "")
    monkeypatch.setattr(main, "missing_libraries", lambda: ["libEGL.so.1"])
    said = main.window_problem()
    assert "libEGL.so.1" in said
    assert "apt-get install libegl1" in said


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_ends_the_tour_in_one_sentence():
    command = [sys.executable, "-u", str(ROOT / "main.py"), "--tour", "--epochs", "100000"]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            if "After epoch 2" in line or "Training" in line:
                process.send_signal(signal.SIGINT)
                break
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.startswith("Interrupted")
    assert err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_while_it_starts_is_one_word():
    """Pressed while the engine is being loaded, before there is anything to interrupt."""
    script = (
        "import os, runpy, signal, sys\n"
        "class Presses:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'numpy': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Presses())\n"
        f"runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (130, "Interrupted.\n", "")


def offscreen(folder: Path) -> dict[str, str]:
    """The environment of a window that nobody sees, and that keeps to itself."""
    own = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    return {**ENVIRONMENT, **own, "QT_QPA_PLATFORM": "offscreen"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("moment", ["at once", "opened", "training", "unsaved", "stuck", "twice"])
def test_ctrl_c_closes_the_window_without_a_traceback(moment, tmp_path):
    """`moment` is when it is pressed; the process says on stdout that it has come."""
    command = [sys.executable, "-u", "-c", IN_THE_WINDOW, moment]
    with subprocess.Popen(
        command, cwd=ROOT, env=offscreen(tmp_path), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        if moment == "twice":
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    copies = list(tmp_path.rglob("*.retrograd"))
    if moment == "twice":  # it ends at once, and how far the training had come is not known
        assert len(copies) <= 1
    else:
        assert len(copies) == (moment in ("training", "unsaved", "stuck"))


IN_THE_WINDOW = """
import sys
import main
from PySide6.QtCore import QTimer
import gui.app
from gui.window.main_window import MainWindow
from tests.gui.stuck import Deaf, stuck_session

moment = sys.argv[1]
shown = MainWindow.showEvent

def show(window, event):
    shown(window, event)
    if moment == "at once":
        print("now")
        return
    timer = QTimer(window, interval=10)
    timer.timeout.connect(lambda: look(window, timer))
    timer.start()

def look(window, timer):
    bridge = window.bridge
    if window.snapshot is None or (bridge.busy and not bridge.running):
        return
    reach = window.snapshot.history.reach
    if moment in ("training", "twice", "unsaved") and not bridge.running and reach == 0:
        bridge.train(None if moment != "unsaved" else 150)
    elif moment == "stuck" and reach == 0 and not bridge.running:
        Deaf.gate.acquire()
        window.bridge.options = None
        session = stuck_session(Deaf())
        session.fork("one")
        session.run(4)
        bridge.open(lambda: session)
    elif moment == "stuck" and not bridge.running:
        bridge.train(None)
    elif moment == "stuck" and bridge._worker.interruption.seconds < 0.2:
        return
    elif moment == "unsaved" and (bridge.running or reach < 150):
        return
    elif moment == "training" and bridge.batch < 150:  # before that nothing would be missed
        return
    else:
        timer.stop()
        print("now")

MainWindow.showEvent = show
sys.exit(main.main(["--network", "16-4-3"]))
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--tour", *TINY]])
def test_the_terminal_does_without_qt(arguments):
    """A machine that cannot load Qt can still run the tour."""
    script = (
        "import sys; sys.modules['PySide6'] = None; sys.modules['pyqtgraph'] = None; "
        "import main; sys.exit(main.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_no_garbage_is_looked_for_before_a_window_and_it_is_in_the_tour(window, monkeypatch):
    looked = []

    def run(*_args):
        looked.append(gc.isenabled())
        return 0

    monkeypatch.setitem(sys.modules, "gui.app", types.SimpleNamespace(run_window=run))
    monkeypatch.setattr(tour, "run_tour", run)
    assert gc.isenabled()
    assert main.main([]) == main.main(["--tour"]) == 0
    assert looked == [False, True]
    assert gc.isenabled()


def test_no_garbage_is_looked_for_while_all_is_imported():
    script = """
import gc, sys
looked = []
gc.callbacks.append(lambda phase, info: looked.append((phase, info, "numpy" in sys.modules)))
enable, gc.enable = gc.enable, lambda: looked.append("enabled")
import main
assert not gc.isenabled() and looked.pop() == "enabled"
assert not [one for one in looked if one[2]], looked
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
