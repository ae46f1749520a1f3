"""What the sum of one number says at a moment."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import Snapshot
from gui.paint.values import cell_name, number_text
from gui.views.equation.scenes.digits.cell_numbers import CellSum
from gui.views.equation.scenes.digits.numbers import closed_by
from gui.views.equation.scenes.digits.sentence import Piece, longest_that_fits, plain
from gui.views.equation.scenes.digits.telling import TOLD
from gui.views.equation.scenes.digits.words import (
    asks_text,
    image_text,
    signed_text,
)
from gui.views.equation.scenes.words import label_text

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class CellTelling:
    """The words for the sum of a number.

    Attributes:
        snapshot: of the stop.
        total: the sum.
        is_largest: whether it is the largest number of its array.
        added: how many images are added.
        pointed: the place in the order of the image under the mouse, or −1.
    """

    snapshot: Snapshot
    total: CellSum
    is_largest: bool
    added: int
    pointed: int

    def sentence(self, width: float | None = None) -> list[Piece]:
        """The sentence above the images, in the longest form that fits a width in pixels."""
        if self.pointed >= 0:
            return [Piece(self._alone(), bold=True)]
        if self.total.silent:
            return self._silence()
        start = (
            translate("digits", "has the largest number in `{0}`.")
            if self.is_largest
            else translate("digits", "has {1} in `{0}`.")
        ).format(self._name(), number_text(self.total.result, 3))
        forms = [[Piece(f"{start} ", bold=True), Piece(rest)] for rest in self._rests()]
        forms.append([Piece(self._rests()[-1])])
        return longest_that_fits(forms, width)

    def caption(self) -> str:
        """What is shown at large."""
        if self.pointed >= 0:
            row = int(self.total.order[self.pointed])
            return f"{label_text(int(self.snapshot.minibatch.labels[row]))}, {image_text(row)}"
        if self.added < len(self.total):
            return translate("digits", "sum so far")
        return cell_name(self.total.sums.name, self.total.index)

    def note(self) -> str:
        """How far it is added."""
        if self.pointed >= 0:
            return translate("digits", "alone")
        return translate("digits", "after {0}").format(self.added)

    def number(self) -> float:
        """The sum as far as it is added, or what one image adds."""
        if self.pointed >= 0:
            return self.total.weight(self.pointed)
        return self.total.after(self.added)

    def description(self) -> str:
        """All of it, for a screen reader."""
        parts = [plain(self.sentence())]
        for rank in range(min(TOLD, len(self.total))):
            row = int(self.total.order[rank])
            label = label_text(int(self.snapshot.minibatch.labels[row]))
            words = (label, image_text(row), signed_text(self.total.weight(rank)))
            parts.append(", ".join(words) + ".")
        last = [f"{self.caption()}, {self.note()}: {number_text(self.number(), 3)}"]
        if self.number() > 0 or self.number() < 0:
            last.append(asks_text(self.number()).lstrip("↓↑ "))
        parts.append(", ".join(last) + ".")
        return " ".join(parts)

    def _rests(self) -> tuple[str, str]:
        sums = self.total.sums
        factor, given = sums.factor_text, sums.input_text.removeprefix("self.")
        if sums.inputs is None:
            return (
                translate("digits", "The `{0}` of each image, largest first, added up:").format(
                    factor
                ),
                translate("digits", "Each image's `{0}`, added up:").format(factor),
            )
        return (
            translate(
                "digits", "Each image's `{0}` times its `{1}`, largest product first, added up:"
            ).format(given, factor),
            translate("digits", "Each image's `{0}` times its `{1}`, added up:").format(
                given, factor
            ),
        )

    def _alone(self) -> str:
        row, weight = int(self.total.order[self.pointed]), self.total.weight(self.pointed)
        bias = self.total.sums.inputs is None
        if not weight or weight != weight:
            text = translate("digits", "Image {0} alone asks for nothing: it adds {1}.")
        elif weight > 0:
            text = (
                translate("digits", "Image {0} alone lowers this bias.")
                if bias
                else translate("digits", "Image {0} alone lowers this weight.")
            )
        else:
            text = (
                translate("digits", "Image {0} alone raises this bias.")
                if bias
                else translate("digits", "Image {0} alone raises this weight.")
            )
        return text.format(row, signed_text(weight))

    def _silence(self) -> list[Piece]:
        sums = self.total.sums
        if self.total.factors.any():
            text = translate("digits", "`{0}` is 0 wherever `{1}` is not, so every product is 0.")
            given = sums.input_text.removeprefix("self.")
            return [Piece(text.format(given, sums.factor_text), bold=True)]
        text = translate("digits", "`{0}` is 0 for every image.").format(sums.factor_text)
        closed = closed_by(self.snapshot, self.total.index[-1])
        pieces = [Piece(text, bold=True)]
        if closed:
            rest = translate(
                "digits", " `{0}` gave 0 for all of them and lets no gradient through."
            )
            pieces.append(Piece(rest.format(closed)))
        return pieces

    def _name(self) -> str:
        return self.total.sums.name.removeprefix("self.")
