"""The table of the scenes."""

from __future__ import annotations

from engine.debug.snapshots.snapshot import Snapshot
from gui.views.equation.scenes.check import CheckScene
from gui.views.equation.scenes.digits.sum_of_digits import SumOfDigits
from gui.views.equation.scenes.digits.sum_over_images import SumOverImages
from gui.views.equation.scenes.kept import KeptScene
from gui.views.equation.scenes.loss.scene import LossScene
from gui.views.equation.scenes.network import NetworkScene
from gui.views.equation.scenes.scene import StopScene
from gui.views.equation.scenes.update import UpdateScene

# The first that fits a stop is offered: the more special ones stand before those of any stop.
SCENES: tuple[type[StopScene], ...] = (
    SumOfDigits,
    SumOverImages,
    LossScene,
    NetworkScene,
    UpdateScene,
    KeptScene,
    CheckScene,
)


def scene_of(snapshot: Snapshot) -> type[StopScene] | None:
    """The scene that fits a stop, or None."""
    return next((scene for scene in SCENES if scene.fits(snapshot)), None)
