"""Declares what a facet of the program is (on the worker's thread), and reports whether it fits."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from engine.debug.program.declarations import NAMED
from engine.debug.program.step_program import StepProgram
from engine.debug.session import Session
from engine.errors import BadFacet
from gui.session.worker import Worker
from gui.session.worker_signals import WorkerSignal


@dataclass(frozen=True, eq=False)
class Declaration:
    """What a person says that a facet is.

    Attributes:
        text: an expression; of parameters and gradients several: `W: params['W'], b: params['b']`.
        error: why it does not fit; None if it holds, or is not checked yet.
    """

    facet: str
    text: str
    error: BadFacet | None = None


def declare(worker: Worker, session: Session, declaration: Declaration) -> None:
    """Declare a facet where the step ends, and go back to where the cursor was.

    A declaration that does not fit leaves all as it was.
    """
    try:
        _declare(session, declaration)
    except BadFacet as error:
        declaration = replace(declaration, error=error)
    worker.tell(WorkerSignal.FACET_DECLARED, declaration)


def _declare(session: Session, declaration: Declaration) -> None:
    facet, text = declaration.facet, declaration.text.strip()
    expressions = _by_name(facet, text) if facet in NAMED and text else text
    came_from, before = session.position, session.facets.declared.get(facet, "")
    session.goto(came_from.batch, len(session.trace) - 1)  # the objects are as the step leaves them
    try:
        session.facets.declare(**{facet: expressions})
        try:
            if text:
                _try_out(session, facet, text)
        except BadFacet:
            session.facets.declare(**{facet: before})
            raise
    finally:
        session.goto(*came_from)


def _try_out(session: Session, facet: str, text: str) -> None:
    """Evaluate a declared facet in the cursor's batch, as its next batches will.

    Raises:
        BadFacet: it cannot be evaluated, or the loss is no number.
    """
    program = session.program
    if facet != "loss" or not isinstance(program, StepProgram):
        getattr(session.facets, facet)
        return
    try:
        program.declared.loss_in(session.trace)
    except TypeError as error:
        raise BadFacet(facet, text, "it is no number") from error


def _by_name(facet: str, text: str) -> dict[str, str]:
    """`W: params['W'], b: params['b']` as a dictionary; a place alone is its own name.

    Raises:
        BadFacet: it is none of both.
    """
    try:  # each is written as a slice is
        node = ast.parse(f"_[{text}]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = "it is not written as `W: params['W'], b: params['b']`"
        raise BadFacet(facet, text, reason) from error
    assert isinstance(node, ast.Subscript)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    found = {}
    for part in parts:
        name = place = part
        if isinstance(part, ast.Slice) and part.lower and part.upper and not part.step:
            name, place = part.lower, part.upper
        found[ast.unparse(name)] = ast.unparse(place)
    return found
