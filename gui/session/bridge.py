"""The bridge between the window and a session: it sends a person's commands to the worker's thread.

Only the worker's thread touches the session. A held key repeats only after its last step is on the
screen, so that stepping stops when the key is released, however slow a step is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine import AtLine
from engine.debug.bookmarks import Bookmarks
from engine.debug.breakpoints.breakpoints import Breakpoints
from engine.debug.events import Position, Verb
from engine.debug.session import Session
from engine.debug.travel.edits import Edit, SetLearningRate
from engine.numeric.studies.session_trial import SessionTrial
from engine.options import Options
from gui.run_kind import RunKind
from gui.session.facet_command import Declaration, declare
from gui.session.going import go_to_line, go_to_place, go_to_source, line_of
from gui.session.sliced_work import SlicedWork
from gui.session.stored_parameters import StoredWanted
from gui.session.why_answers import WhyRequest, answer_why
from gui.session.worker import Goto
from gui.session.worker_commands import (
    Open,
    OpenFile,
    Search,
    Undoable,
    compare,
    find,
    go_back,
    lend,
    run_to,
    train,
    train_to_accuracy,
    undo,
)
from gui.session.worker_link import WorkerLink
from gui.session.worker_signals import Origin, WorkerSignal
from gui.walks.walk import Place

Array = np.ndarray[Any, Any]


class Bridge(WorkerLink):
    """Sends a person's commands to the session; its signals report the results."""

    # The session and its file

    def open(self, make: Callable[[], Session], options: Options | None = None) -> None:
        """Replace the session by the result of `make`, which is called on the worker.

        If it fails, the old session stays.
        """
        self._interrupt(Open(self._worker, self.tr("new run"), make, Origin(options)))

    def open_file(self, path: Path, is_copy: bool = False) -> None:
        """Replace the session by a saved session; if that fails, the old session stays.

        `is_copy`: the file is an autosaved copy; it names the file that it is a copy of.
        """
        label = self.tr("open the copy") if is_copy else self.tr("open {0}").format(path.name)
        self._worker.cancel_opening.clear()
        self._interrupt(OpenFile(self._worker, label, path, is_copy))

    def cancel_opening(self) -> None:
        """Cancel the opening of a file; the current session stays."""
        self._worker.cancel_opening.set()

    def save(self, path: Path, extra: dict[str, Any]) -> None:
        """Write the session to a file; during a run, between two batches.

        A batch that has been running for long may not return. Then the session is saved as it was
        before that batch.
        """
        worker = self._worker
        if self._watch.is_long:
            worker.save_at_once(path, extra)
        else:
            self._do(self._for_shown_session(lambda session: worker.save(path, extra)))

    def autosave(self, path: Path, extra: dict[str, Any], token: object = None) -> None:
        """Write a copy of the session, if anything has changed since the last copy.

        With a `token` the copy is written at once, even while a batch is held up; `last_saved`
        passes the token once the copy is written.
        """
        if token is not None or self.holding_up is not None:
            self._worker.save_at_once(path, extra, quiet=True, token=token)
        else:
            self._worker.ask_autosave(path, extra)

    def export(self, write: Callable[[dict[str, Array]], object]) -> None:
        """Call `write` with the parameters at the cursor, and emit its result."""
        worker = self._worker

        def export(session: Session) -> None:
            worker.tell(WorkerSignal.EXPORTED, write(session.parameters()))

        self._post(self._for_shown_session(export))

    # The cursor

    def step(self, verb: Verb, repeated: bool = False) -> None:
        """Move the cursor; with `repeated` (a held key), only if the last step was drawn."""
        if not (repeated and self.busy):
            self._interrupt(lambda session: session.step(verb))

    def goto(self, position: Position, by_operation: bool = False) -> None:
        """Move the cursor to any event of a batch that has run; end a search.

        With `by_operation`, the position counts operation stops.
        """
        if self._runs:
            self.pause()
        self._interrupt(Goto(position, by_operation))

    def goto_place(self, place: Place) -> None:
        """Move the cursor to a place in its batch; without such a place it stays."""
        self._interrupt(lambda session: go_to_place(session, place))

    def goto_source(self, function: str, source: str) -> None:
        """Move the cursor to where this batch computes or runs a piece of source, if it does."""
        self._interrupt(lambda session: go_to_source(session, function, source))

    def goto_line(self, file: str, line: int) -> None:
        """Move the cursor to where this batch first comes to a line, if it does."""
        self._interrupt(lambda session: go_to_line(session, file, line))

    # Runs, which `pause` ends

    def train(self, batches: int | None) -> None:
        """Run this many batches at full speed; None: until `pause` is called."""
        self._start(RunKind.TRAINING, lambda worker, session: train(worker, session, batches))

    def train_to_accuracy(self, share: float, epochs: int) -> None:
        """Train until a share of the test images is right, for at most so many epochs."""
        self._start(
            RunKind.TRAINING,
            lambda worker, session: train_to_accuracy(worker, session, share, epochs),
        )

    def run_to(self, place: AtLine | None) -> None:
        """Train to a line, for at most an epoch; None: to the line at the cursor at that time.

        Without epochs it is 1000 batches at most.
        """
        self._start(RunKind.TRAINING, lambda worker, session: run_to(worker, session, place))

    def continue_back(self) -> None:
        """Go back to the latest earlier hit of a breakpoint."""
        self._start(RunKind.REVERSE, go_back)

    def find(self, search: Search) -> None:
        """Go to the position that `search` finds.

        `search` is called on the worker with the session, a function to report the searched batch,
        and a function that returns whether to stop. If it returns None without having been
        stopped, `not_found` follows.
        """
        work = self._work_for_shown_session(lambda worker, session: find(worker, session, search))
        self._start(RunKind.SEARCH, work)

    def compare(self, a: int, b: int) -> None:
        """Compare two branches; `pause` ends the search for their first difference."""
        work = self._work_for_shown_session(lambda worker, session: compare(worker, session, a, b))
        self._start(RunKind.COMPARISON, work)

    # Changes

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the cursor's batch on; on a new branch if more has run."""

        def change(session: Session) -> None:
            started = session.position.event > 0  # the started batch runs again
            if session.reach > session.position.batch + started:
                session.edit(SetLearningRate(rate))
            else:
                session.set_learning_rate(rate)

        self._interrupt(
            self._for_shown_session(Undoable(self._worker, self.tr("learning rate"), change))
        )

    def set_input_gradient(self, wanted: bool) -> None:
        """Compute the gradient by the input, or not; all other numbers stay the same."""
        label = self.tr("input gradient")
        self._interrupt(
            Undoable(self._worker, label, lambda session: session.set_input_gradient(wanted))
        )

    def declare_facet(self, facet: str, text: str) -> Declaration:
        """Say what a facet of the program is; an empty text takes that back.

        `facet_declared` passes the declaration, with the error if it does not fit.
        """
        declaration, worker = Declaration(facet, text), self._worker
        change = Undoable(
            worker, self.tr("what is what"), lambda session: declare(worker, session, declaration)
        )
        self._interrupt(self._for_shown_session(change))
        return declaration

    def edit_breakpoints(self, change: Callable[[Breakpoints], object]) -> None:
        """Call `change` with the session's breakpoints; during a run, between two batches."""
        self._change(self.tr("breakpoint"), lambda session: change(session.breakpoints))

    def edit_breakpoints_at_cursor(self, change: Callable[[Breakpoints, AtLine], object]) -> None:
        """Call `change` with the breakpoints and the cursor's line, after the queued commands."""
        label = self.tr("breakpoint")
        self._change(label, lambda session: change(session.breakpoints, line_of(session)))

    def rest_breakpoints(self) -> None:
        """Let the breakpoints of now rest, in this session and in those that replace it."""
        self._interrupt(lambda session: session.breakpoints.rest())

    def wake_breakpoints(self) -> None:
        """Make the resting breakpoints active again; during a run, between two batches."""
        self._do(lambda session: session.breakpoints.wake())

    def edit_bookmarks(self, change: Callable[[Bookmarks], object]) -> None:
        """Call `change` with the session's bookmarks; during a run, between two batches."""
        self._change(self.tr("bookmark"), lambda session: change(session.bookmarks))

    def edit_stations(self, change: Callable[[Bookmarks], object]) -> None:
        """The same for those bookmarks that are stations of a walk, which undo names so."""
        self._change(self.tr("station"), lambda session: change(session.bookmarks))

    def _change(self, label: str, change: Callable[[Session], object]) -> None:
        """Make a change that can be undone, without ending a run."""
        self._do(self._for_shown_session(Undoable(self._worker, label, change)))

    def undo(self) -> None:
        """Undo the last change."""
        worker = self._worker
        self._interrupt(lambda session: undo(worker, session, again=False))

    def redo(self) -> None:
        """Redo the change that was undone last."""
        worker = self._worker
        self._interrupt(lambda session: undo(worker, session, again=True))

    # Branches

    def edit(self, *edits: Edit, name: str = "", note: str = "") -> None:
        """Make a branch before the cursor's batch, with these edits, or without any."""
        label = ", ".join(map(str, edits)) or self.tr("branch")
        change = Undoable(
            self._worker, label, lambda session: session.edit(*edits, name=name, note=note)
        )
        self._interrupt(self._for_shown_session(change))

    def switch(self, branch: int) -> None:
        """Switch to another branch."""
        self._interrupt(self._for_shown_session(lambda session: session.switch(branch)))

    def visit(self, position: Position, branch: int) -> None:
        """Move the cursor to a position on a branch."""
        self._interrupt(self._for_shown_session(lambda session: session.visit(position, branch)))

    def rename_branch(self, branch: int, name: str) -> None:
        """Give a branch another name."""
        label = self.tr("name of a branch")
        self._change(label, lambda session: session.branches.rename(branch, name))

    def annotate_branch(self, branch: int, note: str) -> None:
        """Give a branch another note."""
        label = self.tr("note on a branch")
        self._change(label, lambda session: session.branches.annotate(branch, note))

    def remove_branch(self, branch: int) -> None:
        """Remove a branch."""
        label = self.tr("removal of a branch")
        self._change(label, lambda session: session.remove_branch(branch))

    # Queries, which leave the cursor where it is

    def ask_stored(self, wanted: StoredWanted) -> None:
        """Look up the parameters of a stored state; `stored_found` passes them.

        Of several quick requests, such as those of a dragged slider, only the last is answered. If
        the state was dropped meanwhile, the answer is the nearest state before it. If the session
        or the branch has changed meanwhile, there is no answer. Training continues.
        """
        self._worker.ask_stored(wanted)

    def ask_why(self, cell: tuple[int, ...] | None) -> WhyRequest | None:
        """Ask for the derivation of a cell of the result at the cursor; `why_found` passes it.

        Returns the request, which the answers carry. Without a snapshot there is none.
        """
        if self.snapshot is None:
            return None
        request = WhyRequest(self.snapshot, cell)
        self._worker.put_aside(partial(answer_why, self._worker, request))
        return request

    def measure(self) -> None:
        """Measure the test set with the parameters before the cursor's batch."""
        self._post(self._for_shown_session(lambda session: session.measure()))

    def work_in_slices(self, work: SlicedWork, trial: SessionTrial) -> None:
        """Have a trial done on the session, between the commands of a person."""
        work.start(trial, self._worker)

    def lend(self, asker: object = None) -> None:
        """Copy the network as it was before the cursor's batch, for other threads; see `lent`.

        The copy comes with its `asker`.
        """
        worker = self._worker
        self._post(self._for_shown_session(lambda session: lend(worker, session, asker)))
