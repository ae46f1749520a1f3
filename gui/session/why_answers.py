"""The answer to "Why?": a derivation, and then what its trial has measured (on the worker)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import RetrogradError
from engine.numeric.loss_change import LossChange, loss_change
from gui.dialogs.wording import to_translate
from gui.session.worker import Worker
from gui.session.worker_signals import WorkerSignal
from gui.words.saying import number, say
from gui.words.why.derivation import Derivation, NoDerivation, Trial, Tried

_N = to_translate
_ALIKE = 1e-3  # of the loss; another forward pass of the same batch is closer, in float32 as well


@dataclass(frozen=True, slots=True, eq=False)
class WhyRequest:
    """A question for the derivation of a stop.

    Attributes:
        snapshot: of the stop.
        cell: of the result; None: one with much to see.
    """

    snapshot: Snapshot
    cell: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class WhyAnswer:
    """An answer; a derivation that can be tried has two: the second one has been tried.

    Attributes:
        tried: what was measured; None if nothing was, or not yet.
        problem: why nothing could be measured, or "".
    """

    request: WhyRequest
    found: Derivation | NoDerivation
    tried: Tried | None = None
    problem: str = ""


def answer_why(worker: Worker, request: WhyRequest, session: Session) -> None:
    """Tell the derivation, then try it where the session still stands at the stop."""
    # Imported late: the derivations are not needed for the first picture of the window.
    from gui.words.why.find import why

    found = why(request.snapshot, request.cell)
    worker.tell(WorkerSignal.WHY_FOUND, WhyAnswer(request, found))
    asked = request.snapshot.identity, request.snapshot.position
    if isinstance(found, NoDerivation) or found.trial is None:
        return
    if (session.identity, session.position) == asked:
        tried, problem = _tried(session, found.trial)
        worker.tell(WorkerSignal.WHY_FOUND, WhyAnswer(request, found, tried, problem))


def _tried(session: Session, trial: Trial) -> tuple[Tried | None, str]:
    """The measured change of the loss, with the network as it was before the batch."""
    try:
        network, x, t = session.copy_before_batch()
        found = loss_change(network, x, t, trial.array, trial.index, trial.step)
        if not _is_again(session, found):  # the code is random
            network, x, t, random = session.copy_with_random_states()
            with random.in_force():
                found = loss_change(network, x, t, trial.array, trial.index, trial.step)
    except RetrogradError as error:
        return None, str(error)
    if not _is_again(session, found):
        template = _N(
            "words",
            "another forward pass gives the loss {again} in place of {before}, "
            "so a change of it would show nothing",
        )
        return None, say(template, again=number(found.loss), before=number(_loss(session)))
    return Tried(trial, found.change, found.allowance), ""


def _loss(session: Session) -> float:
    """The loss of the batch at the cursor, as the run has it; NaN if it has none."""
    batch, losses = session.position.batch, session.losses
    return float(losses[batch]) if batch < len(losses) else float("nan")


def _is_again(session: Session, found: LossChange) -> bool:
    """Whether another forward pass has given the batch's own loss."""
    before = _loss(session)
    return not abs(before - found.loss) > _ALIKE * max(abs(before), 1.0)
