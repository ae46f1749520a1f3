"""The welcome over the window: what this is, and where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.look.icons import icon
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.values import network_text
from gui.window.commands.recent import RecentSession

_VEIL = 150  # of 255
_WIDTH = 640


class Choice(QPushButton):
    """A large button: a heading with its key, and two lines of text."""

    def __init__(self, heading: str, text: str, key: str, name: str, first: bool) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "choice_first" if first else "choice")
        self.setAccessibleName(heading)
        self.setAccessibleDescription(text)
        self.head, self.key, self.about = QLabel(heading), QLabel(key), QLabel(text)
        self.head.setFont(ui_font(20, QFont.Weight.DemiBold))
        self.key.setFont(code_font(12))
        self.about.setFont(ui_font(14))
        self.about.setWordWrap(True)
        for label in (self.head, self.key, self.about):
            label.setProperty("role", "choice_first" if first else "choice")
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.key.setProperty("role", "key_first" if first else "key")
        row = QHBoxLayout()
        row.addWidget(self.head)
        row.addStretch(1)
        row.addWidget(self.key)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(14), px(16), px(14))
        column.setSpacing(px(6))
        column.addLayout(row)
        column.addWidget(self.about)
        self._around = column
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as two lines of text need."""
        return QSize(px(280), self._around.heightForWidth(px(280)))

    def minimumSizeHint(self) -> QSize:
        """Never lower."""
        return self.sizeHint()


class Welcome(QWidget):
    """Lies over the window, which stays in sight, until a choice is made.

    Signals:
        walk_asked: the first walk.
        step_asked: a step.
        session_asked: a session's path.
        left: it is gone.
    """

    walk_asked = Signal()
    step_asked = Signal()
    session_asked = Signal(object)
    left = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.theme, self._window = theme, window
        self.setObjectName("welcome")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.card = QFrame(self)
        self.card.setProperty("role", "welcome")
        self._column = QVBoxLayout(self.card)
        self._column.setContentsMargins(px(30), px(26), px(30), px(18))
        self._column.setSpacing(px(14))
        around = QGridLayout(self)
        around.addWidget(self.card, 0, 0, Qt.AlignmentFlag.AlignCenter)
        self._make_choices()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._column.addLayout(self._recent)
        self._make_foot()
        window.installEventFilter(self)
        self.hide()

    def _make_choices(self) -> None:
        said = self.tr(
            "<b>Retrograd</b> runs a neural network one operation at a time, forwards and "
            "backwards, and shows every number and where it came from."
        )
        self.sentence = QLabel(said)
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self.sentence.setFont(ui_font(20))
        self.sentence.setWordWrap(True)
        self._column.addWidget(self.sentence)
        self.show_me = Choice(
            self.tr("Show me"),
            self.tr("A walk through one step of training: nine stations, two minutes"),
            self.tr("Enter"), "show_me", first=True,
        )  # fmt: skip
        self.know = Choice(
            self.tr("I know backprop"),
            self.tr("Step at once: 784-50-10 on MNIST, from the first minibatch"),
            "S", "i_know", first=False,
        )  # fmt: skip
        self.show_me.clicked.connect(self._on_walk)
        self.know.clicked.connect(self._on_step)
        row = QHBoxLayout()
        row.setSpacing(px(12))
        row.addWidget(self.show_me, 1)
        row.addWidget(self.know, 1)
        self._column.addLayout(row)

    def _make_foot(self) -> None:
        again = QLabel(self.tr("Help, Welcome brings this back."))
        again.setProperty("role", "secondary")
        again.setFont(ui_font(13))
        close = QToolButton()
        close.setText(self.tr("close  Esc"))
        close.setProperty("role", "link")
        close.setObjectName("close_welcome")
        close.clicked.connect(self.leave)
        row = QHBoxLayout()
        row.addWidget(again)
        row.addStretch(1)
        row.addWidget(close)
        self._column.addLayout(row)

    def open(self, recent: Sequence[RecentSession]) -> None:
        """Show it, with the sessions of before."""
        self._list(recent)
        self.setAccessibleName(self.tr("Welcome"))
        self.setGeometry(self._window.rect())
        self.card.setFixedWidth(min(px(_WIDTH), self.width() - px(40)))
        self.show()
        self.raise_()
        self.show_me.setFocus()

    def leave(self) -> None:
        """Hide it."""
        if not self.isHidden():
            self.hide()
            self.left.emit()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme's colours."""
        self.theme = theme
        self.update()

    def _list(self, recent: Sequence[RecentSession]) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if not recent:
            return
        heading = QLabel(self.tr("Recent"))
        heading.setFont(ui_font(13, QFont.Weight.DemiBold))
        self._recent.addWidget(heading)
        for one in recent:
            facts = [network_text(one.network), self.tr("batch {0}").format(one.batch)]
            facts += [self.tr("loss {0}").format(one.loss)] if one.loss else []
            button = QPushButton(icon("file", self.theme), Path(one.path).name)
            button.setObjectName("recent_session")
            button.setProperty("role", "row")
            button.setToolTip(one.path)
            button.setAccessibleDescription(", ".join(facts))
            button.clicked.connect(lambda _=False, path=Path(one.path): self._on_session(path))
            about = QLabel("   ".join(facts), button)
            about.setFont(code_font(12))
            about.setProperty("role", "secondary")
            about.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row = QHBoxLayout(button)
            row.setContentsMargins(0, 0, px(8), 0)
            row.addStretch(1)
            row.addWidget(about)
            self._recent.addWidget(button)

    def _on_walk(self) -> None:
        self.leave()
        self.walk_asked.emit()

    def _on_step(self) -> None:
        self.leave()
        self.step_asked.emit()

    def _on_session(self, path: Path) -> None:
        self.leave()
        self.session_asked.emit(path)

    # Qt's events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window whatever its size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter begins the walk, Esc leaves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            (focused if isinstance(focused, QPushButton) else self.show_me).click()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep clicks beside the card from what is below."""
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim the window."""
        ground = QColor(self.theme.bg)
        ground.setAlpha(_VEIL)
        QPainter(self).fillRect(self.rect(), ground)
