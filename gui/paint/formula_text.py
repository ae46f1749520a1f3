"""Writes a formula as a line of text, for screen readers and tooltips."""

from __future__ import annotations

from xml.etree import ElementTree

Element = ElementTree.Element
_ACCENTS = {"ˆ": "hat", "^": "hat", "¯": "bar", "˜": "tilde"}


def formula_text(mathml: str) -> str:
    """`dW = x^T dout` of a `<math>` element; "" if it is none."""
    try:
        root = ElementTree.fromstring(mathml)
    except ElementTree.ParseError:
        return ""
    return " ".join(_text(root).split())


def _text(element: Element) -> str:
    tag, parts = element.tag.rpartition("}")[2], list(element)
    if not parts:
        return (element.text or "").strip() if tag != "mspace" else ""
    texts = [_text(part) for part in parts]
    if tag == "mfrac":
        return f"{_grouped(texts[0])} / {_grouped(texts[1])}"
    if tag == "msqrt":
        return f"√{_grouped(' '.join(texts))}"
    if tag == "mover" and texts[1] in _ACCENTS:
        return f"{texts[0]} {_ACCENTS[texts[1]]}"
    if tag in ("msup", "mover"):
        return f"{_grouped(texts[0])}^{_grouped(texts[1])}"
    if tag in ("msub", "munder"):
        return f"{_grouped(texts[0])}_{_grouped(texts[1])}"
    if tag in ("msubsup", "munderover"):
        return f"{_grouped(texts[0])}_{_grouped(texts[1])}^{_grouped(texts[2])}"
    return " ".join(text for text in texts if text)


def _grouped(text: str) -> str:
    whole = text.startswith("(") and text.endswith(")") and ")" not in text[:-1]
    return f"({text})" if " " in text.strip() and not whole else text
