"""Names of a notation in place of the source's: the tutorial's X, W1, B1, Y, W2, B2, z.

The tutorial numbers the parameters of each product, and calls the output of a hidden layer Y, that
of the last layer z. A gradient is the name with a d before it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from gui.words.formula.formula import Formula, Symbol

_PRODUCT = "Affine"  # the class of the layers that have the weights


class Notation(StrEnum):
    """How the symbols of a formula are called."""

    SOURCE = "source"
    TUTORIAL = "tutorial"


def in_notation(formula: Formula, notation: Notation, layers: tuple[str, ...]) -> Formula:
    """A formula with its symbols' names in a notation.

    `layers` are the names of the network's layers in order, the loss the last, as in the snapshot.
    A symbol that the notation has no name for keeps its own; so does all that is no symbol.
    """
    if notation is Notation.SOURCE:
        return formula
    names = tutorial_names(layers)
    renamed = {
        symbol.id: name
        for symbol in formula.symbols
        if (name := names.get((symbol.layer, symbol.role), ""))
    }
    if not renamed:
        return formula
    root = ET.fromstring(formula.mathml)
    for element in root.iter():
        found = renamed.get(element.get("id", ""))
        if found is not None:
            _rename(element, found)
    symbols = tuple(_renamed(symbol, renamed.get(symbol.id)) for symbol in formula.symbols)
    return replace(formula, mathml=ET.tostring(root, encoding="unicode"), symbols=symbols)


def tutorial_names(layers: Sequence[str]) -> Mapping[tuple[str, str], str]:
    """The tutorial's names, by layer and role.

    There are none but for a network like the tutorial's: products with an activation between.
    """
    *inner, loss = layers or ("",)
    products, activations = inner[::2], inner[1::2]
    if len(products) != len(activations) + 1 or not all(map(_is_product, products)):
        return {}
    if any(map(_is_product, activations)):
        return {}
    names: dict[tuple[str, str], str] = {}
    flows = "X"  # the name of what flows into the next product
    for number, product in enumerate(products, start=1):
        names[product, "W"], names[product, "b"] = f"W{number}", f"B{number}"
        names[product, "x"] = flows
        if number <= len(activations):
            flows = "Y" if len(activations) == 1 else f"Y{number}"
            names[activations[number - 1], "output"] = flows
    names[products[-1], "output"] = names[loss, "x"] = "z"
    gradients = {(layer, _GRADIENTS[role]): f"d{name}" for (layer, role), name in names.items()}
    return names | gradients


def _is_product(layer: str) -> bool:
    return layer.startswith(_PRODUCT)


_GRADIENTS: Mapping[str, str] = {"W": "dW", "b": "db", "x": "dx", "output": "dout"}


def _rename(element: ET.Element, name: str) -> None:
    """Write another name in the leaf of a symbol: itself, or the base of an index or transpose."""
    while len(element):
        element = element[0]
    element.tag, element.text = "mi", name
    element.set("mathvariant", "italic")


def _renamed(symbol: Symbol, name: str | None) -> Symbol:
    if name is None:
        return symbol
    mark = "ᵀ" if symbol.text.endswith("ᵀ") else ""
    return replace(symbol, text=name + mark)
