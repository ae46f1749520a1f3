"""The colours, fonts and colour maps of the window, in one place.

Each pass (forward, backward, update) has a colour, which also marks the cursor's position.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont

from engine.debug.events import Phase
from gui.look.type_scale import px


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a theme, each as `#rrggbb`.

    `text3` never stands on `hover`; a phase's colour is for nothing but its pass.
    """

    name: str
    bg: str
    panel: str
    raised: str
    hover: str
    border: str
    strong: str
    text: str
    text2: str
    text3: str
    accent: str
    on_accent: str
    forward: str
    backward: str
    update: str
    match: str
    error: str
    nan: str
    warning: str
    ok: str
    negative: str
    zero: str
    positive: str
    code_keyword: str
    code_string: str
    code_number: str
    signed_map: str
    pixel_map: str
    activation_map: str
    error_map: str
    pixel_map_reversed: bool

    @property
    def dark(self) -> bool:
        """Whether light text stands on a dark ground."""
        return self.name == "dark"

    def phase(self, phase: Phase) -> str:
        """The colour of a pass; grey for what belongs to none."""
        return {
            Phase.FORWARD: self.forward,
            Phase.BACKWARD: self.backward,
            Phase.UPDATE: self.update,
            Phase.OTHER: self.text3,
        }[phase]


DARK = Theme(
    name="dark",
    bg="#0c0f13", panel="#14181e", raised="#1d232b", hover="#27303a",
    border="#2a323c", strong="#424d5b",
    text="#eaedf2", text2="#b0b9c5", text3="#8792a1",
    accent="#5ea9ff", on_accent="#07121f",
    forward="#38d0b4", backward="#ffa24f", update="#bd98ff",
    match="#d9ee4a", error="#ff6b70", nan="#ff4fd8", warning="#ffb938", ok="#7ccf8a",
    negative="#3f93f5", zero="#5a6573", positive="#ea5d4a",
    code_keyword="#86b7ff", code_string="#93a58f", code_number="#e3b98a",
    signed_map="CET-D4", pixel_map="CET-L1", activation_map="viridis", error_map="inferno",
    pixel_map_reversed=False,
)  # fmt: skip

LIGHT = Theme(
    name="light",
    bg="#e9ecf0", panel="#ffffff", raised="#f1f3f6", hover="#e4e9ef",
    border="#d6dce4", strong="#aab4c1",
    text="#161b22", text2="#444e5c", text3="#5d6877",
    accent="#1565d8", on_accent="#ffffff",
    forward="#00766a", backward="#b04a00", update="#7038c8",
    match="#566f00", error="#cf222e", nan="#bf0a9b", warning="#8f5b00", ok="#1f7a37",
    negative="#2f6fe0", zero="#b3bcc8", positive="#d8402f",
    code_keyword="#1551b5", code_string="#47663f", code_number="#8a4b08",
    signed_map="CET-D9", pixel_map="CET-L1", activation_map="viridis", error_map="CET-L17",
    pixel_map_reversed=True,
)  # fmt: skip


def mix(over: str, under: str, share: float) -> QColor:
    """An opaque tint: `share` (0..1) of the colour `over` upon the colour `under`."""
    a, b = QColor(over), QColor(under)
    return QColor(
        round(a.red() * share + b.red() * (1 - share)),
        round(a.green() * share + b.green() * (1 - share)),
        round(a.blue() * share + b.blue() * (1 - share)),
    )


def ui_font(pixels: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter (bundled) with tabular figures, in one of the scale's sizes."""
    font = QFont(["Inter", "Segoe UI", "DejaVu Sans"])
    font.setPixelSize(px(pixels))
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def code_font(pixels: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """JetBrains Mono (bundled), without ligatures, in one of the scale's sizes."""
    font = QFont(["JetBrains Mono", "Consolas", "DejaVu Sans Mono"])
    font.setPixelSize(px(pixels))
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("liga"), 0)
    font.setFeature(QFont.Tag("calt"), 0)
    return font
