"""A segmented control: a few choices side by side, one of them checked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget

from gui.look.theme import ui_font


def make_segments(parent: QWidget, names: Sequence[str]) -> tuple[QFrame, QButtonGroup]:
    """The frame, and its buttons with their index as id; none is checked yet."""
    frame, group = QFrame(), QButtonGroup(parent)
    frame.setProperty("role", "segments")
    row = QHBoxLayout(frame)
    row.setContentsMargins(1, 1, 1, 1)
    row.setSpacing(0)
    for index, name in enumerate(names):
        button = QToolButton()
        button.setText(name)
        button.setProperty("role", "segment")
        button.setCheckable(True)
        button.setFont(ui_font(12))
        group.addButton(button, index)
        row.addWidget(button)
    return frame, group
