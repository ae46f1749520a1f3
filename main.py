"""The command line: opens the window, or runs the tour with `--tour` or without a display."""

from __future__ import annotations

import argparse
import gc
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

gc.disable()  # imported objects stay; searching them for garbage would take a fifth of the start-up
DONE, REFUSED, INTERRUPTED = 0, 2, 130

try:  # importing numpy takes long, and Ctrl+C may be pressed meanwhile
    from engine import Session
    from engine.debug.session_file.format import check_version
    from engine.errors import BadArguments, BadValue, RetrogradError
    from engine.interop import check_target
    from engine.nn.optimizers import OPTIMIZERS
    from engine.options import DTYPES, Options, build_session
    from engine.presets import PRESETS
    from gui.platform import apt_line, display_problem, missing_libraries
except KeyboardInterrupt:
    print("Interrupted.", file=sys.stderr)
    sys.exit(INTERRUPTED)

NETWORKS = "\n".join(
    f"  {preset.id:21}{preset.description} Learning rate {preset.learning_rate:g}."
    for preset in PRESETS.values()
)
DESCRIPTION = """\
A time-travelling debugger for backpropagation: stop at any expression of the forward pass, the
backward pass or the update of a numpy network, look at every array, and go on, forwards or
backwards in time."""
EPILOG = f"""\
networks:
{NETWORKS}

examples:
  retrograd                                   the window, on MNIST
  retrograd --tour --export weights.npz       without a screen; numpy.load opens the weights
  retrograd --open session.retrograd          where it was saved
  retrograd --network 784-100-50-10 --optimizer Adam --batch-size 50"""


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one sentence, without the usage text."""

    def error(self, message: str) -> NoReturn:
        """Raise the error that argparse found."""
        raise BadArguments(message)


def number(name: str, convert: Callable[[str], float], expected: str) -> Callable[[str], float]:
    """Return a converter of an argument to a number; `Options` checks its range."""

    def converted(text: str) -> float:
        try:
            return convert(text)
        except ValueError:
            raise BadValue(name, repr(text), expected) from None

    return converted


def weight_init(text: str) -> str | float:
    """Return a standard deviation as a number, anything else as it is."""
    try:
        return float(text)
    except ValueError:
        return text


def build_parser() -> Parser:
    """Make the parser of the command line; the defaults are those of `Options`."""
    parser = Parser(
        prog="retrograd",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole, default = "a whole number", Options()
    add = parser.add_argument
    add(
        "--tour",
        action="store_true",
        help="stay in the terminal: show the events of a minibatch, train, measure",
    )
    add(
        "--export",
        metavar="FILE",
        type=Path,
        help="write the weights to FILE, an .npz, at the end of the tour",
    )
    add(
        "--open",
        metavar="FILE",
        type=Path,
        dest="session",
        help="continue a saved session, in the window or in the terminal",
    )
    add("--network", metavar="NAME", help=f"one of those below (default: {default.network})")
    add(
        "--dataset",
        metavar="DIR",
        type=Path,
        help="folder with MNIST-like IDX files, gzipped or not (default: the bundled MNIST)",
    )
    add(
        "--epochs",
        metavar="N",
        type=number("number of epochs", int, whole),
        help=f"how long to train for: passes over the training set (default: {default.epochs})",
    )
    add(
        "--batch-size",
        metavar="N",
        type=number("batch size", int, whole),
        help="samples in a minibatch (default: the network's, 100; of the tiny one 6)",
    )
    add(
        "--lr",
        metavar="RATE",
        dest="learning_rate",
        type=number("learning rate", float, "a finite number above 0"),
        help="learning rate (default: the network's, below; of another optimizer, its own)",
    )
    add(
        "--optimizer",
        metavar="NAME",
        help=f"one of {', '.join(OPTIMIZERS)} (default: the network's, SGD)",
    )
    add(
        "--weight-init",
        metavar="INIT",
        type=weight_init,
        help="xavier, he, or a standard deviation such as 0.01 (default: the network's)",
    )
    add("--dtype", metavar="NAME", help=f"one of {', '.join(DTYPES)} (default: {default.dtype})")
    add(
        "--seed",
        metavar="N",
        type=number("seed", int, whole),
        help=f"of the first weights and the order of the samples (default: {default.seed})",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run Retrograd with the arguments (None: the process's own); return its exit status.

    0: success; 1: failure while running; 2: an argument or the data cannot be used; 130:
    interrupted with Ctrl+C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show × shows a question mark in its place.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        given = vars(build_parser().parse_args(argv))
        tour, export = given.pop("tour"), given.pop("export")
        session = given.pop("session")
        options = Options(**{name: value for name, value in given.items() if value is not None})
        if export is not None:
            export = check_target(export)
        if not tour and (problem := window_problem()):
            print(f"{problem} So here is the tour in the terminal.", file=sys.stderr, flush=True)
            tour = True
        if tour:
            return run_in_terminal(options, export, session)
        return run_in_window(options, export, session)
    except RetrogradError as error:
        print(f"retrograd: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED


def window_problem() -> str:
    """Return why no window can be opened here; "" if it can."""
    if problem := display_problem():
        return problem
    if missing := missing_libraries():
        return (
            f"The window needs libraries that are missing here: {', '.join(missing)}. "
            f"To install them: {apt_line(missing)}."
        )
    return ""


def run_in_terminal(options: Options, export: Path | None, session: Path | None) -> int:
    """Run the tour, in a new session or in a saved one."""
    from engine.tour import run_tour

    gc.enable()
    opened = build_session(options) if session is None else Session.load(session)
    return run_tour(opened, options.epochs, export)


def run_in_window(options: Options, export: Path | None, session: Path | None) -> int:
    """Run the window; Qt is imported only here."""
    if session is not None:
        check_version(session)  # a bad file is reported here; the window would show a dialog
    if export is not None:
        raise BadArguments("--export is for the tour: add --tour, or export from the window's menu")
    if options.dataset is not None or (options.batch_size or 0) > options.preset.batch_size:
        # Bad data is reported here; the window, which reads it later, would show a dialog.
        build_session(options)
    gc.disable()  # as above; the open window collects by itself
    try:
        from gui.app import run_window

        return run_window(options, session)
    finally:
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
gc.enable()  # imported as a module: `main` decides
