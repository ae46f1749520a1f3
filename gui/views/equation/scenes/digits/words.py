"""The texts of the sums over images."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.paint.values import cell_name, with_sign

translate = QCoreApplication.translate


def image_text(row: int, short: bool = False) -> str:
    """`image 88`, by its row in the minibatch; in short `· 88`."""
    return f"· {row}" if short else translate("digits", "image {0}").format(row)


def signed_text(number: float) -> str:
    """`+0.00228`, `−0.00129`, `0`."""
    return with_sign(number, 3)


def asks_text(number: float) -> str:
    """The direction in which the update goes for this image alone: `↓ lower`."""
    if number > 0:
        return translate("digits", "↓ lower")
    if number < 0:
        return translate("digits", "↑ raise")
    return translate("digits", "nothing")


def arrow_text(number: float) -> str:
    """The number, and before it the direction in which the update goes: `↓ +0.00228`."""
    arrow = asks_text(number)[:1] if number > 0 or number < 0 else ""
    return f"{arrow} {signed_text(number)}".strip()


def column_name(name: str, unit: int) -> str:
    """`self.dW[:, 18]`, `(x.T @ dz)[:, 18]`."""
    return f"{cell_name(name, [0]).removesuffix('[0]')}[:, {unit}]"


def alone_text(row: int, number: float, factor: str, sign_known: bool) -> str:
    """What an image alone asks of the weights, in a sentence."""
    if number == 0 or number != number:
        template = translate("digits", "Image {0} alone asks for nothing: its `{1}` is {2}.")
    elif not sign_known:
        template = (
            translate("digits", "Image {0} alone adds under its ink: `{1}` > 0.")
            if number > 0
            else translate("digits", "Image {0} alone takes away under its ink: `{1}` < 0.")
        )
    elif number > 0:
        template = translate(
            "digits", "Image {0} alone lowers the weights under its ink: `{1}` > 0."
        )
    else:
        template = translate(
            "digits", "Image {0} alone raises the weights under its ink: `{1}` < 0."
        )
    return template.format(row, factor, signed_text(number))
