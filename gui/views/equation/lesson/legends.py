"""Which legend belongs to the picture that is shown."""

from __future__ import annotations

from collections.abc import Sequence

from engine.debug.snapshots.snapshot import Snapshot
from gui.paint.scales import Coloured
from gui.views.equation.scenes.scene import StopScene
from gui.words.captions import Caption, LegendEntry, legend_of_numbers, pictured
from gui.words.quantity import MAP_OF


def legend_of(
    caption: Caption, snapshot: Snapshot, scene: StopScene | None, coloured: Sequence[Coloured]
) -> tuple[LegendEntry, ...]:
    """The entries whose colours the picture has.

    Args:
        caption: of the stop.
        snapshot: the stop.
        scene: which is shown; None: the arithmetic.
        coloured: the arrays of the arithmetic that are drawn in colours, the result first.
    """
    if scene is not None:
        own, kind = scene.legend(snapshot), scene.map_of_result(snapshot)
        if own or kind is None:
            return own
    elif coloured:
        kind = coloured[0].shown.scale.kind  # an array that was signed at another stop stays so
    else:
        return ()
    if not caption.legend:
        return ()
    kept = tuple(one for one in caption.legend if MAP_OF.get(one.swatch, kind) is kind)
    operation = snapshot.operation
    values = None if operation is None else pictured(operation)
    return kept if kept or values is None else legend_of_numbers(kind, values)
