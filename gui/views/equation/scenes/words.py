"""Texts that several scenes have."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate
_VOWELS = ("8", "11", "18")  # spoken, these begin with a vowel


def label_text(label: int) -> str:
    """`a 9`, `an 8`."""
    if str(label) in _VOWELS:
        return translate("scenes", "an {0}").format(label)
    return translate("scenes", "a {0}").format(label)
