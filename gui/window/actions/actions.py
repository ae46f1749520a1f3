"""The type of an action: its text, keys, menu and command, and when it is possible.

The table of them is `action_table`; `qactions` makes a QAction of each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from engine.debug.events import Verb
from gui.window.actions.commands import Commands


class When(Enum):
    """When an action is possible."""

    ALWAYS = auto()
    OPEN = auto()  # there is a session
    STOPPED = auto()  # there is a session, and no run is under way
    RUNNING = auto()  # a run is under way, or it plays
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
        command: what it calls.
        verb: the step, if the action is a step.
        step_key: a key that it has only while it is the common step: the table has two rows with
            the same one, and the switch "every stop" chooses.
        separated: whether a line stands above it in the menu.
    """

    id: str
    text: str
    hint: str
    keys: tuple[str, ...]
    menu: Menu
    command: Callable[[Commands], object]
    when: When = When.STOPPED
    verb: Verb | None = None
    separated: bool = False
    checkable: bool = False
    step_key: str = ""


def translated(text: str) -> str:
    """Translate a text of the table."""
    return QCoreApplication.translate("actions", text) if text else ""


def native_keys(keys: Sequence[str]) -> list[str]:
    """Name keys as this system does."""
    native = QKeySequence.SequenceFormat.NativeText
    return [QKeySequence(key).toString(native) for key in keys]
