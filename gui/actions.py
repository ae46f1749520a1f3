"""The type of an action: its text, keys, menu and command, and when it is possible.

The table of them is `action_table`; `qactions` makes a QAction of each row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from engine.debug.events import Verb
from gui.bridge import Bridge
from gui.playback import Playback


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

    @property
    def bridge(self) -> Bridge:
        """The way to the session."""

    @property
    def playback(self) -> Playback:
        """The stepping that goes by itself."""

    @property
    def session_files(self) -> Files:
        """The session's file."""

    @property
    def whereabouts(self) -> Searches:
        """The searches for writes and reads."""

    @property
    def what_if(self) -> Questions:
        """The changes at the cursor."""

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
    """A row of the table; `text` and `hint` are English, and are translated when shown.

    Attributes:
        id: the QAction's objectName.
        hint: the tooltip's second line.
        keys: the shortcuts, in Qt's portable form.
        command: what it does to the window.
        verb: the step it takes, if it is one.
        separated: whether a line stands above it in the menu.
    """

    id: str
    text: str
    hint: str
    keys: tuple[str, ...]
    menu: Menu
    command: Callable[[ActionTarget], object]
    when: When = When.STOPPED
    verb: Verb | None = None
    separated: bool = False
    checkable: bool = False


def translated(text: str) -> str:
    """Translate a text of the table."""
    return QCoreApplication.translate("actions", text) if text else ""


def native_keys(row: ActionRow) -> list[str]:
    """Name the keys of a row as this system does."""
    native = QKeySequence.SequenceFormat.NativeText
    return [QKeySequence(key).toString(native) for key in row.keys]
