"""Random things done to a session of a foreign program, against a bare loop.

`Bare` runs a program without the debugger, edits included, and takes a picture before each batch.
`Explorer` does what a person can do, and compares at every batch border; within a batch it
remembers what it saw, and compares when it comes by again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.debug.events import Verb
from engine.debug.facets.facets import ParameterFacet
from engine.debug.program.step_program import put
from engine.debug.reach.leaves import ATOMS
from engine.debug.reach.paths import Path as PathTo
from engine.debug.reach.paths import follow, paths_from, text_of
from engine.debug.session import Session
from engine.debug.travel.edits import How, SetCells, SetLearningRate
from engine.debug.undo import UndoStack, undoable
from engine.errors import BadValue
from tests.engine.debug.oracle import shown
from tests.programs.loading import Program, load, undisturbed

REACH = 14  # batches at most: the end of an epoch of each program lies before
Picture = dict[str, Any]
Edits = tuple[tuple[int, SetCells | SetLearningRate], ...]


def picture(step: Callable[..., Any]) -> Picture:
    """All that a step reaches, by path: equal if and only if every bit and every alias is.

    Tuples are seen by what they hold: a state may make them anew.
    """
    found = {
        text_of(path): _plain(value)
        for path, value in paths_from(step)
        if not isinstance(value, tuple)
    }
    numbers: dict[str, str] = {}  # identities as keys: by order, as they differ between runs

    def ordinal(key: re.Match[str]) -> str:
        return numbers.setdefault(key[0], f"[object {len(numbers)}]")

    return {re.sub(r"\[\d{9,}\]", ordinal, text): value for text, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, np.generic):
        return ("scalar", value.dtype.str, value.tobytes())
    if isinstance(value, (np.random.Generator, np.random.RandomState, random.Random)):
        return ("generator",)
    if type(value) in ATOMS:
        return (type(value).__name__, repr(value))
    if hasattr(type(value), "__next__"):
        return ("iterator",)  # what it gives is seen in the batches to come
    return (type(value).__name__, len(value) if hasattr(value, "__len__") else None)


def place_of(program: Program, path: str) -> PathTo | None:
    """A path of the truth as a path from the step; None if there is nothing now."""
    wanted = program.path(path)
    return next((at for at, _ in paths_from(program.step) if text_of(at) == wanted), None)


def loaded(name: str, already: int) -> Program:
    """A program that has run some batches before it is opened."""
    program = load(name)
    for batch in range(already):
        program.run(batch)
    return program


class Bare:
    """A program in a bare loop, for each list of edits, some batches after it was loaded."""

    def __init__(self, name: str, already: int, places: dict[str, PathTo], rate: PathTo) -> None:
        self.name, self.already, self.places, self.rate = name, already, places, rate
        self._runs: dict[Edits, tuple[list[Picture], list[float]]] = {}

    def run(self, edits: Edits) -> tuple[list[Picture], list[float]]:
        """The pictures before each batch, edits of that batch done, and the losses."""
        if edits not in self._runs:
            with undisturbed(), loaded(self.name, self.already) as program:
                pictures, losses = [], []
                for batch in range(REACH + 3):
                    for at, edit in edits:
                        if at == batch:
                            self._apply(program, edit)
                    pictures.append(picture(program.step))
                    losses.append(program.loss(batch))
            self._runs[edits] = pictures, losses
        return self._runs[edits]

    def _apply(self, program: Program, edit: SetCells | SetLearningRate) -> None:
        if isinstance(edit, SetLearningRate):
            put(program.step, self.rate, edit.rate)
            return
        array = follow(program.step, self.places[edit.parameter])
        cells: Any = slice(None) if not edit.cells else int(edit.cells)
        old = array[cells]
        array[cells] = {
            How.SET: edit.value,
            How.ADD: old + edit.value,
            How.MULTIPLY: old * edit.value,
        }[edit.how]


class Explorer:
    """Does things to a session of a program, and compares it with the bare loop.

    Args:
        name: of the program.
        draw: of hypothesis.
        folder: for saved sessions.
        budget: bytes for stored states and traces.
        already: batches that ran before the session is opened.
    """

    def __init__(
        self,
        name: str,
        draw: Callable[[Any], Any],
        folder: Path,
        budget: int = 10**7,
        already: int = 0,
    ) -> None:
        self.name, self.draw, self.folder, self.already = name, draw, folder, already
        self.places, self.rate = _places(name)
        self.bare = Bare(name, already, self.places, self.rate)
        self.program = loaded(name, already)
        self.session = Session.from_step(self.program.step, memory_budget=budget)
        self.undoing = UndoStack()
        self.seen: dict[Any, Any] = {}
        self._declare()

    def close(self) -> None:
        """Forget the program."""
        self.program.forget()

    def act(self, name: str) -> None:
        """Do one thing, and look."""
        getattr(self, name)()
        self.look()

    def look(self) -> None:
        """What is true here is what a bare loop has here, and what was true here before.

        Generators do not follow the cursor: what they give shows in the batches that run next.
        """
        session = self.session
        if session.position.batch > REACH:
            session.goto(REACH)
        batch, event = session.position
        edits: Edits = tuple(one for one in session.branches.current.edits if one[0] <= batch)
        pictures, losses = self.bare.run(edits)
        found = picture(self.program.step)
        if event == 0:
            expected = pictures[batch]
            texts = sorted(found.keys() | expected.keys())
            different = [text for text in texts if found.get(text) != expected.get(text)]
            assert not different, f"{self.name}, before batch {batch}: {different}"
        known = session.losses[:batch]
        if self.program.truth.returned or not np.isnan(known).all():
            assert known.tobytes() == np.array(losses[:batch], float).tobytes()
        there = (
            session.event.source,
            {name: shown(value) for name, value in session.variables().items()},
            found,
        )
        moment = repr((edits, session.position))
        assert self.seen.setdefault(moment, there) == there, f"{self.name} at {moment}"

    # What can be done

    def step(self) -> None:
        """Some verbs, forwards and backwards."""
        for verb in self.draw(st.lists(st.sampled_from(list(Verb)), min_size=1, max_size=10)):
            if self.session.position.batch < REACH:
                self.session.step(verb)

    def step_and_back(self) -> None:
        """A step and its reverse meet."""
        before = self.session.position
        for _ in range(self.draw(st.integers(1, 6))):
            if self.session.step_into():
                self.session.step_back_into()
        assert self.session.position == before

    def train(self) -> None:
        """Run some batches at full speed."""
        self.session.goto(self.session.position.batch)
        self.session.run(self.draw(st.integers(0, max(REACH - self.session.position.batch, 0))))

    def go_on(self) -> None:
        """Continue to the end of what is looked at."""
        self.session.continue_(max(REACH - self.session.position.batch, 0))

    def go_back(self) -> None:
        """Continue backwards."""
        self.session.reverse_continue()

    def goto(self) -> None:
        """Go to a batch that has run, and to an event in it."""
        batch = self.draw(st.integers(0, min(self.session.reach, REACH)))
        self.session.goto(batch)
        self.look()
        if batch < self.session.reach and self.draw(st.booleans()):
            self.session.goto(batch, self.draw(st.integers(0, len(self.session.trace) - 1)))

    def edit(self) -> None:
        """Change cells of a parameter before this batch, which begins a branch."""
        there = sorted(self.session.parameters())
        if there:
            values = st.sampled_from([0.0, 0.5, -0.25])
            edit = SetCells(
                self.draw(st.sampled_from(there)),
                self.draw(st.sampled_from(["0", "", "-1"])),
                self.draw(values),
                self.draw(st.sampled_from(How)),
            )
            try:
                self._change(lambda: self.session.edit(edit))
            except BadValue:  # a first batch makes it, and an edit is before the batch
                self.session.goto(self.session.position.batch)
                assert edit.parameter not in self.session.parameters()

    def edit_rate(self) -> None:
        """Change the learning rate before this batch."""
        rate = self.draw(st.sampled_from([0.01, 0.05]))
        try:
            self._change(lambda: self.session.edit(SetLearningRate(rate)))
        except BadValue:
            self.session.goto(self.session.position.batch)
            assert self.session.program.learning_rate is None

    def fork(self) -> None:
        """Begin a branch without a change."""
        self._change(lambda: self.session.fork())

    def switch(self) -> None:
        """Go over to another branch."""
        ids = [one.id for one in self.session.branches]
        self.session.switch(self.draw(st.sampled_from(ids)))

    def undo(self) -> None:
        """Take the last change back."""
        memento = self.undoing.undo()
        if memento is not None:
            self.session.restore(memento)

    def redo(self) -> None:
        """Do it again."""
        memento = self.undoing.redo()
        if memento is not None:
            self.session.restore(memento)

    def save_and_load(self) -> None:
        """Save, and open the file with the same step, loaded anew."""
        before = self.session.position
        path = self.session.save(self.folder / f"{self.name}.retrograd")
        fresh = loaded(self.name, self.already)
        self.session = Session.load(path, step=fresh.step)
        self.program.forget()
        self.program, self.undoing = fresh, UndoStack()
        self._declare()
        assert self.session.position == before

    def everywhere(self) -> None:
        """Look before each batch of each branch."""
        for one in self.session.branches:
            self.session.switch(one.id)
            for batch in range(min(self.session.reach, REACH) + 1):
                self.session.goto(batch)
                self.look()

    def _change(self, what: Callable[[], Any]) -> None:
        undoable(self.undoing, "change", self.session.memento, what)

    def _declare(self) -> None:
        """Name the parameters and the learning rate: that they are found is tested elsewhere."""
        live = self.session.program.live
        live.parameter_facets = {
            name: ParameterFacet(name, path) for name, path in self.places.items()
        }
        live.learning_rate_path = self.rate


ACTS = [
    "step", "step_and_back", "train", "go_on", "go_back", "goto", "edit", "edit_rate", "fork",
    "switch", "undo", "redo", "save_and_load",
]  # fmt: skip


def _places(name: str) -> tuple[dict[str, PathTo], PathTo]:
    """The places of the parameters and of the learning rate, which a first batch may make."""
    with undisturbed(), load(name) as program:
        program.run(0)
        places = {one.name: place_of(program, one.path) for one in program.truth.parameters}
        rate = place_of(program, program.truth.rate)
    assert rate is not None
    return {one: path for one, path in places.items() if path is not None}, rate
