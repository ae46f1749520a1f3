"""The mark of the cursor in a file: its line, the box, and the notes."""

from __future__ import annotations

from dataclasses import dataclass

from engine.debug.events import Span
from gui.views.source.notes import Note


@dataclass(frozen=True, slots=True)
class Mark:
    """The cursor's place in the file, and the notes at it.

    Attributes:
        top_line: the first line of the running function.
        box: the expression to be boxed, or the statement that has run, if any.
        colour: the colour of the phase.
        box_colour: the colour of the phase, or of an error.
        ran: the place of the statement that has run, if the cursor is at the line after it.
    """

    line: int
    top_line: int
    box: Span | None
    colour: str
    box_colour: str
    notes: tuple[Note, ...]
    ran: Span | None = None

    def lines(self) -> dict[int, tuple[object, ...]]:
        """The lines with marks or notes, each with everything that its look depends on."""
        found: dict[int, tuple[object, ...]] = {self.line: (self.colour,)}
        if self.box is not None:
            for line in range(self.box.line, self.box.end_line + 1):
                found[line] = (*found.get(line, ()), self.box, self.box_colour)
        for note in self.notes:
            found[note.line] = (*found.get(note.line, ()), note, note.current and self.colour)
        return found
