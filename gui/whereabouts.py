"""Who wrote this, who reads it next: asked of the variable or the cell that a person points at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QDialogButtonBox, QMenu

from engine.debug.cells import cells_of
from engine.debug.events import Position
from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs import MessageDialog
from gui.form_dialog import Asked, FormDialog, cells
from gui.parts.values import number_text

if TYPE_CHECKING:
    from gui.main_window import MainWindow


@dataclass(frozen=True)
class Subject:
    """What is asked about.

    Attributes:
        name: as the panel has it, `self.W`.
        full: by which it is found wherever the cursor is, `Affine1.W`; of others the name again.
        cells: an index, `300, 7`, or empty.
    """

    name: str
    full: str
    cells: str = ""

    def __str__(self) -> str:
        return f"{self.full}[{self.cells}]" if self.cells else self.full


class QuestionKind(Enum):
    """What is asked."""

    WROTE = auto()
    READS = auto()
    CHANGED = auto()


@dataclass(frozen=True)
class Question:
    """A search for the worker: plain values, since a worker must hold nothing of the window.

    Attributes:
        sizes: after a search for a change, by how much each batch has changed the cells that has
            changed them by no more. The window reads it once the worker has answered.
    """

    kind: QuestionKind
    subject: Subject
    more_than: float = 0.0
    sizes: dict[int, float] = field(default_factory=dict, compare=False)

    @property
    def largest(self) -> tuple[int, float] | None:
        """The batch that has changed the cells most, and by how much; the latest of several."""
        return max(self.sizes.items(), key=lambda one: (one[1], one[0]), default=None)

    def __call__(
        self, session: Any, progress: Callable[[int], None], cancel: Callable[[], bool]
    ) -> Position | None:
        """Ask the session."""
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


class Whereabouts(QObject):
    """The entries and keys for these questions, and what is said where there is no answer."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._asked: Subject | None = None
        self._found: tuple[Question, Position] | None = None  # until its snapshot comes
        window.tensor.menu_asked.connect(self._on_menu_asked)
        window.variables.menu_asked.connect(self._on_row_asked)
        window.bridge.not_found.connect(self._on_not_found)
        window.bridge.found.connect(self._on_found)
        window.bridge.stopped.connect(self._on_stopped)

    def who_wrote(self, subject: Subject | None = None) -> None:
        """Go to the last event that wrote what is pointed at."""
        self._ask(QuestionKind.WROTE, subject or self._pointed_at())

    def who_reads(self, subject: Subject | None = None) -> None:
        """Go to the next event that reads what is pointed at."""
        self._ask(QuestionKind.READS, subject or self._pointed_at())

    def last_change(self, subject: Subject | None = None) -> None:
        """Ask by how much, and go back to the last batch that changed a parameter by more."""
        snapshot = self._window.snapshot
        if snapshot is None:
            return
        known = _parameters_of(snapshot)
        arrays = {
            f"{one.name}.{name}": array
            for one in snapshot.layers
            for name, array in one.parameters.items()
        }
        subject = subject or self._subject(*self._place())
        if subject.full not in known:
            subject = Subject(subject.name, _updated(snapshot, known), subject.cells)
        hint = self.tr("one of {0}").format(", ".join(known))
        asked = [
            Asked(self.tr("Parameter"), hint, partial(_one_of, known), subject.full),
            Asked(self.tr("Cells"), self.tr("300, 7 or :, 3; empty: all"), cells, subject.cells),
            Asked(self.tr("More than"), self.tr("a number from 0"), _size, "0"),
        ]

        def make(name: str, chosen: str, more_than: float) -> tuple[Subject, float]:
            cells_of(arrays[name], chosen)  # raises where there are none such
            return Subject(subject.name, name, chosen), more_than

        dialog = FormDialog(
            self.tr("Last change"),
            self.tr("Back to the latest batch that changed one of the cells by more than this."),
            asked,
            make,
            lambda made: self._ask(QuestionKind.CHANGED, *made),
            self._window.appearance.theme, self._window, accept=self.tr("Search"),
        )  # fmt: skip
        dialog.lines[-1].selectAll()
        dialog.lines[-1].setFocus()
        dialog.open()

    def _ask(self, kind: QuestionKind, subject: Subject | None, more_than: float = 0.0) -> None:
        if subject is not None:
            self._asked = subject
            self._window.bridge.find(Question(kind, subject, more_than))

    # What is pointed at

    def _place(self) -> tuple[str, str]:
        """A name and cells: of the row that has the keyboard, else of the array on the screen."""
        name, chosen = self._window.tensor.pointed()
        row = self._window.variables.current()
        if row and self._window.variables.has_keyboard():
            return row, chosen if row == name else ""
        return name or row, chosen if name else ""

    def pointed_at(self) -> Subject | None:
        """The variable or the cell that a person points at, if any."""
        name, chosen = self._place()
        return self._subject(name, chosen) if name else None

    def _pointed_at(self) -> Subject | None:
        name, chosen = self._place()
        if not name:
            self._say(
                self.tr("Nothing is pointed at"),
                self.tr(
                    "Choose a variable in Variables, or point at a cell in Tensor. The value of "
                    "an expression is made at the stop itself."
                ),
            )
            return None
        return self._subject(name, chosen)

    def _subject(self, name: str, chosen: str) -> Subject:
        """What a name means at the cursor; out of sight, what it meant when it was last asked."""
        snapshot, known = self._window.snapshot, self._asked
        assert snapshot is not None
        if not _is_in_sight(snapshot, name):
            if known is not None and known.name == name:
                return known
            return Subject(name, name, chosen)
        layer = snapshot.stack[0].function.rpartition(".")[0]
        is_layer = any(one.name == layer for one in snapshot.layers)
        own = name.removeprefix("self.")
        return Subject(name, f"{layer}.{own}" if own != name and is_layer else name, chosen)

    def _on_row_asked(self, name: str, place: QPoint) -> None:
        self._on_menu_asked(name, "", place)

    def _on_menu_asked(self, name: str, chosen: str, place: QPoint) -> None:
        """Open the entries for what was clicked."""
        snapshot, actions = self._window.snapshot, self._window.actions_by_id
        if snapshot is None:
            return
        subject = self._subject(name, chosen)
        rows: list[tuple[str, Callable[[Subject | None], None]]] = [
            ("who_wrote", self.who_wrote),
            ("who_reads", self.who_reads),
        ]
        if subject.full in _parameters_of(snapshot):
            rows.append(("last_change", self.last_change))
        menu = QMenu(self._window)
        menu.setObjectName("whereabouts_menu")
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(str(subject)).setEnabled(False)  # of a section the style shows no text
        menu.addSeparator()
        for id, ask in rows:
            entry = menu.addAction(actions[id].text(), partial(ask, subject))
            entry.setEnabled(actions[id].isEnabled())
            entry.setToolTip(actions[id].toolTip())
        if chosen and subject.full in _parameters_of(snapshot):
            menu.addSeparator()
            change = partial(self._window.what_if.change_value, subject.full, chosen)
            menu.addAction(self.tr("Change this value…"), change)
        menu.popup(place)

    def _on_not_found(self, question: Question) -> None:
        """Say that there is no answer."""
        subject = question.subject
        if question.kind is QuestionKind.CHANGED:
            self._say_no_such_change(question)
            return
        if question.kind is QuestionKind.READS:
            text = self.tr("{0} is not read after this moment, as far as the run has come.")
            title = self.tr("Not read any more")
        else:
            text = self.tr("{0} was not written between the start of the run and this moment.")
            if "." not in subject.full:
                text = self.tr("In this call {0} was not written before this moment.")
            title = self.tr("Not written before")
        self._say(title, text.format(subject))

    def _say_no_such_change(self, question: Question) -> None:
        """Say which was the largest change, and lead to it."""
        subject, largest = question.subject, question.largest
        text = self.tr("No batch before this moment has changed {0} by more than {1}.").format(
            subject, f"{question.more_than:g}"
        )
        if largest is None:
            more = self.tr("No batch has run before it.")
        elif largest[1] == 0:
            more = self.tr("None has changed it at all.")
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
        """Where the array has another name, the equation shows it in the place of the tensor."""
        found, self._found = self._found, None
        if found is None or found[1] != snapshot.position:  # somebody has gone on meanwhile
            return
        question = found[0]
        if not _is_in_sight(snapshot, question.subject.name):
            self._window.docks["equation"].raise_()
        # It stands where what was written is there, which in the source is a line further.
        operation = snapshot.operation
        if question.kind is not QuestionKind.READS and operation is not None:
            words = self.tr("{0} was written by {1}")
            source = operation.source.split("\n")[0]
            self._window.notice.say(words.format(question.subject, source))

    def _say(self, title: str, text: str) -> MessageDialog:
        window = self._window
        dialog = MessageDialog(title, text, window.appearance.theme, window)
        dialog.set_mark("info", window.appearance.theme.text2)
        dialog.open()
        return dialog


def _is_in_sight(snapshot: Snapshot, name: str) -> bool:
    """Whether a name, or what it is an item of, is among the variables."""
    head = name.split("[")[0]
    return any(variable.name == head for variable in snapshot.variables)


def _parameters_of(snapshot: Snapshot) -> list[str]:
    return [f"{layer.name}.{name}" for layer in snapshot.layers for name in layer.parameters]


def _updated(snapshot: Snapshot, known: list[str]) -> str:
    """The parameter that is being updated at the cursor; else the first."""
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
