"""The actions of the window as a table, in the order of the menus.

Buttons, menus and keys share the QAction of a row, so that all have the same text and are enabled
at the same time. A new action is a new row; its icon, if any, is in `icons.GLYPHS`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.debug.events import Position, Verb
from gui.dialogs.wording import to_translate
from gui.session.playback import PlayDirection
from gui.window.actions.actions import ActionRow, Menu, When
from gui.window.actions.commands import Commands
from gui.window.panels.layout_presets import PRESETS


def _step(verb: Verb, text: str, hint: str, *keys: str) -> ActionRow:
    return ActionRow(
        verb.value,
        text,
        hint,
        keys,
        Menu.BACK if "back" in verb else Menu.STEP,
        lambda on: on.run.step(verb),
        verb=verb,
    )


def _choose_layout(id: str) -> Callable[[Commands], object]:
    return lambda on: on.choose_layout(id)


_N = to_translate
TABLE = (
    ActionRow(
        "open_session",
        _N("actions", "Open session…"),
        _N("actions", "Open a saved session and continue it"),
        ("Ctrl+O",),
        Menu.FILE,
        lambda on: on.session_files.ask_open(),
        When.ALWAYS,
    ),
    ActionRow(
        "save_session",
        _N("actions", "Save session"),
        _N("actions", "Save the run with its branches, breakpoints and bookmarks to one file"),
        ("Ctrl+S",),
        Menu.FILE,
        lambda on: on.session_files.save(),
        When.OPEN,
    ),
    ActionRow(
        "save_session_as",
        _N("actions", "Save session as…"),
        _N("actions", "To another file"),
        ("Ctrl+Shift+S",),
        Menu.FILE,
        lambda on: on.session_files.ask_save(),
        When.OPEN,
    ),
    ActionRow(
        "undo",
        _N("actions", "Undo"),
        _N("actions", "Undo your last change: a breakpoint, a bookmark, a what-if, a setting"),
        ("Ctrl+Z",),
        Menu.EDIT,
        lambda on: on.bridge.undo(),
    ),
    ActionRow(
        "redo",
        _N("actions", "Redo"),
        _N("actions", "Repeat the change that was undone last"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        Menu.EDIT,
        lambda on: on.bridge.redo(),
    ),
    ActionRow(
        "export_weights",
        _N("actions", "Export weights…"),
        _N("actions", "Write the weights at the cursor to a .npz file"),
        ("Ctrl+E",),
        Menu.FILE,
        lambda on: on.files.export_weights(),
        separated=True,
    ),
    ActionRow(
        "quit",
        _N("actions", "Quit"),
        "",
        ("Ctrl+Q",),
        Menu.FILE,
        lambda on: on.quit(),
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
        _N("actions", "To the previous stop"),
        "Shift+S",
    ),
    _step(
        Verb.BACK_OVER,
        _N("actions", "Step back over"),
        _N("actions", "To the previous line or stop of this function"),
        "Shift+N",
        "Ctrl+B",
    ),
    _step(
        Verb.BACK_OUT,
        _N("actions", "Step back out"),
        _N("actions", "To the caller's last stop before this call"),
        "Shift+F",
    ),
    _step(
        Verb.BACK_BATCH,
        _N("actions", "Previous batch"),
        _N("actions", "To stop 0 of this batch, or of the previous batch"),
        "[",
    ),
    ActionRow(
        "continue",
        _N("actions", "Train one epoch"),
        _N("actions", "Run at full speed to a breakpoint or the end of the epoch"),
        ("F5", "C"),
        Menu.TRAIN,
        lambda on: on.run.train_epoch(),
    ),
    ActionRow(
        "train_100",
        _N("actions", "Train 100 batches"),
        _N("actions", "Run 100 batches at full speed"),
        ("Ctrl+F5",),
        Menu.TRAIN,
        lambda on: on.bridge.train(100),
    ),
    ActionRow(
        "train_until_paused",
        _N("actions", "Train until paused"),
        _N("actions", "Run at full speed until you pause"),
        ("Ctrl+Shift+C",),
        Menu.TRAIN,
        lambda on: on.bridge.train(None),
    ),
    ActionRow(
        "reverse_continue",
        _N("actions", "Continue backwards"),
        _N("actions", "Back to the latest earlier hit of a breakpoint, or to the beginning"),
        ("Shift+C",),
        Menu.BACK,
        lambda on: on.bridge.continue_back(),
        separated=True,
    ),
    ActionRow(
        "run_to_cursor",
        _N("actions", "Run to the line"),
        _N("actions", "Train until the line of the text cursor in the source runs"),
        ("Ctrl+F10", "G"),
        Menu.TRAIN,
        lambda on: on.run.run_to_line(),
        separated=True,
    ),
    ActionRow(
        "who_wrote",
        _N("actions", "Who wrote this?"),
        _N("actions", "Back to the stop that last wrote the chosen variable or cell"),
        ("W",),
        Menu.TRACE,
        lambda on: on.questions.who_wrote(),
    ),
    ActionRow(
        "who_reads",
        _N("actions", "Who reads it next?"),
        _N("actions", "On to the next stop that reads the chosen variable or cell"),
        ("R",),
        Menu.TRACE,
        lambda on: on.questions.who_reads(),
    ),
    ActionRow(
        "last_change",
        _N("actions", "Last change by more than…"),
        _N(
            "actions",
            "Back to the last batch that changed cells of a parameter by more than a number",
        ),
        ("Shift+W",),
        Menu.TRACE,
        lambda on: on.questions.last_change(),
    ),
    ActionRow(
        "pause",
        _N("actions", "Pause"),
        _N("actions", "Stop playback, or stop the run after the current batch"),
        ("F6", "Space"),
        Menu.RUN,
        lambda on: on.run.pause(),
        When.RUNNING,
    ),
    ActionRow(
        "stop_in_it",
        _N("actions", "Stop inside the batch"),
        _N(
            "actions",
            "Raise an exception at the running line: the batch is undone,\n"
            "and the cursor goes to the last recorded stop",
        ),
        ("Shift+F6",),
        Menu.RUN,
        lambda on: on.bridge.stop_in_it(),
        When.HELD_UP,
    ),
    ActionRow(
        "toggle_breakpoint",
        _N("actions", "Breakpoint at the line"),
        _N("actions", "Set or remove a breakpoint at the line of the source"),
        ("F9", "B"),
        Menu.RUN,
        lambda on: on.run.toggle_breakpoint(),
        When.ALWAYS,
        separated=True,
    ),
    ActionRow(
        "restart",
        _N("actions", "Back to the beginning"),
        _N("actions", "To batch 0, stop 0; the run is kept"),
        ("Ctrl+Shift+F5",),
        Menu.BACK,
        lambda on: on.bridge.goto(Position(0, 0)),
    ),
    ActionRow(
        "go_to",
        _N("actions", "Go to…"),
        _N("actions", "To any stop of any batch that has run"),
        ("Ctrl+G",),
        Menu.RUN,
        lambda on: on.run.go_to(),
    ),
    ActionRow(
        "play",
        _N("actions", "Play"),
        _N("actions", "Step forwards automatically, until you press it again or move the cursor"),
        ("P",),
        Menu.PLAY,
        lambda on: on.playback.toggle(PlayDirection.FORWARDS),
        checkable=True,
    ),
    ActionRow(
        "play_back",
        _N("actions", "Play backwards"),
        _N("actions", "Step backwards automatically"),
        ("Shift+P",),
        Menu.PLAY,
        lambda on: on.playback.toggle(PlayDirection.BACKWARDS),
        checkable=True,
    ),
    ActionRow(
        "bookmark",
        _N("actions", "Bookmark this moment…"),
        _N("actions", "Name the cursor's position, to come back to it"),
        ("Ctrl+D", "M"),
        Menu.BOOKMARKS,
        lambda on: on.bookmarks.name_moment(),
    ),
    ActionRow(
        "edit_value",
        _N("actions", "Change a value…"),
        _N("actions", "Before the batch at the cursor, on a new branch"),
        ("E",),
        Menu.WHAT_IF,
        lambda on: on.what_if.change_value(),
    ),
    ActionRow(
        "silence_unit",
        _N("actions", "Silence a unit…"),
        _N("actions", "Its output is 0 from the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda on: on.what_if.silence_unit(),
    ),
    ActionRow(
        "what_if_rate",
        _N("actions", "Another learning rate from here…"),
        _N("actions", "From the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda on: on.what_if.another_rate(),
    ),
    ActionRow(
        "what_if_optimizer",
        _N("actions", "Another optimizer from here…"),
        _N("actions", "From the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda on: on.what_if.another_optimizer(),
    ),
    ActionRow(
        "what_if_seed",
        _N("actions", "Another order of the samples from here…"),
        _N("actions", "From the batch at the cursor on, on a new branch"),
        (),
        Menu.WHAT_IF,
        lambda on: on.what_if.another_seed(),
    ),
    ActionRow(
        "new_branch",
        _N("actions", "New branch here…"),
        _N("actions", "A new branch from the batch at the cursor on, without a change yet"),
        (),
        Menu.WHAT_IF,
        lambda on: on.what_if.new_branch(),
        separated=True,
    ),
    ActionRow(
        "input_gradient",
        _N("actions", "Gradient by the input"),
        _N(
            "actions",
            "How the loss changes with each pixel: shown as pictures in Samples after backward.\n"
            "Training never uses it, and it costs as much as the forward pass",
        ),
        (),
        Menu.NETWORK,
        lambda on: on.run.toggle_input_gradient(),
        separated=True,
        checkable=True,
    ),
    *(
        ActionRow(
            f"layout_{preset.id}",
            preset.text,
            preset.hint,
            (f"Ctrl+{number}",),
            Menu.VIEW,
            _choose_layout(preset.id),
            When.ALWAYS,
            separated=number == 1,
            checkable=True,
        )
        for number, preset in enumerate(PRESETS.values(), start=1)
    ),
    ActionRow(
        "reset_layout",
        _N("actions", "Reset layout"),
        _N("actions", "Put the panels of this layout back in their original places"),
        (),
        Menu.VIEW,
        lambda on: on.reset_layout(),
        When.ALWAYS,
    ),
    ActionRow(
        "show_keys",
        _N("actions", "Keys"),
        _N("actions", "All keys"),
        ("F1",),
        Menu.HELP,
        lambda on: on.help.show_keys(),
        When.ALWAYS,
    ),
    ActionRow(
        "about",
        _N("actions", "About Retrograd"),
        "",
        (),
        Menu.HELP,
        lambda on: on.help.show_about(),
        When.ALWAYS,
    ),
)
