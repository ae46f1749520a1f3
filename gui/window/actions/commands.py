"""The objects that the actions of the window call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.session.bridge import Bridge
from gui.session.playback import Playback
from gui.window.actions.bookmarks_menu import BookmarksMenu
from gui.window.actions.help_dialogs import HelpDialogs
from gui.window.commands.files import FileCommands
from gui.window.commands.questions import Questions
from gui.window.commands.run_control import RunControl
from gui.window.commands.session_files import SessionFiles
from gui.window.commands.what_if import WhatIf


@dataclass(frozen=True, eq=False)
class Commands:
    """What a row of the table of actions can call.

    Attributes:
        bridge: the session: undo, train so many batches, go to a position.
        run: what depends on the window besides: step, pause, the line of the source.
        playback: steps by a clock.
        questions: who wrote this, who reads it.
        what_if: changes at the cursor, on a new branch.
        bookmarks: names the moment at the cursor.
        session_files: opens and saves the session.
        files: writes and reads everything else.
        help: the dialogs of the help menu.
        choose_layout: takes a layout by its id.
        reset_layout: puts the panels back where they were at first.
        toggle_every_stop: follows the switch "every stop".
        toggle_words: shows the words above the source, or not.
        quit: closes the window.
    """

    bridge: Bridge
    run: RunControl
    playback: Playback
    questions: Questions
    what_if: WhatIf
    bookmarks: BookmarksMenu
    session_files: SessionFiles
    files: FileCommands
    help: HelpDialogs
    choose_layout: Callable[[str], None]
    reset_layout: Callable[[], None]
    toggle_every_stop: Callable[[], None]
    toggle_words: Callable[[], None]
    quit: Callable[[], object]
