"""A window that holds a single panel, as the main window would show it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from itertools import count
from typing import cast

from PySide6.QtCore import QEventLoop, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMainWindow

import gui.views
from gui.gallery.forms import FORMS, moment
from gui.look.style import apply_theme
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import SCALE
from gui.views.equation.lesson.formula_row import FormulaRow
from gui.widgets.view import View
from gui.window.panels.dock import Dock
from gui.words.lesson import lesson_of

SIZE = (640, 400)
SIZES = {  # of the panels that are of another shape in the main window
    "equation": (1000, 420),
    "network": (220, 520),
    "numeric": (1200, 640),
    "samples": (240, 520),
    "source": (820, 320),
    "timeline": (1200, 110),
    "variables": (360, 400),
    "cache": (360, 300),
    "call_stack": (360, 200),
}
QUIET_MS = 30  # without a repaint for so long, a panel is drawn
LONGEST_MS = 3000
GAP = 12


@cache
def panels() -> dict[str, type[View]]:
    """Every panel's class by its id; a new module in `gui.views` is found without being listed."""
    found: dict[str, type[View]] = {}
    for module in pkgutil.walk_packages(gui.views.__path__, "gui.views."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, View) and value.view_id:
                found[value.view_id] = value
    return found


class Stage(QMainWindow):
    """One panel, without a session.

    Args:
        view: the panel's id.
        size: of the panel in pixels; None: one that suits it.
        scale: of all type.
    """

    def __init__(
        self, view: str, theme: Theme, size: tuple[int, int] | None = None, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.setWindowTitle(view)
        self._scale_before, SCALE.factor = SCALE.factor, scale
        apply_theme(cast(QApplication, QApplication.instance()), theme, self)
        self.view = panels()[view](theme)
        self.dock = Dock(self.view, titled=view != "timeline", parent=self)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.dock)
        self.resize(QSize(*(size or SIZES.get(view, SIZE))))

    def show_form(self, form: str) -> None:
        """Show the panel in this form of `FORMS`, and return when it is drawn."""
        self.show()
        self.setFocus()  # else the first button has a focus ring
        QApplication.processEvents()  # a panel draws only what is seen
        given = moment(form)
        show_lesson = getattr(self.view, "show_lesson", None)
        for snapshot in given.snapshots:
            self.dock.show_snapshot(snapshot)
            if show_lesson is not None:
                show_lesson(lesson_of(snapshot), snapshot)
            QApplication.processEvents()
        show_comparison = getattr(self.view, "show_comparison", None)
        if given.comparison is not None and show_comparison is not None:
            show_comparison(given.comparison)
        self._settle()

    def picture(self) -> QPixmap:
        """The panel as it is on the screen."""
        return self.grab()

    def leave(self) -> None:
        """Close the window, and restore the type scale."""
        if (shut_down := getattr(self.view, "shut_down", None)) is not None:
            shut_down()
        self.close()
        SCALE.factor = self._scale_before

    def _settle(self) -> None:
        """Wait until timers that draw later have done so: until the picture stays as it is."""
        before = None
        for waited in count(0, QUIET_MS):
            loop = QEventLoop()
            QTimer.singleShot(QUIET_MS, loop.quit)
            loop.exec()
            now = self.grab().toImage()
            typesets = any(row.waits for row in self.view.findChildren(FormulaRow))
            if (now == before and not typesets) or waited > LONGEST_MS:
                return
            before = now


def sheet(
    view: str, themes: Iterable[Theme], size: tuple[int, int] | None = None, scale: float = 1.0
) -> QPixmap:
    """A picture of a panel, with a row for each form and a column for each theme."""
    rows = []
    for form in FORMS:
        row = []
        for theme in themes:
            stage = Stage(view, theme, size, scale)
            stage.show_form(form)
            row.append(stage.picture())
            stage.leave()
        rows.append((form, row))
    font = ui_font(13)
    line = 2 * font.pixelSize()
    cell = rows[0][1][0].size()
    columns = len(rows[0][1])
    whole = QPixmap(
        GAP + columns * (cell.width() + GAP), GAP + len(rows) * (line + cell.height() + GAP)
    )
    whole.fill(QColor("#808890"))
    painter = QPainter(whole)
    painter.setFont(font)
    painter.setPen(QColor("black"))
    for n, (form, row) in enumerate(rows):
        top = GAP + n * (line + cell.height() + GAP)
        painter.drawText(QPoint(GAP, top + font.pixelSize()), f"{form}: {FORMS[form].words}")
        for column, picture in enumerate(row):
            painter.drawPixmap(GAP + column * (cell.width() + GAP), top + line, picture)
    painter.end()
    return whole
