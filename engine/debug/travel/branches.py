"""The branches of a run. Each edit starts a new branch, and the old branch stays.

A branch covers all batches from the first one on. It copies the part that it shares with its
parent, so that a change of one branch never affects another. Only stored states are shared, because
they are immutable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.breakpoints.hit_counts import HitCounts
from engine.debug.events import Position
from engine.debug.names import checked_name
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit
from engine.debug.travel.losses import Losses
from engine.debug.travel.measurements import Measurements
from engine.errors import BadValue, NoSuchBranch, clipped

MAIN = 0
LONGEST_NOTE = 500
_futures = count()


@dataclass(eq=False)
class Branch:
    """A course of the training from the first batch on.

    Attributes:
        id: its number; the first branch has 0.
        name, note: given by the user.
        parent: the id of the branch that it was started from, or None.
        batch: the batch before which it left its parent.
        edits: all edits since the first batch, each with the batch before which it applies.
        losses, measured, checkpoints, counts, unchanged: of the batches that have run on it.
        position: of the cursor when the branch was left.
        future: a number unique to this version of the branch.
        shared: by future of earlier branches, the last batch that is also in this branch's past.
    """

    id: int
    name: str
    checkpoints: Checkpoints
    unchanged: FrozenParameters
    parent: int | None = None
    batch: int = 0
    edits: tuple[tuple[int, Edit], ...] = ()
    note: str = ""
    losses: Losses = field(default_factory=Losses)
    measured: Measurements = field(default_factory=Measurements)
    counts: HitCounts = field(default_factory=HitCounts)
    position: Position = Position(0, 0)  # noqa: RUF009 (a tuple)
    future: int = field(default_factory=lambda: next(_futures))
    shared: dict[int, int] = field(default_factory=dict)

    @property
    def reach(self) -> int:
        """The number of batches that have run."""
        return len(self.losses)

    @property
    def own_edits(self) -> tuple[tuple[int, Edit], ...]:
        """The edits that started this branch, each with its batch."""
        if self.parent is None:
            return ()
        return tuple(edit for edit in self.edits if edit[0] == self.batch)

    def has(self, future: int, batch: int) -> bool:
        """Whether (future, batch) lies in this branch's past."""
        return future == self.future or batch <= self.shared.get(future, -1)

    def until(self, batch: int, edits: tuple[Edit, ...]) -> Branch:
        """A copy of this branch up to a batch, with these edits before that batch."""
        kept = tuple(edit for edit in self.edits if edit[0] <= batch)
        return Branch(
            id=self.id, name=self.name, note=self.note, parent=self.parent,
            batch=min(self.batch, batch),
            edits=(*kept, *((batch, edit) for edit in edits)),
            checkpoints=self.checkpoints.until(batch), losses=self.losses.until(batch),
            measured=self.measured.until(batch), counts=self.counts.until(batch),
            unchanged=self.unchanged.until(batch),
            shared={**{f: min(b, batch) for f, b in self.shared.items()}, self.future: batch},
        )  # fmt: skip


class Branches:
    """The branches of a session in the order of their creation, and the current branch.

    All stored states together stay within a byte budget. The current branch has half of it, and the
    others share the rest.
    """

    def __init__(self, budget: int, per_epoch: int) -> None:
        self.budget = budget
        main = Branch(MAIN, "main", Checkpoints(budget), FrozenParameters(per_epoch))
        self._all: dict[int, Branch] = {MAIN: main}
        self.current = main

    def __iter__(self) -> Iterator[Branch]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, id: int) -> Branch:
        if id not in self._all:
            raise NoSuchBranch(id, [branch.id for branch in self])
        return self._all[id]

    def __contains__(self, id: object) -> bool:
        return id in self._all

    def new_id(self) -> int:
        """An id that no branch has."""
        return max(self._all) + 1

    def free_name(self, wanted: str) -> str:
        """The wanted name, with a number if it is taken."""
        taken = {branch.name for branch in self}
        names = (wanted if number == 1 else f"{wanted} ({number})" for number in count(1))
        return next(name for name in names if name not in taken)

    def put(self, branch: Branch) -> None:
        """Add a branch, or replace the branch of the same id, and switch to it."""
        before = self._all.get(branch.id)
        if before is not None and before.checkpoints is not branch.checkpoints:
            before.checkpoints.let_go_aside()  # undo may keep it, without these
        self._all[branch.id] = branch
        self.use(branch.id)

    def use(self, id: int) -> None:
        """Make a branch the current branch."""
        self.current = self[id]
        self._share_budget()

    def rename(self, id: int, name: str) -> None:
        """Rename a branch; raises BadValue if the name is taken, empty or too long."""
        name = checked_name(name)
        if any(branch.name == name and branch.id != id for branch in self):
            raise BadValue("name", name, "one that no other branch has")
        self._change(id, name=name)

    def annotate(self, id: int, note: str) -> None:
        """Change the note of a branch; raises BadValue if the note is too long."""
        if len(note) > LONGEST_NOTE:
            raise BadValue("note", clipped(note, 20), f"of {LONGEST_NOTE} characters at most")
        self._change(id, note=note.strip())

    def remove(self, id: int) -> None:
        """Remove a branch. Its children become children of its parent.

        Raises:
            BadValue: it is the current branch, or the first.
        """
        gone = self[id]
        if gone is self.current:
            raise BadValue("branch", gone.name, "another one than that which is open")
        if gone.parent is None:
            raise BadValue("branch", gone.name, "another one than the first")
        del self._all[id]
        for branch in self:
            if branch.parent == id:
                self._change(branch.id, parent=gone.parent, batch=min(branch.batch, gone.batch))
        gone.checkpoints.set_budget(0)
        self._share_budget()

    def restore(self, branches: Iterable[Branch], current: int) -> None:
        """Replace all branches."""
        before, self._all = self._all, {branch.id: branch for branch in branches}
        kept = {id(branch.checkpoints) for branch in self}
        for branch in before.values():
            if id(branch.checkpoints) not in kept:
                branch.checkpoints.set_budget(0)
        self.use(current)

    def release_memory(self) -> None:
        """Release all stored states that a later `use` does not need."""
        for branch in self:
            branch.checkpoints.set_budget(0)

    def has(self, branch: int, batch: int) -> bool:
        """Whether the current branch contains a batch of another branch."""
        ancestor: Branch | None = self.current
        until = None
        while ancestor is not None and ancestor.id != branch:
            until = ancestor.batch if until is None else min(until, ancestor.batch)
            parent = ancestor.parent
            ancestor = self._all.get(parent) if parent is not None else None
        return ancestor is not None and (until is None or batch < until)

    @property
    def nbytes(self) -> int:
        """Bytes of the stored states; shared states count once."""
        kept = (branch.checkpoints for branch in self)
        states = {id(s): s for own in kept for s in (*own.states.values(), *own.aside.values())}
        return sum(state.nbytes for state in states.values())

    def _change(self, id: int, **fields: object) -> None:
        """Replace a branch by a changed copy, so that undo can restore the old one."""
        old = self[id]
        self._all[id] = replace(old, **fields)  # type: ignore[arg-type]
        if old is self.current:
            self.current = self._all[id]

    def _share_budget(self) -> None:
        others = len(self._all) - 1
        for branch in self:
            if branch is self.current:
                share = self.budget // 2 if others else self.budget
            else:
                share = self.budget // 2 // others
            branch.checkpoints.set_budget(share)
