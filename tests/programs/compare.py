"""The facets that a session found, against the truth: what differs, in words.

Each answer is a list of sentences, empty where all is right, so that a test that fails says what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.debug.events import Kind, Phase
from engine.debug.facets.facets import GradientFacet, LayerFacet, ParameterFacet, Place
from engine.debug.reach.paths import Path, text_of
from engine.debug.record.trace import Trace
from tests.programs.loading import Program
from tests.programs.truth import functions, statements

PASSES = {"F": Phase.FORWARD, "B": Phase.BACKWARD, "U": Phase.UPDATE, "O": Phase.OTHER}


def passes_by_line(program: Program) -> dict[int, str]:
    """The letter of each line of a statement, also of those on which it goes on."""
    known = functions(program.source)
    found: dict[int, str] = {}
    for name, letters in program.truth.passes.items():
        of_function = statements(known[program.text(name)])
        for statement, letter in zip(of_function, letters, strict=True):
            body = getattr(statement, "body", None)
            end = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
            for line in range(statement.lineno, end + 1):
                found[line] = letter
    return found


def wrong_passes(program: Program, trace: Trace, phases: Sequence[Phase]) -> list[str]:
    """The expressions of a batch that updates whose pass is not the right one."""
    letters = passes_by_line(program)
    found = []
    for event, phase in zip(trace, phases, strict=True):
        letter = letters.get(event.line, ".")
        if event.kind is not Kind.EXPRESSION or event.file != str(program.file) or letter in ".?":
            continue
        right = {PASSES[letter.upper()], Phase.OTHER} if letter.islower() else {PASSES[letter]}
        if phase not in right:
            found.append(
                f"{event.index}: {event.source} (line {event.line}, in {event.frame.function}) "
                f"is {phase}, not {' or '.join(sorted(right))}"
            )
    return found


def wrong_parameters(program: Program, found: Mapping[str, ParameterFacet]) -> list[str]:
    """Parameters that are missing, are none, or have another place, name or batch."""
    right = {program.path(one.path): one for one in program.truth.parameters}
    places = {text_of(one.path): one for one in found.values()}
    wrong = [f"{path} is missing" for path in right.keys() - places.keys()]
    for path, facet in places.items():
        if path not in right:
            wrong.append(f"{path} is no parameter")
            continue
        truth = right[path]
        also = {program.path(one) for one in truth.also}
        if {text_of(one) for one in facet.also} != also:
            wrong.append(f"{path} is also {[text_of(one) for one in facet.also]}, not {also}")
        if facet.name != program.parameter_name(truth.name):
            wrong.append(f"{path} is named {facet.name}, not {truth.name}")
        if facet.updated_in != truth.updated_in:
            wrong.append(f"{path} is updated in {facet.updated_in}, not {truth.updated_in}")
    return sorted(wrong)


def wrong_gradients(program: Program, found: Mapping[str, GradientFacet]) -> list[str]:
    """Gradients that are missing, or made elsewhere."""
    wrong = []
    for one in program.truth.parameters:
        facet = found.get(program.parameter_name(one.name))
        if facet is None:
            wrong.append(f"{one.name} has no gradient")
            continue
        text = place_text(program, facet.place)
        line, made = program.text(one.line), program.text(one.made)
        if not any(text in right or (right and right in text) for right in (line, made)):
            wrong.append(f"the gradient of {one.name} is {text!r}, not of {made or line!r}")
        if facet.other_terms != one.other_terms:
            wrong.append(f"other terms of {one.name}: {facet.other_terms}")
    return wrong


def wrong_rate(program: Program, path: Path | None) -> list[str]:
    """The learning rate, if it is at another place."""
    text = "" if path is None else text_of(path)
    right = program.path(program.truth.rate)
    return [] if text == right else [f"the learning rate is {text!r}, not {right!r}"]


def wrong_layers(program: Program, found: Sequence[LayerFacet]) -> list[str]:
    """The pairs of functions, if they are others."""
    pairs = [(one.forward, one.backward) for one in found]
    truth = program.truth.layers
    right = [(program.text(one.forward), program.text(one.backward)) for one in truth]
    return [] if pairs == right else [f"the layers are {pairs}, not {right}"]


def wrong_texts(
    program: Program,
    predictions: Place | None,
    labels: Place | None,
    samples: Place | None,
    loss: Place | None,
) -> list[str]:
    """Where predictions, labels, samples and the loss are made, if that is elsewhere."""
    truth = program.truth
    right = {
        "predictions": (predictions, truth.predictions),
        "labels": (labels, (truth.labels,)),
        "samples": (samples, (truth.samples,)),
        "loss": (loss, (truth.loss_line, truth.stand_in)),
    }
    wrong = []
    for name, (place, texts) in right.items():
        text = "" if place is None else place_text(program, place)
        renamed = [program.text(one) for one in texts if one]
        if not text or not any(text in one or one in text for one in renamed):
            wrong.append(f"{name}: {text!r}, not {' or '.join(map(repr, renamed))}")
    return wrong


def place_text(program: Program, place: Place) -> str:
    """The source at a place, on one line."""
    if place.file != str(program.file):
        return ""
    lines = program.source.splitlines()[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column]
    lines[0] = lines[0][place.column :]
    return " ".join(line.strip() for line in lines)
