"""The cards of the network's scene: what each layer has made of this minibatch so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QRectF

from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import LayerProgress, LayerState, Snapshot
from gui.look.type_scale import px
from gui.paint.text import Face, ui_face
from gui.paint.track import short_names
from gui.paint.values import is_drawable, is_scalar, number_text, shape_text
from gui.views.equation.scenes.framed import BOLD, range_of

LEAST_CARD, LARGEST_CARD = 118, 250
LEAST_TALL, TALL = 290, 3.2  # a card's height at most: pixels, or times its width
BROAD = 0.62  # of the height is a card's width at most, in a high room
SLIVER = 30
LEAST_ARROW, SLIVER_ARROW = 38, 12


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A layer, or the minibatch.

    Attributes:
        shapes: `784 → 50`.
        array: what the pass has made here; None if nothing yet.
        caption: the name of `array`: `output`, `dx`.
        value: the loss, or the range of `array`.
        flow: the shape on the arrow that leads to the card before it.
        flowed: whether that arrow's array is there.
        event: the first event of the layer's pass, to go there, or None.
    """

    name: str
    shapes: str
    equation: str
    progress: LayerProgress
    array: Any
    caption: str
    value: str
    flow: str = ""
    flowed: bool = False
    event: int | None = None


def tr(text: str) -> str:
    """Translate a text of the scene."""
    return QCoreApplication.translate("NetworkScene", text)


def cards_of(snapshot: Snapshot) -> list[Card]:
    """The minibatch and the layers, from left to right."""
    images = snapshot.minibatch.images
    layers = snapshot.layers
    backward = snapshot.event.phase is not Phase.FORWARD
    back = layers[0].dx is not None
    first = Card(
        "X",
        _shape(layers[0].in_shape) or shape_text((len(images), images[0].size)),
        tr("the minibatch"),
        LayerProgress.DONE,
        images,
        "",
        tr("{0} images").format(len(images)) if len(images) != 1 else tr("1 image"),
    )
    cards = [first]
    for number, layer in enumerate(layers):
        flowed = layer.dx is not None if backward else _has_input(layers, number)
        if number == 0 and backward:
            flowed = back
        cards.append(_card(layer, snapshot.event.phase, flowed))
    return cards


def _has_input(layers: tuple[LayerState, ...], number: int) -> bool:
    if layers[number].progress is not LayerProgress.NOT_YET:
        return True
    return number > 0 and layers[number - 1].forward_ran


def _card(layer: LayerState, phase: Phase, flowed: bool) -> Card:
    array, caption = _made(layer, phase)
    value = number_text(float(array), 4) if is_scalar(array) else range_of(array)
    run = layer.forward if phase is Phase.FORWARD else layer.backward
    return Card(
        layer.name,
        _sizes(layer),
        layer.equation,
        layer.progress,
        array,
        caption,
        value,
        _shape(layer.in_shape),
        flowed,
        run[0] if run else None,
    )


def _made(layer: LayerState, phase: Phase) -> tuple[Any, str]:
    """What the pass has made at a layer: the output, the gradient by its input, or that of W."""
    if phase is Phase.FORWARD:
        return (layer.output, tr("output")) if layer.forward_ran else (None, tr("output"))
    if is_drawable(layer.dx):
        return layer.dx, tr("gradient by its input")
    ran = layer.progress is LayerProgress.DONE
    for name, gradient in layer.gradients.items() if ran else ():
        if is_drawable(gradient):
            return gradient, tr("gradient by {0}").format(name)
    return None, tr("gradient")


def _shape(shape: tuple[int, ...]) -> str:
    return shape_text(shape)


def _sizes(layer: LayerState) -> str:
    """`784 → 50`; one number where both sizes are equal."""
    before, after = (shape_text(shape[1:]) for shape in (layer.in_shape, layer.out_shape))
    if before == after or not before:
        return before or after
    return f"{before} → {after or '1'}"


def name_in(name: str, width: float) -> tuple[str, Face]:
    """The name of a layer as it fits into a width: whole if possible, and then large."""
    faces = [ui_face(size, BOLD) for size in (14, 13, 12)]
    fitting = (
        (text, face) for text in short_names(name) for face in faces if face.width(text) <= width
    )
    return next(fitting, (name, faces[-1]))


def equation_lines(equation: str, face: Face, width: float) -> list[str]:
    """An equation in one line, or in two about equal ones where it is too long for one."""
    words = equation.split(" ")
    if face.width(equation) <= width or len(words) == 1:
        return [equation]
    broken = [[" ".join(words[:at]), " ".join(words[at:])] for at in range(1, len(words))]
    return min(broken, key=lambda lines: max(map(face.width, lines)))


def lit_card(snapshot: Snapshot) -> int:
    """The number of the card that is lit: the layer that runs, else the next one; −1 if none."""
    layers = snapshot.layers
    for number, layer in enumerate(layers):
        if layer.progress is LayerProgress.NOW:
            return number + 1
    if snapshot.event.phase is Phase.FORWARD:
        if snapshot.event.frame.depth == 0 and not layers[0].forward_ran:
            return 0
        waiting = [n for n, layer in enumerate(layers) if layer.progress is LayerProgress.NOT_YET]
        return waiting[0] + 1 if waiting else -1
    waiting = [n for n, layer in enumerate(layers) if layer.progress is LayerProgress.NOT_YET]
    return waiting[-1] + 1 if waiting else -1


def places_of(count: int, lit: int, width: float, height: float) -> list[tuple[QRectF, bool]]:
    """Where the cards are, and which are whole; those far from the lit one are slivers.

    The minibatch, while it is lit, has most of the room that is left. In a high room the cards are
    larger.
    """
    largest = max(px(LARGEST_CARD), BROAD * height)
    least, sliver = px(LEAST_CARD), float(px(SLIVER))
    gap, close = px(LEAST_ARROW), float(px(SLIVER_ARROW))
    whole = count
    while whole > 1 and (
        whole * least + (whole - 1) * gap + (count - whole) * (sliver + close) > width
    ):
        whole -= 1
    if whole < count:  # of very many layers the slivers are thinner
        rest = (width - whole * least - (whole - 1) * gap) / (count - whole)
        thin = min(rest / (sliver + close), 1.0)
        sliver, close = sliver * thin, close * thin
    first = min(max(0, max(lit, 0) - whole // 2), count - whole)
    shown = range(first, first + whole)
    spare = width - (count - whole) * (sliver + close) - whole * least - (whole - 1) * gap
    ahead = min(max(0.5 * spare, 0.0), largest) if lit == 0 else 0.0
    more = max(spare - ahead, 0) / (whole + 0.35 * max(whole - 1, 1))
    card = min(least + more, largest)
    between = min(gap + 0.35 * more, px(110))
    tall = min(height, max(px(LEAST_TALL), TALL * card))
    used = ahead + whole * card + (whole - 1) * between + (count - whole) * (sliver + close)
    x, top = max((width - used) / 2, 0.0), (height - tall) / 2
    places = []
    for number in range(count):
        if number:
            both = number in shown and number - 1 in shown
            x += between if both else close
        wide = card if number in shown else sliver
        if number == 0:
            wide += ahead
        places.append((QRectF(x, top, wide, tall), number in shown))
        x += wide
    return places
