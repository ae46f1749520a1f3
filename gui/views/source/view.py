"""The running source: the current line, the current expression, and the values of each line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QRect, Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from engine.debug.events import Event, Kind, Span
from engine.debug.explain.operation import Form
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.run_kind import RunKind
from gui.views.source.code_area import CodeArea
from gui.views.source.lesson_strip import LessonStrip
from gui.views.source.mark import Mark
from gui.views.source.notes import Note, notes_of
from gui.views.source.source_file import SourceFile, read_source
from gui.views.source.stop_dots import dots_of
from gui.widgets.empty import EmptyState
from gui.widgets.short_path import short_path
from gui.widgets.switch import Switch
from gui.widgets.view import Table, View
from gui.words.lesson import Lesson

translate = QCoreApplication.translate
_BOXED = (Kind.EXPRESSION, Kind.EXCEPTION)


class SourceView(View):
    """Shows the file of the cursor's event; each file is read once."""

    view_id = "source"
    breakpoint_toggled = Signal(str, int)  # file and line
    place_pointed = Signal(object)  # line and column of the character under the mouse, or None
    term_asked = Signal(str, QRect)  # a term of the words, and its place on the screen

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._files: dict[str, SourceFile | None] = {}
        self._subtitle = ""
        self._area = CodeArea(theme, self)
        self._area.setAccessibleName(self.tr("Source code"))
        self._area.line_clicked.connect(self._on_line_clicked)
        self._area.pointed.connect(self.place_pointed)
        self._area.setMinimumHeight(1)  # in a low panel the code gives way to the words
        self.every_stop = Switch(self.tr("every stop"), theme, self)  # the window has its action
        self._shown: Snapshot | None = None
        self.lesson = LessonStrip(theme, self)
        self.lesson.term_asked.connect(self.term_asked)
        self._told: Event | None = None  # that the words are about
        self._words, self._told_elsewhere = True, False
        self._missing = EmptyState(theme, self)
        self._missing.say(
            self.tr("No source yet"), self.tr("The code that runs is shown here, line by line.")
        )
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(0)
        around.addWidget(self.lesson)
        self._layout = QStackedLayout()
        self._layout.addWidget(self._missing)
        self._layout.addWidget(self._area)
        around.addLayout(self._layout, 1)
        self.setFocusProxy(self._area)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Source")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "What has happened and what comes next, and below it the running code, with the "
            "current line marked and the last evaluated expression in a box; a click beside a line "
            "sets a breakpoint. Follow the shapes at the ends of the lines: the inner sizes of a "
            "product must agree."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch for every stop."""
        return [self.every_stop]

    def tables(self) -> Sequence[Table]:
        """The lines of the file."""
        text = self._area.toPlainText()
        lines = text.splitlines()
        return [Table(self.title(), np.array(lines, dtype=object)[:, None])] if lines else ()

    def show_lesson(self, lesson: Lesson | None, snapshot: Snapshot) -> None:
        """Show the words for a snapshot above the code; None: there are none."""
        self._told = snapshot.event
        self.lesson.show_lesson(lesson, self._colour_of(snapshot.event), dots_of(snapshot))

    def set_words(self, on: bool) -> None:
        """Show the words, or leave all the room to the code."""
        self._words = on
        self._want_words()

    def set_told_elsewhere(self, told: bool) -> None:
        """Leave all the room to the code while a walk has the word."""
        self._told_elsewhere = told
        self._want_words()

    def _want_words(self) -> None:
        self.lesson.set_wanted(self._words and not self._told_elsewhere)

    def light(self, place: Span | None) -> None:
        """Frame a place of the source, or none."""
        self._area.light(place)

    def set_running(self, kind: RunKind | None) -> None:
        """Dim the words while a run goes on: they are those of an earlier stop."""
        self.lesson.set_dimmed(kind is not None)

    def set_wrapped(self, wrapped: bool) -> None:
        """Wrap lines that are longer than the panel is wide, or cut them."""
        self._area.set_wrapped(wrapped)

    def follow_type(self) -> None:
        """Use another font size."""
        super().follow_type()
        self.lesson.follow_type()
        self._area.follow_type()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._area.set_theme(theme)
        self.every_stop.set_theme(theme)
        self._missing.set_theme(theme)
        told = self._told
        self.lesson.set_theme(theme, theme.strong if told is None else self._colour_of(told))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Mark the cursor's line and expression."""
        event = snapshot.event
        if event.file not in self._files:
            self._files[event.file] = read_source(event.file)
        file = self._files[event.file]
        function = snapshot.stack[0].function if snapshot.stack else event.frame.function
        self._say(f"{short_path(event.file)}  {function}")
        if file is None:
            self._show_missing(event)
            return
        before, self._shown = self._shown, snapshot
        # If the cursor stayed (a breakpoint was set, say), do not scroll.
        moved = before is None or _place(before) != _place(snapshot)
        self._area.show_breakpoints(
            {
                line: breakpoint
                for breakpoint in snapshot.breakpoints
                if (line := breakpoint.place.line_in(event.file)) is not None
            }
        )
        notes = notes_of(snapshot, file.tree)
        self._area.show_mark(file, self._mark_of(snapshot, notes), moved)
        self._area.setAccessibleDescription(_spoken(snapshot, notes))
        self._layout.setCurrentWidget(self._area)

    def chosen_line(self) -> tuple[str, int] | None:
        """The file and the line that keys refer to.

        The text cursor's line while the source has the focus, else the line of the cursor in time.
        """
        if self._shown is None:
            return None
        event = self._shown.event
        return event.file, self._area.caret_line() if self.has_caret() else event.line

    def has_caret(self) -> bool:
        """Whether keys refer to the text cursor."""
        return self._area.hasFocus()

    def current_line(self) -> tuple[QWidget, QRect] | None:
        """The widget with the code, and the rectangle of the cursor's line in it."""
        if self._shown is None or self._layout.currentWidget() is not self._area:
            return None
        viewport = self._area.viewport()
        place = self._area.line_rect(self._shown.event.line).toAlignedRect()
        place.setRight(viewport.width())
        return viewport, place.intersected(viewport.rect())

    def _on_line_clicked(self, line: int) -> None:
        if self._shown is not None:
            self.breakpoint_toggled.emit(self._shown.event.file, line)

    def _mark_of(self, snapshot: Snapshot, notes: list[Note]) -> Mark:
        event, ran = snapshot.event, _stored_before(snapshot)
        return Mark(
            line=event.line,
            top_line=event.frame.first_line,
            box=event.span if event.kind in _BOXED else ran,
            ran=ran,
            colour=self.theme.phase(event.phase),
            box_colour=self._colour_of(event),
            notes=tuple(notes),
        )

    def _colour_of(self, event: Event) -> str:
        """The colour of the pass, or of an error."""
        raised = event.kind is Kind.EXCEPTION
        return self.theme.error if raised else self.theme.phase(event.phase)

    def _show_missing(self, event: Event) -> None:
        self._missing.say(
            self.tr("The source cannot be read"),
            self.tr("{0}, line {1}: {2}").format(event.file, event.line, event.source),
        )
        self._layout.setCurrentWidget(self._missing)

    def _say(self, subtitle: str) -> None:
        if subtitle != self._subtitle:
            self._subtitle = subtitle
            self.subtitle_changed.emit(subtitle)


def _place(snapshot: Snapshot) -> tuple[object, ...]:
    event = snapshot.event
    return snapshot.identity, snapshot.position, event.file, event.line, event.span


def _stored_before(snapshot: Snapshot) -> Span | None:
    """The place of the store that has run last and that the words are about, or None."""
    operation, ran = snapshot.operation, snapshot.ran
    if operation is None or operation.form not in (Form.IN_PLACE, Form.ASSIGNMENT):
        return None
    event = snapshot.event
    if event.kind is Kind.RETURN:  # by the end of the function's last statement
        return event.span if event.source == operation.source else None
    fresh = event.kind is Kind.LINE and ran is not None and ran.source == operation.source
    return ran.span if fresh and ran is not None else None


def _spoken(snapshot: Snapshot, notes: list[Note]) -> str:
    """The text of the current line for a screen reader, after that of a store that has run."""
    event, ran = snapshot.event, snapshot.ran
    place = _stored_before(snapshot) if event.kind is Kind.LINE else None
    if ran is not None and place is not None:
        has_run = translate("source", "{0}: {1}  has run").format(place.line, ran.source)
        return f"{has_run}\n{event.line}: {event.source}"
    note_text = next((note.texts[0] for note in notes if note.current), "")
    return f"{event.line}: {event.source}  {note_text}".rstrip()
