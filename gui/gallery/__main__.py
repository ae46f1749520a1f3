"""Show a panel alone, or save its picture: `python -m gui.gallery VIEW --form FORM`.

No session is run in the window: each form is a moment of a small real session (see `forms`).
Without a display, `QT_QPA_PLATFORM=offscreen` and `--out` still give the picture.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from gui.gallery.forms import FORMS
from gui.gallery.stage import Stage, panels, sheet
from gui.look.theme import DARK, LIGHT

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def size(text: str) -> tuple[int, int]:
    """Width and height, from `WxH`."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def make_parser() -> argparse.ArgumentParser:
    """The parser of the arguments."""
    parser = argparse.ArgumentParser("python -m gui.gallery", description=__doc__)
    parser.add_argument("view", nargs="?", choices=sorted(panels()), help="the panel's id")
    parser.add_argument("--form", choices=list(FORMS), default="forward", help="the moment shown")
    parser.add_argument("--theme", choices=list(THEMES), default="dark")
    parser.add_argument("--size", type=size, metavar="WxH", help="of the panel, in pixels")
    parser.add_argument("--scale", type=float, default=1.0, metavar="S", help="of all type")
    parser.add_argument("--out", type=Path, metavar="FILE.png", help="save the picture, show none")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE.png", help="save one picture of all forms, both themes"
    )
    parser.add_argument("--list", action="store_true", help="list the panels and the forms")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run with the arguments; return the exit status."""
    parser = make_parser()
    asked = parser.parse_args(arguments)
    if asked.list:
        print("panels:", *sorted(panels()), sep="\n  ")
        print("forms:", *(f"{id:10}{form.words}" for id, form in FORMS.items()), sep="\n  ")
        return 0
    if asked.view is None:
        parser.error("name a panel; --list has them all")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if asked.sheet is not None:
        return _save(sheet(asked.view, THEMES.values(), asked.size, asked.scale), asked.sheet)
    stage = Stage(asked.view, THEMES[asked.theme], asked.size, asked.scale)
    stage.show_form(asked.form)
    if asked.out is not None:
        status = _save(stage.picture(), asked.out)
        stage.leave()
        return status
    return app.exec()


def _save(picture: QPixmap, path: Path) -> int:
    """Write a picture, and print its path."""
    if not picture.save(str(path)):
        sys.stderr.write(f"{path} could not be written\n")
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
