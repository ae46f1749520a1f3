"""The dialogs that ask for a file or a folder; the system's own where it has one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileInfo, Qt
from PySide6.QtGui import QAbstractFileIconProvider, QIcon
from PySide6.QtWidgets import QApplication, QFileDialog, QStyle, QWidget

FOLDER = "last_folder"  # the property of the application with the folder of the last chosen file


class PlainIcons(QAbstractFileIconProvider):
    """One icon for files and another for folders, from the directory listing alone.

    Qt's own provider reads the first bytes of each file in the folder to detect its type. A read
    from a file such as /proc/kmsg blocks, and the window would wait forever.
    """

    def __init__(self) -> None:
        super().__init__()
        style = QApplication.style()
        self._file = style.standardIcon(QStyle.StandardPixmap.SP_FileIcon)
        self._folder = style.standardIcon(QStyle.StandardPixmap.SP_DirIcon)

    def icon(self, what: QFileInfo | QAbstractFileIconProvider.IconType) -> QIcon:
        """The icon of a file, or of a kind of place."""
        if isinstance(what, QFileInfo):
            return self._folder if what.isDir() else self._file
        return self._file if what is self.IconType.File else self._folder

    def type(self, info: QFileInfo) -> str:
        """The text of the column Type: the ending."""
        if info.isDir():
            return QApplication.translate("files", "Folder")
        return info.suffix()


def _dialog(parent: QWidget, title: str, then: Callable[[Path], None]) -> QFileDialog:
    """A dialog that opens no file, deletes itself, and starts in the last folder.

    It is a plain QFileDialog, since a subclass in Python could not call its protected `accept`.
    """
    application = QApplication.instance()
    assert application is not None
    dialog = QFileDialog(parent, title, application.property(FOLDER) or str(Path.home()))
    dialog.fileSelected.connect(
        lambda path: application.setProperty(FOLDER, str(Path(path).parent))
    )
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    icons = PlainIcons()
    dialog.setIconProvider(icons)
    # Qt keeps no reference to the icons; the connected function does.
    dialog.fileSelected.connect(lambda path, _icons=icons: then(Path(path)))
    return dialog


def ask_where_to_write(
    parent: QWidget, title: str, name: str, kind: str, then: Callable[[Path], None]
) -> None:
    """Ask for a file to write, and call `then` with it; `kind` is Qt's filter, `Text (*.txt)`."""
    dialog = _dialog(parent, title, then)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(kind)
    dialog.selectFile(name)
    dialog.open()


def ask_file(parent: QWidget, title: str, kind: str, then: Callable[[Path], None]) -> None:
    """Ask for an existing file, and call `then` with it."""
    dialog = _dialog(parent, title, then)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(kind)
    dialog.open()


def ask_folder(parent: QWidget, title: str, then: Callable[[Path], None]) -> None:
    """Ask for an existing folder, and call `then` with it."""
    dialog = _dialog(parent, title, then)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.open()
