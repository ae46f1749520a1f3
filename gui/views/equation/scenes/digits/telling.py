"""What the sum of digits says at a moment: its sentence, and the words at its large picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import Snapshot
from gui.paint.values import number_text
from gui.views.equation.scenes.digits.numbers import UnitSum, closed_by
from gui.views.equation.scenes.digits.sentence import Piece, longest_that_fits, plain
from gui.views.equation.scenes.digits.words import (
    alone_text,
    asks_text,
    column_name,
    image_text,
    signed_text,
)
from gui.views.equation.scenes.words import label_text
from gui.words.datasets import shows_digits

translate = QCoreApplication.translate
TOLD = 6  # images that a screen reader is told


class Telling(Protocol):
    """The words of a scene at a moment."""

    def sentence(self, width: float | None = None) -> list[Piece]:
        """The sentence above the images, in the longest form that fits a width in pixels."""

    def caption(self) -> str:
        """What is shown at large."""

    def note(self) -> str:
        """How far it is added."""

    def description(self) -> str:
        """All of it, for a screen reader."""


@dataclass(frozen=True, slots=True, eq=False)
class UnitTelling:
    """The words for a unit's sum.

    Attributes:
        snapshot: of the stop.
        total: the unit's sum.
        largest_unit: the unit that holds the largest number of the result.
        added: how many images are added.
        pointed: the place in the order of the image under the mouse, or −1.
    """

    snapshot: Snapshot
    total: UnitSum
    largest_unit: int
    added: int
    pointed: int

    def sentence(self, width: float | None = None) -> list[Piece]:
        """The sentence above the images, in the longest form that fits a width in pixels."""
        if self.pointed >= 0:
            return [Piece(self._alone(), bold=True)]
        if self.total.silent:
            return self._silence()
        return longest_that_fits(self._forms(), width)

    def caption(self) -> str:
        """What the large picture is."""
        if self.pointed >= 0:
            row = int(self.total.order[self.pointed])
            return label_text(int(self.snapshot.minibatch.labels[row]))
        if self.added < len(self.total):
            return translate("digits", "sum so far")
        return column_name(self.total.product.name, self.total.unit)

    def note(self) -> str:
        """How far it is added."""
        if self.pointed >= 0:
            return translate("digits", "alone, on its own scale")
        return translate("digits", "after {0}").format(self.added)

    def description(self) -> str:
        """All of it, for a screen reader."""
        parts = [plain(self.sentence())]
        for rank in range(min(TOLD, len(self.total))):
            row, weight = int(self.total.order[rank]), self.total.weight(rank)
            label = label_text(int(self.snapshot.minibatch.labels[row]))
            words = [label, image_text(row), signed_text(weight)]
            if self.total.product.sign_known:
                words.append(asks_text(weight).lstrip("↓↑ "))
            parts.append(", ".join(words) + ".")
        parts.append(f"{self.caption()}, {self.note()}.")
        return " ".join(parts)

    def _alone(self) -> str:
        row, weight = int(self.total.order[self.pointed]), self.total.weight(self.pointed)
        product = self.total.product
        return alone_text(row, weight, product.factor_text, product.sign_known)

    def _silence(self) -> list[Piece]:
        product = self.total.product
        text = translate("digits", "`{0}` is 0 for every image.").format(product.factor_text)
        closed = closed_by(self.snapshot, self.total.unit)
        if closed:
            rest = translate(
                "digits", " `{0}` gave 0 for all of them and lets no gradient through."
            ).format(closed)
        else:
            rest = translate("digits", " So its column of `{0}` is 0.").format(self._name())
        return [Piece(text, bold=True), Piece(rest)]

    def _forms(self) -> list[list[Piece]]:
        if self.total.unit == self.largest_unit:
            text = translate("digits", "has the largest number in `{0}`.").format(self._name())
        else:
            largest = number_text(float(np.abs(self.total.result).max()), 2)
            text = translate("digits", "has numbers up to ±{0} in `{1}`.")
            text = text.format(largest, self._name())
        each = (
            translate("digits", "Each digit times its `{0}`, strongest push first, added up:")
            if shows_digits(self.snapshot.setup)
            else translate("digits", "Each image times its `{0}`, strongest push first, added up:")
        )
        brief = translate("digits", "Each image times its `{0}`, added up:")
        factor = self.total.product.factor_text
        start = Piece(f"{text} ", bold=True)
        forms = [[start, Piece(rest.format(factor))] for rest in (each, brief)]
        return [*forms, [Piece(brief.format(factor))]]

    def _name(self) -> str:
        return self.total.product.name.removeprefix("self.")
