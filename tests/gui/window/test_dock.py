from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


class LayoutWatch(QObject):
    """Counts who is laid out anew."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.seen[type(watched).__name__] += 1
        return False


@pytest.mark.slow
def test_stepping_lays_out_neither_the_window_nor_a_panel(borrowed_window, settled, qapp):
    window = borrowed_window
    window.resize(1366, 768)
    for _ in range(3):  # what the start has left to do comes with the first steps
        QTest.keyClick(window, Qt.Key.Key_S)
        settled(window)
        QApplication.processEvents()
    watch = LayoutWatch(qapp)
    places = set()
    for _ in range(40):
        QTest.keyClick(window, Qt.Key.Key_S)
        settled(window)
        QApplication.processEvents()
        places.add(window.snapshot.position.event)
    qapp.removeEventFilter(watch)
    assert len(places) == 40
    assert not watch.seen.keys() & {"MainWindow", "Dock", "TopRow"}


def test_the_subtitle_says_what_the_view_says_and_is_read_aloud(borrowed_window, settled):
    window = borrowed_window
    row = window.docks["source"].row
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    assert "network.py" in row.subtitle.text()
    assert row.subtitle.accessibleName() == row.subtitle.text()


def test_a_view_fills_its_panel_within_the_margins(shared_window):
    window = shared_window
    for dock in window.docks.values():
        body = dock.widget()
        room = body.rect()
        assert room.contains(dock.view.geometry())
        assert dock.view.width() >= room.width() - 2
        assert dock.view.height() >= room.height() - 7
