"""The questions about a variable or a cell: its last write, its next read, its last change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from math import inf, isfinite, nextafter

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialogButtonBox, QMenu, QWidget

from engine.debug.cells import cells_of
from engine.debug.events import Position
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.dialog import MessageDialog
from gui.dialogs.form_dialog import Asked, FormDialog, cells
from gui.look.appearance import Appearance
from gui.paint.values import number_text
from gui.session.bridge import Bridge
from gui.widgets.parameters import parameters_of
from gui.window.commands.pointed_at import PointedAt, Subject, is_in_sight
from gui.window.commands.what_if import WhatIf
from gui.window.notices.notice import Notice


class QuestionKind(Enum):
    """The kind of a question."""

    WROTE = auto()
    READS = auto()
    CHANGED = auto()


@dataclass(frozen=True)
class Question:
    """A search for the worker: plain values, since the worker must not refer to the window.

    Attributes:
        more_than: for a search for a change, its least size, itself excluded.
        sizes: the size of the change in each batch that was searched without success. The window
            reads it after the worker's answer.
    """

    kind: QuestionKind
    subject: Subject
    more_than: float = 0.0
    sizes: dict[int, float] = field(default_factory=dict, compare=False)

    @property
    def largest(self) -> tuple[int, float] | None:
        """The batch with the largest change, and that change; of equal batches the latest."""
        return max(self.sizes.items(), key=lambda item: (item[1], item[0]), default=None)

    def __call__(
        self, session: Session, progress: Callable[[int], None], cancel: Callable[[], bool]
    ) -> Position | None:
        """Search the session (on the worker's thread)."""
        name, chosen = self.subject.full, self.subject.cells
        found: Position | None
        if self.kind is QuestionKind.WROTE:
            found = session.last_write(name, chosen, progress, cancel)
        elif self.kind is QuestionKind.READS:
            found = session.next_read(name, chosen, progress, cancel)
        else:
            self.sizes.clear()
            found = session.last_change(
                name, chosen, self.more_than, progress, cancel, self.sizes.__setitem__
            )
        return found


class Questions(QObject):
    """Asks these questions and shows the answers, or a dialog if there is none.

    Args:
        bridge: the way to the session.
        appearance: the theme of the dialogs.
        notice: shows the expression that wrote a value.
        pointed_at: the subject of a question by key.
        what_if: changes a value, from the menu of a cell.
        actions: returns the window's action with an id.
        show_equation: brings the panel of the equation to the front.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        appearance: Appearance,
        notice: Notice,
        pointed_at: PointedAt,
        what_if: WhatIf,
        actions: Callable[[str], QAction],
        show_equation: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._appearance, self._notice = bridge, appearance, notice
        self._pointed, self._what_if, self._actions = pointed_at, what_if, actions
        self._show_equation, self._window = show_equation, parent
        self._found: tuple[Question, Position] | None = None  # until its snapshot arrives
        pointed_at.tensor.menu_asked.connect(self._on_menu_asked)
        pointed_at.variables.menu_asked.connect(self._on_row_asked)
        bridge.not_found.connect(self._on_not_found)
        bridge.found.connect(self._on_found)
        bridge.stopped.connect(self._on_stopped)

    def who_wrote(self, subject: Subject | None = None) -> None:
        """Go to the last event that wrote the variable or cell that is pointed at."""
        self._ask(QuestionKind.WROTE, subject or self._pointed_at())

    def who_reads(self, subject: Subject | None = None) -> None:
        """Go to the next event that reads the variable or cell that is pointed at."""
        self._ask(QuestionKind.READS, subject or self._pointed_at())

    def last_change(self, subject: Subject | None = None) -> None:
        """Ask for the size of the change, and go back to the last batch with a larger change."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        arrays = parameters_of(snapshot.layers)
        known = list(arrays)
        subject = subject or self._pointed.at_any_rate()
        if subject.full not in known:
            subject = Subject(subject.name, _updated(snapshot, known), subject.cells)
        hint = self.tr("one of {0}").format(", ".join(known))
        asked = [
            Asked(self.tr("Parameter"), hint, partial(_one_of, known), subject.full),
            Asked(self.tr("Cells"), self.tr("300, 7 or :, 3; empty: all"), cells, subject.cells),
            Asked(self.tr("More than"), self.tr("a number from 0"), _size, "0"),
        ]

        def make(name: str, chosen: str, more_than: float) -> tuple[Subject, float]:
            cells_of(arrays[name], chosen)  # raises BadValue for cells that do not exist
            return Subject(subject.name, name, chosen), more_than

        dialog = FormDialog(
            self.tr("Last change"),
            self.tr("Goes back to the latest batch that changed a cell by more than this."),
            asked,
            make,
            lambda made: self._ask(QuestionKind.CHANGED, *made),
            self._appearance.theme, self._window, accept=self.tr("Search"),
        )  # fmt: skip
        dialog.lines[-1].selectAll()
        dialog.lines[-1].setFocus()
        dialog.open()

    def _ask(self, kind: QuestionKind, subject: Subject | None, more_than: float = 0.0) -> None:
        if subject is not None:
            self._pointed.asked = subject
            self._bridge.find(Question(kind, subject, more_than))

    def _pointed_at(self) -> Subject | None:
        """The subject that is pointed at; without one, show a dialog."""
        subject = self._pointed.subject()
        if subject is None:
            self._say(
                self.tr("Nothing is selected"),
                self.tr(
                    "Select a variable in Variables, or point at a cell in Tensor. The value of "
                    "an expression has no earlier write: it is computed at the stop itself."
                ),
            )
        return subject

    def _on_row_asked(self, name: str, place: QPoint) -> None:
        self._on_menu_asked(name, "", place)

    def _on_menu_asked(self, name: str, chosen: str, place: QPoint) -> None:
        """Open the menu of a variable or a cell."""
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        subject = self._pointed.subject_of(name, chosen)
        rows: list[tuple[str, Callable[[Subject | None], None]]] = [
            ("who_wrote", self.who_wrote),
            ("who_reads", self.who_reads),
        ]
        if subject.full in parameters_of(snapshot.layers):
            rows.append(("last_change", self.last_change))
        menu = QMenu(self._window)
        menu.setObjectName("questions_menu")
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(str(subject)).setEnabled(False)  # not a section, whose text the style hides
        menu.addSeparator()
        for id, ask in rows:
            action = self._actions(id)
            entry = menu.addAction(action.text(), partial(ask, subject))
            entry.setEnabled(action.isEnabled())
            entry.setToolTip(action.toolTip())
        if chosen and subject.full in parameters_of(snapshot.layers):
            menu.addSeparator()
            change = partial(self._what_if.change_value, subject.full, chosen)
            menu.addAction(self.tr("Change this value…"), change)
        menu.popup(place)

    def _on_not_found(self, question: Question) -> None:
        """Show that nothing was found."""
        subject = question.subject
        if question.kind is QuestionKind.CHANGED:
            self._say_no_such_change(question)
            return
        if question.kind is QuestionKind.READS:
            text = self.tr("{0} is not read after this stop, as far as the run has come.")
            title = self.tr("No later read")
        else:
            text = self.tr("{0} was not written between the start of the run and this stop.")
            if "." not in subject.full:
                text = self.tr("{0} was not written in this call before this stop.")
            title = self.tr("No earlier write")
        self._say(title, text.format(subject))

    def _say_no_such_change(self, question: Question) -> None:
        """Show the largest change, and offer to go to it."""
        subject, largest = question.subject, question.largest
        text = self.tr("No earlier batch has changed {0} by more than {1}.").format(
            subject, f"{question.more_than:g}"
        )
        if largest is None:
            more = self.tr("No batch has run before it.")
        elif largest[1] == 0:
            more = self.tr("No batch has changed it at all.")
        else:
            more = self.tr("The largest change was {0}, in batch {1}.").format(
                number_text(largest[1], 4), largest[0]
            )
        dialog = self._say(self.tr("No such change"), f"{text}\n{more}")
        if largest is not None and largest[1] > 0:
            go = dialog.add_button(self.tr("Go there"), QDialogButtonBox.ButtonRole.AcceptRole)
            just_less = nextafter(largest[1], -inf)
            go.clicked.connect(lambda: self._ask(QuestionKind.CHANGED, subject, just_less))

    def _on_found(self, question: Question, position: Position) -> None:
        self._found = question, position

    def _on_stopped(self, snapshot: Snapshot) -> None:
        """Show the equation if the name is out of scope here, and announce the write."""
        found, self._found = self._found, None
        if found is None or found[1] != snapshot.position:  # the cursor has moved since
            return
        question = found[0]
        if not is_in_sight(snapshot, question.subject.name):
            self._show_equation()
        # The cursor is after the write, often on the next line of the source.
        operation = snapshot.operation
        if question.kind is not QuestionKind.READS and operation is not None:
            words = self.tr("{0} was written by {1}")
            source = operation.source.split("\n")[0]
            self._notice.say(words.format(question.subject, source))

    def _say(self, title: str, text: str) -> MessageDialog:
        theme = self._appearance.theme
        dialog = MessageDialog(title, text, theme, self._window)
        dialog.set_mark("info", theme.text2)
        dialog.open()
        return dialog


def _updated(snapshot: Snapshot, known: list[str]) -> str:
    """The parameter that is updated at the cursor, or else the first."""
    event = snapshot.position.event
    here = [band.label for band in snapshot.bands if band.first <= event <= band.last]
    return next((label for label in here if label in known), known[0] if known else "")


def _one_of(known: list[str], text: str) -> str:
    if text.strip() not in known:
        raise ValueError(text)
    return text.strip()


def _size(text: str) -> float:
    number = float(text)
    if not (isfinite(number) and number >= 0):
        raise ValueError(text)
    return number
