"""The settings that persist between starts. The app starts whatever their file holds.

The file may be damaged, of another version, or another person's. An invalid value counts as
missing.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection
from functools import cache
from math import isfinite

from PySide6.QtCore import QByteArray, QDataStream, QIODevice, QSettings

THEME = "appearance/theme"
PRESET = "layout/preset"
GEOMETRY = "layout/geometry"
STATE = "layout/state_{0}"  # of the preset with this id
EVERY_STOP = "steps/every_stop_{0}"  # of the preset with this id
WORDS = "words/shown"  # whether words are shown above the source
PICTURES = "equation/images"  # whether images are drawn as pictures
NOTATION = "equation/notation"  # whose names the symbols of formulas have
SCENE = "equation/scene"  # whether a scene is shown where one fits
WELCOMED = "welcome/seen"  # whether a choice has been made in the welcome
RECENT = "files/recent"  # session files as JSON, the newest first
AUTOSAVE = "autosave/seconds"


def open_settings() -> QSettings:
    """Open the user's settings, in the application's default format."""
    user = QSettings.Scope.UserScope
    return QSettings(QSettings.defaultFormat(), user, "Retrograd", "Retrograd")


def one_of(settings: QSettings, key: str, choices: Collection[str], default: str) -> str:
    """A stored text, if it is one of the choices."""
    found = _stored(settings, key)
    return found if isinstance(found, str) and found in choices else default


def text(settings: QSettings, key: str) -> str:
    """A stored text, or ""."""
    found = _stored(settings, key)
    return found if isinstance(found, str) else ""


def number(settings: QSettings, key: str, least: float, most: float, default: float) -> float:
    """A stored number within bounds."""
    found = _stored(settings, key)
    try:
        value = float(found) if isinstance(found, str | int | float) else default
    except (ValueError, OverflowError):
        return default
    return value if isfinite(value) and least <= value <= most else default


def content(settings: QSettings, key: str) -> QByteArray:
    """Stored bytes, or empty; the caller validates them."""
    found = _stored(settings, key)
    return found if isinstance(found, QByteArray) else QByteArray()


def _stored(settings: QSettings, key: str) -> object:
    _forbid_pickles()
    return settings.value(key)


def _read_nothing(*_: object, **__: object) -> None:
    """Stand in for `pickle.loads`."""


@cache
def _forbid_pickles() -> None:
    """Keep PySide from unpickling values of a settings file, which could run any code.

    PySide (6.11) stores and reads Python's own objects by `pickle`, and has no option against it.
    It looks `pickle.loads` up once, at its first use.
    """
    buffer = QByteArray()
    # A dictionary whose keys are not text is no type of Qt's, so that it is pickled.
    QDataStream(buffer, QIODevice.OpenModeFlag.WriteOnly).writeQVariant({0: None})
    unpickle = pickle.loads
    pickle.loads = _read_nothing
    try:
        QDataStream(buffer, QIODevice.OpenModeFlag.ReadOnly).readQVariant()
    finally:
        pickle.loads = unpickle
