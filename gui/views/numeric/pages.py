"""The pages of the numeric panel: which are visible, and how they share its width."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.widgets.arrow_box import ArrowBox
from gui.widgets.segments import make_segments

CONTEST, VALUES, SWEEP, SCALING, DIRECTIONS, RESULTS = range(6)
NAMES = ("contest", "values", "steps", "sizes", "directions", "results")
TOGETHER = ((CONTEST, VALUES, SWEEP), (SCALING, DIRECTIONS, RESULTS))
SHARES = ((0.41, 0.28, 0.31), (0.34, 0.30, 0.36))
LARGE = (1000, 400)  # pixels of the panel; from this size on, several pages are shown together


class Pages(QObject):
    """Two buttons if several pages are shown together, else a list of all pages.

    Args:
        panes: the pages, in order.
        theme: the colours.
        panel: the widget that has the pages.

    Signals:
        chosen: the page that the person chose.
    """

    chosen = Signal(int)

    def __init__(self, panes: Sequence[QWidget], theme: Theme, panel: QWidget) -> None:
        super().__init__(panel)
        self._panes, self._panel = panes, panel
        self.page = CONTEST
        for pane, name in zip(panes, NAMES, strict=True):
            pane.setObjectName(f"numeric_{name}")
        self.box = ArrowBox(theme)
        self.box.setAccessibleName(self.tr("Page"))
        self.box.setFont(ui_font(12))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for page, name in enumerate(
            (self.tr("contest"), self.tr("values"), self.tr("h sweep"), self.tr("scaling"),
             self.tr("directions"), self.tr("results"))
        ):  # fmt: skip
            self.box.addItem(name, page)
        self.box.activated.connect(self.chosen)
        names = (self.tr("contest and h"), self.tr("scaling, directions, results"))
        self.segments, self._group = make_segments(panel, names)
        for number, button in enumerate(self._group.buttons()):
            button.setObjectName(f"numeric_pages_{number}")
        self._group.idClicked.connect(lambda group: self.chosen.emit(TOGETHER[group][0]))

    def arrange(self, area: QRect) -> None:
        """Show the page in `area` of the panel; a large panel also shows related pages."""
        large = self._panel.width() >= px(LARGE[0]) and self._panel.height() >= px(LARGE[1])
        group = next(n for n, pages in enumerate(TOGETHER) if self.page in pages)
        self.box.setVisible(not large)
        self.segments.setVisible(large)
        self.box.setCurrentIndex(self.page)
        self._group.button(group).setChecked(True)
        shown = TOGETHER[group] if large else (self.page,)
        shares = SHARES[group] if large else (1.0,)
        left = area.left()
        for number, pane in enumerate(self._panes):
            if number in shown:
                share = round(shares[shown.index(number)] * area.width())
                pane.setGeometry(QRect(left, area.top(), share, area.height()))
                left += share
            pane.setVisible(number in shown)
