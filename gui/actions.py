"""What a person can do, as a table: id, text, keys, menu, command, when it is possible.

A row becomes a QAction whose objectName is its id. Buttons, menus and keys all use that one action,
so that each says the same and is possible at the same moments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from engine.debug.events import Position, Verb
from gui.bridge import Bridge
from gui.icons import GLYPHS, icon
from gui.playback import Playback, PlayDirection
from gui.theme import Theme
from gui.words import in_the_window


class Searches(Protocol):
    """What is asked about the variable or the cell that is pointed at."""

    def who_wrote(self) -> None:
        """Go to the last event that wrote it."""

    def who_reads(self) -> None:
        """Go to the next event that reads it."""

    def last_change(self) -> None:
        """Go to the last batch that changed it by more than is asked for."""


class Files(Protocol):
    """What the commands ask of the session's file."""

    def ask_open(self) -> None:
        """Ask for a session, and open it."""

    def save(self) -> None:
        """Save to the file that there is, or ask for one."""

    def ask_save(self) -> None:
        """Ask for a file, and save to it."""


class Questions(Protocol):
    """What can be changed at the cursor, each asked in a form."""

    def change_value(self) -> None:
        """Cells of a parameter."""

    def silence_unit(self) -> None:
        """A unit that gives 0."""

    def another_rate(self) -> None:
        """The learning rate."""

    def another_optimizer(self) -> None:
        """The optimizer."""

    def another_seed(self) -> None:
        """The order of the samples."""

    def new_branch(self) -> None:
        """Nothing yet."""


class ActionTarget(Protocol):
    """What the commands ask of the window."""

    bridge: Bridge
    playback: Playback
    session_files: Files
    whereabouts: Searches
    what_if: Questions

    def step(self, verb: Verb) -> None:
        """Move the cursor."""

    def pause(self) -> None:
        """Stop what runs or plays."""

    def continue_back(self) -> None:
        """Back to the latest earlier hit of a breakpoint."""

    def toggle_breakpoint(self) -> None:
        """Set a breakpoint, or take it away."""

    def run_to_cursor(self) -> None:
        """Train until a line is come to."""

    def train_epoch(self) -> None:
        """Train one epoch."""

    def export_weights(self) -> None:
        """Ask for a file, and write the weights to it."""

    def go_to(self) -> None:
        """Ask for a position, and go there."""

    def bookmark(self) -> None:
        """Ask for a name for the moment at the cursor."""

    def toggle_input_gradient(self) -> None:
        """Have the gradient by the input computed, or no longer."""

    def choose_layout(self, id: str) -> None:
        """Take a layout that is offered ready made."""

    def reset_layout(self) -> None:
        """Put the panels back where they were at first."""

    def show_keys(self) -> None:
        """Show all actions with their keys."""

    def show_about(self) -> None:
        """Say what this program is."""

    def close(self) -> bool:
        """Close the window."""

    def stop_in_it(self) -> None:
        """Stop the batch that does not come back."""


class When(Enum):
    """When an action is possible."""

    ALWAYS = auto()
    OPEN = auto()  # there is a session
    STOPPED = auto()  # there is a session, and it does not train
    RUNNING = auto()  # it trains, searches or plays
    HELD_UP = auto()  # a batch does not come back


class Menu(Enum):
    """The menus that the table fills."""

    FILE = auto()
    EDIT = auto()
    RUN = auto()
    STEP = auto()  # the six that follow are in that one
    BACK = auto()
    TRAIN = auto()
    PLAY = auto()
    TRACE = auto()  # a value through the program
    BOOKMARKS = auto()  # lists them, and is filled when it opens
    NETWORK = auto()  # begins with the choosers
    WHAT_IF = auto()  # in that of the network
    VIEW = auto()
    HELP = auto()


@dataclass(frozen=True)
class ActionRow:
    """One line of the table; `text` and `hint` are English, to be translated when shown."""

    id: str
    text: str
    hint: str
    keys: tuple[str, ...]
    menu: Menu
    command: Callable[[ActionTarget], object]
    when: When = When.STOPPED
    verb: Verb | None = None
    separated: bool = False  # by a line from the row above it
    checkable: bool = False


def _step(verb: Verb, text: str, hint: str, *keys: str) -> ActionRow:
    return ActionRow(
        verb.value,
        text,
        hint,
        keys,
        Menu.BACK if "back" in verb else Menu.STEP,
        lambda window: window.step(verb),
        verb=verb,
    )


_N = QT_TRANSLATE_NOOP
TABLE = (
    ActionRow(
        "open_session",
        _N("actions", "Open session…"),
        _N("actions", "Go on with a session that was saved"),
        ("Ctrl+O",),
        Menu.FILE,
        lambda window: window.session_files.ask_open(),
        When.ALWAYS,
    ),
    ActionRow(
        "save_session",
        _N("actions", "Save session"),
        _N("actions", "The run with all its branches, breakpoints and bookmarks, to one file"),
        ("Ctrl+S",),
        Menu.FILE,
        lambda window: window.session_files.save(),
        When.OPEN,
    ),
    ActionRow(
        "save_session_as",
        _N("actions", "Save session as…"),
        _N("actions", "To another file"),
        ("Ctrl+Shift+S",),
        Menu.FILE,
        lambda window: window.session_files.ask_save(),
        When.OPEN,
    ),
    ActionRow(
        "undo",
        _N("actions", "Undo"),
        _N("actions", "Take back your last change: a breakpoint, a bookmark, a what-if, a setting"),
        ("Ctrl+Z",),
        Menu.EDIT,
        lambda window: window.bridge.undo(),
    ),
    ActionRow(
        "redo",
        _N("actions", "Redo"),
        _N("actions", "Make the change again that was taken back last"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        Menu.EDIT,
        lambda window: window.bridge.redo(),
    ),
    ActionRow(
        "export_weights",
        _N("actions", "Export weights…"),
        _N("actions", "Write the weights at the cursor to a .npz file"),
        ("Ctrl+E",),
        Menu.FILE,
        lambda window: window.export_weights(),
        separated=True,
    ),
    ActionRow(
        "quit",
        _N("actions", "Quit"),
        "",
        ("Ctrl+Q",),
        Menu.FILE,
        lambda window: window.close(),
        When.ALWAYS,
        separated=True,
    ),
    _step(
        Verb.INTO,
        _N("actions", "Step into"),
        _N("actions", "To the next stop"),
        "F11",
        "S",
    ),
    _step(
        Verb.OVER,
        _N("actions", "Step over"),
        _N("actions", "To the next line or stop of this function"),
        "F10",
        "N",
    ),
    _step(
        Verb.OUT,
        _N("actions", "Step out"),
        _N("actions", "To the next stop of the caller"),
        "Shift+F11",
        "F",
    ),
    _step(
        Verb.BATCH,
        _N("actions", "Next batch"),
        _N("actions", "To stop 0 of the next batch"),
        "]",
    ),
    _step(
        Verb.BACK_INTO,
        _N("actions", "Step back into"),
        _N("actions", "To the stop before"),
        "Shift+S",
    ),
    _step(
        Verb.BACK_OVER,
        _N("actions", "Step back over"),
        _N("actions", "To the line or stop before, of this function"),
        "Shift+N",
        "Ctrl+B",
    ),
    _step(
        Verb.BACK_OUT,
        _N("actions", "Step back out"),
        _N("actions", "To the caller's stop before this call"),
        "Shift+F",
    ),
    _step(
        Verb.BACK_BATCH,
        _N("actions", "Previous batch"),
        _N("actions", "To stop 0 of this batch, or of the one before"),
        "[",
    ),
    ActionRow(
        "continue",
        _N("actions", "Train one epoch"),
        _N("actions", "Run at full speed to a breakpoint, or until every sample was seen once"),
        ("F5", "C"),
        Menu.TRAIN,
        lambda window: window.train_epoch(),
    ),
    ActionRow(
        "train_100",
        _N("actions", "Train 100 batches"),
        _N("actions", "Run 100 batches at full speed"),
        ("Ctrl+F5",),
        Menu.TRAIN,
        lambda window: window.bridge.train(100),
    ),
    ActionRow(
        "train_until_paused",
        _N("actions", "Train until paused"),
        _N("actions", "Run at full speed until you pause"),
        ("Ctrl+Shift+C",),
        Menu.TRAIN,
        lambda window: window.bridge.train(None),
    ),
    ActionRow(
        "reverse_continue",
        _N("actions", "Continue backwards"),
        _N("actions", "Back to the latest earlier hit of a breakpoint, or to the beginning"),
        ("Shift+C",),
        Menu.BACK,
        lambda window: window.continue_back(),
        separated=True,
    ),
    ActionRow(
        "run_to_cursor",
        _N("actions", "Run to the line"),
        _N("actions", "Train until the line of the text cursor in the source is come to"),
        ("Ctrl+F10", "G"),
        Menu.TRAIN,
        lambda window: window.run_to_cursor(),
        separated=True,
    ),
    ActionRow(
        "who_wrote",
        _N("actions", "Who wrote this?"),
        _N("actions", "Back to the stop that wrote the chosen variable or cell last"),
        ("W",),
        Menu.TRACE,
        lambda window: window.whereabouts.who_wrote(),
    ),
    ActionRow(
        "who_reads",
        _N("actions", "Who reads it next?"),
        _N("actions", "On to the next stop that reads the chosen variable or cell"),
        ("R",),
        Menu.TRACE,
        lambda window: window.whereabouts.who_reads(),
    ),
    ActionRow(
        "last_change",
        _N("actions", "Last change by more than…"),
        _N("actions", "Back to the last batch that changed cells of a parameter by more than that"),
        ("Shift+W",),
        Menu.TRACE,
        lambda window: window.whereabouts.last_change(),
    ),
    ActionRow(
        "pause",
        _N("actions", "Pause"),
        _N("actions", "Stop the training after the batch that is running, or the playing"),
        ("F6", "Space"),
        Menu.RUN,
        lambda window: window.pause(),
        When.RUNNING,
    ),
    ActionRow(
        "stop_in_it",
        _N("actions", "Stop inside the batch"),
        _N(
            "actions",
            "Raise an exception at the line that is running: the batch is taken back,\n"
            "and the cursor stands at the last stop that was recorded",
        ),
        ("Shift+F6",),
        Menu.RUN,
        lambda window: window.stop_in_it(),
        When.HELD_UP,
    ),
    ActionRow(
        "toggle_breakpoint",
        _N("actions", "Breakpoint at the line"),
        _N("actions", "Set a breakpoint at the line of the source, or take it away"),
        ("F9", "B"),
        Menu.RUN,
        lambda window: window.toggle_breakpoint(),
        When.ALWAYS,
        separated=True,
    ),
    ActionRow(
        "restart",
        _N("actions", "Back to the beginning"),
        _N("actions", "To batch 0, stop 0; what has run stays"),
        ("Ctrl+Shift+F5",),
        Menu.BACK,
        lambda window: window.bridge.goto(Position(0, 0)),
    ),
    ActionRow(
        "go_to",
        _N("actions", "Go to…"),
        _N("actions", "To any batch that has run, and any stop in it"),
        ("Ctrl+G",),
        Menu.RUN,
        lambda window: window.go_to(),
    ),
    ActionRow(
        "play",
        _N("actions", "Play"),
        _N("actions", "Step by itself, forwards, until you press it again or move the cursor"),
        ("P",),
        Menu.PLAY,
        lambda window: window.playback.toggle(PlayDirection.FORWARDS),
        checkable=True,
    ),
    ActionRow(
        "play_back",
        _N("actions", "Play backwards"),
        _N("actions", "Step by itself, back in time"),
        ("Shift+P",),
        Menu.PLAY,
        lambda window: window.playback.toggle(PlayDirection.BACKWARDS),
        checkable=True,
    ),
    ActionRow(
        "bookmark",
        _N("actions", "Bookmark this moment…"),
        _N("actions", "Give the moment at the cursor a name, to come back to"),
        ("Ctrl+D", "M"),
        Menu.BOOKMARKS,
        lambda window: window.bookmark(),
    ),
    ActionRow(
        "edit_value",
        _N("actions", "Change a value…"),
        _N("actions", "Before the batch at the cursor, on a new branch"),
        ("E",),
        Menu.WHAT_IF,
        lambda window: window.what_if.change_value(),
    ),
    ActionRow(
        "silence_unit",
        _N("actions", "Silence a unit…"),
        _N("actions", "It gives 0 from the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda window: window.what_if.silence_unit(),
    ),
    ActionRow(
        "what_if_rate",
        _N("actions", "Another learning rate from here…"),
        _N("actions", "From the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda window: window.what_if.another_rate(),
    ),
    ActionRow(
        "what_if_optimizer",
        _N("actions", "Another optimizer from here…"),
        _N("actions", "From the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda window: window.what_if.another_optimizer(),
    ),
    ActionRow(
        "what_if_seed",
        _N("actions", "Another order of the samples from here…"),
        _N("actions", "From the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda window: window.what_if.another_seed(),
    ),
    ActionRow(
        "new_branch",
        _N("actions", "New branch here…"),
        _N("actions", "Another way from the batch at the cursor on, with nothing changed yet"),
        (),
        Menu.WHAT_IF,
        lambda window: window.what_if.new_branch(),
        separated=True,
    ),
    ActionRow(
        "input_gradient",
        _N("actions", "Gradient by the input"),
        _N(
            "actions",
            "How the loss changes with each pixel: after backward a picture in Samples.\n"
            "Training never uses it, and it costs as much as the forward pass",
        ),
        (),
        Menu.NETWORK,
        lambda window: window.toggle_input_gradient(),
        separated=True,
        checkable=True,
    ),
    *(
        ActionRow(
            f"layout_{id}",
            text,
            hint,
            (f"Ctrl+{number}",),
            Menu.VIEW,
            lambda window, id=id: window.choose_layout(id),
            When.ALWAYS,
            separated=number == 1,
            checkable=True,
        )
        for number, (id, text, hint) in enumerate(
            (
                (
                    "learn",
                    _N("actions", "Learn"),
                    _N("actions", "Few panels, large: the network, the source, the equation"),
                ),
                ("debug", _N("actions", "Debug"), _N("actions", "All panels")),
                (
                    "present",
                    _N("actions", "Present"),
                    _N("actions", "Huge type, for a projector; the light theme is brighter there"),
                ),
                (
                    "numeric",
                    _N("actions", "Numeric vs backprop"),
                    _N("actions", "Numerical differentiation against backpropagation, large"),
                ),
            ),
            start=1,
        )
    ),
    ActionRow(
        "reset_layout",
        _N("actions", "Reset layout"),
        _N("actions", "Put the panels of this layout back where they were at first"),
        (),
        Menu.VIEW,
        lambda window: window.reset_layout(),
        When.ALWAYS,
    ),
    ActionRow(
        "show_keys",
        _N("actions", "Keys"),
        _N("actions", "All the keys"),
        ("F1",),
        Menu.HELP,
        lambda window: window.show_keys(),
        When.ALWAYS,
    ),
    ActionRow(
        "about",
        _N("actions", "About Retrograd"),
        "",
        (),
        Menu.HELP,
        lambda window: window.show_about(),
        When.ALWAYS,
    ),
)


def translated(text: str) -> str:
    """Translate a text of the table."""
    return QCoreApplication.translate("actions", text) if text else ""


def native_keys(row: ActionRow) -> list[str]:
    """Name the keys of a row as this system does."""
    native = QKeySequence.SequenceFormat.NativeText
    return [QKeySequence(key).toString(native) for key in row.keys]


class Actions(QObject):
    """The table's QActions, kept possible or not as the session moves."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._by_id: dict[str, QAction] = {}
        self._said: dict[str, tuple[str, str]] = {}  # text, and why it is not possible
        for row in TABLE:
            self._by_id[row.id] = self._make(row, window)
        self.update_state(stopped=False, training=False, blocked={})

    def __getitem__(self, id: str) -> QAction:
        return self._by_id[id]

    def _make(self, row: ActionRow, window: QWidget) -> QAction:
        action = QAction(translated(row.text), window)
        action.setObjectName(row.id)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setAutoRepeat(row.verb is not None)
        action.setCheckable(row.checkable)
        action.triggered.connect(lambda: row.command(window))
        window.addAction(action)
        return action

    def set_theme(self, theme: Theme) -> None:
        """Colour the icons."""
        for id, action in self._by_id.items():
            if id in GLYPHS:
                lit = id in ("continue", "pause")
                action.setIcon(icon(id, theme, theme.accent if lit else None))

    def update_state(
        self,
        *,
        stopped: bool,
        training: bool,
        blocked: Mapping[str, str],
        playing: bool = False,
        held_up: bool = False,
    ) -> None:
        """Enable what is possible; the tooltip of the rest says why it is not.

        `stopped`: there is a session, and it does not train or was asked to end; `blocked`: see
        `Snapshot`; `held_up`: a batch does not come back.
        """
        for row in TABLE:
            reason = _reason(row, stopped, training, playing, blocked, held_up)
            action = self._by_id[row.id]
            said = (action.text(), reason)
            if said == self._said.get(row.id):
                continue
            self._said[row.id] = said
            action.setEnabled(not reason)
            action.setToolTip(_tool_tip(row, action, reason))


def _reason(
    row: ActionRow,
    stopped: bool,
    training: bool,
    playing: bool,
    blocked: Mapping[str, str],
    held_up: bool,
) -> str:
    """Say, translated, why an action is not possible; "" when it is."""
    if row.when is When.HELD_UP and not held_up:
        return translated(
            _N("actions", "For a batch that does not come back. Of a training pause first (F6).")
        )
    if row.when is When.RUNNING and not (training or playing):
        return translated(_N("actions", "Nothing is running."))
    if row.when is When.STOPPED and training and not stopped:
        return translated(_N("actions", "The network is training. Pause first (F6)."))
    if row.when is When.OPEN and not (stopped or training):
        return translated(_N("actions", "The data is being read."))
    if row.when is When.STOPPED and not stopped:
        return translated(_N("actions", "The data is being read."))
    return translated(in_the_window(blocked.get(row.id, "")))


def _tool_tip(row: ActionRow, action: QAction, reason: str) -> str:
    keys = ", ".join(native_keys(row))
    first = f"{action.text()}  ({keys})" if keys else action.text()
    return "\n".join(line for line in (first, reason or translated(row.hint)) if line)
