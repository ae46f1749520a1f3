"""The source with the current line, the boxed expression, and the notes beside the lines."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QToolTip, QWidget

from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.events import Span
from gui.look.theme import Theme, code_font, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text
from gui.views.source.code_places import CodePlaces
from gui.views.source.gutter import Gutter
from gui.views.source.mark import Mark
from gui.views.source.notes import Note
from gui.views.source.outline import rounded_outline
from gui.views.source.source_file import TAB_COLUMNS, SourceFile

BOX_RADIUS = 4.0
LOW = 220  # pixels of height
COLOUR_SECONDS = 0.006  # between two frames, for the colours of a long file
CONTEXT = 3  # lines that stay visible around the current line


class CodeArea(CodePlaces):
    """Read-only source with a gutter; text can be selected and copied.

    Signals:
        line_clicked: the line that was clicked in the gutter.
        pointed: the line (from 1) and the column of the character under the mouse, or None.
    """

    line_clicked = Signal(int)
    pointed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._file: SourceFile | None = None
        self._mark: Mark | None = None
        self._lit: Span | None = None
        self._pointed: tuple[int, int] | None = None
        self._seen = False  # whether the file was on the screen: then scrolling disturbs
        self._wrapped = False
        self.horizontalScrollBar().rangeChanged.connect(self._on_width_changed)
        self._gutter = Gutter(self, theme)
        self._gutter.line_clicked.connect(self.line_clicked)
        self._colouring = QTimer(self, interval=0, singleShot=True)
        self._colouring.timeout.connect(self._colour)
        self.setReadOnly(True)
        self.viewport().setMouseTracking(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._set_fonts()
        self.updateRequest.connect(self._on_update_request)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._theme

    @property
    def mark(self) -> Mark | None:
        """The mark of the cursor in the file on the screen."""
        return self._mark

    def follow_type(self) -> None:
        """Use the current font size."""
        self._set_fonts()
        self._lay_out_gutter()
        self.bring_into_view()
        self.viewport().update()

    def set_wrapped(self, wrapped: bool) -> None:
        """Wrap lines that are longer than the area is wide, or cut them."""
        self._wrapped = wrapped
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wrapped else modes.NoWrap)
        self._lay_out_gutter()
        self.bring_into_view()

    def _on_width_changed(self, _: int, most: int) -> None:
        """Remove a wrapped text's scrolling by less than a letter: the space where it is broken."""
        if self._wrapped and 0 < most < code_face(13).width(" "):
            self.horizontalScrollBar().setMaximum(0)

    def _set_fonts(self) -> None:
        self.setFont(code_font())
        self.document().setDefaultFont(code_font())
        self.setTabStopDistance(TAB_COLUMNS * code_face(13).width(" "))

    def set_theme(self, theme: Theme) -> None:
        """Recolour the text and all marks."""
        self._theme = theme
        self._colour()
        self._gutter.set_theme(theme)
        self.viewport().update()

    def show_mark(self, file: SourceFile, mark: Mark, moved: bool = True) -> None:
        """Show the cursor in a file; if it `moved` out of view, scroll to it."""
        before = self._mark if file is self._file else None
        scrolled = self._scrolled()
        if file is not self._file:
            self._file = file
            self._seen, moved = False, True
            # Scrolled below the end of the new document, Qt may search for a position for ever.
            self.verticalScrollBar().setValue(0)
            self.setDocument(file.document)
            self._colour()
            self._set_fonts()
            self._lay_out_gutter()
        self._mark = mark
        ran = mark.ran
        self._gutter.set_current(
            mark.line, mark.colour, range(ran.line, ran.end_line + 1) if ran else range(0)
        )
        if moved:
            self.bring_into_view()
        if before is None or self._scrolled() != scrolled:
            self._gutter.update()
            self.viewport().update()
        else:
            self._update_lines(before, mark)

    def show_breakpoints(self, breakpoints: dict[int, Breakpoint]) -> None:
        """Mark the breakpoints, by line."""
        self._gutter.show_breakpoints(breakpoints)

    def caret_line(self) -> int:
        """The line of the text cursor, which clicks and arrow keys move."""
        return self.textCursor().blockNumber() + 1

    def _scrolled(self) -> tuple[int, int]:
        return self.verticalScrollBar().value(), self.horizontalScrollBar().value()

    def _update_lines(self, before: Mark, now: Mark) -> None:
        """Redraw the lines whose marks or notes have changed."""
        old, new = before.lines(), now.lines()
        for line in old.keys() | new.keys():
            if old.get(line) != new.get(line):
                rect = self.line_rect(line).toAlignedRect().adjusted(0, -2, 0, 2)
                self.viewport().update(rect)
                self._gutter.update(0, rect.top(), self._gutter.width(), rect.height())

    def _colour(self) -> None:
        """Colour as much as fits a frame, and the rest in later frames."""
        if self._file is not None and not self._file.colour(self._theme, COLOUR_SECONDS):
            self._colouring.start()
        else:
            self._colouring.stop()

    def bring_into_view(self) -> None:
        """Scroll if the current line is near an edge: to the function's head, if both fit."""
        mark = self._mark
        if mark is None:
            return
        bar, visible = self.verticalScrollBar(), self.visible_lines()
        margin = min(CONTEXT, (visible - 1) // 4)
        if self._wrapped:  # a row depends on the lines above, once they are laid out
            for above in range(mark.top_line, mark.line):
                self.rows_of(above)
        (line, end), (head, _) = self.rows_of(mark.line), self.rows_of(mark.top_line)
        if mark.ran is not None:  # what has run is read together with the line, if both fit
            first, last = self.rows_of(mark.ran.line)[0], self.rows_of(mark.ran.end_line)[1]
            both = min(line, first), max(end, last)
            if both[1] - both[0] < visible:
                line, end = both
                margin = min(margin, (visible - 1 - (end - line)) // 2)
        # Scroll values that keep the line visible.
        highest, lowest = end - visible + 1 + margin, line - margin
        if not (self._seen and highest <= bar.value() <= lowest):
            if highest <= head <= line:
                top = head
            elif (
                self._seen and min(abs(bar.value() - highest), abs(bar.value() - lowest)) <= CONTEXT
            ):
                top = highest if bar.value() < highest else lowest
            else:  # a long jump: code that has run matters more than code that follows
                top = line - visible * 2 // 3
                if mark.ran is not None:
                    top = min(max(top, highest), lowest)
            bar.setValue(max(self._line_start_row(top, line), 0))
        self._bring_box_into_view(mark)

    def _line_start_row(self, top: int, line: int) -> int:
        """The first row from `top` to `line` that begins a line."""
        block = self.document().findBlockByLineNumber(max(top, 0))
        if block.isValid() and block.firstLineNumber() < top and block.next().isValid():
            return min(block.next().firstLineNumber(), line)
        return top

    def _bring_box_into_view(self, mark: Mark) -> None:
        bar = self.horizontalScrollBar()
        if mark.box is None or self._wrapped:
            return
        left = self.x_of(mark.box.line, mark.box.column) + bar.value()
        right = self.x_of(mark.box.end_line, mark.box.end_column) + bar.value()
        room = self.viewport().width()
        if right + 8 < room:
            bar.setValue(0)
        elif not bar.value() <= left - 8 or right + 8 > bar.value() + room:
            bar.setValue(
                int(min(left - 24, right + 24 - room) if right - left < room else left - 24)
            )

    def box_rects(self) -> list[QRectF]:
        """The rectangles of the boxed expression, one per line."""
        box = self._mark.box if self._mark else None
        return [] if box is None else self._rects_of(box)

    def lit_rects(self) -> list[QRectF]:
        """The rectangles of the lit place, one per line."""
        return [] if self._lit is None else self._rects_of(self._lit)

    def light(self, place: Span | None) -> None:
        """Frame a place, or none."""
        if place != self._lit:
            self._lit = place
            self.viewport().update()

    def _rects_of(self, box: Span) -> list[QRectF]:
        rects = []
        for line in range(box.line, box.end_line + 1):
            text = self.block_of(line).text()
            indent = len(text) - len(text.lstrip())
            start = box.column if line == box.line else indent
            end = box.end_column if line == box.end_line else len(text)
            rects += self.pieces(line, start, end)
        if rects:
            rects[0].setTop(rects[0].top() + 1)
            rects[-1].setBottom(rects[-1].bottom() - 1)
        return rects

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the current line and the box below the text, and the notes beside it."""
        self._seen = True
        if self._mark is not None:
            painter = QPainter(self.viewport())
            self._paint_marks(painter, self._mark)
            painter.end()
        super().paintEvent(event)
        if self._mark is not None:
            painter = QPainter(self.viewport())
            for note in self._mark.notes:
                self._paint_note(painter, note, self._mark)
            self._paint_lit(painter)
            painter.end()

    def _paint_marks(self, painter: QPainter, mark: Mark) -> None:
        panel = self._theme.panel
        painter.fillRect(self.line_rect(mark.line), mix(mark.colour, panel, 0.12))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(mark.box_colour), 1.6))
        painter.setBrush(mix(mark.box_colour, panel, 0.24))
        for path in rounded_outline(self.box_rects(), BOX_RADIUS):
            painter.drawPath(path)

    def _paint_lit(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.accent), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path in rounded_outline(self.lit_rects(), BOX_RADIUS):
            painter.drawPath(path)

    def note_place(self, note: Note) -> tuple[QRectF, str] | None:
        """The rectangle of a note and its longest text that fits; None without room.

        The current line's note is always shown, over the end of a long line if need be. Wrapped
        lines are covered by errors only.
        """
        line = self.row_rect(note.line, len(self.block_of(note.line).text()))
        if not line.isValid() or not 0 <= line.center().y() <= self.viewport().height():
            return None
        face, room = code_face(11), self.viewport().width() - 8
        left = self.end_of(note.line) + 16
        for text in note.texts:
            width = face.width(text) + 14
            if left + width <= room:
                return self._chip(left, line, width), text
        if not note.current or (self._wrapped and not note.error):
            return None
        text = note.texts[0 if note.error else -1]
        least = self._box_end(note.line) + 12  # the box stays visible
        width = min(face.width(text) + 14, max(room - least, 60))
        return self._chip(room - width, line, width), text

    def _chip(self, left: float, line: QRectF, width: float) -> QRectF:
        height = px(15)
        return QRectF(left, line.center().y() - height / 2, width, height)

    def _box_end(self, line: int) -> float:
        box = self._mark.box if self._mark else None
        return self.x_of(line, box.end_column) if box and box.end_line == line else 0.0

    def _paint_note(self, painter: QPainter, note: Note, mark: Mark) -> None:
        place = self.note_place(note)
        if place is None:
            return
        rect, text = place
        theme = self._theme
        if rect.left() < self.end_of(note.line):  # on the text: cover its end
            line = self.row_rect(note.line, len(self.block_of(note.line).text()))
            ground = mix(mark.colour, theme.panel, 0.12 if note.line == mark.line else 0.0)
            painter.fillRect(line.adjusted(rect.left() - 6, 0, 0, 0), ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if note.current:
            colour = theme.error if note.error else mark.colour
            painter.setPen(QPen(QColor(colour), 1.2))
            painter.setBrush(QColor(theme.panel))
            ink = theme.error if note.error else theme.text
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            ink = theme.text2
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        inner = rect.adjusted(7, 0, -6, 0)
        draw_text(painter, inner, text, code_face(11), ink)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the full text of the note under the mouse; tell which character is there."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            self._point(self.place_at(event.position()))
        elif event.type() is QEvent.Type.Leave:
            self._point(None)
        if isinstance(event, QHelpEvent) and self._mark is not None:
            for note in self._mark.notes:
                place = self.note_place(note)
                if place is not None and place[0].contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), note.texts[0], self)
                    return True
        return super().viewportEvent(event)

    def _point(self, place: tuple[int, int] | None) -> None:
        if place != self._pointed:
            self._pointed = place
            self.pointed.emit(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the gutter as high as the text, and the current line in view."""
        super().resizeEvent(event)
        # In a low panel a scroll bar would take a line; keys and Shift with the wheel still scroll.
        policies = Qt.ScrollBarPolicy
        low = self.height() < px(LOW)
        self.setHorizontalScrollBarPolicy(
            policies.ScrollBarAlwaysOff if low else policies.ScrollBarAsNeeded
        )
        self._lay_out_gutter()
        self.bring_into_view()

    def _lay_out_gutter(self) -> None:
        """Place the gutter left of the text, and leave no partial line at the bottom."""
        width = self._gutter.sizeHint().width()
        room = self.viewport().height() + self.viewportMargins().bottom()
        line = self.row_height()
        rest = int(room % line) if line and room > line else 0
        margins = QMargins(width, 4, 0, rest)
        if margins != self.viewportMargins():  # this resizes, which calls this method again
            self.setViewportMargins(margins)
        place = self.viewport().geometry()
        self._gutter.setGeometry(QRect(place.left() - width, place.top(), width, place.height()))

    def _on_update_request(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())
