"""The type of an action: its text, keys, menu and command, and when it is possible.

`table` has a row for each action; `qactions` makes a QAction of each row.
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
    RUNNING = auto()  # a run or playback is under way
    HELD_UP = auto()  # a batch does not return


class Menu(Enum):
    """The menus that the table fills."""

    FILE = auto()
    EDIT = auto()
    RUN = auto()
    STEP = auto()  # the six that follow are in that one
    BACK = auto()
    TRAIN = auto()
    PLAY = auto()
    TRACE = auto()  # follow a value through the program
    BOOKMARKS = auto()  # filled when it opens
    NETWORK = auto()  # begins with the choosers
    WHAT_IF = auto()  # a submenu of NETWORK
    VIEW = auto()
    HELP = auto()


@dataclass(frozen=True)
class ActionRow:
    """A row of the table; `text` and `hint` are English, translated when shown.

    Attributes:
        id: the QAction's objectName.
        hint: the tooltip's second line.
        keys: the shortcuts, in Qt's portable form.
        command: is called with `Commands`.
        verb: the step, if the action is a step.
        step_key: a key of the common step. Two rows have the same one; the switch "every stop"
            chooses which of them it triggers.
        separated: whether a separator precedes it in the menu.
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
    """Keys as this system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return [QKeySequence(key).toString(native) for key in keys]
