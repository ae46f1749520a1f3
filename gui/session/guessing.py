"""Probabilities of single images by a copy of a network, on a thread of its own."""

from __future__ import annotations

from threading import Condition, Thread
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.debug.snapshots.predictions import softmax
from engine.own_code import of_the_code
from gui.relay import in_window

Array = np.ndarray[Any, Any]


class Guesser(QObject):
    """Answers the newest question; questions that came before it are dropped.

    Args:
        network: a copy that nothing else uses.
        dtype: of its inputs.
        parent: its owner, which calls `close`.

    Signals:
        guessed: the probabilities (K,) of the image asked about, or the exception that the network
            raised.
    """

    guessed = Signal(object)

    def __init__(self, network: Any, dtype: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network, self._dtype = network, dtype
        self._asked = Condition()
        self._image: Array | None = None
        self._ends = False
        self._tell = in_window(self._on_found)
        # A network of the user's own may not return; the process can end nevertheless.
        self._thread = Thread(target=self._work, name="guesser", daemon=True)
        self._thread.start()

    def ask(self, image: Array) -> None:
        """Ask about an image, (rows, columns) uint8."""
        with self._asked:
            self._image = image
            self._asked.notify()

    def close(self) -> None:
        """End the thread, after the question that it is at."""
        with self._asked:
            self._ends = True
            self._asked.notify()

    def _work(self) -> None:
        while True:
            with self._asked:
                self._asked.wait_for(lambda: self._ends or self._image is not None)
                image, self._image = self._image, None
                if self._ends or image is None:
                    return
            found: Array | BaseException
            try:
                found = self._probabilities(image)
            except BaseException as error:
                if not of_the_code(error):
                    raise
                found = error
            with self._asked:
                if self._ends:
                    return
            self._tell(found)

    def _on_found(self, found: Array | BaseException) -> None:
        if not self._ends:
            self.guessed.emit(found)

    def _probabilities(self, image: Array) -> Array:
        x = np.true_divide(image.reshape(1, -1), 255, dtype=self._dtype)
        scores = np.asarray(self._network.predict(x))
        if scores.ndim != 2 or len(scores) != 1:
            raise ValueError(f"predict returned an array {scores.shape} for one image")
        found: Array = softmax(scores)[0]
        return found
