"""The dialog of a program's facets: what each is, how it was found, and a line to correct it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from engine.debug.facets.facets import Found
from engine.debug.program.declarations import AT_END, NAMED
from engine.debug.snapshots.snapshot import FacetState
from gui.dialogs.dialog import Dialog
from gui.dialogs.facet_words import certainty, facet_name
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px

MARKS = {"certain": "✓", "declared": "✎", "uncertain": "?", "not found": "–"}


class FacetRow(QWidget):
    """A facet: its name and value, whether it is certain, how it was found, and a line.

    Signals:
        declared: the facet and the text of its line.
    """

    declared = Signal(str, str)

    def __init__(self, state: FacetState, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.state = state
        self.name, self.value, self.mark, self.how = QLabel(), QLabel(), QLabel(), QLabel()
        self.name.setText(facet_name(state.facet))
        self.name.setFont(ui_font(13, QFont.Weight.DemiBold))
        self.value.setFont(code_font(12))
        self.how.setFont(ui_font(12))
        self.how.setProperty("role", "secondary")
        for label in (self.value, self.how):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.mark.setFont(ui_font(12, QFont.Weight.DemiBold))
        self.line = QLineEdit(state.declared)
        self.line.setFont(code_font(12))
        self.line.setPlaceholderText(_example(state.facet))
        self.line.setAccessibleName(_tr("{0}: correct it").format(self.name.text()))
        self.button = QPushButton(_tr("Set"))
        self.button.setAutoDefault(False)
        self.button.setAccessibleName(_tr("Set {0}").format(self.name.text()))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setFont(ui_font(12))
        self.said.hide()
        self.line.textChanged.connect(self._on_edited)
        self.line.returnPressed.connect(self._on_set)
        self.button.clicked.connect(self._on_set)
        self._lay_out()
        self.show_state(state)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, px(10), 4)
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, px(120))
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.name, 0, 0, top)
        grid.addWidget(self.value, 0, 1, 1, 2)
        grid.addWidget(self.mark, 1, 0, top)
        grid.addWidget(self.how, 1, 1, 1, 2)
        if is_declarable(self.state.facet):
            grid.addWidget(self.line, 2, 1)
            grid.addWidget(self.button, 2, 2)
            grid.addWidget(self.said, 3, 1, 1, 2)

    def show_state(self, state: FacetState) -> None:
        """Show what is known now; a text that a person has begun in the line stays."""
        if self.line.text().strip() == self.state.declared:
            self.line.setText(state.declared)
        self.state = state
        value = state.text or _why_no_value(state)
        words, mark = certainty(state), MARKS[_kind(state)]
        self.value.setText(value)
        self.value.setProperty("role", "" if state.text else "secondary")
        self.mark.setText(f"{mark} {words}")
        self.mark.setStyleSheet(f"color: {self._colour(state)}")
        how = _tr("as it is said below") if state.found == Found.DECLARED else state.how
        self.how.setText(how)
        spoken = _tr("{0}: {1}, {2}. {3}").format(self.name.text(), value, words, how)
        self.setAccessibleName(spoken)
        self.line.setAccessibleDescription(spoken)
        self._offer()

    def show_answer(self, problem: str) -> None:
        """Show why the text of the line does not fit; "": it holds."""
        self.said.setText(f"✗ {problem}" if problem else _tr("✓ It holds from now on."))
        self.said.setStyleSheet(f"color: {self._theme.error if problem else self._theme.ok}")
        self.said.setAccessibleName(problem or self.said.text())
        self.said.show()

    def _colour(self, state: FacetState) -> str:
        theme = self._theme
        kind = _kind(state)
        return {"certain": theme.ok, "declared": theme.accent, "uncertain": theme.warning}.get(
            kind, theme.text2
        )

    def _on_edited(self) -> None:
        self.said.hide()
        self._offer()

    def _offer(self) -> None:
        self.button.setEnabled(self.line.text().strip() != self.state.declared)

    def _on_set(self) -> None:
        if self.button.isEnabled():
            self.declared.emit(self.state.facet, self.line.text().strip())


class FacetsDialog(Dialog):
    """All facets of a program.

    Signals:
        declared: a facet and the expression that a person gives for it; "" takes one back.
    """

    declared = Signal(str, str)

    def __init__(
        self,
        program: str,
        facets: Sequence[FacetState],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        title = _tr("What is what in {0}").format(program)
        text = _tr(
            "Found by the flow of the data in the first two batches. A line takes an expression "
            "over the variables at the end of the step, such as loss / n; of a parameter and of "
            "the learning rate a place, such as params['W1']. An empty line takes it back."
        )
        super().__init__(title, text, theme, parent)
        self.setObjectName("facets_dialog")
        self.rows: dict[str, FacetRow] = {}
        column = QWidget()
        grid = QGridLayout(column)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, state in enumerate(facets):
            row = self.rows[state.facet] = FacetRow(state, theme)
            row.setObjectName(f"facet_{state.facet}")
            row.declared.connect(self.declared)
            grid.addWidget(row, number, 0)
        grid.setRowStretch(len(facets), 1)
        area = QScrollArea()
        area.setWidget(column)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.content.addWidget(area, 1)
        self._column.setStretchFactor(self.content, 1000)  # the base's own stretch gets none
        self.add_button(_tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        room = px(680) if parent is None else parent.height()
        self.resize(px(640), min(px(640), room - px(40)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Return to the lines, where it sets a facet; it closes the dialog nowhere."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def show_facets(self, facets: Sequence[FacetState]) -> None:
        """Show what is known now."""
        for state in facets:
            self.rows[state.facet].show_state(state)

    def show_answer(self, facet: str, problem: str) -> None:
        """Show whether what a person gave for a facet holds."""
        self.rows[facet].show_answer(problem)


def is_declarable(facet: str) -> bool:
    """Whether a person can say what a facet is."""
    return facet in (*AT_END, *NAMED, "learning_rate")


def _why_no_value(state: FacetState) -> str:
    if state.found == Found.NOT_FOUND:
        return _tr("unknown")
    if state.facet == "loss":  # it is made somewhere within, and the step does not return it
        return _tr("no number after a batch")
    return _tr("not made yet at the cursor")


def _kind(state: FacetState) -> str:
    if state.found in (Found.DECLARED, Found.NOT_FOUND):
        return str(state.found)
    return "certain" if state.certain else "uncertain"


def _example(facet: str) -> str:
    return {
        "parameters": "W: params['W'], b: params['b']",
        "gradients": "W: grads['W'], b: grads['b']",
        "learning_rate": "config.lr",
        "loss": "self.last_loss",
    }.get(facet, "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("facets", text)
