"""The objects that the actions of the window call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.session.bridge import Bridge
from gui.session.playback import Playback
from gui.window.actions.bookmarks_menu import BookmarksMenu
from gui.window.actions.help_dialogs import HelpDialogs
from gui.window.commands.facets import FacetCommand
from gui.window.commands.files import FileCommands
from gui.window.commands.questions import Questions
from gui.window.commands.running import RunControl
from gui.window.commands.session_files import SessionFiles
from gui.window.commands.what_if import WhatIf
from gui.window.commands.why import WhyCommand
from gui.window.present.presenting import Presenting


@dataclass(frozen=True, eq=False)
class Commands:
    """The objects that a row of the table of actions can call.

    Attributes:
        bridge: controls the session: undo, train some batches, go to a position.
        run: run control that also needs the window: step, pause, the line of the source.
        playback: steps by a timer.
        questions: the last write, the next read, the last change.
        what_if: changes at the cursor, on a new branch.
        draw_digit: opens the dialog to draw one.
        facets: opens the dialog of what is known of a program.
        why: opens and closes the derivation of the stop.
        bookmarks: names the moment at the cursor.
        session_files: opens and saves the session.
        files: writes and reads everything else.
        help: opens the dialogs of the help menu.
        show_glossary: opens the glossary.
        choose_layout: applies a layout by its id.
        reset_layout: restores the panels' original places.
        toggle_every_stop: follows the switch "every stop".
        toggle_words: shows or hides the words above the source.
        show_welcome: shows the welcome again.
        toggle_notation: follows the switch of the formulas' notation.
        presenting: pointer, black screen and full screen.
        quit: closes the window.
    """

    bridge: Bridge
    run: RunControl
    playback: Playback
    questions: Questions
    what_if: WhatIf
    draw_digit: Callable[[], None]
    facets: FacetCommand
    why: WhyCommand
    bookmarks: BookmarksMenu
    session_files: SessionFiles
    files: FileCommands
    help: HelpDialogs
    show_glossary: Callable[[], None]
    choose_layout: Callable[[str], None]
    reset_layout: Callable[[], None]
    toggle_every_stop: Callable[[], None]
    toggle_words: Callable[[], None]
    show_welcome: Callable[[], None]
    toggle_notation: Callable[[], None]
    presenting: Presenting
    quit: Callable[[], object]
