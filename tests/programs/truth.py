"""What is true of a program, found by hand: what the facets of its session have to say.

Paths are texts as `engine.debug.reach.paths.text_of` writes them. All texts are those of the
program as it is written; `Renaming.text` turns them into those of a renamed one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# A letter for each statement, of what it computes itself (not in the functions that it calls).
# A small letter: that pass where the value is used, "other" in executions where nothing uses it.
# ".": it computes nothing, or parts of it, or some of its executions, lie in other passes.
# "?": the rules leave it open (containers, tuples, conditions, what prepares data).
FORWARD, BACKWARD, UPDATE, OTHER, NONE, OPEN = "FBUO.?"


@dataclass(frozen=True)
class Parameter:
    """A parameter and its gradient.

    Attributes:
        name: the shortest end of the path that no other parameter has.
        path: the place through which the update writes.
        gradient: what holds the gradient in its frame, once `line` has run.
        line: the first line of that statement.
        execution: which of its executions in a batch, counted from the last one (-1).
        made: the text of the expression that makes the array, where that is not `line`'s.
        also: other places of the same array.
        scale: the gradient is that of so many times the loss.
        other_terms: whether the update adds momentum, weight decay or the like.
        updated_in: the first batch that updates it.
    """

    name: str
    path: str
    gradient: str
    line: str
    execution: int = -1
    made: str = ""
    also: tuple[str, ...] = ()
    scale: float = 1.0
    other_terms: bool = False
    updated_in: int = 0


@dataclass(frozen=True)
class Layer:
    """A pair of functions, by their qualified names, and how often it occurs.

    Attributes:
        names: what the layers may be called, in the order of the forward pass.
    """

    forward: str
    backward: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Truth:
    """All that is true of a program.

    Attributes:
        step: where it is in the module: `train_step`, `trainer.batch`.
        parameters: in the order of their first read.
        passes: for each function that a batch calls, by qualified name, a letter for each of its
            statements in the order of the source, docstrings, `def`s, `global`s and `nonlocal`s
            left out.
        loss: the expression that is the loss at the end of the step's frame; "" if it has none.
        loss_line: the line that makes it.
        returned: whether the step returns it.
        rate: the path of the learning rate; "" if none.
        rate_value: its value.
        layers: pairs of places, forward and backward.
        stand_in: what stands in the loss's place where it comes after the updates.
        predictions: texts of what makes them; each is a right answer.
        labels, samples: texts of what selects them.
        decoys: paths or names of what could be taken for a parameter, and what it is.
        rounds: how many losses a batch has.
        every: the update comes every so many batches.
        falls: by how much the mean loss of the last 10 of 50 batches is less, at least.
        notes: what the specification leaves open here.
    """

    step: str
    parameters: tuple[Parameter, ...]
    passes: Mapping[str, str]
    loss: str
    loss_line: str
    rate: str
    rate_value: float
    layers: tuple[Layer, ...] = ()
    stand_in: str = ""
    predictions: tuple[str, ...] = ()
    labels: str = ""
    samples: str = ""
    decoys: Mapping[str, str] = field(default_factory=dict)
    returned: bool = True
    rounds: int = 1
    every: int = 1
    falls: float = 0.1
    notes: tuple[str, ...] = ()

    def texts(self) -> Iterator[str]:
        """Every text that has to be in the source as it stands."""
        for parameter in self.parameters:
            yield from (parameter.line, parameter.made)
        yield from (self.loss_line, self.stand_in, self.labels, self.samples, *self.predictions)


def functions(source: str) -> dict[str, ast.FunctionDef]:
    """The functions of a source by qualified name (as `__qualname__` has them)."""
    found: dict[str, ast.FunctionDef] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                found[prefix + child.name] = child
                visit(child, f"{prefix}{child.name}.<locals>.")
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            else:
                visit(child, prefix)

    visit(ast.parse(source), "")
    return found


def statements(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements that `Truth.passes` has a letter for, those of inner functions left out."""
    found: list[ast.stmt] = []
    quiet = (ast.FunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                continue
            if isinstance(child, ast.stmt) and not isinstance(child, quiet):
                text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
                if not text:
                    found.append(child)
            visit(child)

    visit(function)
    return found


def lines_of(source: str, passes: Mapping[str, str]) -> dict[int, str]:
    """The letter of each line that begins a statement of a pass."""
    known = functions(source)
    found = {}
    for name, letters in passes.items():
        function = known[name]
        for statement, letter in zip(statements(function), letters, strict=True):
            found[statement.lineno] = letter
    return found


def line_number(source: str, text: str) -> int:
    """The only line that reads so, its indentation aside."""
    found = [n for n, line in enumerate(source.splitlines(), 1) if line.strip() == text.strip()]
    if len(found) != 1:
        raise ValueError(f"{text!r} is {len(found)} lines of the source, and not one")
    return found[0]
