"""The progress of opening a file, and a button that cancels it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QProgressBar, QWidget

from engine.debug.session_file.opening import Opening, OpeningStage
from gui.dialogs.dialog import Dialog
from gui.look.theme import Theme

_STEPS = 1000  # of the bar, for any total: Qt's numbers end at two billion


class OpeningDialog(Dialog):
    """Shown while a large file is opened; Cancel and Esc reject it, and its end accepts it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", "", theme, parent)
        title = self.tr("Opening the session")
        self.setWindowTitle(title)
        self.headline.setText(title)
        self.setObjectName("opening_dialog")
        self.text.show()
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(title)
        self.content.addWidget(self.bar)
        self.cancel = self.add_button(
            self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole, "primary"
        )
        self.cancel.setObjectName("cancel")

    def show_progress(self, opening: Opening) -> None:
        """Show the progress."""
        done, total = opening.done, max(opening.total, 1)
        if opening.stage is OpeningStage.READING:
            words = self.tr("Reading and checking: {0:,.0f} of {1:,.0f} MB").format(
                done / 1e6, total / 1e6
            )
        else:
            words = self.tr("Running again: batch {0:,} of {1:,}")
            words = words.format(done, opening.total)
        self.text.setText(words)
        self.bar.setValue(min(done * _STEPS // total, _STEPS))
