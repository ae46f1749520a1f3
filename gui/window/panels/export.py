"""The formats for copying and saving a panel: its values as text, or a picture of it."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QRectF,
    QRunnable,
    QSize,
    QThreadPool,
    Signal,
)
from PySide6.QtGui import QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.files import write_whole
from gui.dialogs.wording import to_translate
from gui.widgets.view import Table, View

PIXEL_RATIO = 2.0  # of a saved picture, for print


def as_rows(table: Table) -> list[list[str]]:
    """The cells of a table as text, with its headings; numbers are written exactly."""
    values = np.atleast_2d(table.values)
    rows = [[_cell(value) for value in row] for row in values]
    if len(table.rows) == len(rows):
        rows = [[str(name), *row] for name, row in zip(table.rows, rows, strict=True)]
    if len(table.columns) == values.shape[1]:
        corner = [""] if len(table.rows) == len(values) else []
        rows.insert(0, [*corner, *map(str, table.columns)])
    return rows


def _cell(value: object) -> str:
    if isinstance(value, np.floating):
        if _is_plain(value):
            return np.format_float_positional(value, unique=True, trim="0")
        return np.format_float_scientific(value, unique=True)
    return str(value)


def _is_plain(value: np.floating) -> bool:
    return bool(value == 0 or not np.isfinite(value) or 1e-4 <= abs(value) < 1e16)


def for_spreadsheet(table: Table) -> str:
    """Tab-separated lines for pasting into a spreadsheet; `numpy.loadtxt` reads them too."""
    return "".join("\t".join(row) + "\n" for row in as_rows(table))


def for_numpy(table: Table) -> str:
    """Python that makes the same array, bit for bit: `np.array([[0.5, ...]], dtype="float32")`."""
    values = np.asarray(table.values)
    if values.dtype.kind not in "biufc":
        values = values.astype(str)
    with np.printoptions(threshold=sys.maxsize, floatmode="unique", linewidth=100):
        text = np.array2string(values, separator=", ")
    if values.dtype.kind in "fc":
        text = text.replace("nan", "np.nan").replace("inf", "np.inf")
    dtype = str(values.dtype) if values.dtype.kind != "U" else "str"
    return f'np.array({text}, dtype="{dtype}")\n'


def as_csv(table: Table) -> bytes:
    """Comma-separated, in UTF-8 (RFC 4180).

    Text beyond ASCII begins with a byte order mark, which spreadsheets need. Pure ASCII has none,
    since `numpy.loadtxt` reads the mark as a part of the first number.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(as_rows(table))
    text = buffer.getvalue()
    return text.encode("ascii" if text.isascii() else "utf-8-sig")


def as_png(widget: QWidget, title: str) -> bytes:
    """The widget as on the screen, at twice the resolution; a PNG has no title."""
    pixmap = QPixmap(widget.size() * PIXEL_RATIO)
    pixmap.setDevicePixelRatio(PIXEL_RATIO)
    widget.render(pixmap)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    return bytes(data.data())


def as_svg(widget: QWidget, title: str) -> bytes:
    """The widget redrawn as lines, letters and pictures."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setSize(QSize(widget.width(), widget.height()))
    generator.setViewBox(QRectF(0, 0, widget.width(), widget.height()))
    widget.render(generator)
    return bytes(data.data())


@dataclass(frozen=True)
class CopyForm:
    """A way to copy a table as text; its `text` is translated in the context `export`."""

    text: str
    make: Callable[[Table], str]


@dataclass(frozen=True)
class SaveFormat:
    """A format in which a panel can be saved: as a picture, or one of its tables.

    Attributes:
        ending: the file's ending, `.csv`.
        text: the text of its menu entry; English, translated in the context `export`.
        of_table: makes the content from a table; it runs on another thread and must not draw.
        of_picture: makes the content from a widget and the panel's title, on the window's thread.
    """

    ending: str
    text: str
    of_table: Callable[[Table], bytes] | None = None
    of_picture: Callable[[QWidget, str], bytes] | None = None


# A new format is a function and an entry here; the menus of all panels then offer it.
COPY_FORMS = (
    CopyForm(to_translate("export", "Copy for a spreadsheet"), for_spreadsheet),
    CopyForm(to_translate("export", "Copy for numpy"), for_numpy),
)
SAVE_FORMATS = (
    SaveFormat(".png", to_translate("export", "Save as PNG…"), of_picture=as_png),
    SaveFormat(".svg", to_translate("export", "Save as SVG…"), of_picture=as_svg),
    SaveFormat(".csv", to_translate("export", "Save as CSV…"), of_table=as_csv),
)


@dataclass(frozen=True, eq=False)
class Saving:
    """A request to save a view: as a picture, or one of its tables."""

    view: View
    format: SaveFormat
    table: Table | None = None

    @property
    def ending(self) -> str:
        """The file's ending, `.csv`."""
        return self.format.ending

    @property
    def name(self) -> str:
        """The suggested file name: `gradients-Affine1.W.csv`."""
        words = self.table.name if self.table is not None else ""
        plain = "".join(c if c.isalnum() or c in "._" else "-" for c in words).strip("-")
        stem = f"{self.view.view_id}-{plain[:40]}" if plain else self.view.view_id
        return stem + self.ending

    def content(self) -> Callable[[], bytes]:
        """A function that makes the content; a picture is drawn at once, text is made later."""
        if self.table is not None and self.format.of_table is not None:
            return partial(self.format.of_table, self.table)
        assert self.format.of_picture is not None  # only formats of pictures have no table
        drawn = self.format.of_picture(self.view.picture(), self.view.title())
        return lambda: drawn


class _Task(QRunnable):
    def __init__(self, run: Callable[[], None]) -> None:
        super().__init__()
        self._run = run

    def run(self) -> None:
        """Run the task (on a thread of the pool)."""
        self._run()


class Exporter(QObject):
    """Converts tables to text and writes files, on a thread of its own.

    Signals:
        copied: the text for the clipboard.
        written: the path of a file that was written.
        failed: the error.
    """

    copied = Signal(str)
    written = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def copy(self, table: Table, form: Callable[[Table], str]) -> None:
        """Convert a table to text, and emit it when it is ready."""
        self._aside(lambda: self.copied.emit(form(table)))

    def write(self, path: Path, make: Callable[[], bytes]) -> None:
        """Write the result of `make`, which runs on another thread and must not draw."""
        self._aside(lambda: self.written.emit(write_whole(path, make())))

    def close(self) -> None:
        """Wait for unfinished work."""
        self._pool.waitForDone()

    def _aside(self, work: Callable[[], None]) -> None:
        def attempt() -> None:
            try:
                work()
            except Exception as error:
                self.failed.emit(error)

        self._pool.start(_Task(attempt))
