"""A label of sentences in which terms are links."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlock,
    QTextDocument,
)
from PySide6.QtWidgets import QLabel, QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px

_UNDER = 2  # pixels from the baseline to the dotted line
_SPARSE = (1.0, 3.0)  # a dot and the gap after it, in widths of the line


class _Anchor(NamedTuple):
    """A link in a laid out text: its name, whether it is new, and a rectangle for each line."""

    name: str
    new: bool
    rects: list[QRectF]


class TermLabel(QLabel):
    """A label whose links name terms; each has a dotted line under it.

    Signals:
        term_asked: the term of a link that was clicked or chosen by a key, and the link's place on
            the screen.
    """

    term_asked = Signal(str, QRect)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link_theme = theme
        self._anchors: list[_Anchor] | None = None
        self._laid_out: tuple[object, ...] = ()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.linkActivated.connect(self._on_link)

    def set_link_theme(self, theme: Theme) -> None:
        """Mark the links in another theme's colours."""
        self._link_theme = theme
        self.update()

    def links(self) -> list[str]:
        """The terms that are links, in their order."""
        return [anchor.name for anchor in self._found()]

    def place_of(self, term: str) -> QRect:
        """The place of a term's link in this widget; empty if it has none."""
        for anchor in self._found():
            if anchor.name == term and anchor.rects:
                return anchor.rects[0].toAlignedRect()
        return QRect()

    def _on_link(self, href: str) -> None:
        term = href.partition(":")[2]
        place = self.place_of(term)
        at = self.mapToGlobal(place.topLeft()) if place else QCursor.pos()
        self.term_asked.emit(term, QRect(at, place.size()) if place else QRect(at, at))

    def _found(self) -> list[_Anchor]:
        """The links, laid out as the label does it."""
        state = (self.text(), self.contentsRect(), self.font().key())
        if self._anchors is None or state != self._laid_out:
            document = QTextDocument()
            document.setDocumentMargin(0)
            document.setDefaultFont(self.font())
            document.setHtml(self.text())
            document.setTextWidth(max(self.contentsRect().width(), 1))
            document.size()
            corner = QPointF(self.contentsRect().topLeft())
            self._anchors = _anchors_of(document, corner)
            self._laid_out = state
        return self._anchors

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, and a line under each term: dots, close together under a new one."""
        super().paintEvent(event)
        if "<a href=" not in self.text():
            return
        painter = QPainter(self)
        new = QPen(QColor(self._link_theme.text), px(1), Qt.PenStyle.DotLine)
        met = QPen(QColor(self._link_theme.text3), px(1))
        met.setDashPattern(_SPARSE)
        met.setCapStyle(Qt.PenCapStyle.FlatCap)
        for anchor in self._found():
            painter.setPen(new if anchor.new else met)
            for rect in anchor.rects:
                painter.drawLine(rect.bottomLeft(), rect.bottomRight())


def _anchors_of(document: QTextDocument, corner: QPointF) -> list[_Anchor]:
    """The links of a laid out document, their rectangles moved to `corner`."""
    found: list[_Anchor] = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            href = fragment.charFormat().anchorHref()
            if href:
                start = fragment.position() - block.position()
                rects = _rects(document, block, start, start + fragment.length(), corner)
                kind, _, name = href.partition(":")
                found.append(_Anchor(name, kind == "new", rects))
            iterator += 1
        block = block.next()
    return found


def _rects(
    document: QTextDocument, block: QTextBlock, start: int, end: int, corner: QPointF
) -> list[QRectF]:
    """Where a part of a block stands, a rectangle for each line, down to its dotted line."""
    rects = []
    top = document.documentLayout().blockBoundingRect(block).topLeft() + corner
    for number in range(block.layout().lineCount()):
        line = block.layout().lineAt(number)
        first = max(start, line.textStart())
        last = min(end, line.textStart() + line.textLength())
        if first < last:
            left, right = _x(line.cursorToX(first)), _x(line.cursorToX(last))
            bottom = line.y() + line.ascent() + px(_UNDER)
            rects.append(QRectF(QPointF(left, line.y()) + top, QPointF(right, bottom) + top))
    return rects


def _x(found: object) -> float:
    """The place of a cursor; Qt gives it alone, or with the cursor that it has moved."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]
