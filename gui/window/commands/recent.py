"""The session files that were saved or opened last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings

from gui.paint.values import number_text
from gui.session.bridge import Bridge
from gui.settings import RECENT, text

MOST = 5


@dataclass(frozen=True, slots=True)
class RecentSession:
    """A session file, and what it held when it was last saved or opened.

    Attributes:
        path: absolute.
        network: "784-50-10".
        batch: the batch of the cursor.
        loss: of the last batch that had run; "" if none had.
    """

    path: str
    network: str = ""
    batch: int = 0
    loss: str = ""


class RecentSessions(QObject):
    """Remembers session files in the settings, the newest first.

    Args:
        bridge: tells of saved and opened files.
        settings: where they are remembered.
        parent: the window.
    """

    def __init__(self, bridge: Bridge, settings: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._settings = bridge, settings
        bridge.saved.connect(self._on_saved)
        bridge.loaded.connect(self._on_loaded)

    def found(self) -> Sequence[RecentSession]:
        """The files that are still there."""
        return [one for one in self._stored() if Path(one.path).is_file()]

    def _stored(self) -> list[RecentSession]:
        try:
            rows = json.loads(text(self._settings, RECENT) or "[]")
        except ValueError:
            return []
        found = [_recent(row) for row in rows] if isinstance(rows, list) else []
        return [one for one in found if one is not None][:MOST]

    def _on_saved(self, path: Path, quiet: bool) -> None:
        if not quiet:
            self._note(path)

    def _on_loaded(self, path: Path, *_: object) -> None:
        self._note(path)

    def _note(self, path: Path) -> None:
        snapshot = self._bridge.snapshot
        if snapshot is None:
            return
        losses = snapshot.history.losses
        last = float(losses[-1]) if len(losses) else float("nan")
        loss = number_text(last, 3) if isfinite(last) else ""
        noted = RecentSession(
            str(path.absolute()), snapshot.setup.network, snapshot.position.batch, loss
        )
        others = [one for one in self._stored() if one.path != noted.path]
        rows = [asdict(one) for one in (noted, *others)][:MOST]
        self._settings.setValue(RECENT, json.dumps(rows))


def _recent(row: Any) -> RecentSession | None:
    """A row of the settings; None if it is none."""
    if not isinstance(row, dict) or not isinstance(row.get("path"), str):
        return None
    network, batch, loss = row.get("network"), row.get("batch"), row.get("loss")
    return RecentSession(
        row["path"],
        network if isinstance(network, str) else "",
        batch if isinstance(batch, int) else 0,
        loss if isinstance(loss, str) else "",
    )
