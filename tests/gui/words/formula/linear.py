"""A formula as one line of text, to read in a test: `dW = ⟦xᵀ dout⟧`."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from gui.words.formula.formula import RUNNING, Formula


def linear(formula: Formula) -> str:
    return " ".join(_text(ET.fromstring(formula.mathml)).split())


def _text(element: ET.Element) -> str:
    parts = [_text(child) for child in element]
    match element.tag:
        case "mfrac":
            text = f"{{{parts[0].strip()}}}/{{{parts[1].strip()}}}"
        case "msup":
            text = parts[0] + ("ᵀ" if parts[1] == "T" else f"^{{{parts[1]}}}")
        case "msub" | "munder":
            text = f"{parts[0]}_{{{parts[1]}}}"
            text += " " if element.tag == "munder" else ""
        case "msqrt":
            text = f"√{{{parts[0]}}}"
        case "mspace":
            text = " "
        case "mo":
            spaced = element.get("form") == "infix" or element.text == ","
            text = f" {element.text} " if spaced and element.text != "," else element.text or ""
            text += " " if element.text == "," else ""
        case _:
            text = (element.text or "") + "".join(parts)
    return f"⟦{text}⟧" if element.get("id") == RUNNING else text
