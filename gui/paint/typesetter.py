"""Typesets formulas aside from the window's thread, and keeps the last ones."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from gui.paint.typeset import Sheet, Typeset, typeset
from gui.relay import in_window

MOST = 256  # a minibatch has about 40 formulas, each in two sizes and colours
MOST_LATER = 8
DELAY_MS = 20  # the panels draw first: Python runs one thread at a time

# One thread for all: ziamath's fonts are not made for several. It ends with the process.
_ASIDE = ThreadPoolExecutor(1, "typeset")


class Typesetter(QObject):
    """Typesets what it is asked for last; what was asked for before and has not begun is dropped.

    Args:
        parent: its owner.
        make: typesets a sheet; it is called on another thread.

    Signals:
        ready: a `Sheet` has been typeset, or has failed.
    """

    ready = Signal(object)

    def __init__(
        self, parent: QObject | None = None, make: Callable[[Sheet], Typeset] = typeset
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._kept: OrderedDict[Sheet, Typeset | None] = OrderedDict()
        self._running: Sheet | None = None
        self._next: Sheet | None = None
        self._later: deque[Sheet] = deque(maxlen=MOST_LATER)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._start)

    def find(self, sheet: Sheet, at_once: bool = False) -> tuple[bool, Typeset | None]:
        """Whether a sheet's turn has come, and the result: None if it cannot be typeset.

        If not, it is asked for, and `ready` follows. `at_once`: the panels are drawn already.
        """
        if sheet in self._kept:
            self._kept.move_to_end(sheet)
            return True, self._kept[sheet]
        if sheet not in (self._running, self._next):
            self._next = sheet
            if sheet in self._later:
                self._later.remove(sheet)
            self._timer.start(0 if at_once else DELAY_MS)
        return False, None

    def prepare(self, sheet: Sheet) -> Typeset | None:
        """The result for a sheet that may be asked for soon, if there is one.

        If not, it is typeset when nothing else is asked for; of many such sheets only the last.
        """
        if sheet not in self._kept and sheet not in (self._running, self._next, *self._later):
            self._later.append(sheet)
            if not self._timer.isActive():
                self._start()
        return self._kept.get(sheet)

    def _start(self) -> None:
        if self._running is not None:
            return
        if self._next is not None:
            self._running, self._next = self._next, None
        elif self._later:
            self._running = self._later.popleft()
        if self._running is not None:
            work = _ASIDE.submit(self._make, self._running)
            work.add_done_callback(partial(_tell, in_window(self._on_made), self._running))

    def _on_made(self, sheet: Sheet, found: Typeset | None) -> None:
        self._running = None
        self._kept[sheet] = found
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        self.ready.emit(sheet)  # the same formula may be asked for in another width
        if not self._timer.isActive():
            self._start()


def _tell(tell: Callable[..., None], sheet: Sheet, work: Future[Typeset]) -> None:
    """Called on the other thread."""
    # Whatever the library raises for MathML that it cannot read, there is no formula.
    tell(sheet, None if work.exception() is not None else work.result())
