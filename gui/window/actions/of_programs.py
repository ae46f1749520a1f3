"""Which actions a program without a network of ours cannot have, and why."""

from __future__ import annotations

from engine.debug.snapshots.snapshot import Snapshot
from gui.dialogs.wording import to_translate
from gui.widgets.parameters import parameters_of

_N = to_translate
_NO_PARAMETERS = _N(
    "actions", "No parameters are known. Say what they are in Network, What is what…."
)
DECLARED = _N(
    "actions", "This network says itself what is what: its layers, its optimizer and its dataset."
)
# In the context `actions`, in which a reason is translated.
_NEVER = {
    "silence_unit": _N("actions", "Only the layers of a network have units that can be silenced."),
    "what_if_optimizer": _N(
        "actions", "The update is this program's own code: there is no optimizer to exchange."
    ),
    "what_if_seed": _N("actions", "The order of the samples is this program's own code."),
    "draw_digit": _N("actions", "A digit needs a network that reads the images of a dataset."),
    "input_gradient": _N(
        "actions", "Only a network computes the gradient by its input when it is asked to."
    ),
}
_WITHOUT_PARAMETERS = ("edit_value", "export_weights", "last_change")


def blocked_in_programs(snapshot: Snapshot) -> dict[str, str]:
    """Why actions are impossible in a program, by their ids (English)."""
    blocked = dict(_NEVER)
    if snapshot.setup.learning_rate is None:
        blocked["what_if_rate"] = _N(
            "actions", "No learning rate is known. Say what it is in Network, What is what…."
        )
    if not parameters_of(snapshot.layers):
        blocked.update(dict.fromkeys(_WITHOUT_PARAMETERS, _NO_PARAMETERS))
    return blocked
