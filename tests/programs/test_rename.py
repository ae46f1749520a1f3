"""Renaming changes every identifier of a program, and nothing that it computes."""

from __future__ import annotations

import ast

import pytest

from tests.programs.checks import array_at
from tests.programs.loading import NAMES, load, losses_of, source_of
from tests.programs.rename import renaming
from tests.programs.truth import functions, line_number, lines_of

SEEDS = (1, 2, 3)
programs = pytest.mark.parametrize("name", NAMES)
seeds = pytest.mark.parametrize("seed", SEEDS)


@programs
@seeds
def test_a_renamed_program_computes_the_same_losses_bit_for_bit(name, seed):
    assert losses_of(name, 20, seed) == losses_of(name, 20)


@programs
def test_a_seed_gives_the_same_names_and_another_one_others(name):
    source = source_of(name)
    assert renaming(source, 1).source == renaming(source, 1).source
    assert renaming(source, 1).source != renaming(source, 2).source


@programs
@seeds
def test_no_name_that_the_program_gives_is_left(name, seed):
    renamed = renaming(source_of(name), seed)
    old = renamed.names | renamed.attributes | renamed.strings
    assert len(old) > 15
    tree = ast.parse(renamed.source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    given = {
        node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    assert not (names | arguments | given) & renamed.names
    attributes = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and not (isinstance(node.value, ast.Name) and node.value.id in renamed.imported)
    }
    assert not attributes & renamed.attributes


@programs
@seeds
def test_the_truth_of_a_renamed_program_stands_in_it(name, seed):
    with load(name, seed) as program:
        truth = program.truth
        for text in truth.texts():
            assert program.text(text) in program.source
        passes = {program.text(one): letters for one, letters in truth.passes.items()}
        assert lines_of(program.source, passes) == lines_of(source_of(name), truth.passes)
        known = functions(program.source)
        for layer in truth.layers:
            assert program.text(layer.forward) in known
            assert program.text(layer.backward) in known
        for batch in range(3):
            program.run(batch)
        for parameter in truth.parameters:
            line = line_number(program.source, program.text(parameter.line))
            assert line == line_number(source_of(name), parameter.line)
            assert array_at(program, parameter.path).ndim
            path, short = program.path(parameter.path), program.parameter_name(parameter.name)
            assert path.endswith((short, f"[{short!r}]"))
